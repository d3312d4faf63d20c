/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * aside.h. A tmpfs covers the directory; what is to stay in it is bound there from below, by a
 * descriptor that was opened before the cover was put on.
 */

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "host/aside.h"

static bool stays(const AsideDir *d, const char *name) {
        if (streq(name, ".") || streq(name, "..") || (d->except && streq(d->except, name)))
                return false;
        for (const char *const *k = d->keep; k && *k; k++)
                if (streq(*k, name))
                        return true;
        return !d->keep;
}

/* Relative links still lead where they did: the place in the tree is the same. */
static int keep_link(int from_fd, int to_fd, const char *name) {
        char target[4096];
        ssize_t n = readlinkat(from_fd, name, target, sizeof(target) - 1);

        if (n < 0)
                return -errno;
        target[n] = 0;
        return symlinkat(target, to_fd, name) < 0 ? -errno : 0;
}

static int keep_entry(int from_fd, int to_fd, const char *name) {
        char from[300], to[300];
        struct stat st;
        int r = 0;

        if (fstatat(from_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (S_ISLNK(st.st_mode))
                return keep_link(from_fd, to_fd, name);
        if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
                return 0; /* sockets and pipes are no configuration */
        if (S_ISDIR(st.st_mode))
                r = mkdirat(to_fd, name, 0700);
        else {
                r = openat(to_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
                if (r >= 0)
                        r = close(r);
        }
        if (r < 0)
                return -errno;
        snprintf(from, sizeof(from), "/proc/self/fd/%d/%s", from_fd, name);
        snprintf(to, sizeof(to), "/proc/self/fd/%d/%s", to_fd, name);
        return mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
}

static int keep_entries(const AsideDir *d, int from_fd, int to_fd) {
        int copy = fcntl(from_fd, F_DUPFD_CLOEXEC, 3), r = 0;
        DIR *dir = copy < 0 ? NULL : fdopendir(copy);

        if (!dir) {
                r = -errno;
                closep(&copy);
                return r;
        }
        for (struct dirent *e; r == 0 && (e = readdir(dir));)
                if (stays(d, e->d_name))
                        r = keep_entry(from_fd, to_fd, e->d_name);
        closedir(dir);
        return r;
}

static int cover(const char *root, const AsideDir *d) {
        _cleanup_close_ int from_fd = -EBADF, to_fd = -EBADF;
        char path[4096], options[32];
        struct stat st;

        if (snprintf(path, sizeof(path), "%s%s", root, d->path) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        from_fd = fsat_open_dir(AT_FDCWD, path);
        if (from_fd < 0)
                return from_fd;
        if (fstat(from_fd, &st) < 0)
                return -errno;
        snprintf(options, sizeof(options), "mode=%o", st.st_mode & 07777u);
        if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
                return -errno;
        to_fd = fsat_open_dir(AT_FDCWD, path);
        return to_fd < 0 ? to_fd : keep_entries(d, from_fd, to_fd);
}

int aside_enter(const char *root, const AsideDir *dirs, size_t n, Aside *ret) {
        Aside a = ASIDE_NONE;
        int r = 0;

        a.cwd_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        a.namespace_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
        if (a.cwd_fd < 0 || a.namespace_fd < 0 || unshare(CLONE_NEWNS) < 0) {
                r = -errno;
                closep(&a.cwd_fd);
                closep(&a.namespace_fd);
                return r;
        }
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                r = -errno;
        for (size_t i = 0; i < n && r == 0; i++)
                r = cover(root, &dirs[i]);
        if (r < 0)
                aside_leave(&a);
        else
                *ret = a;
        return r;
}

/* Whatever is done after a failure here would be done to the wrong files. */
void aside_leave(Aside *a) {
        if (a->namespace_fd < 0)
                return;
        if (setns(a->namespace_fd, CLONE_NEWNS) < 0 || fchdir(a->cwd_fd) < 0) {
                static const char text[] = "the view of the files cannot be left again\n";

                (void) fd_write_all(STDERR_FILENO, text, sizeof(text) - 1);
                _exit(EXIT_FAILURE);
        }
        close(a->namespace_fd);
        close(a->cwd_fd);
        *a = ASIDE_NONE;
}
