/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The process that stays beside the agent: probes it, speaks for it to the service manager, and
 * ends when it ends.
 */

#include "base/notify.h"
#include "probe.h"

/*
 * Forks the prober so that it is its parent's child and not the caller's, and returns 0.
 * The caller's process, which is about to become the agent, is what the prober watches; its signal
 * mask is as it was. Negative errno when there is no pidfd or no process to be had.
 */
int prober_start(const HealthCheck *check, const Notify *notify);
