/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Of verb_restore(): what is not in place, and what both ways need.
 */

#include "job.h"
#include "verbs.h"

/* -ENOSPC, logged: bytes have no room where fd is; path is for people. */
int restore_check_room(int fd, uint64_t bytes, const char *path, const char *hint);

/* Returns an exit status. */
int restore_elsewhere(const Job *j, const Arguments *a);
