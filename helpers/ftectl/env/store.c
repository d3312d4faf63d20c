/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * env/store.h. The lock is a file beside the env file that only root can open: a lock on the
 * directory could be held by whoever may read it. It is gone when nobody works.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/log.h"

#include "store.h"

#define LOCK_SUFFIX    ".ftectl-lock"
#define LOCK_WAIT_USEC (10 * USEC_PER_SEC)

static int complain(const EnvStore *s, int error) {
        log_line(LOG_ERR, "%s%s: %s", s->root, s->path, strerror(-error));
        return error;
}

/* ---- open and read ---- */

static int refuse_way(const EnvStore *s, int error) {
        int n = (int) s->dir.bad_bytes;

        if (error == -ELOOP)
                log_line(LOG_ERR,
                         "%s%s: there is a link on the way to it: %.*s is a link; write the path "
                         "without links into File=",
                         s->root, s->path, n, s->path);
        else if (error == -EPERM)
                log_line(LOG_ERR,
                         "%s%s: %.*s is missing, and others may write where it would be; keep "
                         "the file in /etc, and correct File=",
                         s->root, s->path, n, s->path);
        else if (error == -EINVAL)
                log_line(LOG_ERR,
                         "%s%s: is no path of a file, or has \"..\" in it; correct File=", s->root,
                         s->path);
        else
                log_line(LOG_ERR, "%s%s: %.*s: %s", s->root, s->path, n, s->path, strerror(-error));
        return error;
}

static int open_dir(EnvStore *s, bool make) {
        _cleanup_close_ int root_fd = fsat_open_dir(AT_FDCWD, *s->root ? s->root : "/");
        int r;

        if (root_fd < 0)
                return complain(s, root_fd);
        r = trusted_dir_open(root_fd, s->path, make, &s->dir);
        if (r == -ENOENT && !make)
                return 0; /* no directory, no file */
        return r < 0 ? refuse_way(s, r) : 0;
}

static int read_text(EnvStore *s) {
        _cleanup_close_ int fd = -EBADF;
        ssize_t n = 0;

        s->text = malloc(ENV_FILE_MAX_BYTES + 2);
        if (!s->text)
                return complain(s, -ENOMEM);
        *s->text = 0;
        fd = s->dir.fd < 0 ? -ENOENT : fsat_open_regular(s->dir.fd, s->dir.base);
        if (fd == -ELOOP) {
                log_line(LOG_ERR, "%s%s: is a link; File= must name the file itself", s->root,
                         s->path);
                return fd;
        }
        if (fd < 0 && fd != -ENOENT)
                return complain(s, fd);
        if (fd >= 0)
                n = fstat(fd, &s->st) < 0 ? -errno
                                          : fsat_read_fd(fd, s->text, ENV_FILE_MAX_BYTES + 2);
        if (n < 0)
                return complain(s, (int) n);
        s->len = (size_t) n;
        return 0;
}

int env_store_read(EnvStore *s) {
        int r = open_dir(s, false);

        return r < 0 ? r : read_text(s);
}

int env_store_check(const EnvStore *s) {
        int n = (int) s->dir.bad_bytes;

        if (s->dir.fd < 0 || s->dir.trusted)
                return 0;
        if (s->path + n + strspn(s->path + n, "/") != s->dir.base)
                log_line(LOG_ERR,
                         "%s%s: others may write into %.*s, and so put another directory in "
                         "its way; keep the file in /etc, and correct File=",
                         s->root, s->path, MAX(n, 1), s->path);
        else
                log_line(LOG_ERR,
                         "%s%s: others may write into its directory; keep the file in /etc, "
                         "and correct File=",
                         s->root, s->path);
        return -EPERM;
}

/* ---- lock ---- */

/* Whether the name still is the file that is locked: who held the lock before has removed it. */
static bool is_current(int dir_fd, const char *name, int fd) {
        struct stat locked, named;

        return fstat(fd, &locked) == 0 && fstatat(dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
               locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

static int lock_name(const EnvStore *s, char *ret) {
        return snprintf(ret, NAME_MAX + 1, "%s" LOCK_SUFFIX, s->dir.base) > NAME_MAX ? -ENAMETOOLONG
                                                                                     : 0;
}

static int lock(EnvStore *s) {
        char name[NAME_MAX + 1];
        int r = lock_name(s, name);

        while (r == 0) {
                _cleanup_close_ int fd =
                        openat(s->dir.fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

                if (fd < 0)
                        return -errno;
                r = fsat_lock(fd, LOCK_WAIT_USEC);
                if (r == 0 && is_current(s->dir.fd, name, fd)) {
                        s->lock_fd = TAKE_FD(fd);
                        return 0;
                }
        }
        return r;
}

static void unlock(EnvStore *s) {
        char name[NAME_MAX + 1];

        if (s->lock_fd < 0)
                return;
        if (lock_name(s, name) == 0)
                (void) unlinkat(s->dir.fd, name, 0); /* before the others may go on */
        closep(&s->lock_fd);
}

int env_store_lock(EnvStore *s) {
        int r = open_dir(s, true);

        if (r == 0)
                r = env_store_check(s);
        if (r < 0)
                return r;
        r = lock(s);
        if (r == -EAGAIN)
                log_line(LOG_ERR, "%s%s: another ftectl is changing it; try again", s->root,
                         s->path);
        else if (r == 0)
                return read_text(s);
        return r == -EAGAIN ? r : complain(s, r);
}

/* ---- replace ---- */

int env_store_replace(EnvStore *s, const StrBuf *text) {
        const FsatContent content = { text->text, text->len, 0600, true };
        int r, dir_fd = s->dir.fd;
        char temporary[NAME_MAX + 1];

        if (snprintf(temporary, sizeof(temporary), "%s.ftectl-%d", s->dir.base, getpid()) >
            NAME_MAX)
                return complain(s, -ENAMETOOLONG);
        r = fsat_create(dir_fd, temporary, &content);
        if (r < 0)
                return complain(s, r);
        if ((s->st.st_mode && geteuid() == 0 &&
             fchownat(dir_fd, temporary, s->st.st_uid, s->st.st_gid, AT_SYMLINK_NOFOLLOW) < 0) ||
            renameat(dir_fd, temporary, dir_fd, s->dir.base) < 0) {
                r = -errno;
                (void) unlinkat(dir_fd, temporary, 0);
                return complain(s, r);
        }
        return fsync(dir_fd) < 0 ? complain(s, -errno) : 0;
}

void env_store_done(EnvStore *s) {
        const char *root = s->root, *path = s->path;

        unlock(s);
        trusted_dir_close(&s->dir);
        if (s->text)
                explicit_bzero(s->text, s->len);
        free(s->text);
        *s = ENV_STORE_CLOSED;
        s->root = root;
        s->path = path;
}
