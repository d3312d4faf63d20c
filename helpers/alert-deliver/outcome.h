/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an attempt to send came to, and what follows from it. Pure: the clock and chance are the
 * caller's.
 */

#include "base/macro.h"

#define ANSWER_MAX_BYTES 200

#define RETRY_FIRST_USEC (1 * USEC_PER_SEC)
#define RETRY_LAST_USEC  (300 * USEC_PER_SEC)
#define RETRY_AFTER_MAX_USEC (3600 * USEC_PER_SEC)

typedef enum OutcomeKind {
        OUTCOME_SENT,
        OUTCOME_RETRY,  /* may succeed later */
        OUTCOME_CONFIG, /* cannot succeed before a person has changed something on this host */
        OUTCOME_DEAD,   /* was refused for good */
} OutcomeKind;

typedef struct Outcome {
        OutcomeKind kind;
        uint64_t retry_after_usec; /* the receiver's wish, or 0 */
        char answer[ANSWER_MAX_BYTES]; /* for people; valid UTF-8, one line, no secret */
} Outcome;

/* The kind that an HTTP status, an SMTP reply or a program's exit status means. */
OutcomeKind outcome_of_http(long status);
OutcomeKind outcome_of_smtp(long reply);
OutcomeKind outcome_of_exit(int status);

/* Sets kind and answer. */
void outcome_set(Outcome *o, OutcomeKind kind, const char *format, ...) _printf_(3, 4);

/* Adds ": TEXT" to the answer: the first line of text that is not blank, made fit to be shown. */
void outcome_add_text(Outcome *o, const char *text, size_t len);

/*
 * The pause after the given number of failed attempts (from 1): 1 s, doubled up to 5 min, 25 % more
 * or less by chance; the receiver's wish instead when that is longer, up to an hour.
 */
uint64_t outcome_pause_usec(const Outcome *o, uint64_t attempts, uint32_t random);
