/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Leaving the agent's process behind: the fork, and letting go of all that belongs to the agent.
 * For the helpers of the chain that leave a small process beside the agent.
 */

#include "base/macro.h"

/* Moves fd above standard error, so that nobody's output ends up in it. */
int fd_above_stdio(int fd);

/* A descriptor that becomes readable when the calling process ends, or negative errno. */
int detach_self_pidfd(void);

/*
 * Returns 0 in the detached process, 1 in the caller, negative errno in the caller when there is
 * none. The caller has no child afterwards, and its signal mask and dispositions are as they were;
 * in the detached process all signals are blocked.
 */
int detach_fork(void);

/*
 * In the detached process: lets go of the agent's session, directory, descriptors (all but these
 * two, which must be above standard error) and environment.
 */
void detach_forget(const int keep_fds[static 2]);

/* The same, but it keeps directory and environment: what it starts is to have them. */
void detach_release(const int keep_fds[static 2]);

/* Closes first and every descriptor above it. */
void detach_close_from(int first);

/*
 * Gives back what was once used of the stack below where we are now, by the loader and main() too.
 */
void detach_forget_stack(void);
