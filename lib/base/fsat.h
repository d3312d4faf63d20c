/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Files and links relative to a directory descriptor. One place for the flags that keep us from
 * following a link or blocking on a fifo, and for what "write" means in a generator's output
 * directory (no temporary files: systemd empties those directories before each run).
 */

#include "base/macro.h"

#include <sys/types.h>

/*
 * Reads a whole regular file into buf in one open, read and close, and returns its length.
 * The kind of the file is the caller's to know (from readdir or fstat): a fifo reads as empty and
 * never blocks. -EFBIG when it does not fit in size_bytes - 1; -EISDIR, -ENOENT, -ELOOP, -EACCES …
 * from the kernel. buf is terminated with a NUL that is not counted.
 */
ssize_t fsat_read(int dir_fd, const char *path, char *buf, size_t size_bytes);

/*
 * Creates or empties a file and writes all of data, or removes it again: never half a file. Returns
 * the descriptor, which the caller closes.
 */
int fsat_write(int dir_fd, const char *path, const char *data, size_t len);

typedef struct FsatContent {
        const char *data;
        size_t len;
        mode_t mode;
        /* on the disk before it returns; the directory's entry is the caller's to sync */
        bool sync;
} FsatContent;

/*
 * Makes a new file in place of what stood there, whole or not at all: the first half of an atomic
 * replacement, to be followed by renameat().
 */
int fsat_create(int dir_fd, const char *path, const FsatContent *content);

/*
 * Where somebody else can write: opens a regular file for reading, following no link and waiting
 * for no fifo. -ELOOP for a link, -EINVAL for what is no file.
 */
int fsat_open_regular(int dir_fd, const char *path);

/* As fsat_read(), of such a descriptor from where it stands. */
ssize_t fsat_read_fd(int fd, char *buf, size_t size_bytes);

/* Makes a link, replacing what stood there unless that is a directory. */
int fsat_symlink(const char *target, int dir_fd, const char *path);

/*
 * Makes a directory of mode 0755; one that exists is fine, anything else of the name is -ENOTDIR.
 */
int fsat_mkdir(int dir_fd, const char *path);

/*
 * An exclusive flock(2) on fd. Waits for it at most wait_usec, USEC_INFINITY: as long as it takes.
 * -EAGAIN when somebody else holds it for longer.
 */
int fsat_lock(int fd, uint64_t wait_usec);

/* Whether path is a link to /dev/null: systemd's way to say "as if it were not there". */
bool fsat_is_mask(int dir_fd, const char *path);

/* Opens a directory for reading its names or as a base for others. dir_fd as for openat(). */
int fsat_open_dir(int dir_fd, const char *path);

/* Writes all of data, whatever single calls take. */
int fd_write_all(int fd, const char *data, size_t len);
