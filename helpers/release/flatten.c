/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * unpack_flatten() of unpack.h: archives have one directory around all, named after a version or a
 * commit, and a release has not. Renames within the directory, whatever the archive was.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "unpack.h"

static DIR *open_entries(int dir_fd, const char *name) {
        int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);

        if (!dir && fd >= 0)
                close(fd);
        return dir;
}

static bool is_entry(const struct dirent *d) {
        return !streq(d->d_name, ".") && !streq(d->d_name, "..");
}

/* The one directory's name, in name; false: there are more, or it is a file. */
static bool find_only(int dir_fd, char name[static NAME_MAX + 1]) {
        DIR *dir = open_entries(dir_fd, ".");
        struct dirent *d;
        struct stat st;
        unsigned n = 0;

        while (dir && n < 2 && (d = readdir(dir)))
                if (is_entry(d) && n++ == 0)
                        snprintf(name, NAME_MAX + 1, "%s", d->d_name);
        if (dir)
                closedir(dir);
        return n == 1 && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISDIR(st.st_mode);
}

#define AROUND ".fte-around" /* one of the entries may be called as the directory is */

int unpack_flatten(int dir_fd) {
        char name[NAME_MAX + 1];
        struct dirent *d;
        int r = 0;
        DIR *dir;

        if (!find_only(dir_fd, name))
                return 0;
        if (renameat(dir_fd, name, dir_fd, AROUND) < 0 || !(dir = open_entries(dir_fd, AROUND)))
                return -errno;
        while (r == 0 && (d = readdir(dir)))
                if (is_entry(d) && renameat(dirfd(dir), d->d_name, dir_fd, d->d_name) < 0)
                        r = -errno;
        closedir(dir);
        return r == 0 && unlinkat(dir_fd, AROUND, AT_REMOVEDIR) < 0 ? -errno : r;
}
