/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What fte-users.service is to make, collected while the agents are rendered: accounts, and the log
 * directories with the access to them.
 */

#include "base/strbuf.h"

typedef struct UserRequest {
        const char *name;  /* of the user, or of the group; lives as long as the plan */
        const char *agent; /* whose home it gets; NULL: a group */
        uint64_t uid;      /* or UID_UNSET */
} UserRequest;

struct Users {
        UserRequest *items;
        size_t n, size;
        StrBuf log_access; /* StandardInputText= lines for systemd-tmpfiles */
};

/* A request that gives that UID to another user, or another UID to that user; or NULL. */
const UserRequest *users_find_conflict(const struct Users *u, uint64_t uid, const char *name);

static inline void users_done(struct Users *u) {
        free(u->items);
        strbuf_done(&u->log_access);
}
