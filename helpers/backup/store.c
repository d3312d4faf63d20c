/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * store.h. Every change is made so that a power cut leaves either what was or what is to be.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/format.h"
#include "base/fsat.h"
#include "base/log.h"
#include "base/tree.h"
#include "base/trusted-dir.h"

#include "room.h"
#include "store.h"

#define SUFFIX     ".tar.zst"
#define NUMBERS    100 /* of the same second */
#define TIME_CHARS 16  /* 20261124T150351Z */

/* ---- the directory ---- */

static int open_failed(const Store *s, const TrustedDir *d, int r) {
        if (r == -ELOOP)
                log_line(LOG_ERR, "%.*s is a link: write in Target= where it leads to",
                         (int) d->bad_bytes, strbuf_text(&s->path));
        else if (r == -EPERM)
                log_line(LOG_ERR,
                         "%s: others than root may write to %.*s, so no backup is put there; "
                         "correct its owner and mode",
                         strbuf_text(&s->path), (int) d->bad_bytes,
                         d->bad_bytes > 0 ? strbuf_text(&s->path) : "/");
        else if (r == -EROFS)
                log_line(LOG_ERR,
                         "%s: it does not exist, and a service may not make it there. First: mkdir "
                         "-p %s",
                         strbuf_text(&s->path), strbuf_text(&s->path));
        else
                log_line(LOG_ERR, "%s: %s", strbuf_text(&s->path), strerror(-r));
        return r;
}

/* Makes every directory on the way that is missing. */
static int make_all(int root_fd, const char *path, TrustedDir *d) {
        char part[4096];
        int r = 0;

        for (const char *p = strchr(path + 1, '/'); p && r == 0; p = strchr(p + 1, '/')) {
                if (!p[1] || (size_t) (p - path) + 3 > sizeof(part))
                        return p[1] ? -ENAMETOOLONG : 0;
                snprintf(part, sizeof(part), "%.*s/x", (int) (p - path), path);
                trusted_dir_close(d);
                r = trusted_dir_open(root_fd, part, true, d);
        }
        return r;
}

int store_open(Store *s, const Job *j, bool make) {
        TrustedDir d = TRUSTED_DIR_CLOSED;
        int r;

        *s = STORE_CLOSED;
        s->agent = j->name;
        strbuf_addf(&s->path, "%s/%s/x", j->target, j->name);
        if (strbuf_check(&s->path) < 0)
                return -ENOMEM;
        r = make ? make_all(j->root_fd, s->path.text, &d) : 0;
        trusted_dir_close(&d);
        if (r == 0)
                r = trusted_dir_open(j->root_fd, s->path.text, false, &d);
        s->path.len -= 2;
        s->path.text[s->path.len] = 0;
        if (r == 0 && !d.trusted)
                r = -EPERM;
        if (r < 0) {
                trusted_dir_close(&d);
                return r == -ENOENT && !make ? r : open_failed(s, &d, r);
        }
        s->fd = TAKE_FD(d.fd);
        if (make && fchmod(s->fd, 0700) < 0)
                return open_failed(s, &d, -errno);
        return 0;
}

void store_close(Store *s) {
        if (s->part_fd >= 0)
                (void) unlinkat(s->fd, s->part, 0);
        closep(&s->part_fd);
        closep(&s->fd);
        strbuf_done(&s->path);
        *s = STORE_CLOSED;
}

/* ---- what is there ---- */

static const char *after_agent(const char *agent, const char *name) {
        const char *rest = startswith(name, agent);

        return rest && *rest == '-' ? rest + 1 : NULL;
}

/* NAME-20261124T150351Z.tar.zst, and _02 … before the dot for more in the same second. */
bool store_name_is_good(const char *agent, const char *name) {
        const char *t = after_agent(agent, name);

        if (!t || strlen(name) >= STORE_NAME_BYTES)
                return false;
        for (size_t i = 0; i < TIME_CHARS; i++)
                if (i == 8 ? t[i] != 'T' : i == TIME_CHARS - 1 ? t[i] != 'Z' : !ascii_isdigit(t[i]))
                        return false;
        t += TIME_CHARS;
        if (t[0] == '_' && ascii_isdigit(t[1]) && ascii_isdigit(t[2]))
                t += 3;
        return streq(t, SUFFIX);
}

/* By time; in strcmp's order "Z.tar" comes before "Z_02". */
static int compare(const void *a, const void *b) {
        return strcmp(((const StoreEntry *) a)->name, ((const StoreEntry *) b)->name);
}

static int list_add(StoreList *l, const char *name, uint64_t bytes) {
        if (l->n == l->size) {
                size_t size = MAX(l->size * 2, (size_t) 32);
                StoreEntry *entries = realloc(l->entries, size * sizeof(*entries));

                if (!entries)
                        return -ENOMEM;
                l->entries = entries;
                l->size = size;
        }
        if (strlen(name) >= STORE_NAME_BYTES)
                return -ENAMETOOLONG;
        strcpy(l->entries[l->n].name, name);
        l->entries[l->n++].bytes = bytes;
        return 0;
}

