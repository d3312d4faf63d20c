/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A place outside of this host, for connections that must not get in: a process in a network
 * namespace of its own, at the other end of a pair of interfaces (veth(4)) with addresses that are
 * reserved for documentation. The process dies with this one, its namespace with it, and both
 * interfaces with that: nothing is left, whoever is killed.
 */

#include <sys/types.h>

#include "base/health-url.h"

#define OUTSIDE_INTERFACE "fte-check0" /* this host's end */
#define OUTSIDE_HERE_V4   "192.0.2.1"
#define OUTSIDE_HERE_V6   "2001:db8:f7e::1"
#define OUTSIDE_MAX       48

typedef struct Outside {
        pid_t pid;
        int fd;      /* of the conversation with it */
        bool has_v6; /* OUTSIDE_HERE_V6 is there, too */
} Outside;

#define OUTSIDE_CLOSED ((Outside){ .pid = 0, .fd = -EBADF })

/* Negative errno: -EPERM without the right to, -EOPNOTSUPP where the kernel has no veth. */
int outside_open(Outside *o);
void outside_close(Outside *o);

/*
 * Connects from there to each of n <= OUTSIDE_MAX TCP addresses, all at once, and closes again.
 * ret: 0 it got in, else a positive errno: ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH …
 */
int outside_connect(const Outside *o, const HealthAddress *to, size_t n, int *ret);
