/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is remembered of an agent between its failures: /var/lib/fte-alert/state/NAME, one hook at a
 * time. The file may be lost or damaged: then it begins anew, and a failure is told once more.
 */

#include "alert/spool.h"
#include "decide.h"

#define STATE_BYTES_MAX 4096

typedef struct StateFile {
        const char *agent;
        int dir_fd, lock_fd;
} StateFile;

/* Whether there is anything to remember of the agent: cheap, for it is asked at every start. */
bool state_exists(const char *spool_path, const char *agent);

/* Waits for another hook of the same agent. */
int state_open(Spool *s, const char *agent, StateFile *ret);
void state_close(StateFile *f);

/* What is there, or an empty state. */
void state_load(const StateFile *f, State *ret);

/* Atomically, not synced. Removes the file when there is nothing to remember. */
int state_save(const StateFile *f, const State *s);

/* The text of the file and back; for tests. -EBADMSG. */
void state_format(const State *s, StrBuf *b);
int state_parse(char *text, State *ret);
