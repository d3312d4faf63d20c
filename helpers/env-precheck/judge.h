/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the precheck says about the content of an env file. Apart from main(), so that "ftectl
 * diagnose" says the same of the file as it is now. Names variables, never a value.
 */

#include "environment.h"

/*
 * Parses the text of the env file path, and appends a line to problems for all that is wrong with
 * it. 0, also with problems; -EFBIG, -ENOMEM.
 */
int judge_text(const char *path, const char *text, size_t len, EnvFile *ret, StrBuf *problems);

/*
 * Appends a line when name, which is required, has no value in e or a placeholder. path is the env
 * file's, NULL without one.
 */
void judge_required(const char *path, const Environment *e, const char *name, StrBuf *problems);
