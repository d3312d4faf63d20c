/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A view of the host that only this process and its children have: directories of a service's
 * configuration are covered by others in memory, so that "sshd -t" and "nginx -t" judge what would
 * be, in its own place, while everybody else still sees what is. A namespace of mounts: nothing of
 * it is left behind, however this ends.
 */

#include "base/strbuf.h"

typedef struct AsideDir {
        const char *path;        /* of a directory */
        const char *const *keep; /* entries that stay in it, NULL-terminated; NULL: all */
        const char *except;      /* but for this one; NULL: none */
} AsideDir;

typedef struct Aside {
        int namespace_fd, cwd_fd;
} Aside;

#define ASIDE_NONE ((Aside){ -EBADF, -EBADF })

/*
 * Enters a view in which each of n directories can be written to and nobody sees it. What stays in
 * a directory is the original, not a copy: leave it alone. Fails with -EPERM and the like where
 * this is not allowed (a user who is not root, a container without CAP_SYS_ADMIN), and then nothing
 * has changed. For a process with one thread.
 */
int aside_enter(const char *root, const AsideDir *dirs, size_t n, Aside *ret);

/* Back to what everybody sees, and the view is gone. Ends the process if there is no way back. */
void aside_leave(Aside *a);

static inline bool aside_is_entered(const Aside *a) {
        return a->namespace_fd >= 0;
}

#define _cleanup_aside_ _cleanup_(aside_leave)
