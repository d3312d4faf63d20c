/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What stands behind "ftectl" without a subcommand: --help, --version, and what the completion of
 * the shells needs.
 */

#include "base/strbuf.h"

typedef struct GlobalOption {
        const char *name;
        char letter;        /* 0: none */
        const char *values; /* that it takes, a blank between them; NULL: none */
        const char *help;
        int (*print)(const char *value, StrBuf *text); /* NULL: it stands before a subcommand */
} GlobalOption;

extern const GlobalOption global_options[];
extern const size_t n_global_options;

/*
 * As arguments_parse(), for a first word that begins with "-": always an exit status. user: --user
 * was before it, so that names are those of the person's own.
 */
int globals_parse(int argc, char **argv, bool user, StrBuf *text);

/* The completion script for "bash", "zsh" or "fish"; -EINVAL for another. */
int completion_print(const char *shell, StrBuf *b);

/*
 * "agents", "alerts" or "environments", a name a line; -EINVAL for another. What cannot be read is
 * left out.
 */
int names_print(const char *what, StrBuf *b);
