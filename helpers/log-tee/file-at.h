/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The log file on disk: opening it by its path, and what is done with its last line. Keeps nothing
 * between calls and says nothing.
 */

#include <sys/stat.h>

#include "cut.h"
#include "options.h"

/*
 * Opens the directory and in it the file, which is made when there is none (0640, where a default
 * ACL of the directory decides that instead of the umask), and locks it. Errors: those of the
 * kernel, -EINVAL when it is not a regular file, -EWOULDBLOCK when another process has it locked.
 */
int file_open(const LogSettings *s, int *ret_dir_fd, int *ret_fd, struct stat *ret_st);

/* The same for a file that must not exist. */
int file_create(int dir_fd, const char *name);

/*
 * What the file holds. When it does not end with a line end (the machine lost power), it gets one,
 * unless it is full.
 */
int file_begin(int fd, const struct stat *st, uint64_t limit_bytes, Fill *ret_fill);

/*
 * Appends a file's open line to another and takes it off the first, if it may be moved. On failure
 * neither has it, and *fill is that of the first.
 */
int file_move_line(int from_fd, Fill *from, int to_fd, Fill *to);

/*
 * Takes the open line off, unless somebody else changed the file. Returns the number of bytes that
 * went.
 */
uint64_t file_drop_line(int fd, Fill *fill);

/* What to tell people of an error that one of these returned. */
const char *file_problem(int error);
