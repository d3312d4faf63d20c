/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between env-file.c and env-grammar.c only; everyone else includes env-file.h.
 */

#include "base/env-file.h"

/*
 * Fills f->entries and f->problems from text without NUL. f->text has len + 1 bytes of room.
 * Returns 0 or -ENOMEM.
 */
int env_grammar_parse(const char *text, size_t len, EnvFile *f);

int env_file_add_problem(EnvFile *f, const EnvProblem *p);
int env_file_add_entry(EnvFile *f, const EnvEntry *e);
