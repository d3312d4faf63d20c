/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What stands behind "ftectl" without a subcommand: --help, --version, and what the completion of
 * the shells needs.
 */

#include "base/strbuf.h"

/* As arguments_parse(), for a first word that begins with "-": always an exit status. */
int globals_parse(int argc, char **argv, StrBuf *text);

/* The completion script for "bash", "zsh" or "fish"; -EINVAL for another. */
int completion_print(const char *shell, StrBuf *b);

/* "agents" or "alerts", a name a line; -EINVAL for another. What cannot be read is left out. */
int names_print(const char *what, StrBuf *b);
