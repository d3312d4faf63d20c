/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which full file is compressed when, within the limit that all files have together, and what is
 * said when that fails. Works on the state of log-file.h and never touches the open file.
 */

#include "log-file.h"

/* After a rotation: starts the compressor if there is something to compress and none runs. */
void full_files_compress(LogFile *f);

/* The full files below number gap have moved up by one. */
void full_files_moved_up(LogFile *f, unsigned gap);

/* The open file is about to have that size: a compression that would be too much is given up. */
void full_files_keep_limit(LogFile *f, uint64_t size_bytes);

/* A child has ended, with this status of waitpid(). */
void full_files_child_ended(LogFile *f, pid_t pid, int status);
