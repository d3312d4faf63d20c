/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Owners, modes, mounts and free space of the agent's directories, of its program, and of every
 * path that a log line complains of. Looks as root and computes what the agent's user may do by the
 * modes; access(2) would answer for root. Opens none of the files.
 */

#include <fcntl.h>
#include <fts.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "evidence.h"
#include "ftectl/shared/path-trace.h"

#define MOUNTINFO_BYTES (512 * 1024)
#define WALK_MAX        50000
#define GROUPS_MAX      64

/* ---- what the user may ---- */

typedef struct Groups {
        gid_t items[GROUPS_MAX];
        int n;
} Groups;

static void find_groups(const Evidence *e, Groups *ret) {
        ret->n = GROUPS_MAX;
        ret->items[0] = (gid_t) e->gid;
        if (*e->root || e->gid == UNKNOWN ||
            getgrouplist(e->user, (gid_t) e->gid, ret->items, &ret->n) < 0)
                ret->n = 1;
}

/* wanted: of 4 read, 2 write, 1 execute. */
static bool may(const Evidence *e, const Groups *groups, const struct stat *st, unsigned wanted) {
        unsigned bits = st->st_mode & 7;

        if (st->st_uid == e->uid)
                bits = st->st_mode >> 6 & 7;
        else
                for (int i = 0; i < groups->n; i++)
                        if (groups->items[i] == st->st_gid) {
                                bits = st->st_mode >> 3 & 7;
                                break;
                        }
        return (bits & wanted) == wanted;
}

static const char *owner_name(const Evidence *e, uid_t uid) {
        const struct passwd *p = *e->root ? NULL : getpwuid(uid);

        return p ? arena_strdup(e->arena, p->pw_name) : arena_printf(e->arena, "UID %u", uid);
}

static void set_stop(const Evidence *e, PathFact *f, const char *part, const struct stat *st) {
        f->stop = arena_strdup(e->arena, part);
        f->stop_owner = owner_name(e, st->st_uid);
        f->stop_mode = st->st_mode & 07777;
        f->stop_is_dir = S_ISDIR(st->st_mode);
        f->stop_is_foreign = st->st_uid != e->uid;
}

static unsigned wanted_of(PathRole role, const struct stat *st) {
        if (role == PATH_PROGRAM)
                return 5;
        if (role == PATH_CERTIFICATE || role == PATH_WORK)
                return S_ISDIR(st->st_mode) ? 1 : 0;
        return S_ISDIR(st->st_mode) ? 7 : 6;
}

/* Part by part. When the end is not there, the directory that it was to be made in must be
 * writable. */
static void look_along(const Evidence *e, const Groups *groups, PathFact *f) {
        int root_fd = e->generator.config.root_fd;
        struct stat st, parent = { 0 };
        char part[PATH_MAX], above[PATH_MAX] = "/";

        for (const char *p = f->path; *p;) {
                size_t n;

                p += strspn(p, "/");
                p += strcspn(p, "/");
                n = (size_t) (p - f->path);
                if (n == 0 || n >= sizeof(part))
                        return;
                memcpy(part, f->path, n);
                part[n] = 0;
                if (fstatat(root_fd, part + 1, &st, 0) < 0) {
                        f->error = -errno;
                        if (errno == ENOENT && !*p && f->role == PATH_NAMED && e->uid != UNKNOWN &&
                            !may(e, groups, &parent, 3))
                                set_stop(e, f, above, &parent);
                        return;
                }
                if (e->uid != UNKNOWN && !f->stop &&
                    !may(e, groups, &st, *p ? 1 : wanted_of(f->role, &st)))
                        set_stop(e, f, part, &st);
                parent = st;
                strcpy(above, part);
        }
}

/* ---- what it lies on ---- */

static void look_at_mount(const Evidence *e, PathFact *f) {
        static const char *const nothing[] = { NULL };
        char full[PATH_MAX];
        struct statvfs fs;
        Trace t;

        f->free_bytes = f->free_inodes = f->size_bytes = UNKNOWN;
        path_trace(e->generator.config.root_fd, f->path, nothing, &t);
        if (!*e->root)
                f->mount = mounts_find(&e->mounts, *t.path ? t.path : "/");
        if (f->error < 0 ||
            snprintf(full, sizeof(full), "%s%s", e->root, f->path) >= (int) sizeof(full) ||
            statvfs(full, &fs) < 0)
                return;
        f->free_bytes = (uint64_t) fs.f_bavail * fs.f_frsize;
        f->size_bytes = (uint64_t) fs.f_blocks * fs.f_frsize;
        if (fs.f_files > 0) /* btrfs counts none */
                f->free_inodes = fs.f_favail;
}

