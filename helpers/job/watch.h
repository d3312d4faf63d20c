/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The watch over all jobs, one look at a time.
 */

#include "base/macro.h"

typedef struct WatchOptions {
        const char *root;  /* "": the running system */
        const char *home;  /* of the person whose jobs they are, or NULL: the system's */
        const char *state; /* the directory of JobRun and JobWatch; NULL: where it belongs */
        const char *hook;  /* fte-alert-hook */
} WatchOptions;

/* Tells of jobs that are overdue. 0, or negative errno after it has said why. */
int watch_look(const WatchOptions *o);
