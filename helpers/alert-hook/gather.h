/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * All that is to be known of an agent and its run, in two steps: with privileges what only root can
 * open, without them the journal.
 */

#include "config/model.h"
#include "journal/redact.h"

#include "context.h"
#include "manager.h"

typedef struct Gathered {
        Arena arena;
        Agent agent; /* as configured; the host's defaults when it has no file any more */
        const char *environment;
        UnitFacts facts;
        Redactor redactor;
        bool lines_are_safe; /* the env file's values are known, or there is none */
        int sync_fd;         /* journald takes in what was written: how long that is waited for */
        uint64_t sync_timeout_usec;
        uint64_t uid, memory_peak_bytes;
} Gathered;

/* With privileges. 0 or negative errno: then there is nothing to go on with. */
int gather_privileged(Gathered *g, const char *root, const char *agent, const Context *c);

/* Fills in what happened, without targets and kind. Strings are the arena's. */
int gather_alert(Gathered *g, const Context *c, uint64_t now_usec, Alert *ret);

/* The last log lines of the run; directory as in JournalQuery. */
int gather_lines(Gathered *g, const char *directory, Alert *alert);

/* A target for each channel that is configured. */
int gather_targets(Gathered *g, Alert *alert);

void gather_done(Gathered *g);