/* In pieces: the kernel gives no more than a page at a time. */
static void read_mounts(Evidence *e) {
        _cleanup_close_ int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
        char *text = arena_alloc_text(e->arena, MOUNTINFO_BYTES);
        size_t len = 0;
        ssize_t n = 1;

        while (fd >= 0 && text && n > 0 && len < MOUNTINFO_BYTES - 1) {
                n = read(fd, text + len, MOUNTINFO_BYTES - 1 - len);
                len += n > 0 ? (size_t) n : 0;
        }
        if (!text || len == 0)
                return;
        text[len] = 0;
        (void) mounts_parse(text, e->arena, &e->mounts);
}

/* ---- what is inside ---- */

/* The first that the user may not use, else the first. */
static void take_entry(const Evidence *e, const Groups *groups, PathFact *f, const FTSENT *entry) {
        bool denied;

        if (entry->fts_info == FTS_DP || entry->fts_info == FTS_NS || !entry->fts_statp ||
            entry->fts_level == 0 || entry->fts_statp->st_uid == e->uid)
                return;
        denied = !may(e, groups, entry->fts_statp, S_ISDIR(entry->fts_statp->st_mode) ? 7 : 6);
        if (f->n_foreign++ > 0 && (f->foreign_is_denied || !denied))
                return;
        f->foreign_is_denied = denied;
        f->foreign = arena_strdup(e->arena, entry->fts_path + strlen(e->root));
        f->foreign_owner = owner_name(e, entry->fts_statp->st_uid);
}

static void look_inside(const Evidence *e, const Groups *groups, PathFact *f) {
        char *paths[] = { arena_printf(e->arena, "%s%s", e->root, f->path), NULL };
        FTS *fts = paths[0] && e->uid != UNKNOWN && f->error == 0
                           ? fts_open(paths, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL)
                           : NULL;
        FTSENT *entry;

        for (size_t i = 0; fts && i < WALK_MAX && (entry = fts_read(fts)); i++)
                take_entry(e, groups, f, entry);
        if (fts)
                fts_close(fts);
}

/* ---- all of them ---- */

static PathFact *add(Evidence *e, const Groups *groups, PathRole role, const char *path) {
        PathFact *f;

        if (!path || *path != '/' || e->n_paths == EVIDENCE_PATHS_MAX)
                return NULL;
        f = &e->paths[e->n_paths++];
        *f = (PathFact){ .role = role, .path = path };
        look_along(e, groups, f);
        look_at_mount(e, f);
        if (role == PATH_STATE || role == PATH_LOGS)
                look_inside(e, groups, f);
        return f;
}

/* The program by the path of its file, and so the interpreters that its first line names. */
static void add_program(Evidence *e, const Groups *groups) {
        static const char *const nothing[] = { NULL };
        const char *path = e->agent->exec ? e->agent->exec[0] : NULL;
        Trace t;

        if (!path || *path != '/')
                return;
        path_trace(e->generator.config.root_fd, path, nothing, &t);
        if (t.error == 0)
                add(e, groups, PATH_PROGRAM, arena_strdup(e->arena, t.path));
}

static void add_named(Evidence *e, const Groups *groups) {
        for (size_t i = 0; i < e->symptoms.n; i++) {
                const Symptom *s = &e->symptoms.items[i];
                bool known = s->kind == SYMPTOM_ENV ||
                             (s->kind == SYMPTOM_NO_DIRECTORY && i + 1 < e->symptoms.n);
                PathFact *f;

                for (size_t k = 0; k < e->n_paths && !known; k++)
                        known = e->paths[k].role == PATH_NAMED &&
                                streq(e->paths[k].path, s->path) &&
                                e->paths[k].symptom->kind == s->kind;
                f = known ? NULL : add(e, groups, PATH_NAMED, s->path);
                if (f)
                        f->symptom = s;
        }
}

int evidence_look_at_paths(Evidence *e) {
        const Agent *a = e->agent;
        const char *state = arena_printf(e->arena, "/var/lib/%s", e->agent->directory);
        Groups groups;

        find_groups(e, &groups);
        if (!*e->root)
                read_mounts(e);
        add(e, &groups, PATH_STATE, state);
        add(e, &groups, PATH_LOGS, arena_printf(e->arena, "/var/log/%s", e->agent->directory));
        add(e, &groups, PATH_WORK, a->working_directory ? a->working_directory : state);
        add_program(e, &groups);
        add_named(e, &groups);
        return 0;
}
