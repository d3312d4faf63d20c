/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A server that ends closes connections that it has taken and not read, and their clients get a
 * reset. So before it is told to end nothing new reaches it: what comes waits in the kernel, and
 * the next process has it. The socket is in the hands of the server, so a small process beside it
 * keeps it, too, and gives it to who asks; it needs no rights but those of the agent.
 */

#include "address.h"

/*
 * Starts that process beside the caller, which is about to become the server, for the listening
 * socket fd at a. The service manager ends it with the rest of the service. A unix socket cannot be
 * held, and without $INVOCATION_ID nobody could ask: then there is none. 0 or negative errno.
 */
int hold_offer(const ListenAddress *a, int fd);

/*
 * Asks the process of this invocation of the service for the socket at a: returns when what comes
 * is held back and the server has read all that it has taken, or after two seconds. 0, also when
 * there is nobody to ask, or negative errno: -EPERM, it was not given, or the kernel wants root for
 * that.
 */
int hold_ask(const ListenAddress *a);

/* Lets through what is held, if anything is. On any socket. */
void hold_end(int fd);
