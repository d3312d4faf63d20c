/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * When a job's next run is due, and whether it is overdue: pure, but for the one program that knows
 * calendar expressions.
 */

#include "base/job-status.h"
#include "config/model.h"

/* The time in what "systemd-analyze calendar" prints; 0: it says "never", or something else. */
uint64_t due_parse(const char *text);

/* A number that changes with Schedule=; never 0. */
uint64_t due_hash(const char *schedule);

typedef struct DueTimes {
        uint64_t now_usec, boot_usec; /* CLOCK_REALTIME */
        uint64_t late_usec;           /* agent_overdue_usec() */
} DueTimes;

/*
 * Whether a run that was due has not ended well in the time it has, and nobody was told. What
 * became due while the machine was off has its time from the boot on.
 */
bool due_is_overdue(const JobWatch *w, const DueTimes *t);
