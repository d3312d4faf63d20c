/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The loop of fte-alert-deliver: starts what is due, waits for whatever happens first, books what
 * came of it.
 */

#include "attempt.h"
#include "options.h"
#include "report.h"

/* Each may have a TLS connection of some 60 KiB and an alert in memory. */
#define ATTEMPTS_MAX 16

typedef struct Deliver {
        const Options *options;
        Spool spool;
        Queue queue;
        Sender sender;
        Attempt attempts[ATTEMPTS_MAX];
        Report report;
        int signal_fd;
        int inotify_fd;
        size_t n_moved;          /* since tidy_spool() */
        uint64_t start_usec;     /* CLOCK_REALTIME */
        uint64_t renew_usec; /* CLOCK_BOOTTIME when to end, to be started with what is configured
                                then; USEC_INFINITY: no need */
        uint64_t idle_usec;      /* CLOCK_BOOTTIME since when nothing waits, or 0 */
        uint64_t settle_usec;    /* CLOCK_BOOTTIME when book_settle() is to be called */
        bool stopping;           /* no more attempts are started */
} Deliver;

/* Until nothing waits, or somebody wants it to end. 0 or negative errno. */
int deliver_run(Deliver *d);
