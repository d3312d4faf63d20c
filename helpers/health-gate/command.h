/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A look at the command before anything is said about it: an agent that cannot be executed must
 * not be declared ready a moment before. Only exec_or_explain() decides, and says why.
 */

#include "base/macro.h"

/*
 * Whether executing name (searched in $PATH when it has no slash) can be expected to work: there is
 * such a file, this user may execute it, and so for the interpreter that a script names.
 */
bool command_looks_runnable(const char *name);
