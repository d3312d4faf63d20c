/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * [Unit] and [Service] of an agent's file: ordinary unit syntax that is passed on as it is, but
 * for the keys that the generator renders or relies on. Those are refused here, by a table that
 * names the key to use instead.
 */

#include "config/ini.h"
#include "config/model.h"

/* Takes an assignment into the agent's list, or adds a problem. */
void pass_through_add(Agent *agent, SectionId section, const IniAssignment *a, Arena *arena,
                      Problems *problems);

/* What to write instead of a unit-file key, or NULL: "use Memory= in [Limits]". */
const char *pass_through_hint(const char *key);

/*
 * Whether a key sets something of the cgroup, which a stub must not loosen under a running agent.
 */
bool pass_through_is_limit(const char *key);
