/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The look at a heartbeat file: an agent without a port touches it while it is well. What counts is
 * that its time of change moves, by our own clock: neither a file that an earlier run has left nor
 * a clock that is set makes an agent seem well or dead.
 */

#include "probe.h"

typedef struct Heartbeat {
        struct timespec last; /* of the file when it was last seen to change, or at the start */
        uint64_t seen_usec;   /* when that was seen (CLOCK_MONOTONIC); 0: it has not changed yet */
} Heartbeat;

/* Before the agent runs. */
void heartbeat_init(const HealthCheck *check, Heartbeat *ret);
ProbeResult heartbeat_run(const HealthCheck *check, Heartbeat *beat);
