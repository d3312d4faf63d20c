/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * tree.h. Goes down one directory descriptor at a time.
 */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/tree.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define DEPTH_MAX 400 /* a descriptor each; a build of a release may leave deep ones */

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

static int remove_below(int dir_fd, const char *name, unsigned depth);

static int remove_entries(int fd, unsigned depth) {
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
                        r = remove_below(dirfd(dir), entry->d_name, depth + 1);
        if (r >= 0 && errno != 0)
                r = -errno;
        closedir(dir);
        return r;
}

static int remove_below(int dir_fd, const char *name, unsigned depth) {
        int fd, r;

        if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        if (depth > DEPTH_MAX)
                return -ELOOP;
        fd = open_dir(dir_fd, name);
        if (fd < 0)
                return fd;
        r = remove_entries(fd, depth);
        if (r < 0)
                return r;
        return unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int tree_remove(int dir_fd, const char *name) {
        return remove_below(dir_fd, name, 0);
}
