/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The calls of fsat.h, each a thin layer over the *at() system calls. Must not log and must not
 * choose names: callers own both.
 */

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/fsat.h"

static ssize_t read_all(int fd, char *buf, size_t size_bytes) {
        size_t len = 0;

        for (;;) {
                size_t want = size_bytes - len;
                ssize_t n = read(fd, buf + len, want);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                len += (size_t) n;
                if (len == size_bytes)
                        return -EFBIG;
                if ((size_t) n < want)
                        return (ssize_t) len; /* short on a regular file: its end */
        }
}

ssize_t fsat_read_fd(int fd, char *buf, size_t size_bytes) {
        ssize_t n = read_all(fd, buf, size_bytes);

        if (n >= 0)
                buf[n] = 0;
        return n;
}

ssize_t fsat_read(int dir_fd, const char *path, char *buf, size_t size_bytes) {
        _cleanup_close_ int fd = -EBADF;

        fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        return fd < 0 ? -errno : fsat_read_fd(fd, buf, size_bytes);
}

int fsat_open_regular(int dir_fd, const char *path) {
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        fd = openat(dir_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        return S_ISREG(st.st_mode) ? TAKE_FD(fd) : -EINVAL;
}

int fd_write_all(int fd, const char *data, size_t len) {
        while (len > 0) {
                ssize_t n = write(fd, data, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                len -= (size_t) n;
        }
        return 0;
}

int fsat_write(int dir_fd, const char *path, const char *data, size_t len) {
        int fd, r;

        fd = openat(dir_fd, path,
                    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                    0644);
        if (fd < 0)
                return -errno;
        r = fd_write_all(fd, data, len);
        if (r == 0)
                return fd;
        close(fd);
        (void) unlinkat(dir_fd, path, 0);
        return r;
}

int fsat_create(int dir_fd, const char *path, const FsatContent *content) {
        int fd, r;

        if (unlinkat(dir_fd, path, 0) < 0 && errno != ENOENT)
                return -errno;
        fd = openat(dir_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        r = fd_write_all(fd, content->data, content->len);
        if (r == 0 && fchmod(fd, content->mode) < 0)
                r = -errno;
        if (r == 0 && content->sync && fsync(fd) < 0)
                r = -errno;
        if (close(fd) < 0 && r == 0)
                r = -errno;
        if (r < 0)
                (void) unlinkat(dir_fd, path, 0);
        return r;
}

int fsat_symlink(const char *target, int dir_fd, const char *path) {
        if (symlinkat(target, dir_fd, path) == 0)
                return 0;
        if (errno != EEXIST)
                return -errno;
        if (unlinkat(dir_fd, path, 0) < 0 || symlinkat(target, dir_fd, path) < 0)
                return -errno;
        return 0;
}

int fsat_mkdir(int dir_fd, const char *path) {
        struct stat st;

        if (mkdirat(dir_fd, path, 0755) == 0)
                return 0;
        if (errno != EEXIST)
                return -errno;
        if (fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int fsat_lock(int fd, uint64_t wait_usec) {
        const struct timespec pause = { .tv_nsec = 1000 * 1000 };
        bool forever = wait_usec == USEC_INFINITY;

        for (uint64_t waited_usec = 0;; waited_usec += USEC_PER_MSEC) {
                if (flock(fd, LOCK_EX | (forever ? 0 : LOCK_NB)) == 0)
                        return 0;
                if (errno == EINTR)
                        continue;
                if (errno != EWOULDBLOCK || waited_usec >= wait_usec)
                        return -errno;
                nanosleep(&pause, NULL);
        }
}

bool fsat_is_mask(int dir_fd, const char *path) {
        char target[sizeof("/dev/null")];
        ssize_t n = readlinkat(dir_fd, path, target, sizeof(target));

        return n == (ssize_t) strlen("/dev/null") && memcmp(target, "/dev/null", (size_t) n) == 0;
}

int fsat_open_dir(int dir_fd, const char *path) {
        int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}
