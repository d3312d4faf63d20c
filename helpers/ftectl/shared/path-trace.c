/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * path-trace.h: a walk by readlinkat(2), a call for each part of the path. Opens nothing.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "path-trace.h"

#define LINKS_MAX 40 /* as the kernel */

static const char *prefix_of(const char *path, const char *const *prefixes) {
        for (; *prefixes; prefixes++)
                if (path_startswith(path, *prefixes))
                        return *prefixes;
        return NULL;
}

static void note_hidden(Trace *t, const char *const *prefixes) {
        if (t->hidden)
                return;
        t->hidden = prefix_of(t->path, prefixes);
        if (t->hidden) {
                strcpy(t->hidden_link, t->link);
                strcpy(t->hidden_target, t->target);
        }
}

/* Appends a part to t->path. */
static int push(Trace *t, const char *part, size_t len) {
        size_t n = strlen(t->path);

        if (n + 1 + len >= sizeof(t->path))
                return -ENAMETOOLONG;
        t->path[n] = '/';
        memcpy(t->path + n + 1, part, len);
        t->path[n + 1 + len] = 0;
        return 0;
}

static void pop(Trace *t) {
        char *slash = strrchr(t->path, '/');

        if (slash)
                *slash = 0;
}

/* Puts a link's target in front of what is left to walk. */
static int follow(Trace *t, const char *target, char *rest) {
        char joined[PATH_MAX];

        if (snprintf(joined, sizeof(joined), "%s%s%s", target, *rest ? "/" : "", rest) >=
            (int) sizeof(joined))
                return -ENAMETOOLONG;
        strcpy(rest, joined);
        strcpy(t->link, t->path);
        strcpy(t->target, target);
        if (*target == '/')
                *t->path = 0;
        else
                pop(t);
        return 0;
}

/* One part of the way; rest (of PATH_MAX bytes) is what follows it. */
static int step(Trace *t, int root_fd, const char *part, size_t len, char *rest) {
        char target[PATH_MAX];
        ssize_t n;
        int r;

        if (len == 0 || (len == 1 && *part == '.'))
                return 0;
        if (len == 2 && part[0] == '.' && part[1] == '.') {
                pop(t);
                return 0;
        }
        r = push(t, part, len);
        if (r < 0)
                return r;
        n = readlinkat(root_fd, t->path + 1, target, sizeof(target) - 1);
        if (n < 0)
                return errno == EINVAL ? 0 : -errno;
        target[n] = 0;
        r = follow(t, target, rest);
        return r < 0 ? r : 1;
}

void path_trace(int root_fd, const char *path, const char *const *prefixes, Trace *ret) {
        char rest[PATH_MAX], part[NAME_MAX + 1];
        unsigned links = 0;

        *ret->path = *ret->link = *ret->target = *ret->hidden_link = *ret->hidden_target = 0;
        ret->hidden = NULL;
        ret->error = strlen(path) < sizeof(rest) ? 0 : -ENAMETOOLONG;
        if (ret->error == 0)
                strcpy(rest, path);
        while (ret->error == 0 && *rest) {
                size_t n = strcspn(rest, "/");
                int r;

                if (n > NAME_MAX) {
                        ret->error = -ENAMETOOLONG;
                        break;
                }
                memcpy(part, rest, n);
                memmove(rest, rest + n + (rest[n] == '/'), strlen(rest + n + (rest[n] == '/')) + 1);
                r = step(ret, root_fd, part, n, rest);
                note_hidden(ret, prefixes);
                if (r < 0)
                        ret->error = r;
                else if (r > 0 && ++links > LINKS_MAX)
                        ret->error = -ELOOP;
        }
}
