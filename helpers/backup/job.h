/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the configuration says of an agent's backups, and the places that belong to it: the state
 * directory, the lock, the moment.
 */

#include "base/arena.h"
#include "base/backup-status.h"

#define DEFAULT_TARGET "/var/backups/fte"

typedef struct Job {
        Arena arena;      /* all strings */
        const char *root; /* of tests; "" is the running system */
        int root_fd, state_fd, lock_fd;
        const char *name;
        const char *directory; /* "a-b" of an instance "a@b", else the name */
        char **configured;     /* Paths=, or what stands for it when there is none */
        char **paths;          /* of those, that no other brings with it */
        const char *target; /* a directory; of restic, where scratch space is */
        const char *restic; /* its repository, or NULL */
        uint64_t keep;
        bool has_agent;          /* there is a configuration file of that name */
        bool has_paths;          /* and Paths= in it */
        bool is_unsure;          /* and mistakes in its [Backup] */
        bool scheduled_together; /* by fte-backup.timer, not by a timer of its own … */
        bool verified_together;  /* … and fte-backup-verify.timer */
} Job;

#define JOB_CLOSED ((Job){ .root_fd = -EBADF, .state_fd = -EBADF, .lock_fd = -EBADF })

/*
 * Reads the configuration of the agent. Without a file for it the defaults hold: its backups may
 * outlive it. Logs. root must outlive the job.
 */
int job_open(Job *j, const char *root, const char *name);
/*
 * False, and logged: there is neither a configuration nor data nor backups of that name, which is
 * most likely not what somebody meant to type.
 */
bool job_is_known(Job *j);
/*
 * Nobody else works on the agent's backups until job_close(). -EAGAIN, logged, when somebody does;
 * wait: as long as it takes.
 */
int job_lock(Job *j, bool wait);
void job_close(Job *j);

/* The names of all agents, NULL-terminated, in the arena. Logs. */
int job_names(const char *root, Arena *arena, char ***ret);

uint64_t realtime_usec(void);
