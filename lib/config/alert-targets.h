/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whom an agent's alerts go to: a target for each channel that its configuration sets.
 */

#include "alert/alert.h"
#include "config/model.h"

/* Fills alert->targets, none when no channel is set. Strings are the agent's and the arena's. */
int alert_targets(const Agent *agent, Arena *arena, Alert *alert);
