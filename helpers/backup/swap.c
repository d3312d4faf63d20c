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
#include "base/tree.h"

#include "mounts.h"
#include "swap-state.h"
#include "top.h"

/* ---- containers ---- */

static void container_name(const SwapPath *p, const char *suffix, char name[static NAME_MAX + 1]) {
        snprintf(name, NAME_MAX + 1, ".%.200s.%.40s", p->base, suffix);
}

static const char *parent_problem(int r) {
        return r == -EPERM ? "others than root may change what is beside it, or a link on the way; "
                             "restore with --to=DIR and put it in place by hand"
               : r == -ELOOP  ? "a link is on the way to it; write in Paths= where it leads to"
               : r == -ENOENT ? "the directory that holds it does not exist; make it, owned by "
                                "root: mkdir -p"
                              : strerror(-r);
}

/* Of what is loaded after a power cut path is real already. */
static int open_parent(Swap *s, SwapPath *p) {
        Top top;
        int r = top_open(s->job->root_fd, p->path, &top);

        if (r == 0 && !top.dir.trusted)
                r = -EPERM;
        if (r == 0) {
                p->real = arena_strdup(&s->arena, top.path.text);
                r = p->real ? 0 : -ENOMEM;
        }
        if (r == 0) {
                p->base = p->real + (top.dir.base - top.path.text);
                p->parent_fd = TAKE_FD(top.dir.fd);
        } else
                log_line(LOG_ERR, "%s: %s", p->path, parent_problem(r));
        top_close(&top);
        return r;
}

static int tell_mount(const Swap *s, const SwapPath *p, const char *mount, bool at) {
        const char *name = s->job->name;

        if (at)
                log_line(
                        LOG_ERR,
                        "%s is a mount, and cannot be exchanged for other data in one step. Do it "
                        "by hand: ftectl restore %s --to=DIR && systemctl stop %s && find %s -xdev "
                        "-mindepth 1 -delete && cp -a DIR%s/. %s && systemctl start %s",
                        p->path, name, name, p->path, p->path, p->path, name);
        else
                log_line(LOG_ERR,
                         "%s is mounted within %s, and would be put away with the old data. First: "
                         "systemctl stop %s && umount %s; and mount it again when the data are "
                         "restored",
                         mount, p->path, name, mount);
        return -EXDEV;
}

/* A rename would take along what is mounted below. */
static int check_old(Swap *s, SwapPath *p) {
        _cleanup_strbuf_ StrBuf mount = { 0 };
        struct stat st;
        bool at = false;
        int r;

        if (fstatat(p->parent_fd, p->base, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                r = errno == ENOENT ? 0 : -errno;
                if (r < 0)
                        log_line(LOG_ERR, "%s: %s", p->path, strerror(-r));
                p->had_old = false;
                return r;
        }
        p->had_old = true;
        r = mounts_find(p->parent_fd, p->base, &mount, &at);
        if (r < 0)
                log_line(LOG_ERR, "what is mounted cannot be read: %s", strerror(-r));
        return r > 0 ? tell_mount(s, p, strbuf_text(&mount), at) : r;
}

static int make_container(SwapPath *p) {
        char name[NAME_MAX + 1];
        int r;

        container_name(p, "fte-restore", name);
        r = tree_remove(p->parent_fd, name);
        if (r == 0 && mkdirat(p->parent_fd, name, 0700) < 0)
                r = -errno;
        if (r == 0)
                r = p->container_fd = fsat_open_dir(p->parent_fd, name);
        if (r < 0)
                log_line(LOG_ERR, "%s: nothing can be made beside it: %s", p->path, strerror(-r));
        return MIN(r, 0);
}

static bool is_ours(const Job *j, const char *path) {
        for (char **p = j->configured; *p; p++)
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
                                 .real = info->paths[i],
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
                        r = open_parent(s, p);
                if (r == 0)
                        r = check_old(s, p);
                if (r < 0)
                        s->n--; /* nothing was made for it */
        }
        if (r == 0)
                r = swap_state_save(s);
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
        return r == 0 ? swap_state_save(s) : r;
}

