/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The addresses of a name, as this host has them: files, DNS, whatever nsswitch.conf(5) says. Each
 * name is asked for once, and all together take half a minute at most, however bad the network is.
 */

#include "base/arena.h"

typedef struct ResolverName {
        const char *name;
        const char *addresses; /* one a line, sorted; "" when there is none */
        struct ResolverName *next;
} ResolverName;

typedef struct Resolver {
        const char *root; /* "" for the system; below a root only its own getent is asked */
        Arena *arena;
        ResolverName *names;
        uint64_t spent_usec;
} Resolver;

/*
 * "agents.example:80" to "192.0.2.7:80", "[2001:db8::7]:80", NULL in the arena: 1. Returns 0 and
 * leaves *ret alone when there is nothing to be found out: an address, a socket's path,
 * "localhost". -ENOENT: the name has no address, or nobody answers.
 */
int resolver_find(Resolver *r, const char *upstream, const char *const **ret);
