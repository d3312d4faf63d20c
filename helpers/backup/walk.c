/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The walk of walk.h: openat(2) from directory to directory. One descriptor a level.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>

#include "top.h"
#include "walk.h"

#define PATH_BYTES_MAX (PATH_MAX - 16) /* what is deeper could not be restored by its name */

typedef struct Walk {
        const WalkEvents *events;
        void *userdata;
        dev_t device;
        StrBuf path;
} Walk;

static int visit(Walk *w, int dir_fd, const char *name);

/* Takes fd over. */
static int visit_children(Walk *w, int fd) {
        DIR *dir = fdopendir(fd);
        size_t len = w->path.len;
        struct dirent *d = NULL;
        int r = 0;

        if (!dir) {
                close(fd);
                return -ENOMEM;
        }
        while (r == 0 && (errno = 0, d = readdir(dir))) {
                if (streq(d->d_name, ".") || streq(d->d_name, ".."))
                        continue;
                strbuf_addc(&w->path, '/');
                strbuf_add(&w->path, d->d_name);
                r = strbuf_check(&w->path);
                if (r == 0)
                        r = visit(w, dirfd(dir), d->d_name);
                w->path.len = len;
                w->path.text[len] = 0;
        }
        if (r == 0 && !d && errno != 0)
                w->events->skipped(w->userdata, w->path.text, WALK_UNREADABLE, errno);
        closedir(dir);
        return r;
}

/* 0: e->fd is open, or needs not be; 1: it has been told, or has vanished. */
static int open_entry(Walk *w, WalkEntry *e) {
        int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
                    (S_ISDIR(e->st.st_mode) ? O_DIRECTORY : 0);

        if (S_ISLNK(e->st.st_mode))
                return 0;
        if (!S_ISREG(e->st.st_mode) && !S_ISDIR(e->st.st_mode)) {
                w->events->skipped(w->userdata, e->path, WALK_OTHER_KIND, 0);
                return 1;
        }
        e->fd = openat(e->dir_fd, e->name, flags);
        if (e->fd >= 0 && fstat(e->fd, &e->st) == 0 &&
            (S_ISREG(e->st.st_mode) || S_ISDIR(e->st.st_mode)))
                return 0;
        if (e->fd < 0 && errno != ENOENT)
                w->events->skipped(w->userdata, e->path, WALK_UNREADABLE, errno);
        return 1;
}

static int visit_open(Walk *w, WalkEntry *e) {
        int r;

        if (e->st.st_dev != w->device) {
                w->events->skipped(w->userdata, e->path, WALK_OTHER_DEVICE, 0);
                return 0;
        }
        r = w->events->entry(w->userdata, e);
        if (r < 0 || !S_ISDIR(e->st.st_mode))
                return MIN(r, 0);
        return visit_children(w, TAKE_FD(e->fd));
}

static int visit(Walk *w, int dir_fd, const char *name) {
        WalkEntry e = { .dir_fd = dir_fd, .name = name, .path = w->path.text, .fd = -EBADF };
        int r;

        if (w->path.len > PATH_BYTES_MAX) {
                w->events->skipped(w->userdata, e.path, WALK_UNREADABLE, ENAMETOOLONG);
                return 0;
        }
        if (fstatat(dir_fd, name, &e.st, AT_SYMLINK_NOFOLLOW) < 0) {
                if (errno != ENOENT)
                        w->events->skipped(w->userdata, e.path, WALK_UNREADABLE, errno);
                return 0;
        }
        r = open_entry(w, &e);
        r = r == 0 ? visit_open(w, &e) : MIN(r, 0);
        closep(&e.fd);
        return r;
}

int walk(int root_fd, const char *path, const WalkEvents *events, void *userdata) {
        Walk w = { .events = events, .userdata = userdata };
        char name[NAME_MAX + 1];
        struct stat st;
        Top top;
        int r = top_open(root_fd, path, &top);

        if (r == 0 && strlen(top.dir.base) > NAME_MAX)
                r = -ENAMETOOLONG;
        if (r == 0 && fstatat(top.dir.fd, top.dir.base, &st, AT_SYMLINK_NOFOLLOW) < 0)
                r = -errno;
        if (r == 0) {
                w.device = st.st_dev;
                strcpy(name, top.dir.base);
                strbuf_add(&w.path, path + strspn(path, "/"));
                r = strbuf_check(&w.path);
                if (r == 0)
                        r = visit(&w, top.dir.fd, name);
        } else if (r == -ENOENT)
                r = 1;
        top_close(&top);
        strbuf_done(&w.path);
        return r;
}
