/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What people see of the delivery: a line in the journal for each outcome, and the status line of
 * `systemctl status`. Names targets by their key and file, never by what the file holds.
 */

#include "base/notify.h"
#include "outcome.h"
#include "queue.h"

typedef struct Report {
        Notify notify;
        size_t n_dead;        /* alerts in dead/ */
        StrBuf problem;       /* the last thing that went wrong, until something succeeds there */
        const void *culprit;  /* the destination of that */
        StrBuf status;        /* as it was sent last */
        uint64_t status_usec; /* when; CLOCK_BOOTTIME */
        uint64_t due_usec;    /* when the next one may be sent; USEC_INFINITY: nothing is new */
} Report;

void report_open(Report *r, Queue *q);
void report_outcome(Report *r, const Item *item, const Outcome *o);

/* Tells the service manager, at most once a second unless forced. */
void report_status(Report *r, const Queue *q, bool force);
void report_close(Report *r);
