/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An env file with one variable set anew, everything else in it left as it is. Pure text; both
 * texts hold secrets, which the caller wipes.
 */

#include "base/env-file.h"

/*
 * Appends the text of the file with name=value in it: in the place of the old assignment, else at
 * the end. -EBADMSG when the old text is not a good env file, -EINVAL when no env file can hold the
 * value (a NUL, a control character, not UTF-8), -ENOMEM.
 */
int env_text_set(const char *text, size_t len, const char *name, const char *value, StrBuf *ret);
