/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Throw-away copies of an agent: a unit of its own, made by the generator's code from an INI file
 * with the agent's user, sandbox and restart settings and another program. systemd loads it without
 * a daemon-reload, which could bring in what somebody else is editing. It makes no account, and no
 * alert: the hooks that would record one are left out.
 */

#include "validate.h"

typedef struct Copy {
        Subject *subject;
        const char *name, *unit; /* "fte-check-WORD", with ".service" */
} Copy;

typedef struct CopyOptions {
        const char *word; /* of its name; one for each check */
        const char *exec;
        const char *more;     /* lines of further sections, or NULL */
        const char *fragment; /* content of a drop-in of the INI file, or NULL */
        /* as the agent's [Restart], with a delay that a person waits for; else never */
        bool restarts;
} CopyOptions;

/* The delay that copies wait between restarts. */
uint64_t copy_delay_usec(const Agent *a);

/* Writes its files. Negative errno; what was written is removed by copies_remove_all(). */
int copy_make(Subject *s, const CopyOptions *o, Copy *ret);
int copy_start(const Copy *c);
/*
 * Until it is active, failed or inactive with nothing more to come, or timeout_usec; *ret is what
 * it was then. -ETIMEDOUT, -EINTR. change_of: the main process it must not have any more, or 0.
 */
int copy_wait(const Copy *c, uint64_t timeout_usec, uint64_t change_of, UnitFacts *ret);
void copy_stop(const Copy *c);

/* Stops and removes every copy there is, whoever made it. */
void copies_remove_all(sd_bus *bus);
