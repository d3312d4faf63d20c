/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A command as a health check: run with the agent's user, sandbox and environment, killed with all
 * that it has started when its time is over. The first line of what it prints goes to the caller,
 * the rest nowhere.
 */

#include "probe.h"

#define COMMAND_LINE_MAX_BYTES 201U

/* line: "" when it printed nothing; what is not printable in it is "?". */
ProbeResult command_run(const HealthCheck *check, int agent_pidfd,
                        char line[static COMMAND_LINE_MAX_BYTES]);
