/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The way to a file that a privileged program reads or replaces by a path somebody configured. Who
 * owns a directory on that way can put a link or another directory in its place, so each part is
 * opened by itself, no link is followed, and the owners of all of them are looked at.
 */

#include "base/macro.h"

#include <sys/types.h>

typedef struct TrustedDir {
        int fd;           /* of the directory that holds the last part; -EBADF when it failed */
        const char *base; /* the last part, in the path that was given */
        /*
         * The bytes of that path up to the first directory in which others could have put what
         * follows, or with an error up to the part that it is about; 0 stands for the root itself.
         */
        size_t bad_bytes;
        bool trusted; /* nobody but root and ourselves can change what the path leads to */
} TrustedDir;

#define TRUSTED_DIR_CLOSED ((TrustedDir){ .fd = -EBADF })

/*
 * Walks path below root_fd to the directory of its last part. make: that directory itself is made,
 * with mode 0755, when it is missing; -EPERM when the way to it is not trusted. -ELOOP: a part is a
 * link; -EINVAL: a part is "..", or there is none; -ENOENT, -ENOTDIR … of the system. What others
 * may write is no error here, for reading may be harmless: ask ret->trusted.
 */
int trusted_dir_open(int root_fd, const char *path, bool make, TrustedDir *ret);

static inline void trusted_dir_close(TrustedDir *d) {
        closep(&d->fd);
        d->fd = -EBADF;
}
