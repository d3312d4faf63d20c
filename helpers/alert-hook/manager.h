/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What only the service manager knows of an agent's unit, asked over its own socket, and for no
 * longer than the caller has time: a manager that is busy costs an alert a detail and nothing else.
 */

#include "base/macro.h"

/* What could not be had is "" or UINT64_MAX. */
typedef struct UnitFacts {
        char sub_state[32], result[32], invocation[33];
        int32_t exit_code, exit_status; /* as of waitid(2); code 0 unknown */
        uint64_t restarts, start_usec, exit_usec, memory_peak_bytes;
} UnitFacts;

typedef enum ManagerQuestions {
        MANAGER_FIGURES = 1 << 0, /* restarts, times, memory */
        MANAGER_STATE = 1 << 1,   /* sub_state */
        MANAGER_CAUSE = 1 << 2,   /* result, invocation, exit code and status */
} ManagerQuestions;

/*
 * As root: over PID 1's private socket, else over the bus; all of it within timeout_usec. Returns
 * 0, or why something is not known.
 */
int manager_ask(const char *unit, ManagerQuestions questions, uint64_t timeout_usec,
                UnitFacts *ret);
