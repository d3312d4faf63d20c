/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The two datagram protocols the helpers speak by hand, to stay free of libsystemd: sd_notify(3) to
 * the service manager and the journal's native one (systemd.io/JOURNAL_NATIVE_PROTOCOL).
 */

#include <sys/un.h>

#include "base/macro.h"

typedef struct Notify {
        int fd; /* -EBADF: nobody listens */
        struct sockaddr_un address;
        socklen_t address_len; /* 0: the socket is connected */
} Notify;

/*
 * Takes the address from $NOTIFY_SOCKET; the descriptor is above standard error and close-on-exec.
 * -ENXIO: it is not set; -EINVAL: it is neither an absolute path nor an abstract name; -ENOENT,
 * -ECONNREFUSED, -EACCES …: nobody receives there, or we may not reach them.
 */
int notify_open(Notify *ret);

/* Removes what would let the agent speak for itself: $NOTIFY_SOCKET and $WATCHDOG_*. */
void notify_unset_environment(void);

/*
 * Sends one message ("READY=1\nSTATUS=…"). Waits while the manager's queue is full: a lost READY=1
 * would cost a start, and a manager that is busy reading its units is back in a moment.
 */
int notify_send(const Notify *n, const char *message);
/* The same with a descriptor for the manager to keep: FDSTORE=1. */
int notify_send_fd(const Notify *n, const char *message, int fd);

/* One line to the journal under the agent's unit; lost when there is no journal. */
void notify_journal(const Notify *n, int priority, const char *text);
