/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The spool of spool.h. A file is written beside the boxes and renamed into one, so that nobody
 * sees half of it; whatever looks before it acts holds the lock. Must not log, and must not follow
 * a link: everything here belongs to an unprivileged user, and root reads it too. What files are
 * called is in spool-names.c.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "alert/spool-names.h"
#include "base/fsat.h"

#define MODE_WAITING 0600
#define MODE_CLAIMED 0400

static const char *const box_names[_SPOOL_BOX_MAX] = {
        [SPOOL_WAITING] = "waiting",
        [SPOOL_DEAD] = "dead",
        [SPOOL_SENT] = "sent",
};

/* ---- opening ---- */

static int open_private_dir(int dir_fd, const char *path) {
        int fd;

        if (mkdirat(dir_fd, path, 0700) < 0 && errno != EEXIST)
                return -errno;
        fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int open_parts(Spool *s, const char *path) {
        s->dir_fd = open_private_dir(AT_FDCWD, path);
        if (s->dir_fd < 0)
                return s->dir_fd;
        for (int i = 0; i < _SPOOL_BOX_MAX; i++) {
                s->box_fds[i] = open_private_dir(s->dir_fd, box_names[i]);
                if (s->box_fds[i] < 0)
                        return s->box_fds[i];
        }
        s->lock_fd = openat(s->dir_fd, "lock",
                            O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
        return s->lock_fd < 0 ? -errno : 0;
}

int spool_open(const char *path, Spool *ret) {
        Spool s = { .dir_fd = -EBADF,
                    .lock_fd = -EBADF,
                    .box_fds = { -EBADF, -EBADF, -EBADF },
                    .lock_wait_usec = USEC_INFINITY };
        int r = open_parts(&s, path);

        if (r < 0)
                spool_close(&s);
        else
                *ret = s;
        return r;
}

void spool_close(Spool *s) {
        closep(&s->dir_fd);
        closep(&s->lock_fd);
        for (int i = 0; i < _SPOOL_BOX_MAX; i++)
                closep(&s->box_fds[i]);
        *s = (Spool){ .dir_fd = -EBADF, .lock_fd = -EBADF, .box_fds = { -EBADF, -EBADF, -EBADF } };
}

int spool_lock(Spool *s) {
        int r = s->locks > 0 ? 0 : fsat_lock(s->lock_fd, s->lock_wait_usec);

        if (r == 0)
                s->locks++;
        return r;
}

void spool_unlock(Spool *s) {
        if (--s->locks == 0)
                (void) flock(s->lock_fd, LOCK_UN);
}

/* ---- files ---- */

typedef struct Writing {
        const char *temporary; /* beside the boxes */
        mode_t mode;
        bool sync;
} Writing;

static int write_temporary(Spool *s, const Alert *a, const Writing *w) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        alert_format(a, &b);
        if (strbuf_check(&b) < 0)
                return -ENOMEM;
        if (b.len > ALERT_MAX_BYTES)
                return -EFBIG;
        return fsat_create(s->dir_fd, w->temporary,
                           &(FsatContent){ b.text, b.len, w->mode, w->sync });
}

/* Under the lock: puts the temporary in place, or removes it. */
static int publish(Spool *s, SpoolBox box, const char *name, const Writing *w) {
        if (renameat(s->dir_fd, w->temporary, s->box_fds[box], name) < 0) {
                int r = -errno;

                (void) unlinkat(s->dir_fd, w->temporary, 0);
                return r;
        }
        return w->sync && fsync(s->box_fds[box]) < 0 ? -errno : 0;
}

/*
 * The slow part, fsync of the text, is done before the lock is taken. Without the lock the name is
 * no other alert's all the same, for the ID is in it; only the order of two of the same moment is
 * open.
 */
int spool_add(Spool *s, const Alert *a, char ret_name[static 80]) {
        char temporary[16 + ALERT_ID_CHARS], name[80];
        Writing w = { temporary, MODE_WAITING, true };
        bool locked;
        int r;

        snprintf(temporary, sizeof(temporary), SPOOL_TEMPORARY "%s", a->id);
        r = write_temporary(s, a, &w);
        if (r < 0)
                return r;
        locked = spool_lock(s) == 0;
        r = spool_next_name(s, a, name);
        if (r == 0)
                r = publish(s, SPOOL_WAITING, name, &w);
        if (locked)
                spool_unlock(s);
        if (r < 0)
                (void) unlinkat(s->dir_fd, temporary, 0);
        else
                memcpy(ret_name, name, sizeof(name));
        return r;
}

int spool_read(Spool *s, SpoolBox box, const char *name, Arena *arena, Alert *ret) {
        _cleanup_close_ int fd = fsat_open_regular(s->box_fds[box], name);
        _cleanup_free_ char *text = NULL;
        ssize_t n;

        if (fd < 0)
                return fd;
        text = malloc(ALERT_MAX_BYTES + 2);
        if (!text)
                return -ENOMEM;
        n = fsat_read_fd(fd, text, ALERT_MAX_BYTES + 2);
        return n < 0 ? (int) n : alert_parse(text, (size_t) n, arena, ret, NULL);
}

static int file_mode(Spool *s, SpoolBox box, const char *name, mode_t *ret) {
        struct stat st;

        if (fstatat(s->box_fds[box], name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        *ret = st.st_mode & 0777;
        return 0;
}

int spool_replace(Spool *s, SpoolBox box, const char *name, const Alert *a, bool sync) {
        Writing w = { .temporary = ".replace", .sync = sync };
        int r;

        r = spool_lock(s);
        if (r < 0)
                return r;
        r = file_mode(s, box, name, &w.mode);
        if (r == 0)
                r = write_temporary(s, a, &w);
        if (r == 0)
                r = publish(s, box, name, &w);
        spool_unlock(s);
        return r;
}

int spool_claim(Spool *s, const char *name, Arena *arena, Alert *ret) {
        int fd, r;

        r = spool_lock(s);
        if (r < 0)
                return r;
        r = spool_read(s, SPOOL_WAITING, name, arena, ret);
        fd = r < 0 ? r : fsat_open_regular(s->box_fds[SPOOL_WAITING], name);
        if (fd >= 0 && fchmod(fd, MODE_CLAIMED) < 0)
                r = -errno;
        closep(&fd);
        spool_unlock(s);
        return r;
}

/* ---- before it is claimed ---- */

int spool_check_unclaimed(Spool *s, const char *name) {
        mode_t mode = 0;
        int r = file_mode(s, SPOOL_WAITING, name, &mode);

        if (r < 0)
                return r;
        return mode & S_IWUSR ? 0 : -EBUSY;
}

int spool_amend(Spool *s, const char *name, const Alert *a) {
        int r;

        r = spool_lock(s);
        if (r < 0)
                return r == -EAGAIN ? -EBUSY : r;
        r = spool_check_unclaimed(s, name);
        if (r == 0)
                r = spool_replace(s, SPOOL_WAITING, name, a, true);
        spool_unlock(s);
        return r;
}

int spool_withdraw(Spool *s, const char *name) {
        int r;

        r = spool_lock(s);
        if (r < 0)
                return r == -EAGAIN ? -EBUSY : r;
        r = spool_check_unclaimed(s, name);
        if (r == 0 && unlinkat(s->box_fds[SPOOL_WAITING], name, 0) < 0)
                r = -errno;
        spool_unlock(s);
        return r;
}

int spool_move(Spool *s, SpoolBox from, SpoolBox to, const char *name) {
        return renameat(s->box_fds[from], name, s->box_fds[to], name) < 0 ? -errno : 0;
}
