/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The one answer to a name that no agent has, whatever the subcommand.
 */

#include "config/load.h"

/* Logs what may have been meant, or what to do. Returns -ENOENT. */
int refuse_agent(const Config *c, const char *name);
/* The same for who has no configuration at hand. */
int refuse_agent_below(const char *root, const char *name);
