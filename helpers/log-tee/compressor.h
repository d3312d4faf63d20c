/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The run of fte-log-compress beside the log tee. It reads one full file and writes one temporary
 * file, by descriptors, and knows no names: renaming is done here when it has ended, in the one
 * process that also numbers the files anew, so the two cannot come in each other's way. At most
 * one runs, and it ends with the tee.
 */

#include <sys/types.h>

#include "cut.h"

typedef struct Compressor {
        pid_t pid;        /* 0: none runs */
        int temporary_fd; /* locked while it runs */
        dev_t dev;        /* the original's identity */
        ino_t ino;
        unsigned number;      /* and its place; 0: the result is not wanted any more */
        uint64_t limit_bytes; /* the temporary file gets no longer */
} Compressor;

/*
 * Starts it for that file, with a limit of half its size: less than that is not worth it. 0, or
 * negative errno: -ENOSPC when the limit is over room_bytes, -EAGAIN when another tee compresses or
 * there is no process to be had, -EEXIST when what has the temporary file's name is no file.
 */
int compressor_start(Compressor *c, int dir_fd, const char *name, unsigned number,
                     uint64_t room_bytes);

/* The full files below number gap have moved up by one, and no more than keep are left. */
void compressor_renumber(Compressor *c, int dir_fd, const char *name, unsigned gap, unsigned keep);

/* Ends it without waiting: the original stays. */
void compressor_cancel(Compressor *c, int dir_fd, const char *name);

/*
 * A child has ended with this status of waitpid(). Puts what was compressed in the original's
 * place. 1: done; 0: it was no longer wanted or was killed; -EFBIG: the file does not get half as
 * long; -EIO: it failed; -ENOEXEC: it could not be run; other negative errno: from renaming.
 */
int compressor_ended(Compressor *c, int status, int dir_fd, const char *name);
