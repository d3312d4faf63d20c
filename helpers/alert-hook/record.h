/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * "record NAME": something has happened to an agent; an alert of it is stored, counted, or taken
 * back.
 */

#include "context.h"

typedef struct RecordOptions {
        const char *agent;
        const char *root;  /* where the configuration is (tests; then no privileges are dropped), or
                              NULL */
        const char *home;  /* of the person whose agent it is, or NULL: it is the system's */
        const char *spool; /* the directory; NULL: where it belongs */
        const char *journal; /* of journal files, or NULL: the system's */
} RecordOptions;

/* Logs what goes wrong. 0 or negative errno. */
int record(const RecordOptions *options, const Context *context);
