/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The directory /var/lib/fte-alert, where alerts wait: waiting/ what is to be sent, dead/ what can
 * never be sent as it is, sent/ the last ones that were. A file an alert, names in order of age.
 * Several processes use it at once (hooks, the delivery service, ftectl): a file appears whole or
 * not at all, and spool_lock() is held for what takes more than one step. A claimed alert's file is
 * read-only (0400), which is how hooks know.
 */

#include "alert/alert.h"

#define SPOOL_DIRECTORY "/var/lib/fte-alert"
#define SPOOL_FILES_MAX 10000 /* waiting; then new alerts are refused (-EDQUOT) and only logged */
#define SPOOL_SENT_KEEP 100

typedef enum SpoolBox {
        SPOOL_WAITING,
        SPOOL_DEAD,
        SPOOL_SENT,
        _SPOOL_BOX_MAX,
} SpoolBox;

typedef struct Spool {
        int dir_fd, lock_fd;
        int box_fds[_SPOOL_BOX_MAX];
        unsigned locks;          /* spool_lock() may be called by who holds it already */
        uint64_t lock_wait_usec; /* USEC_INFINITY after spool_open(); a hook must not wait long */
} Spool;

/* Opens path (made, like what is in it, when missing: 0700). Negative errno. */
int spool_open(const char *path, Spool *ret);
void spool_close(Spool *s);

/* An exclusive flock(2), for milliseconds only. -EAGAIN when it is held for longer than we wait. */
int spool_lock(Spool *s);
void spool_unlock(Spool *s);

/*
 * Stores an alert in waiting/, durably (fsync), under a name later than all before it. name gets at
 * most 80 bytes. -EDQUOT when too many wait, -ENOSPC …
 */
int spool_add(Spool *s, const Alert *a, char ret_name[static 80]);

/* The names in a box, oldest first, NULL-terminated, in the arena. */
int spool_list(Spool *s, SpoolBox box, Arena *arena, char ***ret_names);

/* As alert_parse(); -ENOENT when it is gone. */
int spool_read(Spool *s, SpoolBox box, const char *name, Arena *arena, Alert *ret);

/*
 * Replaces an alert's file with what is known now (target states). Atomic; fsync only when sync.
 * -ENOENT when there is none.
 */
int spool_replace(Spool *s, SpoolBox box, const char *name, const Alert *a, bool sync);

/*
 * Reads a waiting alert for sending. From here on a hook no longer adds to it or takes it back (it
 * makes a new one instead). Holds the lock itself.
 */
int spool_claim(Spool *s, const char *name, Arena *arena, Alert *ret);

/* 0 while an alert waits and nobody has begun to send it; -EBUSY, -ENOENT. */
int spool_check_unclaimed(Spool *s, const char *name);

/*
 * For hooks, while a waiting alert is not claimed: replaces it (durably), or takes it back. -EBUSY
 * when it is claimed, -ENOENT when it is gone.
 */
int spool_amend(Spool *s, const char *name, const Alert *a);
int spool_withdraw(Spool *s, const char *name);

/* Moves a file from one box to another, under its name. */
int spool_move(Spool *s, SpoolBox from, SpoolBox to, const char *name);

/*
 * Removes the oldest files of a box until at most keep are left, and what a machine that died has
 * left half-written beside the boxes.
 */
int spool_trim(Spool *s, SpoolBox box, size_t keep);
