/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One health check, from connect() to the end of the answer, under one deadline. Owns its socket
 * while it runs and nothing afterwards. Judges this answer only: how many bad ones in a row are too
 * many is the prober's affair.
 */

#include "http.h"

typedef enum HealthBy {
        HEALTH_BY_NOTHING,
        HEALTH_BY_URL,
        HEALTH_BY_FILE,    /* a heartbeat: its time changes, again and again */
        HEALTH_BY_COMMAND, /* that ends with status 0 */
} HealthBy;

/* Of --command=, with the NULL behind the last. */
#define HEALTH_WORDS_MAX 64

typedef struct HealthCheck {
        HealthBy by; /* what probe_run() needs not: it is for URLs */
        HealthUrl url;
        const char *file;
        uint64_t max_age_usec;
        char *command[HEALTH_WORDS_MAX];
        size_t n_words;
        unsigned expect_status;
        HttpSearch *expect_body; /* NULL: any body will do */
        uint64_t interval_usec;
        uint64_t timeout_usec; /* for the whole exchange */
        unsigned failures;     /* so many bad ones in a row are a hang */
        size_t request_len;
        char request[HTTP_REQUEST_MAX_BYTES];
} HealthCheck;

typedef enum ProbeOutcome {
        PROBE_GOOD,
        PROBE_NO_CONNECTION, /* result.error says why */
        PROBE_NO_ANSWER,     /* nothing came within the timeout */
        PROBE_UNFINISHED,    /* something came, but not all of it within the timeout */
        PROBE_EMPTY,
        PROBE_CUT,
        PROBE_GARBAGE,
        PROBE_TOO_LONG,
        PROBE_WRONG_STATUS, /* result.status is what came */
        PROBE_WRONG_BODY,
        PROBE_NO_BEAT,  /* the heartbeat file has not changed since the start; error: of stat(2) */
        PROBE_OLD_BEAT, /* it has not changed for age_usec */
        PROBE_STATUS,   /* the command ended with status */
        PROBE_SIGNAL,   /* it was ended by signal number status */
        PROBE_CANNOT,   /* it could not be started: error */
        PROBE_TOO_SLOW, /* it took longer than the timeout, and was killed */
        PROBE_AGENT_GONE, /* the agent ended: no answer matters any more */
} ProbeOutcome;

typedef struct ProbeResult {
        ProbeOutcome outcome;
        int error;       /* errno of PROBE_NO_CONNECTION */
        unsigned status; /* 0 for tcp:// */
        uint64_t latency_usec, age_usec;
} ProbeResult;

uint64_t probe_now_usec(void);

/*
 * Waits until fd (may be negative: none) has one of events, or until_usec (CLOCK_MONOTONIC).
 * 0: ready; -ETIMEDOUT; -ESRCH: the process of agent_pidfd has ended.
 */
int probe_wait(int fd, short events, int agent_pidfd, uint64_t until_usec);

ProbeResult probe_run(const HealthCheck *check, int agent_pidfd);
