/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The verbs of fte-backup and what all of them share. Each returns an exit status.
 */

#include "base/macro.h"

#define EXIT_GOOD       0
#define EXIT_BAD        1 /* no backup was made, none is good, nothing was restored */
#define EXIT_USAGE      2
#define EXIT_INCOMPLETE 3 /* a backup was made, and something is missing in it */
#define EXIT_UNDONE     4 /* restored, but the agent did not become healthy: the old data are back */

typedef struct Arguments {
        const char *root; /* "": the running system */
        const char *name; /* of the agent; NULL with all */
        const char *from, *to, *path;
        bool all, json;
        bool wait; /* for another one that works on the same agent */
} Arguments;

int verb_run(const Arguments *a);
int verb_run_all(const Arguments *a);
int verb_verify(const Arguments *a);
int verb_verify_all(const Arguments *a);
int verb_list(const Arguments *a);
int verb_restore(const Arguments *a);
int verb_recover(const Arguments *a);
