/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between backup-run.c and backup-check.c: a backup that is being made.
 */

#include <sys/stat.h>

#include "archive-writer.h"
#include "restic.h"
#include "store.h"

typedef struct Run {
        Job *job;
        Store store;
        Restic restic;
        Writer writer;
        BackupStatus status;
        uint64_t bytes, n_entries; /* of the data, measured before */
        uint64_t n_absent;         /* paths that do not exist */
        struct stat target;        /* what it is written to; st_ino 0: nobody knows */
        bool same_device;          /* and some of the data are on its file system */
        uint64_t target_sum;       /* of its name */
        uint64_t written;
        bool kept_too_many; /* old ones could not be removed */
        uint64_t now_usec;
        char name[STORE_NAME_BYTES];
} Run;

/* As walk(), and logs why not. */
int backup_walk(Run *r, const char *path, const WalkEvents *events, void *userdata);
/*
 * Before anything is written: how much there is, whether it is what it should be, where it should
 * be, and has room. 0; 1: there is nothing to back up, which is fine. Logs.
 */
int backup_check(Run *r);
/* Logs that wanted bytes (0: more) have no room. Returns -ENOSPC. */
int backup_tell_full(Run *r, uint64_t wanted, uint64_t free_bytes);
