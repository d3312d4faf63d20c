/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The secrets that a run of an agent was given, as needles for the redaction of its log lines.
 * Needs the privilege to read them; the values go nowhere else.
 */

#include "config/model.h"

#include "redact.h"

typedef struct SecretsQuery {
        const char *root; /* NULL: / */
        const Agent *agent;
        uint64_t start_usec; /* CLOCK_REALTIME, when the run began; UINT64_MAX unknown */
        bool refused;        /* the run ended as the precheck does that found no env file */
} SecretsQuery;

/*
 * Adds all that the run may have printed. True when its values are known for certain, so that its
 * lines may be shown; false when they are not, and no line may be. r->arena is set by the caller.
 */
bool secrets_learn(Redactor *r, const SecretsQuery *q);
