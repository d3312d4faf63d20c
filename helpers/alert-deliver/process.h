/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One program at a time that takes an alert from its standard input: sendmail, or Command=. No
 * shell, none of our descriptors, an environment of its own, a time limit; whatever it started in
 * its process group ends with it.
 */

#include "channel.h"
#include "outcome.h"

#define PROCESS_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define PROCESS_OUTPUT_BYTES 4096

typedef struct Process {
        pid_t pid;  /* 0 while none runs */
        int pidfd;  /* readable when it has ended */
        int out_fd; /* its standard output and error; -EBADF once they are closed */
        uint64_t deadline_usec; /* CLOCK_BOOTTIME */
        bool timed_out;
        bool keeps_output;
        size_t output_len; /* of the end of its output */
        char output[PROCESS_OUTPUT_BYTES];
} Process;

/* Negative errno: it does not run; -ENOENT, -EACCES … are about the program. */
int process_start(Process *p, const Outgoing *outgoing, uint64_t now_usec);

/* Takes what it has written. */
void process_read(Process *p);

/* Kills it when its time is up; it has ended when the pidfd says so. */
void process_check_time(Process *p, uint64_t now_usec);

/* When the pidfd is readable: takes its status and the rest of its output, and judges. */
void process_finish(Process *p, Outcome *ret);

/* Kills what runs, and forgets it. */
void process_end(Process *p);
