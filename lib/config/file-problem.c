/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Why a configuration file cannot be read, in words (file-problem.h).
 */

#include <sys/stat.h>

#include "config/file-problem.h"

static const char *kind_problem(mode_t mode) {
        switch (mode & S_IFMT) {
        case S_IFREG:
                return NULL;
        case S_IFDIR:
                return "is a directory, not a configuration file";
        case S_IFIFO:
                return "is a fifo, not a configuration file";
        case S_IFSOCK:
                return "is a socket, not a configuration file";
        default:
                return "is a device, not a configuration file";
        }
}

const char *file_odd_kind_problem(int dir_fd, const char *path) {
        struct stat st;

        if (fstatat(dir_fd, path, &st, 0) == 0)
                return kind_problem(st.st_mode);
        if (errno == ENOENT)
                return "is a link to a file that does not exist";
        return errno == ELOOP ? "is a link that leads to itself" : strerror(errno);
}

const char *file_read_problem(ssize_t error) {
        if (error == -EFBIG)
                return "is larger than 64 KiB; configuration files are short";
        if (error == -EACCES || error == -EPERM)
                return "cannot be read: permission denied";
        return strerror((int) -error);
}
