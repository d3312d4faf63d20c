/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Every cause that ftectl diagnose knows: a row each, with what people see of it and what helps,
 * for ftectl troubleshooting and the documents. Data only.
 */

#include "base/macro.h"

typedef struct Evidence Evidence;
typedef struct Diagnosis Diagnosis;

typedef struct CauseRow {
        const char *id;
        const char *title;   /* a sentence without its stop */
        const char *symptom; /* what somebody sees of it */
        const char *remedy;  /* commands, a line each; NAME stands for the agent */
        const char
                *requirement; /* the check of ftectl validate that would have caught it; "" none */
        int (*rule)(const Evidence *e, Diagnosis *d);
        bool tells_no_reason; /* that it is so, and not why: the log may know */
} CauseRow;

/* In the order in which equals are told. */
extern const CauseRow causes[];
extern const size_t n_causes;
