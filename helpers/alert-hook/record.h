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
        const char *spool; /* the directory */
        const char *journal; /* of journal files, or NULL: the system's */
} RecordOptions;

/* Logs what goes wrong. 0 or negative errno. */
int record(const RecordOptions *options, const Context *context);
