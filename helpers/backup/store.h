/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The directory of an agent's archives: TARGET/NAME/NAME-TIME.tar.zst, of root alone. An archive
 * has its name only when it is whole and on the disk.
 */

#include "base/strbuf.h"

#include "job.h"

#define STORE_NAME_BYTES 160       /* NAME@INST has at most 96 */
#define STORE_SCRATCH    ".verify" /* where backups are tried out */

typedef struct StoreEntry {
        char name[STORE_NAME_BYTES];
        uint64_t bytes;
} StoreEntry;

typedef struct StoreList {
        StoreEntry *entries; /* oldest first */
        size_t n, size;
} StoreList;

typedef struct Store {
        int fd;
        const char *agent;
        StrBuf path;             /* of the directory, for messages */
        uint64_t room_countdown; /* bytes until the free space is looked at again */
        char part[STORE_NAME_BYTES + 8];
        int part_fd;
} Store;

#define STORE_CLOSED ((Store){ .fd = -EBADF, .part_fd = -EBADF })

/* make: the directory is made when it is missing. Logs. -ENOENT without make, not logged. */
int store_open(Store *s, const Job *j, bool make);
void store_close(Store *s);

int store_list(const Store *s, StoreList *ret);
void store_list_done(StoreList *l);
bool store_name_is_good(const char *agent, const char *name);

/* 0: bytes more fit, with the reserve left. -ENOSPC; *ret_free (or NULL) is what could be used. */
int store_room(const Store *s, uint64_t bytes, uint64_t *ret_free);

/* A new archive: begin, write, commit; whatever is not committed is gone by store_close(). */
int store_begin(Store *s);
int store_write(Store *s, const void *data, size_t len);
int store_commit(Store *s, uint64_t time_usec, char name[static STORE_NAME_BYTES]);

/* Whether an archive's name says that it was made after that moment. */
bool store_is_later(const Store *s, const char *name, uint64_t time_usec);

/*
 * Removes the oldest that are more than keep, never the one named except, nor those of the moment
 * keep_usec (0: none).
 */
int store_prune(const Store *s, uint64_t keep, const char *except, uint64_t keep_usec);
