/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What fte-backup remembers of an agent's backups and ftectl shows: one file of "key value" lines
 * an agent, readable by everyone, without a secret.
 */

#include "base/macro.h"

#define BACKUP_STATE_DIRECTORY "/var/lib/fte-backup"

typedef struct BackupStatus {
        uint64_t made_usec;     /* CLOCK_REALTIME of the last one that is whole; 0: there is none */
        uint64_t bytes;         /* its size where it is stored; 0 unknown */
        uint64_t missing;       /* files that could not be read, and are not in it */
        uint64_t same_device;   /* 1: the target is on the file system of the data */
        uint64_t complete_usec; /* of the last one in which nothing is missing */
        uint64_t target;        /* a sum over Target=, to know whether same_device is of it */
        uint64_t failed_usec;   /* of the last try that made none; 0: it succeeded */
        uint64_t verified_usec; /* when one was last tried out, with success … */
        uint64_t unverified_usec; /* … and when it was tried and found bad; 0: not since then */
} BackupStatus;

/*
 * Reads NAME.status below dir_fd. -ENOENT: there was never a backup. Unknown keys are passed over.
 */
int backup_status_read(int dir_fd, const char *agent, BackupStatus *ret);
/* Replaces it, on the disk when it returns. */
int backup_status_write(int dir_fd, const char *agent, const BackupStatus *s);
