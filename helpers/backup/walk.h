/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Goes through directories that somebody else writes to, without following a link and without
 * holding more than one path in memory, however many files there are.
 */

#include "base/strbuf.h"

#include <sys/stat.h>

typedef struct WalkEntry {
        int dir_fd;           /* that holds it */
        const char *name;     /* in that */
        const char *path;     /* from the root, without a leading slash */
        int fd;               /* of a regular file or a directory, open for reading; else -EBADF */
        struct stat st;
} WalkEntry;

typedef enum WalkSkip {
        WALK_UNREADABLE,   /* error says why */
        WALK_OTHER_KIND,   /* a socket, a device, a fifo */
        WALK_OTHER_DEVICE, /* another file system is mounted there */
} WalkSkip;

typedef struct WalkEvents {
        /* Negative ends the walk. A directory comes before what is in it. */
        int (*entry)(void *userdata, const WalkEntry *e);
        /* What is not visited; what has vanished meanwhile is not told. */
        void (*skipped)(void *userdata, const char *path, WalkSkip why, int error);
} WalkEvents;

/*
 * Visits path (absolute, below root_fd) and all that is in it. A link in place of path itself is
 * followed when nobody but root can have made it. Returns 0, 1 when path does not exist, or what
 * entry returned, -EPERM: a link that is not trusted, or the error of opening path.
 */
int walk(int root_fd, const char *path, const WalkEvents *events, void *userdata);
