/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Jobs of systemd while ftectl apply waits for them: between what runs them and what shows
 * progress.
 */

#include "apply.h"
#include "ftectl/shared/terminal.h"

typedef enum JobPhase {
        JOB_WAITING,
        JOB_CALLED,
        JOB_ON,       /* systemd has it */
        JOB_SETTLING, /* started, and watched for a moment */
        JOB_OVER,
} JobPhase;

typedef struct Job {
        struct Jobs *jobs;
        Target *target;
        const char *object, *path; /* of the unit; of the job, once systemd has it */
        JobPhase phase;
        bool has_started; /* the start that the job is about has begun */
        bool is_explained;
        uint64_t begun_usec, deadline_usec;
} Job;

typedef struct Jobs {
        Apply *apply;
        Job *items;
        size_t n, next, n_in_flight; /* those before next were begun */
        sd_bus_slot *removed_slot, *changed_slot;
        int error;
} Jobs;

/* On a terminal: for whom it waits, since when, and what they say. */
void apply_progress(const Jobs *jobs);
