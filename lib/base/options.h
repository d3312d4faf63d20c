/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line of a helper of the chain: PROGRAM [--NAME=VALUE]... -- COMMAND [ARGUMENT]...
 * A table row an option. Prints help, version and usage errors itself, since they go to the person
 * who typed them; a value is never repeated.
 */

#include "base/macro.h"

#define EXIT_USAGE 2

#define OPTION_ROWS_MAX 16

typedef struct OptionRow {
        const char *name;
        int (*parse)(const char *value, void *options); /* 0, or negative errno: a bad value */
        const char *problem; /* follows "--NAME: write "; NULL when parse has said it itself */
} OptionRow;

typedef struct OptionTable {
        const char *program, *usage;
        const OptionRow *rows;
        size_t n_rows; /* at most OPTION_ROWS_MAX */
        bool command_is_optional;
} OptionTable;

/*
 * Reads the options into what the rows' functions know as options, and points *ret_command into
 * argv, at one word at least, or sets it to NULL where the command is optional. Returns -1, or the exit status to end with at once.
 */
int options_read(const OptionTable *t, int argc, char **argv, void *options, char ***ret_command);
