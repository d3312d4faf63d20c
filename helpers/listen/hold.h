/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A server that ends closes connections that it has taken and not read, and their clients get a
 * reset. So before it is told to end nothing new reaches it: what comes waits in the kernel, and
 * the next process has it.
 */

#include "address.h"

/*
 * Holds back what comes for the socket at a, which process pid has open, and returns when that
 * process has read all that it has taken, or after two seconds. From then on until hold_end() it
 * has no work but what it began. A unix socket cannot be held: nothing is done. Needs the rights
 * to take a descriptor from the process (pidfd_getfd(2), Linux 5.6). 0 or negative errno; -ENOENT:
 * the process has no such socket.
 */
int hold_begin(const ListenAddress *a, pid_t pid);

/* On any socket. */
void hold_end(int fd);
