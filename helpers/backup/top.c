/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * top.h. Must not log: what a link means is for the caller to say.
 */

#include <limits.h>

#include "top.h"

#define LINKS_MAX 8

/* 1: it is a link, whose target is ret->path now. */
static int follow(Top *ret) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(ret->dir.fd, ret->dir.base, target, sizeof(target) - 1);

        if (n < 0)
                return errno == EINVAL || errno == ENOENT ? 0 : -errno;
        while (n > 1 && target[n - 1] == '/')
                n--;
        target[n] = 0;
        if (!ret->dir.trusted)
                return -EPERM;
        if (*target != '/')
                return -ELOOP;
        trusted_dir_close(&ret->dir);
        strbuf_reset(&ret->path);
        strbuf_add(&ret->path, target);
        return 1;
}

int top_open(int root_fd, const char *path, Top *ret) {
        int r;

        *ret = TOP_CLOSED;
        strbuf_add(&ret->path, path);
        for (unsigned i = 0; i <= LINKS_MAX; i++) {
                r = strbuf_check(&ret->path);
                if (r == 0)
                        r = trusted_dir_open(root_fd, ret->path.text, false, &ret->dir);
                if (r == 0)
                        r = follow(ret);
                if (r <= 0)
                        return r;
        }
        return -ELOOP;
}

void top_close(Top *t) {
        trusted_dir_close(&t->dir);
        strbuf_done(&t->path);
}
