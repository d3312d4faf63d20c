/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * trusted-dir.h: one openat(2) a part, so that what is checked is what is used. Must not log, and
 * changes nothing but for the one directory that it may be told to make.
 */

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/trusted-dir.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/*
 * Whether only root and we can change what stands in a directory. In one with the sticky bit, such
 * as /tmp, others cannot replace the directory that follows, whose owner is looked at in its turn;
 * but they can make a file that is not there yet.
 */
static int check(int fd, bool is_last, bool *ret_trusted) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        *ret_trusted = (st.st_uid == 0 || st.st_uid == geteuid()) &&
                       (!(st.st_mode & 022) || (!is_last && (st.st_mode & S_ISVTX)));
        return 0;
}

/* With O_DIRECTORY the kernel says of a link only that it is no directory. */
static int open_part(int dir_fd, const char *part) {
        int fd = openat(dir_fd, part, DIR_FLAGS);
        struct stat st;

        if (fd >= 0)
                return fd;
        if (errno == ENOTDIR && fstatat(dir_fd, part, &st, AT_SYMLINK_NOFOLLOW) == 0)
                return S_ISLNK(st.st_mode) ? -ELOOP : -ENOTDIR;
        return -errno;
}

static int make_part(int dir_fd, const char *part) {
        if (mkdirat(dir_fd, part, 0755) < 0 && errno != EEXIST)
                return -errno;
        return open_part(dir_fd, part);
}

static const char *skip_slashes(const char *p) {
        return p + strspn(p, "/");
}

/* One step from ret->fd into the part of len bytes at p; is_last: behind it stands the file. */
static int step(TrustedDir *ret, const char *p, size_t len, bool make) {
        bool is_last = !strchr(skip_slashes(p + len), '/'), trusted = false;
        char part[NAME_MAX + 1];
        int fd, r;

        if (len > NAME_MAX)
                return -ENAMETOOLONG;
        memcpy(part, p, len);
        part[len] = 0;
        if (streq(part, "."))
                return 0;
        if (streq(part, ".."))
                return -EINVAL;
        fd = open_part(ret->fd, part);
        if (fd == -ENOENT && make && is_last)
                fd = ret->trusted ? make_part(ret->fd, part) : -EPERM;
        if (fd < 0)
                return fd;
        closep(&ret->fd);
        ret->fd = fd;
        r = check(fd, is_last, &trusted);
        if (r < 0 || trusted || !ret->trusted)
                return r;
        ret->trusted = false;
        return 1;
}

static int walk(TrustedDir *ret, const char *path, bool make) {
        const char *p = skip_slashes(path);

        for (;;) {
                size_t len = strcspn(p, "/");
                const char *next = skip_slashes(p + len);
                int r;

                if (!*next) {
                        ret->base = p;
                        return len > 0 && !p[len] && !streq(p, ".") && !streq(p, "..") ? 0
                                                                                       : -EINVAL;
                }
                r = step(ret, p, len, make);
                if (r != 0)
                        ret->bad_bytes = (size_t) (p - path) + len;
                if (r < 0)
                        return r;
                p = next;
        }
}

int trusted_dir_open(int root_fd, const char *path, bool make, TrustedDir *ret) {
        TrustedDir d = TRUSTED_DIR_CLOSED;
        int r;

        *ret = TRUSTED_DIR_CLOSED;
        d.fd = openat(root_fd, ".", DIR_FLAGS);
        if (d.fd < 0)
                return -errno;
        r = check(d.fd, !strchr(skip_slashes(path), '/'), &d.trusted);
        if (r == 0)
                r = walk(&d, path, make);
        if (r < 0)
                trusted_dir_close(&d);
        *ret = d;
        return r;
}
