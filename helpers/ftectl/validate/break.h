/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What surrounds checks that break something on purpose: the question before each, one run at a
 * time, interrupts, and that nothing is left behind, not even by a run that was killed.
 */

#include "validate.h"

/* Everything of ours that systemd or a user ever sees has this in front of its name. */
#define COPY_PREFIX     "fte-check-"
#define BREAK_DIRECTORY "/run/fte-check"

/* Whether the run may go on as it was asked for. Logs. */
int break_check(const Validation *v);
/* Takes the lock and removes what an earlier run left; after systemd can be asked. Logs. */
int break_open(Validation *v);
void break_close(Validation *v);

/* Asks, unless --yes. */
bool break_is_allowed(Subject *s, const Check *c);
bool break_interrupted(void);

/* Around the disruptive layer of an agent: its start limit is not to be used up by us. */
void break_begin(Subject *s);
void break_end(Subject *s);

/* Sleeps a little between two looks; false when it is too late, or somebody interrupted. */
bool break_wait(uint64_t deadline_usec);
