/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An agent's backups in a restic repository: the same archive, uncompressed, as the one file
 * NAME.tar of a snapshot, so that restic finds what has not changed and everything else is as with
 * an archive on the disk. Password and keys reach restic by files and its environment, never by
 * arguments.
 */

#include <sys/types.h>

#include "base/strbuf.h"

#include "job.h"

typedef struct Restic {
        pid_t pid; /* 0: none runs */
        int fd;    /* the pipe to it or from it */
} Restic;

#define RESTIC_CLOSED ((Restic){ .fd = -EBADF })

/* The repository as people may see it. Each of these logs. */
int restic_begin_backup(Restic *p, const Job *j);
/* good: the archive is whole, else restic is stopped before it makes a snapshot of it. */
int restic_end_backup(Restic *p, const Job *j, bool good);
/* Keep=, after the newest was stored; while that is not complete no complete one is forgotten. */
int restic_forget(const Job *j, bool complete);

/* The archive of a snapshot ("latest" …) can be read from p->fd. */
int restic_begin_read(Restic *p, const Job *j, const char *snapshot);
/* 0 also when it was not read to its end, and only therefore ended badly. Logs, but not that. */
int restic_end_read(Restic *p, const Job *j);

/* restic's own JSON. */
int restic_snapshots(const Job *j, StrBuf *ret);
