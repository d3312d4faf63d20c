/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the precheck would say of the content of an agent's env file as it is now, for the diagnosis
 * and the validation. Names variables, never a value.
 */

#include "base/strbuf.h"
#include "config/model.h"

#define ENV_MISSING_MAX 16

typedef struct EnvProblems {
        StrBuf text; /* a line each */
        const char
                *missing[ENV_MISSING_MAX]; /* required, without a good value; the agent's words */
        size_t n_missing;
} EnvProblems;

/*
 * Fills *ret, which is empty before; text is the caller's to free, also on failure. A sealed file
 * is not looked into, and one that cannot be opened has no content.
 */
int env_problems_read(const Agent *a, int root_fd, EnvProblems *ret);
