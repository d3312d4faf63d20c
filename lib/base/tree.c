/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * tree.h. Goes down one directory descriptor at a time.
 */

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/fsat.h"
#include "base/tree.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define DEPTH_MAX 64 /* a descriptor each */

/* With O_DIRECTORY the kernel says of a link only that it is no directory. */
static int open_dir(int dir_fd, const char *name) {
        int fd = openat(dir_fd, name, DIR_FLAGS), error = errno;
        struct stat st;

        if (fd >= 0)
                return fd;
        if (error == ENOTDIR && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISLNK(st.st_mode))
                return -ELOOP;
        return -error;
}

int tree_open_dir(int dir_fd, const char *name, unsigned mode) {
        if (mkdirat(dir_fd, name, mode) < 0 && errno != EEXIST)
                return -errno;
        return open_dir(dir_fd, name);
}

int tree_make_parents(int dir_fd, const char *path) {
        char part[4096];

        for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                size_t n = (size_t) (slash - path);
                int r;

                if (n >= sizeof(part))
                        return -ENAMETOOLONG;
                if (n == 0)
                        continue;
                memcpy(part, path, n);
                part[n] = 0;
                r = fsat_mkdir(dir_fd, part);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* ---- removing ---- */

typedef struct Removal {
        int top_fd;
        unsigned long n_moved; /* directories that were too deep, and are in top_fd now */
} Removal;

/* -EXDEV: a mount, also of the same file system where the kernel knows openat2(2). */
static int open_here(int dir_fd, const char *name) {
        const struct open_how how = { .flags = DIR_FLAGS, .resolve = RESOLVE_NO_XDEV };
        int fd = (int) syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
        struct stat parent, st;

        if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
                return fd < 0 ? -errno : fd;
        fd = open_dir(dir_fd, name);
        if (fd < 0 || (fstat(dir_fd, &parent) == 0 && fstat(fd, &st) == 0 &&
                       st.st_dev == parent.st_dev))
                return fd;
        close(fd);
        return -EXDEV;
}

/* A level takes a descriptor, and somebody may have dug without end: what is deep goes on top. */
static int move_up(Removal *m, int dir_fd, const char *name) {
        char to[32];

        for (;;) {
                snprintf(to, sizeof(to), ".deep-%lu", m->n_moved++);
                if (renameat2(dir_fd, name, m->top_fd, to, RENAME_NOREPLACE) == 0)
                        return 0;
                if (errno != EEXIST)
                        return -errno;
        }
}

static int remove_below(Removal *m, int dir_fd, const char *name, unsigned depth);

/* Takes fd over. */
static int remove_entries(Removal *m, int fd, unsigned depth) {
        DIR *dir = fdopendir(fd);
        struct dirent *entry;
        int r = 0;

        if (!dir) {
                r = -errno;
                close(fd);
                return r;
        }
        while (r >= 0 && (errno = 0, entry = readdir(dir)))
                if (!streq(entry->d_name, ".") && !streq(entry->d_name, ".."))
                        r = remove_below(m, dirfd(dir), entry->d_name, depth + 1);
        if (r >= 0 && !entry && errno != 0)
                r = -errno;
        closedir(dir);
        return r;
}

static int remove_below(Removal *m, int dir_fd, const char *name, unsigned depth) {
        int fd, r;

        if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        if (unlinkat(dir_fd, name, AT_REMOVEDIR) == 0)
                return 0;
        if (depth > DEPTH_MAX)
                return move_up(m, dir_fd, name);
        fd = open_here(dir_fd, name);
        if (fd < 0)
                return fd;
        r = remove_entries(m, fd, depth);
        if (r < 0)
                return r;
        return unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

/* Until nothing was moved up any more. */
static int remove_all_entries(int top_fd) {
        Removal m = { .top_fd = top_fd };
        unsigned long before;
        int r;

        do {
                int fd = openat(top_fd, ".", DIR_FLAGS);

                before = m.n_moved;
                r = fd < 0 ? -errno : remove_entries(&m, fd, 0);
        } while (r >= 0 && m.n_moved > before);
        return r;
}

int tree_remove(int dir_fd, const char *name) {
        _cleanup_close_ int top_fd = -EBADF;
        int r;

        if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        top_fd = open_here(dir_fd, name);
        if (top_fd < 0)
                return top_fd;
        r = remove_all_entries(top_fd);
        if (r < 0)
                return r;
        return unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}
