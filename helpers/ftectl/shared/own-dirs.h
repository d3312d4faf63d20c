/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where an agent's own directories are on this machine. Those of a person's agents depend on the
 * systemd that made them: from 254 on in ~/.local/state, before that in ~/.config.
 */

#include "config/model.h"

/* In the arena, as seen below root; NULL when memory is out. */
const char *own_state_dir(const char *root, const Agent *a, Arena *arena);
/* The same of the log file: File= of [Logging], or "" when there is none. */
const char *own_log_file(const char *root, const Agent *a, Arena *arena);