static int exchange(SwapPath *p) {
        unsigned flags = p->had_old ? RENAME_EXCHANGE : RENAME_NOREPLACE;

        if (renameat2(p->container_fd, SWAP_DATA, p->parent_fd, p->base, flags) < 0 ||
            fsync(p->parent_fd) < 0 || fsync(p->container_fd) < 0) {
                int r = -errno;

                log_line(LOG_ERR, "%s: cannot be exchanged: %s%s", p->path, strerror(-r),
                         r == -EINVAL ? "; this file system does not know how. Restore with "
                                        "--to=DIR, and copy it while the agent is stopped"
                                      : "");
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
        return swap_state_save(s);
}

static int undo_one(Swap *s, SwapPath *p) {
        char name[NAME_MAX + 1];
        int r = p->parent_fd >= 0 ? 0 : open_parent(s, p);

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

/*
 * What was restored so far goes. But when the agent ran with it, and nobody knows for how long,
 * what it has written since is in it, and kept until that happens again.
 */
static int clear_up(const Swap *s, const SwapPath *p) {
        char from[NAME_MAX + 1], to[NAME_MAX + 1];
        int r;

        container_name(p, "fte-restore", from);
        if (!s->was_loaded || s->phase != SWAP_TRIAL || inode_of(p->parent_fd, from) == 0 ||
            p->inode == 0) /* the backup had nothing of it, so it is empty */
                return tree_remove(p->parent_fd, from);
        container_name(p, "undone-restore", to);
        r = tree_remove(p->parent_fd, to);
        if (r < 0)
                return r;
        if (renameat(p->parent_fd, from, p->parent_fd, to) < 0 || fsync(p->parent_fd) < 0)
                return -errno;
        log_line(LOG_NOTICE,
                 "%s: what the agent has written since that restore is in %.*s%s; remove it when "
                 "you do not need it",
                 p->path, (int) (p->base - p->real), p->real, to);
        return 0;
}

/* First everything back, then the clearing up: the state is gone only when both are done. */
int swap_undo(Swap *s) {
        int r = 0;

        for (size_t i = 0; i < s->n && r == 0; i++) {
                r = undo_one(s, &s->paths[i]);
                if (r < 0)
                        log_line(LOG_ERR,
                                 "%s: what was there cannot be put back: %s. It is in "
                                 ".%s.fte-restore/" SWAP_DATA " beside it",
                                 s->paths[i].path, strerror(-r),
                                 s->paths[i].base ? s->paths[i].base : "NAME");
        }
        for (size_t i = 0; i < s->n && r == 0; i++)
                r = clear_up(s, &s->paths[i]);
        return r == 0 ? swap_state_remove(s) : r;
}

static void tell_not_put_away(const SwapPath *p, const char *to, int r) {
        log_line(LOG_ERR, "%.*s%s, of an earlier restore, cannot be removed: %s%s",
                 (int) (p->base - p->real), p->real, to, strerror(-r),
                 r == -EXDEV ? "; something is mounted in it: umount that, and then: "
                               "systemctl start fte-backup-recover"
                             : "");
}

int swap_keep(Swap *s, StrBuf *ret) {
        char from[NAME_MAX + 1], to[NAME_MAX + 1];
        int r;

        s->phase = SWAP_DONE;
        r = swap_state_save(s);
        if (r < 0) /* to remove it takes no room; left as it is it would be undone some day */
                r = swap_state_remove(s);
        if (r < 0)
                log_line(LOG_ERR,
                         "the restored data are in place, but " BACKUP_STATE_DIRECTORY
                         "/%s.restore cannot be changed: remove it, or the next boot may take them "
                         "away",
                         s->job->name);
        for (size_t i = 0; i < s->n && r == 0; i++) {
                SwapPath *p = &s->paths[i];

                r = p->parent_fd >= 0 ? 0 : open_parent(s, p);
                if (r < 0)
                        break;
                container_name(p, "fte-restore", from);
                container_name(p, "before-restore", to);
                if (inode_of(p->parent_fd, from) != 0) { /* else it is put away already */
                        r = tree_remove(p->parent_fd, to);
                        if (r == 0 && (renameat(p->parent_fd, from, p->parent_fd, to) < 0 ||
                                       fsync(p->parent_fd) < 0))
                                r = -errno;
                        if (r < 0)
                                tell_not_put_away(p, to, r);
                }
                if (i == 0)
                        strbuf_addf(ret, "%.*s%s", (int) (p->base - p->real), p->real,
                                    r == 0 ? to : from);
        }
        return r == 0 ? swap_state_remove(s) : r;
}

void swap_done(Swap *s) {
        for (size_t i = 0; i < s->n; i++) {
                closep(&s->paths[i].parent_fd);
                closep(&s->paths[i].container_fd);
        }
        arena_done(&s->arena);
        s->n = 0;
}
