/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Environments: the directories environments/ENV, whose NAME.conf are laid over NAME.conf.
 */

#include "config/load.h"

#define ENVIRONMENTS_MAX 256

/*
 * A problem for each overlay of the host's environment that is over no agent or template. They harm
 * nobody, but are not what somebody meant. Returns 0 or -ENOMEM.
 */
int config_check_overlays(Config *c, Problems *problems);

/* The environments that have a directory, sorted, NULL-terminated; how many, or -ENOMEM. */
int config_environments(const Config *c, Arena *arena, char ***ret);
