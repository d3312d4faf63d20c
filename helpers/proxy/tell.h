/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What fte-proxy says of a round: of the agents' mistakes, and of what nginx says of their blocks.
 */

#include "host/proxy-sites.h"

#include "apply.h"

/* nginx refuses the block of an agent, or with NULL what all share; output is what it said. */
void tell_refused(const char *agent, const char *output);

/* A line for each problem that was found before nginx was asked. */
void tell_problems(const ProxyResult *result);

/* How it ended: an ApplyOutcome; output as apply_run() has it. */
void tell_outcome(int outcome, const ProxyResult *result, const StrBuf *output);