int store_list(const Store *s, StoreList *ret) {
        int fd = openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        StoreList l = { 0 };
        struct dirent *d;
        struct stat st;

        if (!dir) {
                closep(&fd);
                return -errno;
        }
        while (r == 0 && (errno = 0, d = readdir(dir)))
                if (store_name_is_good(s->agent, d->d_name) &&
                    fstatat(s->fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
                        r = list_add(&l, d->d_name, (uint64_t) st.st_size);
        closedir(dir);
        if (r < 0) {
                store_list_done(&l);
                return r;
        }
        if (l.n > 0)
                qsort(l.entries, l.n, sizeof(*l.entries), compare);
        *ret = l;
        return 0;
}

void store_list_done(StoreList *l) {
        free(l->entries);
        *l = (StoreList){ 0 };
}

/* ---- a new one ---- */

int store_room(const Store *s, uint64_t bytes, uint64_t *ret_free) {
        uint64_t available = room_free(s->fd);

        if (ret_free)
                *ret_free = available;
        return bytes > available ? -ENOSPC : 0;
}

/* Of a run that a power cut or a kill ended. Others are kept out by the lock. */
static void remove_parts(Store *s) {
        int fd = openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *d;

        while (dir && (d = readdir(dir)))
                if (*d->d_name == '.' && endswith(d->d_name, ".part"))
                        (void) unlinkat(s->fd, d->d_name, 0);
        if (dir)
                closedir(dir);
        (void) tree_remove(s->fd, STORE_SCRATCH); /* where the sandbox allows it; else at boot */
}

int store_begin(Store *s) {
        remove_parts(s);
        snprintf(s->part, sizeof(s->part), ".%s.part", s->agent);
        s->part_fd =
                openat(s->fd, s->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        return s->part_fd < 0 ? -errno : 0;
}

int store_write(Store *s, const void *data, size_t len) {
        int r = room_watch(&s->room_countdown, s->fd, len);

        return r < 0 ? r : fd_write_all(s->part_fd, data, len);
}

static void make_name(const Store *s, uint64_t time_usec, unsigned n,
                      char name[static STORE_NAME_BYTES]) {
        char more[8] = "", text[FORMAT_STAMP_BYTES];

        format_stamp(time_usec, text);
        if (n > 1)
                snprintf(more, sizeof(more), "_%02u", n % 100);
        snprintf(name, STORE_NAME_BYTES, "%s-%s%s" SUFFIX, s->agent, text, more);
}

/* NFS knows no RENAME_NOREPLACE; the lock keeps others out. */
static int rename_new(const Store *s, const char *name) {
        if (renameat2(s->fd, s->part, s->fd, name, RENAME_NOREPLACE) == 0)
                return 0;
        if (errno != EINVAL)
                return -errno;
        if (faccessat(s->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                return -EEXIST;
        return renameat(s->fd, s->part, s->fd, name) < 0 ? -errno : 0;
}

/* The first number that comes after all there are of that second: one that was removed is not used
 * again. */
static unsigned first_number(const Store *s, uint64_t time_usec) {
        char name[STORE_NAME_BYTES];
        unsigned first = 1;
        StoreList l;

        if (store_list(s, &l) < 0)
                return 1;
        make_name(s, time_usec, 1, name);
        name[strlen(name) - strlen(SUFFIX)] = 0;
        if (l.n > 0 && startswith(l.entries[l.n - 1].name, name)) {
                const char *number = l.entries[l.n - 1].name + strlen(name);

                first = *number == '_' ? (unsigned) atoi(number + 1) + 1 : 2;
        }
        store_list_done(&l);
        return first;
}

int store_commit(Store *s, uint64_t time_usec, char name[static STORE_NAME_BYTES]) {
        int r = -EEXIST;

        if (fsync(s->part_fd) < 0)
                return -errno;
        for (unsigned n = first_number(s, time_usec); n < NUMBERS; n++) {
                make_name(s, time_usec, n, name);
                r = rename_new(s, name);
                if (r != -EEXIST)
                        break;
        }
        if (r < 0)
                return r;
        closep(&s->part_fd);
        s->part_fd = -EBADF;
        return fsync(s->fd) < 0 ? -errno : 0;
}

bool store_is_later(const Store *s, const char *name, uint64_t time_usec) {
        char limit[STORE_NAME_BYTES];

        make_name(s, time_usec, 1, limit);
        return strcmp(name, limit) > 0;
}

static bool is_of_moment(const Store *s, const char *name, uint64_t time_usec) {
        char first[STORE_NAME_BYTES];

        make_name(s, time_usec, 1, first);
        return strncmp(name, first, strlen(first) - strlen(SUFFIX)) == 0;
}

int store_prune(const Store *s, uint64_t keep, const char *except, uint64_t keep_usec) {
        StoreList l;
        int r = store_list(s, &l);

        if (r < 0)
                return r;
        for (size_t i = 0, left = l.n; i < l.n && left > keep; i++) {
                const char *name = l.entries[i].name;

                if (streq(name, except) || (keep_usec > 0 && is_of_moment(s, name, keep_usec)))
                        continue;
                if (unlinkat(s->fd, name, 0) < 0)
                        r = -errno;
                left--;
        }
        store_list_done(&l);
        return r;
}
