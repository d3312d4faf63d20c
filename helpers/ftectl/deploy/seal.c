/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a build has left becomes root's: owner, modes, no set-user-ID bits, nothing but files,
 * directories and links. The build's processes are gone by now and the way to the tree is closed to
 * everybody else, so nothing changes meanwhile; still no link is followed.
 */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "store.h"

#define SEAL_DEPTH_MAX 300

typedef struct Seal {
        uint64_t bytes, files;
        uid_t uid;
        gid_t gid;
} Seal;

static int seal_dir(Seal *s, int fd, unsigned depth);

/* The mode first: a file of root's never has a bit that somebody else has set. */
static int take_over(const Seal *s, int fd, mode_t mode) {
        if (fchmod(fd, mode) < 0 || fchown(fd, s->uid, s->gid) < 0)
                return -errno;
        return 0;
}

static int seal_file(Seal *s, int dir_fd, const char *name) {
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        s->bytes += (uint64_t) st.st_blocks * 512;
        return take_over(s, fd, st.st_mode & 0111 ? 0755 : 0644);
}

static int seal_entry(Seal *s, int dir_fd, const char *name, unsigned depth) {
        struct stat st;
        int fd, r;

        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        s->files++;
        if (S_ISREG(st.st_mode))
                return seal_file(s, dir_fd, name);
        if (S_ISLNK(st.st_mode))
                return fchownat(dir_fd, name, s->uid, s->gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
        if (!S_ISDIR(st.st_mode)) /* a socket or a fifo that a program of the build has left */
                return unlinkat(dir_fd, name, 0) < 0 ? -errno : 0;
        if (depth > SEAL_DEPTH_MAX)
                return -ELOOP;
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = take_over(s, fd, 0755);
        if (r == 0)
                return seal_dir(s, fd, depth + 1);
        close(fd);
        return r;
}

static int seal_dir(Seal *s, int fd, unsigned depth) {
        DIR *dir = fdopendir(fd);
        struct dirent *d;
        int r = 0;

        if (!dir) {
                r = -errno;
                close(fd);
                return r;
        }
        while (r == 0 && (errno = 0, d = readdir(dir)))
                if (!streq(d->d_name, ".") && !streq(d->d_name, ".."))
                        r = seal_entry(s, dirfd(dir), d->d_name, depth);
        if (r == 0 && errno != 0)
                r = -errno;
        closedir(dir);
        return r;
}

int seal_tree(int dir_fd, const char *name, uint64_t *ret_bytes, uint64_t *ret_files) {
        Seal s = { .uid = geteuid(), .gid = getegid() };
        int r = seal_entry(&s, dir_fd, name, 0);

        if (r < 0)
                return r;
        *ret_bytes = s.bytes;
        *ret_files = s.files - 1;
        return 0;
}
