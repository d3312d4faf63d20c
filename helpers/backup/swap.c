/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * swap.h. The order of things is what makes it safe: the file says what is about to be done before
 * it is done, and is on the disk by then.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/trusted-dir.h"

#include "extract.h"
#include "swap.h"

#define STATE_BYTES_MAX ((size_t) 512 * 1024)

static const char *const phase_names[_SWAP_PHASE_MAX] = { "extracting", "swapping", "trial",
                                                          "done" };

/* ---- the file ---- */

static void state_name(const Job *j, char name[static 160]) {
        snprintf(name, 160, "%.140s.restore", j->name);
}

static int state_save(const Swap *s) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char name[160];
        int r;

        state_name(s->job, name);
        strbuf_addf(&b, "phase %s\nactive %d\n", phase_names[s->phase], s->was_active);
        for (size_t i = 0; i < s->n; i++)
                strbuf_addf(&b, "path %llu %d %s\n", (unsigned long long) s->paths[i].inode,
                            s->paths[i].had_old, s->paths[i].path);
        r = strbuf_check(&b);
        if (r == 0)
                r = fsat_create(s->job->state_fd, ".restore.part",
                                &(FsatContent){ b.text, b.len, 0600, true });
        if (r == 0 && renameat(s->job->state_fd, ".restore.part", s->job->state_fd, name) < 0)
                r = -errno;
        if (r == 0 && fsync(s->job->state_fd) < 0)
                r = -errno;
        if (r < 0)
                log_line(LOG_ERR, BACKUP_STATE_DIRECTORY "/%s: %s", name, strerror(-r));
        return r;
}

static int state_remove(const Swap *s) {
        char name[160];

        state_name(s->job, name);
        if ((unlinkat(s->job->state_fd, name, 0) < 0 && errno != ENOENT) ||
            fsync(s->job->state_fd) < 0)
                return -errno;
        return 0;
}

static int load_path(Swap *s, const char *text) {
        unsigned long long inode;
        int had_old, n = 0;
        char *path;

        if (sscanf(text, "%llu %d %n", &inode, &had_old, &n) != 2 || n == 0 || text[n] != '/' ||
            s->n == SWAP_PATHS_MAX)
                return -EBADMSG;
        path = arena_strdup(&s->arena, text + n);
        if (!path)
                return -ENOMEM;
        s->paths[s->n++] = (SwapPath){ .path = path,
                                       .parent_fd = -EBADF,
                                       .container_fd = -EBADF,
                                       .inode = inode,
                                       .had_old = had_old };
        return 0;
}

static int load_line(Swap *s, const char *line) {
        const char *value = startswith(line, "phase ");

        if (value) {
                for (SwapPhase p = 0; p < _SWAP_PHASE_MAX; p++)
                        if (streq(value, phase_names[p])) {
                                s->phase = p;
                                return 0;
                        }
                return -EBADMSG;
        }
        value = startswith(line, "active ");
        if (value) {
                s->was_active = streq(value, "1");
                return 0;
        }
        value = startswith(line, "path ");
        return value ? load_path(s, value) : -EBADMSG;
}

int swap_load(Swap *s, const Job *j) {
        _cleanup_free_ char *text = malloc(STATE_BYTES_MAX);
        _cleanup_close_ int fd = -EBADF;
        char name[160];
        ssize_t n;
        int r = 0;

        *s = (Swap){ .job = j };
        state_name(j, name);
        fd = fsat_open_regular(j->state_fd, name);
        if (fd == -ENOENT)
                return 0;
        n = !text ? -ENOMEM : fd < 0 ? fd : fsat_read_fd(fd, text, STATE_BYTES_MAX);
        if (n < 0)
                r = (int) n;
        for (char *line = text, *end; r == 0 && (end = strchr(line, '\n')); line = end + 1) {
                *end = 0;
                r = load_line(s, line);
        }
        if (r < 0)
                log_line(LOG_ERR,
                         BACKUP_STATE_DIRECTORY "/%s: %s; it says how far a restore was that was "
                                                "interrupted. Look beside the agent's data for a "
                                                "directory .NAME.fte-restore",
                         name, r == -EBADMSG ? "cannot be understood" : strerror(-r));
        return r < 0 ? r : 1;
}

