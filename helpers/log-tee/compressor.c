/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The child of compressor.h. Must never wait for it: the agent's output waits for us.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/detach.h"
#include "compressor.h"
#include "rotated.h"

#define PROGRAM "fte-log-compress"

/* Its exit statuses, and that of a child that could not become it. */
enum { ENDED_WELL = 0, ENDED_TOO_LARGE = 3, ENDED_NOT_RUN = 127 };

/* Beside our own program, which may have been replaced by an upgrade since. */
static void find_program(char path[static PATH_MAX]) {
        ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof(PROGRAM));

        while (n > 0 && path[n - 1] != '/')
                n--;
        strcpy(path + MAX(n, 0), PROGRAM); /* without /proc there is no such file */
}

static void become(int from_fd, int to_fd, uint64_t limit_bytes, pid_t parent) {
        char path[PATH_MAX], limit[64];
        sigset_t none;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(ENDED_NOT_RUN);
        setpriority(PRIO_PROCESS, 0, 19); /* its loading already is not to delay the agent */
        find_program(path);
        snprintf(limit, sizeof(limit), "--max-bytes=%llu", (unsigned long long) limit_bytes);
        if (dup2(from_fd, STDIN_FILENO) < 0 || dup2(to_fd, STDOUT_FILENO) < 0)
                _exit(ENDED_NOT_RUN);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execve(path, (char *[]){ (char *) PROGRAM, limit, NULL }, (char *[]){ NULL });
        _exit(ENDED_NOT_RUN);
}

/*
 * The lock keeps a second tee with the same file away. It may have been opened a moment before the
 * first one renamed it, so it must still have the name.
 */
static int open_temporary(int dir_fd, const char *name, mode_t mode) {
        char file[NAME_MAX + 1];
        struct stat open_st, name_st;
        _cleanup_close_ int fd = -EBADF;

        rotated_temporary(file, name);
        fd = fd_above_stdio(
                openat(dir_fd, file,
                       O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640));
        if (fd < 0)
                return errno == EISDIR || errno == ELOOP || errno == ENXIO ? -EEXIST : -errno;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        if (fstat(fd, &open_st) < 0 || fstatat(dir_fd, file, &name_st, AT_SYMLINK_NOFOLLOW) < 0 ||
            open_st.st_ino != name_st.st_ino)
                return -EAGAIN;
        if (!S_ISREG(open_st.st_mode))
                return -EEXIST;
        if (ftruncate(fd, 0) < 0 || fchmod(fd, mode & 0777) < 0)
                return -errno;
        return TAKE_FD(fd);
}

int compressor_start(Compressor *c, int dir_fd, const char *name, unsigned number,
                     uint64_t room_bytes) {
        _cleanup_close_ int from_fd = -EBADF, to_fd = -EBADF;
        char file[NAME_MAX + 1];
        pid_t parent = getpid(), pid;
        uint64_t limit_bytes;
        struct stat st;

        rotated_name(file, name, number, ROTATED_PLAIN);
        from_fd = fd_above_stdio(rotated_open(dir_fd, file));
        if (from_fd < 0 || fstat(from_fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        limit_bytes = (uint64_t) st.st_size / 2;
        if (limit_bytes > room_bytes)
                return -ENOSPC;
        to_fd = open_temporary(dir_fd, name, st.st_mode);
        if (to_fd < 0)
                return to_fd;
        pid = _Fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                become(from_fd, to_fd, limit_bytes, parent);
        *c = (Compressor){ pid, TAKE_FD(to_fd), st.st_dev, st.st_ino, number, limit_bytes };
        return 0;
}

void compressor_cancel(Compressor *c, int dir_fd, const char *name) {
        char file[NAME_MAX + 1];

        if (c->pid == 0 || c->number == 0)
                return;
        c->number = 0;
        kill(c->pid, SIGKILL);
        rotated_temporary(file, name);
        unlinkat(dir_fd, file, 0);
}

void compressor_renumber(Compressor *c, int dir_fd, const char *name, unsigned gap, unsigned keep) {
        if (c->pid == 0 || c->number == 0)
                return;
        if (c->number >= keep)
                compressor_cancel(c, dir_fd, name); /* its original is gone */
        else if (c->number < gap)
                c->number++;
}

/* Only now may the original go: what was compressed is complete, on the disk, and has its name. */
static int publish(const Compressor *c, int dir_fd, const char *name) {
        char temporary[NAME_MAX + 1], compressed[NAME_MAX + 1], plain[NAME_MAX + 1];
        struct stat st;

        rotated_temporary(temporary, name);
        rotated_name(compressed, name, c->number, ROTATED_ZSTD);
        rotated_name(plain, name, c->number, ROTATED_PLAIN);
        if (fstatat(dir_fd, plain, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_ino != c->ino ||
            st.st_dev != c->dev)
                return 0; /* somebody has moved it */
        if (renameat(dir_fd, temporary, dir_fd, compressed) < 0)
                return -errno;
        rotated_remove(dir_fd, plain);
        return 1;
}

int compressor_ended(Compressor *c, int status, int dir_fd, const char *name) {
        unsigned number = c->number;
        char file[NAME_MAX + 1];
        int r = 0;

        if (number > 0 && WIFEXITED(status)) {
                switch (WEXITSTATUS(status)) {
                case ENDED_WELL:
                        r = publish(c, dir_fd, name);
                        break;
                case ENDED_TOO_LARGE:
                        r = -EFBIG;
                        break;
                case ENDED_NOT_RUN:
                        r = -ENOEXEC;
                        break;
                default:
                        r = -EIO;
                }
        }
        if (number > 0 && r <= 0) {
                rotated_temporary(file, name);
                unlinkat(dir_fd, file, 0);
        }
        close(c->temporary_fd);
        *c = (Compressor){ .temporary_fd = -EBADF };
        return r;
}
