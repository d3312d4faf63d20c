/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Single files of the host, for "ftectl host" (host.h): read whole, replaced whole and durably.
 * Links are replaced, never followed, where the last part of a path is one.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"

#include "host.h"

#define FILE_BYTES_MAX ((size_t) 4 << 20)

int host_full_path(char *buf, size_t size, const char *root, const char *path) {
        return snprintf(buf, size, "%s%s", root, path) < (int) size ? 0 : -ENAMETOOLONG;
}

int host_make_dir(const char *root, const char *path, unsigned mode) {
        char full[4096];

        if (host_full_path(full, sizeof(full), root, path) < 0)
                return -ENAMETOOLONG;
        return mkdir(full, mode) < 0 && errno != EEXIST ? -errno : 0;
}

static int open_parent(const char *root, const char *path, const char **ret_name) {
        const char *slash = strrchr(path, '/');
        char full[4096];

        if (snprintf(full, sizeof(full), "%s%.*s/", root, (int) (slash - path), path) >=
            (int) sizeof(full))
                return -ENAMETOOLONG;
        *ret_name = slash + 1;
        return fsat_open_dir(AT_FDCWD, full);
}

static int give_attributes(int fd, const char *name, const struct stat *st) {
        const struct timespec times[2] = { st->st_atim, st->st_mtim };

        if (fchownat(fd, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
            fchmodat(fd, name, st->st_mode & 07777, 0) < 0 ||
            utimensat(fd, name, times, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        return 0;
}

int host_replace(const char *root, const char *path, const HostContent *c) {
        _cleanup_close_ int fd = -EBADF;
        const char *name;
        char part[300];
        int r = fd = open_parent(root, path, &name);

        if (r < 0)
                return r;
        snprintf(part, sizeof(part), ".%s.fte-new", name);
        r = fsat_create(fd, part,
                        &(FsatContent){ c->data, c->len, c->like ? 0600 : 0644, .sync = true });
        if (r == 0 && c->like)
                r = give_attributes(fd, part, c->like);
        if (r == 0 && renameat(fd, part, fd, name) < 0)
                r = -errno;
        if (r < 0)
                (void) unlinkat(fd, part, 0);
        else if (fsync(fd) < 0)
                r = -errno;
        return r;
}

static int remove_file(const char *root, const char *path) {
        const char *name;
        _cleanup_close_ int fd = open_parent(root, path, &name);
        char part[300];

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        /* Of somebody who was killed while he replaced it. */
        snprintf(part, sizeof(part), ".%s.fte-new", name);
        (void) unlinkat(fd, part, 0);
        if (unlinkat(fd, name, 0) < 0 && errno != ENOENT)
                return -errno;
        return fsync(fd) < 0 ? -errno : 0;
}

int host_write(const char *root, const char *path, const char *text) {
        if (!text)
                return remove_file(root, path);
        return host_replace(root, path, &(HostContent){ text, strlen(text), NULL });
}

ssize_t host_read_whole(const char *root, const char *path, char **ret) {
        _cleanup_free_ char *buf = malloc(FILE_BYTES_MAX);
        char full[4096];
        ssize_t n = buf ? host_full_path(full, sizeof(full), root, path) : -ENOMEM;

        if (n == 0)
                n = fsat_read(AT_FDCWD, full, buf, FILE_BYTES_MAX);
        if (n >= 0)
                *ret = TAKE_PTR(buf);
        return n;
}

const char *host_read(const char *root, const char *path, Arena *arena) {
        _cleanup_free_ char *buf = NULL;
        ssize_t n = host_read_whole(root, path, &buf);

        return n < 0 ? NULL : arena_strndup(arena, buf, (size_t) n);
}

int host_lock(const char *root) {
        char full[4096];
        int fd, r = host_make_dir(root, "/var/lib/fte", 0755);

        if (r == 0)
                r = host_make_dir(root, HOST_DIR, 0700);
        if (r == 0)
                r = host_full_path(full, sizeof(full), root, HOST_DIR "/lock");
        if (r < 0)
                return r;
        fd = open(full, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        r = fsat_lock(fd, 0);
        if (r < 0)
                close(fd);
        return r < 0 ? r : fd;
}
