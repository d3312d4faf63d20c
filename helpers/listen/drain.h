/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Before an agent is told to end: what it has accepted it reads, and nothing new reaches it. A
 * server that ends closes what it has taken and not read yet (uvicorn does), and the client sees a
 * reset.
 */

#include <sys/types.h>

#include "address.h"

/*
 * Holds back what comes to the socket of the process that listens at a, and returns when the
 * process has read what came before, or after a second. For a unix socket nothing is done. -ENOENT:
 * it does not listen there, or the kernel gives no sockets away (pidfd_getfd(2): before Linux 5.6,
 * and in containers that forbid it).
 */
int drain_run(const ListenAddress *a, pid_t pid);

/* What was held back comes again, when the client's kernel sends it once more. */
void drain_end(int fd);
