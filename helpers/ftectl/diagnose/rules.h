/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From evidence to causes. A rule is a pure function that returns how likely its cause is and, when
 * that is anything, says what was seen and what to type.
 */

#include "causes.h"
#include "evidence.h"

/* Of 100. What is less than LIKELY_LEAST is not told at all. */
#define LIKELY_CERTAIN 95 /* an error names it, and it is so */
#define LIKELY_STRONG  85
#define LIKELY_FAIR    70
#define LIKELY_SIDE    55 /* true, and not what hurts now */
#define LIKELY_WEAK    40
#define LIKELY_LEAST   30
#define LIKELY_NOT     0

typedef struct Diagnosis {
        const CauseRow *cause;
        int likelihood;
        const char *requirement; /* instead of the cause's; NULL */
        StrBuf seen;             /* sentences without an end of line */
        StrBuf fix;              /* a command a line */
} Diagnosis;

/* A line of the log as proof, when it may be shown. */
void diagnosis_quote(Diagnosis *d, const Evidence *e, const Symptom *s);

static inline const char *diagnosis_requirement(const Diagnosis *d) {
        return d->requirement ? d->requirement : d->cause->requirement;
}

/* Fills ret, of n_causes, the likeliest first, and returns how many there are, or -ENOMEM. */
int rules_apply(const Evidence *e, Diagnosis *ret);
void diagnoses_done(Diagnosis *d, size_t n);

#define RULE(name) int rule_##name(const Evidence *e, Diagnosis *d)
