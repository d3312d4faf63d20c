/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The releases of an agent on the disk: /opt/NAME/releases/ID, complete and of root; the links
 * current and previous beside them; and what is known of each in /var/lib/fte/deploys/NAME. Each
 * step leaves what was there before or what is there after it, also when the power goes.
 */

#include "base/arena.h"
#include "base/macro.h"
#include "base/releases.h"

#define RELEASE_ID_BYTES 40      /* "20261124T150312Z-0123456789ab", and NUL */
#define WORK_NAME        ".work" /* in releases, of root alone: the source and the tree */

typedef enum ReleaseState {
        RELEASE_BUILT, /* it never ran, or the deployment was interrupted before that was known */
        RELEASE_WELL,
        RELEASE_FAILED,
        _RELEASE_STATE_MAX,
} ReleaseState;

typedef struct Release {
        char id[RELEASE_ID_BYTES];
        ReleaseState state;
        uint64_t time_usec;         /* CLOCK_REALTIME, when its deployment began */
        uint64_t bytes, files;      /* of the tree; 0 unknown */
        const char *source, *cause; /* where it came from; why it failed; "" */
        const char *sha256;         /* of the source */
        bool is_current, is_previous;
} Release;

typedef struct Store {
        const char *root, *name;
        const char *problem_path;             /* what a failure of store_open() is about */
        const char *problem;                  /* a sentence about that, or NULL: it is the errno */
        int home_fd, releases_fd, records_fd; /* -EBADF while they are missing */
        Arena arena;
} Store;

#define STORE_CLOSED ((Store){ .home_fd = -EBADF, .releases_fd = -EBADF, .records_fd = -EBADF })

/*
 * Opens what there is; with make, all of it. Nobody but root may be able to change what is in the
 * way of root's code: -EPERM, with s->problem.
 */
int store_open(Store *s, const char *root, const char *name, bool make);
void store_close(Store *s);

bool release_id_is_valid(const char *id);
const char *release_state_to_string(ReleaseState state);

/* Where a link leads: 1; 0 and "" when it is not there. -EEXIST: there is something else. */
int store_link(const Store *s, const char *link, char ret_id[static RELEASE_ID_BYTES]);
/* Makes it lead to id, "": removes it. It is on the disk when this returns. */
int store_set_link(const Store *s, const char *link, const char *id);

/* All releases, newest first, in the arena. Returns their number. */
int store_list(Store *s, Release **ret);
/* One of them; -ENOENT. */
int store_find(Store *s, const char *id, Release *ret);
bool store_has(const Store *s, const char *id);

/* What is known of it; it is on the disk when this returns. */
int store_write_record(const Store *s, const Release *r);

/* Removes what interrupted deployments left, and makes an empty WORK_NAME with tree/ in it. */
int store_begin(Store *s);
int store_clean(Store *s);
/*
 * The tree of WORK_NAME becomes the release: everything in it of root, readable by all, on the
 * disk, then renamed. Fills r->bytes and r->files. -EEXIST, -ENOSPC … ; -ELOOP: it is too deep.
 */
int store_take_over(Store *s, Release *r);
int store_remove(Store *s, const char *id);
/*
 * Removes the oldest but keep, never the current or the previous one. Of those that failed all but
 * the newest go, and that one when there is a newer one that runs. Their number.
 */
int store_prune(Store *s, uint64_t keep);

/* seal.c: all below name in dir_fd. */
int seal_tree(int dir_fd, const char *name, uint64_t *ret_bytes, uint64_t *ret_files);
