/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The system calls behind file-at.h. The directory may be the agent's own: no link is followed in
 * it, and nothing blocks on what is no file.
 */

#include <fcntl.h>
#include <sys/file.h>

#include "base/fsat.h"
#include "file-at.h"

#define OPEN_FLAGS (O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
#define OPEN_MODE  0640

typedef struct ErrorRow {
        int error;
        const char *text;
} ErrorRow;

static const ErrorRow error_rows[] = {
        { ENOSPC, "the disk is full; make room" },
        { EDQUOT, "the disk quota is used up; raise it or make room" },
        { EFBIG, "a file may not get that large here; lower --max-size=" },
        { EROFS, "the file system is read-only; see ReadWritePaths= or how it is mounted" },
        { ENOENT, "its directory does not exist; make it, and give it to the service's user" },
        { ENOTDIR, "its directory is none" },
        { EACCES, "no permission; give the directory to the service's user" },
        { EPERM, "no permission; see the owner, and lsattr(1)" },
        { ELOOP, "it is a symbolic link; replace it by a file, or name what it points to" },
        { EISDIR, "it is a directory" },
        { EINVAL, "it is no regular file" },
        { ENXIO, "it is no regular file" },
        { EWOULDBLOCK, "another fte-log-tee writes it; give each service a file of its own" },
        { EIO, "the disk has an error; see the kernel's log" },
        { EMFILE, "out of descriptors" },
        { ENFILE, "out of descriptors" },
        { ENOMEM, "out of memory" },
};

const char *file_problem(int error) {
        for (size_t i = 0; i < ARRAY_SIZE(error_rows); i++)
                if (error_rows[i].error == -error)
                        return error_rows[i].text;
        return strerrordesc_np(-error);
}

/* Two that write and rename one file would tear each other's lines. */
static int lock_file(int fd) {
        return flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK ? -EWOULDBLOCK : 0;
}

int file_open(const LogSettings *s, int *ret_dir_fd, int *ret_fd, struct stat *ret_st) {
        _cleanup_close_ int dir_fd = -EBADF, fd = -EBADF;
        struct stat st;
        int r;

        dir_fd = open(strndupa(s->path, (size_t) (s->name - s->path)),
                      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0)
                return -errno;
        fd = openat(dir_fd, s->name, OPEN_FLAGS, OPEN_MODE);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        r = lock_file(fd);
        if (r < 0)
                return r;
        *ret_dir_fd = TAKE_FD(dir_fd);
        *ret_fd = TAKE_FD(fd);
        *ret_st = st;
        return 0;
}

int file_create(int dir_fd, const char *name) {
        _cleanup_close_ int fd = openat(dir_fd, name, OPEN_FLAGS | O_EXCL, OPEN_MODE);
        int r = fd < 0 ? -errno : lock_file(fd);

        return r < 0 ? r : TAKE_FD(fd);
}

int file_begin(int fd, const struct stat *st, uint64_t limit_bytes, Fill *ret_fill) {
        uint64_t size_bytes = (uint64_t) st->st_size;
        char last;

        if (size_bytes > 0 && size_bytes < limit_bytes &&
            pread(fd, &last, 1, st->st_size - 1) == 1 && last != '\n') {
                if (write(fd, "\n", 1) != 1)
                        return -errno;
                size_bytes++;
        }
        *ret_fill = (Fill){ size_bytes, size_bytes };
        return 0;
}

static int copy_line(int from_fd, const Fill *from, int to_fd, uint64_t *ret_bytes) {
        char buf[512]; /* an open line is short, and the stack is counted */

        *ret_bytes = 0;
        for (uint64_t done = from->line_start; done < from->size_bytes;) {
                ssize_t n = pread(from_fd, buf, sizeof(buf), (off_t) done);
                int r;

                if (n < 0)
                        return -errno;
                if (n == 0)
                        break; /* emptied a moment ago */
                r = fd_write_all(to_fd, buf, (size_t) n);
                if (r < 0)
                        return r;
                done += (uint64_t) n;
                *ret_bytes = done - from->line_start;
        }
        return 0;
}

int file_move_line(int from_fd, Fill *from, int to_fd, Fill *to) {
        uint64_t len;
        int r;

        if (from->size_bytes == from->line_start || !fill_may_move_line(from))
                return 0;
        r = copy_line(from_fd, from, to_fd, &len);
        if (r < 0) {
                if (ftruncate(to_fd, (off_t) to->size_bytes) < 0)
                        return r; /* then half a line stands there, and nothing can be done */
                return r;
        }
        to->size_bytes += len; /* the line goes on: to->line_start stays */
        file_drop_line(from_fd, from);
        return 0;
}

uint64_t file_drop_line(int fd, Fill *fill) {
        uint64_t len = fill->size_bytes - fill->line_start;
        struct stat st;

        /* Somebody may have emptied or continued the file: nothing of theirs, and no hole. */
        if (len == 0 || fstat(fd, &st) < 0 || (uint64_t) st.st_size != fill->size_bytes ||
            ftruncate(fd, (off_t) fill->line_start) < 0)
                return 0;
        fill->size_bytes = fill->line_start;
        return len;
}
