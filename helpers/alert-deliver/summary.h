/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An alert in words, the same for every channel: a headline, a few facts, the log lines, and an
 * advice. How they look is the channel's affair.
 */

#include "alert/alert.h"

typedef struct Fact {
        const char *title, *value;
} Fact;

#define SUMMARY_FACTS_MAX 12

/* Everything lives in the arena. */
typedef struct Summary {
        const char *headline;
        const char *description; /* of the agent, or "" */
        const char *time;        /* of the alert, RFC 3339 in UTC */
        const char *advice;      /* the command to look further with; "" for a test */
        Fact facts[SUMMARY_FACTS_MAX];
        size_t n_facts;
} Summary;

/*
 * Makes every text of an alert fit for any channel: valid UTF-8, and spaces in place of control
 * characters (in log lines the tab stays). Copies what it has to change into the arena.
 */
int alert_clean(Alert *a, Arena *arena);

/* -ENOMEM. */
int summary_make(const Alert *a, Arena *arena, Summary *ret);

