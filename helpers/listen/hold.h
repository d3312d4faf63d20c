/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A server that ends closes connections that it has taken and not read, and their clients get a
 * reset. So before it is told to end nothing new reaches it: what comes waits in the kernel, and
 * the next process has it. The socket is in the hands of the server, so a small process beside it
 * keeps it, too, and gives it to who ends the server. Taking it out of the server would need the
 * right to trace it, and pidfd_getfd(2), which containers forbid.
 */

#include "address.h"

/*
 * Starts that process beside the caller, which is about to become the server, for the listening
 * socket fd at a. The service manager ends it with the rest of the service. A unix socket cannot be
 * held, and without $INVOCATION_ID nobody could ask: then there is none. 0 or negative errno.
 */
int hold_offer(const ListenAddress *a, int fd);

/*
 * Asks the process of this invocation of the service for its socket at a, holds back what comes,
 * and returns when the server has read all that it has taken, or after two seconds. 0, also when
 * there is nobody to ask, or negative errno; -EPERM: CAP_NET_ADMIN is missing, which Linux asks for
 * since about 6.18, and the server has only been waited for; -EACCES: it answers root and its own
 * user.
 */
int hold_begin(const ListenAddress *a);

/* Lets through what is held, if anything is. On any socket. */
void hold_end(int fd);
