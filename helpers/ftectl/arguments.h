/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line, parsed by the tables of command.h, and the help made from them.
 */

#include "base/strbuf.h"
#include "command.h"

/*
 * Fills *ret from argv (whose words are reordered) and returns -1, or appends to text what is to be
 * printed and returns the exit status: help goes to standard output (EXIT_GOOD), what is wrong to
 * standard error (EXIT_CANNOT).
 */
int arguments_parse(int argc, char **argv, Arguments *ret, StrBuf *text);

/* The subcommand that name (one word or two) was meant to be, or NULL. */
const char *command_guess(const char *name);

/* What the table says, for people. */
void help_all(StrBuf *b);
void help_command(const Command *c, StrBuf *b);
