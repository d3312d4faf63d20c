/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where an archive is read from: the agent's directory of them, a file that was named, restic. And
 * the reading of it to files, with the words for what comes of it.
 */

#include <limits.h>

#include "extract.h"
#include "restic.h"
#include "store.h"

typedef struct Source {
        int fd;
        Restic restic;
        char label[PATH_MAX + STORE_NAME_BYTES]; /* for people */
} Source;

/*
 * from: a name of the list, the path of a file (with a slash), a snapshot of restic; NULL: the
 * newest. Logs. -ENOENT: there is no backup.
 */
int source_open(Source *s, const Job *j, const char *from);
/* Negative, and logged: restic did not give all of it. */
int source_close(Source *s, const Job *j);

/*
 * Reads the archive from: 0 when all of it is good and on the disk. Logs, naming the archive and
 * the member. *ret_info (or NULL) gets the archive's time; it has 32 bytes.
 */
int source_extract(const Job *j, const char *from, int staging_fd, Extract *x, char *ret_time);