/* ---- containers ---- */

static void container_name(const SwapPath *p, const char *suffix, char name[static NAME_MAX + 1]) {
        snprintf(name, NAME_MAX + 1, ".%.200s.%s", p->base, suffix);
}

static int open_parent(const Job *j, SwapPath *p) {
        TrustedDir d = TRUSTED_DIR_CLOSED;
        int r = trusted_dir_open(j->root_fd, p->path, false, &d);

        if (r == 0 && !d.trusted)
                r = -EPERM;
        if (r == -EPERM || r == -ELOOP)
                log_line(LOG_ERR, "%s: %s; restore with --to=DIR and put it in place by hand",
                         p->path,
                         r == -ELOOP ? "a link is on the way to it"
                                     : "others than root may change what is beside it");
        else if (r < 0)
                log_line(LOG_ERR, "%s: %s", p->path, strerror(-r));
        if (r < 0) {
                trusted_dir_close(&d);
                return r;
        }
        p->base = d.base;
        p->parent_fd = TAKE_FD(d.fd);
        return 0;
}

/* A mount cannot be renamed, and a link would be. */
static int check_old(SwapPath *p) {
        struct stat parent, st;

        if (fstatat(p->parent_fd, p->base, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                p->had_old = false;
                return errno == ENOENT ? 0 : -errno;
        }
        p->had_old = true;
        if (fstat(p->parent_fd, &parent) < 0)
                return -errno;
        if (st.st_dev == parent.st_dev && !S_ISLNK(st.st_mode))
                return 0;
        log_line(LOG_ERR,
                 "%s is a %s, and cannot be exchanged for other data; restore with --to=DIR and "
                 "put it "
                 "in place while the agent is stopped",
                 p->path, S_ISLNK(st.st_mode) ? "link" : "mount");
        return -EXDEV;
}

static int make_container(SwapPath *p) {
        char name[NAME_MAX + 1];
        int r;

        container_name(p, "fte-restore", name);
        r = remove_tree(p->parent_fd, name);
        if (r == 0 && mkdirat(p->parent_fd, name, 0700) < 0)
                r = -errno;
        if (r == 0)
                r = p->container_fd = fsat_open_dir(p->parent_fd, name);
        if (r < 0)
                log_line(LOG_ERR, "%s: nothing can be made beside it: %s", p->path, strerror(-r));
        return MIN(r, 0);
}

static bool is_ours(const Job *j, const char *path) {
        for (char **p = j->paths; *p; p++)
                if (streq(*p, path))
                        return true;
        return false;
}

int swap_prepare(Swap *s, const Job *j, const Info *info) {
        int r = 0;

        *s = (Swap){ .job = j };
        for (size_t i = 0; i < info->n_paths && r == 0; i++) {
                SwapPath *p = &s->paths[s->n++];

                *p = (SwapPath){ .path = arena_strdup(&s->arena, info->paths[i]),
                                 .parent_fd = -EBADF,
                                 .container_fd = -EBADF };
                if (!p->path)
                        r = -ENOMEM;
                else if (!is_ours(j, p->path)) {
                        log_line(LOG_ERR,
                                 "the backup has %s, which is not in Paths= of %s; restore it with "
                                 "--to=DIR",
                                 p->path, j->name);
                        r = -EPERM;
                }
                if (r == 0)
                        r = open_parent(j, p);
                if (r == 0)
                        r = check_old(p);
                if (r < 0)
                        s->n--; /* nothing was made for it */
        }
        if (r == 0)
                r = state_save(s);
        for (size_t i = 0; i < s->n && r == 0; i++)
                r = make_container(&s->paths[i]);
        return r;
}

/* ---- exchanging ---- */

static uint64_t inode_of(int dir_fd, const char *name) {
        struct stat st;

        return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : (uint64_t) st.st_ino;
}

int swap_begin(Swap *s, bool was_active) {
        int r = 0;

        for (size_t i = 0; i < s->n && r == 0; i++) {
                s->paths[i].inode = inode_of(s->paths[i].container_fd, SWAP_DATA);
                if (fsync(s->paths[i].container_fd) < 0)
                        r = -errno;
        }
        s->phase = SWAP_SWAPPING;
        s->was_active = was_active;
        return r == 0 ? state_save(s) : r;
}

static int exchange(SwapPath *p) {
        unsigned flags = p->had_old ? RENAME_EXCHANGE : RENAME_NOREPLACE;

        if (renameat2(p->container_fd, SWAP_DATA, p->parent_fd, p->base, flags) < 0 ||
            fsync(p->parent_fd) < 0 || fsync(p->container_fd) < 0) {
                int r = -errno;

                log_line(LOG_ERR, "%s: cannot be exchanged: %s", p->path, strerror(-r));
                return r;
        }
        return 0;
}

int swap_exchange(Swap *s) {
        int r = 0;

        for (size_t i = 0; i < s->n && r == 0; i++)
                if (s->paths[i].inode != 0) /* else the backup has nothing of it */
                        r = exchange(&s->paths[i]);
        if (r < 0)
                return r;
        s->phase = SWAP_TRIAL;
        return state_save(s);
}

static int undo_one(const Job *j, SwapPath *p) {
        char name[NAME_MAX + 1];
        int r = p->parent_fd >= 0 ? 0 : open_parent(j, p);

        if (r < 0)
                return r;
        container_name(p, "fte-restore", name);
        if (p->container_fd < 0)
                p->container_fd =
                        openat(p->parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (p->inode != 0 && inode_of(p->parent_fd, p->base) == p->inode) {
                if (p->container_fd < 0)
                        return -ENOENT;
                if (renameat2(p->parent_fd, p->base, p->container_fd, SWAP_DATA,
                              p->had_old ? RENAME_EXCHANGE : RENAME_NOREPLACE) < 0 ||
                    fsync(p->parent_fd) < 0 || fsync(p->container_fd) < 0)
                        return -errno;
        }
        closep(&p->container_fd);
        p->container_fd = -EBADF;
        return 0;
}

/* First everything back, then the clearing up: the state is gone only when both are done. */
int swap_undo(Swap *s) {
        char name[NAME_MAX + 1];
        int r = 0;

        for (size_t i = 0; i < s->n && r == 0; i++) {
                r = undo_one(s->job, &s->paths[i]);
                if (r < 0)
                        log_line(LOG_ERR,
                                 "%s: what was there cannot be put back: %s. It is in "
                                 ".%s.fte-restore/" SWAP_DATA " beside it",
                                 s->paths[i].path, strerror(-r),
                                 s->paths[i].base ? s->paths[i].base : "NAME");
        }
        for (size_t i = 0; i < s->n && r == 0; i++) {
                container_name(&s->paths[i], "fte-restore", name);
                r = remove_tree(s->paths[i].parent_fd, name);
        }
        return r == 0 ? state_remove(s) : r;
}

int swap_keep(Swap *s, StrBuf *ret) {
        char from[NAME_MAX + 1], to[NAME_MAX + 1];
        int r;

        s->phase = SWAP_DONE;
        r = state_save(s);
        for (size_t i = 0; i < s->n && r == 0; i++) {
                SwapPath *p = &s->paths[i];

                r = p->parent_fd >= 0 ? 0 : open_parent(s->job, p);
                if (r < 0)
                        break;
                container_name(p, "fte-restore", from);
                container_name(p, "before-restore", to);
                if (inode_of(p->parent_fd, from) != 0) { /* else it is put away already */
                        r = remove_tree(p->parent_fd, to);
                        if (r == 0 && renameat(p->parent_fd, from, p->parent_fd, to) < 0)
                                r = -errno;
                }
                if (i == 0)
                        strbuf_addf(ret, "%.*s%s", (int) (strlen(p->path) - strlen(p->base)),
                                    p->path, to);
        }
        return r == 0 ? state_remove(s) : r;
}

void swap_done(Swap *s) {
        for (size_t i = 0; i < s->n; i++) {
                closep(&s->paths[i].parent_fd);
                closep(&s->paths[i].container_fd);
        }
        arena_done(&s->arena);
        s->n = 0;
}
