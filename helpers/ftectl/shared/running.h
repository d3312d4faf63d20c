/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What each agent's processes were started with. systemd tells of a run its ID and beginning by a
 * link below /run (no question to it is needed); what the run was made of is noted by ftectl apply
 * in /run/fte/running, and as long as the ID is the same, a change is seen for certain.
 */

#include <sys/stat.h>

#include "ftectl/apply/fingerprint.h"

#define RUN_ID_BYTES 33

typedef struct RunNote {
        const char *agent;
        char id[RUN_ID_BYTES];
        uint64_t full; /* Fingerprint.full */
} RunNote;

typedef struct Running {
        Arena arena;
        RunNote *notes; /* by agent */
        size_t n, size;
        bool changed;
} Running;

/* The run of an agent that has processes: false when there is none. */
bool run_find(int root_fd, const char *agent, char ret_id[static RUN_ID_BYTES],
              uint64_t *ret_start_usec);

/* A file that is missing or damaged is as an empty one. */
int running_read(Running *r, int root_fd);
void running_done(Running *r);
/* NULL: nothing is known of this run. */
const RunNote *running_find(const Running *r, const char *agent, const char *id);
/* How what runs differs from what the files say now. */
typedef enum RunChange {
        RUN_UNCHANGED,
        RUN_CONFIG,  /* the generator makes something else now than is loaded */
        RUN_CONTENT, /* the same is loaded, but it was started with something else */
        /* what it was started with is not known, and its files are newer than its start */
        RUN_NEWER,
        RUN_ENV, /* its env file has other content than at its start, or may have */
} RunChange;

/* Times are CLOCK_REALTIME, 0 unknown. */
typedef struct RunFacts {
        const Fingerprint *planned, *loaded;
        uint64_t newest_usec, env_usec; /* changes of the files, and of the env file */
        uint64_t reload_usec;           /* when systemd last loaded its units */
        const char *id;                 /* of the run, "" when it is not known */
        uint64_t start_usec;
} RunFacts;

/*
 * By the note, where there is one of this run; else by time: a run that began after systemd last
 * loaded its units is made of those, and an older one is old where a file is newer than it is.
 */
RunChange running_compare(const Running *r, const char *agent, const RunFacts *f);

/* When systemd last ran the generators, by their directory (loaded_open()); 0 when nobody knows. */
uint64_t run_reload_usec(int loaded_fd);
/* The later of a file's changes, of its content and of its name, owner and mode. */
uint64_t run_changed_usec(const struct stat *st);

/* Changes: of the newest file that sets any of its keys, and of its env file; 0 where there is
 * none. */
typedef struct RunFiles {
        uint64_t newest_usec, env_usec;
        const char *newest;
} RunFiles;

void run_files(int root_fd, const Agent *a, RunFiles *ret);

/*
 * RunFacts.env_usec: 0 when the env file, changed at changed_usec, has what the run that began at
 * start_usec was given. systemd keeps that for as long as the run lasts (the credential "env"), so
 * nothing that would help to guess a secret is noted anywhere. Who may not read both, and whose
 * file is sealed, goes by the time.
 */
uint64_t run_env_usec(int root_fd, const Agent *a, uint64_t changed_usec, uint64_t start_usec);

/* Notes it; id "" forgets the agent. */
int running_note(Running *r, const char *agent, const char *id, uint64_t full);
/* Replaces the file, if anything changed. */
int running_write(Running *r, int root_fd);
