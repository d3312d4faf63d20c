/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The env file of an agent on the disk: read, and replaced whole while no other ftectl does. The
 * directory is opened once, and all that follows is relative to it.
 */

#include <sys/stat.h>

#include "base/env-file.h"
#include "base/trusted-dir.h"

typedef struct EnvStore {
        const char *root, *path; /* the path is below the root */
        TrustedDir dir;          /* closed: there is none */
        int lock_fd;
        char *text; /* of the file, "" when there is none; wiped at the end */
        size_t len;
        struct stat st; /* st_mode 0: there is no file */
} EnvStore;

#define ENV_STORE_CLOSED ((EnvStore){ .dir = { .fd = -EBADF }, .lock_fd = -EBADF })

/* Opens and reads. A missing file or directory is as an empty one. Says what is wrong. */
int env_store_read(EnvStore *s);

/* Refuses, with a message, a directory in which others could put something else. */
int env_store_check(const EnvStore *s);

/*
 * Opens, locks and reads: what is then in s->text stays true until env_store_done(). Makes the
 * directory when it is missing. Waits for another ftectl, which takes no longer than to write a
 * file.
 */
int env_store_lock(EnvStore *s);

/* Between these two: the file whole or not at all, 0600, and still the user's whose it was. */
int env_store_replace(EnvStore *s, const StrBuf *text);

/* Unlocks, closes, wipes; s may be used again. */
void env_store_done(EnvStore *s);
