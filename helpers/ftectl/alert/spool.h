/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the alert subcommands share: a way into the spool without more rights than its owner's,
 * alerts found by their ID, and how one is shown.
 */

#include "alert/spool.h"

#include "ftectl/arguments.h"
#include "ftectl/shared/json.h"

/* For spool_close() before anything was opened. */
#define SPOOL_CLOSED                                                                       \
        {                                                                                  \
                .dir_fd = -EBADF, .lock_fd = -EBADF, .box_fds = { -EBADF, -EBADF, -EBADF } \
        }

/* A file in the spool. */
typedef struct StoredAlert {
        SpoolBox box;
        const char *name;
        Alert alert;
} StoredAlert;

/*
 * Opens the spool as its owner, for good when this is root: what is written there must be theirs.
 * -ENOENT, without a message, when there is none yet; any other failure is logged.
 */
int alert_spool_enter(const char *root, Spool *ret);

/*
 * Finds the alert whose ID begins with id, in the boxes that the bits (1 << box) allow; fills box
 * and name. Logs and returns -ENOENT when there is none, -ENOTUNIQ when there are several …
 */
int alert_find(Spool *s, unsigned boxes, const char *id, Arena *arena, StoredAlert *ret);

/* The same, and reads it. */
int alert_find_and_read(Spool *s, unsigned boxes, const char *id, Arena *arena, StoredAlert *ret);

/* Shows the newest alerts of each box to visitor; none when the spool may not be read. */
typedef void (*AlertVisitor)(void *userdata, const Alert *a);
void alert_spool_visit(const char *root, AlertVisitor visitor, void *userdata);

/* The ID of a file's name, which is TIME-ID. */
const char *alert_name_id(const char *name);

const char *alert_box_to_string(SpoolBox box);
const char *alert_target_state_to_string(TargetState state);

/* "slack", "email ops@example.com". */
void alert_show_target_name(const AlertTarget *t, StrBuf *b);
/* A line for each: its state, what came of the last attempt, when the next one is. */
void alert_show_target(const AlertTarget *t, StrBuf *b);

json_t *alert_to_json(const StoredAlert *s);
json_t *alert_target_to_json(const AlertTarget *t);
