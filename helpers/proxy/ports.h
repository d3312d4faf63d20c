/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether nginx can listen where its blocks have it listen. "nginx -t" does not tell: nginx that
 * runs goes on with its old configuration then, and nginx that is started anew does not come up.
 */

#include "host/nginx-site.h"

/* A sentence in the arena of what is in the way of 80 and 443, or NULL. Opens no port. */
const char *ports_problem(const NginxFacts *facts, Arena *arena);
