/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line of fte-env-precheck, which is stable: the generator writes it into units.
 */

#include "base/macro.h"

typedef struct Options {
        const char *file;           /* NULL: the agent needs none */
        const char *user;           /* for messages; NULL when not given */
        const char **required;      /* n_required names, in the order given */
        size_t n_required;
        char **set;                 /* NAME=VALUE, in the order given; ends with NULL */
        size_t n_set;
        char **command;             /* into argv, at least one word */
} Options;

/*
 * 0: *ret is filled; its arrays are the caller's to free. 1: --help or --version was
 * answered. -EINVAL: wrong usage, and the message has been printed; -ENOMEM.
 */
int options_parse(int argc, char **argv, Options *ret);
