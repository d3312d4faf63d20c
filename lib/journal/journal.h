/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The last lines of a run from the journal, redacted.
 */

#include "redact.h"

/*
 * As root: asks journald to take in what has been written to it, which "journalctl --sync" does.
 * Returns a descriptor for journal_sync_wait(), or negative errno.
 */
int journal_sync_start(void);
/* Until it has, or timeout_usec have passed. */
void journal_sync_wait(int fd, uint64_t timeout_usec);

typedef struct JournalQuery {
        const char *directory;  /* of journal files, for tests; NULL: the system's */
        const char *agent, *unit, *invocation;
        uint64_t since_usec;    /* CLOCK_REALTIME, when the run began; UINT64_MAX unknown */
        uint64_t uid;           /* of the agent's user; UINT64_MAX unknown */
        size_t n_lines;
        const Redactor *redactor;
} JournalQuery;

/*
 * The last n_lines of the run, its own and the manager's about it, oldest first, in the arena. NULL
 * when there are none. Negative errno when the journal cannot be read.
 */
int journal_lines(const JournalQuery *q, Arena *arena, char ***ret);

/*
 * CLOCK_REALTIME of the moment in which the manager began to start a run, as it told the journal.
 * -ENOENT when that line is not there (any more): then nobody knows.
 */
int journal_run_start(const char *directory, const char *invocation, uint64_t *ret_usec);
