/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Starts a program and leaves the rest to the caller: base/run.h waits for one to its end, the
 * delivery of alerts goes on meanwhile. No shell, none of our descriptors, no signal blocked or
 * ignored, and a process group of its own, so that a kill reaches all that it starts.
 */

#include "base/macro.h"

#include <sys/types.h>

/* A descriptor from which a program reads data, however late or never; or negative errno. */
int spawn_input(const char *data, size_t len);

/*
 * argv[0] is searched for in the PATH of this process, and fds become standard input, output and
 * error. -ENOENT, -EACCES … are about the program.
 */
int spawn_program(char *const *argv, char *const *envp, const int fds[static 3], pid_t *ret_pid);
