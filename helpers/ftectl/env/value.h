/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The value of a secret as a person or a pipe gives it. It is kept in one place, which the caller
 * wipes.
 */

#include "base/macro.h"

#define VALUE_MAX_BYTES ((size_t) 64 * 1024)

/*
 * Reads the value of name from standard input, without echo when that is a terminal, into value (of
 * VALUE_MAX_BYTES + 1), less one line end. Says what is wrong; -ENODATA: there was none.
 */
int env_value_read(const char *name, char *value);
