/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What fte-job remembers of a job (an agent with Kind=job) and ftectl shows: two files of "key
 * value" lines a job, readable by everyone, without a secret. NAME.run is written at each end of a
 * run, NAME.watch by the watch over all jobs, so that neither waits for the other.
 */

#include "base/macro.h"

#define JOB_STATE_DIRECTORY "/var/lib/fte-job"

typedef struct JobRun {
        uint64_t
                success_usec; /* CLOCK_REALTIME of the last run that ended well; 0: there is none */
        uint64_t ended_usec;  /* of the last run, however it ended; 0: there is none */
        uint64_t status;      /* its exit status */
        char result[24]; /* systemd's word for it: success, exit-code, timeout …; or stopped */
} JobRun;

typedef struct JobWatch {
        uint64_t since_usec; /* CLOCK_REALTIME when the job was first seen */
        uint64_t base_usec,
                schedule;   /* what due_usec was reckoned from: a time, a hash of Schedule= */
        uint64_t due_usec;  /* of the first run after base_usec; 0: unknown */
        uint64_t told_usec; /* the due_usec of which it was told that it is overdue; 0 */
} JobWatch;

/* -ENOENT: nothing is known of it. Unknown keys are passed over. */
int job_run_read(int dir_fd, const char *agent, JobRun *ret);
int job_watch_read(int dir_fd, const char *agent, JobWatch *ret);
/* Replaces it, on the disk when it returns. */
int job_run_write(int dir_fd, const char *agent, const JobRun *run);
int job_watch_write(int dir_fd, const char *agent, const JobWatch *watch);
