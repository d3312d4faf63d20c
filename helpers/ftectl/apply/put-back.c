/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * put-back.h. Whoever calls it holds the lock of ftectl apply. Prints nothing.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/format.h"
#include "base/fsat.h"
#include "base/tree.h"

#include "ftectl/shared/terminal.h"
#include "put-back.h"

#define PENDING "var/lib/fte/putting-back" /* a link to the directory, relative to it */
#define EDIT    "rejected"
#define GOOD    "applied"

bool restore_has_group(const Restore *r, const char *group) {
        for (size_t i = 0; i < r->n_groups; i++)
                if (streq(r->groups[i], group))
                        return true;
        return false;
}

/* ---- saving the edit ---- */

/* "bot-20261124T150312Z", or with a number behind it. */
static int make_directory(Restore *r, int rejected_fd) {
        char stamp[FORMAT_STAMP_BYTES], name[256];

        format_stamp(now_usec(), stamp);
        for (unsigned i = 1; i < 1000; i++) {
                snprintf(name, sizeof(name), i == 1 ? "%s-%s" : "%s-%s-%u", r->name, stamp, i);
                if (mkdirat(rejected_fd, name, 0700) == 0) {
                        r->directory = arena_printf(r->arena, REJECTED_DIRECTORY "/%s", name);
                        r->dir_fd = fsat_open_dir(rejected_fd, name);
                        return r->dir_fd < 0 ? r->dir_fd : r->directory ? 0 : -ENOMEM;
                }
                if (errno != EEXIST)
                        return -errno;
        }
        return -EEXIST;
}

static int save_files(const Restore *r, const FileSet *files, const char *name) {
        _cleanup_close_ int fd = tree_open_dir(r->dir_fd, name, 0700);
        int k = fd < 0 ? fd : 0;

        for (size_t i = 0; i < files->n && k >= 0; i++)
                if (restore_has_group(r, files->files[i].group))
                        k = set_file_write(&files->files[i], fd, false);
        return k;
}

/* ---- only the newest are kept ---- */

/* Of an edit of this agent: "bot-20261124T150312Z", and not one of "bot-two". */
static bool is_edit_of(const char *name, const char *agent) {
        const char *stamp = startswith(name, agent);

        return stamp && *stamp == '-' && strspn(stamp + 1, "0123456789") == 8 && stamp[9] == 'T' &&
               strspn(stamp + 10, "0123456789") == 6 && stamp[16] == 'Z';
}

/* By the time in the name, and by the number behind it. */
static int compare_edits(const struct dirent **a, const struct dirent **b) {
        return strverscmp((*a)->d_name, (*b)->d_name);
}

static void prune(const Restore *r, int rejected_fd) {
        struct dirent **list;
        int n = scandirat(rejected_fd, ".", &list, NULL, compare_edits), left = 0;

        for (int i = 0; i < n; i++)
                left += is_edit_of(list[i]->d_name, r->name);
        for (int i = 0; i < n; i++) {
                if (is_edit_of(list[i]->d_name, r->name) && left-- > RESTORE_KEEP &&
                    !endswith(r->directory, list[i]->d_name))
                        (void) tree_remove(rejected_fd, list[i]->d_name);
                free(list[i]);
        }
        if (n >= 0)
                free(list);
}

/* All of it is on the disk before the link, and the link before anything is put back. */
static int mark_pending(const Restore *r) {
        const char *target = r->directory + strlen("/var/lib/fte/");
        int k;

        if (syncfs(r->dir_fd) < 0)
                return -errno;
        k = fsat_symlink(target, r->root_fd, PENDING);
        return k < 0 ? k : syncfs(r->dir_fd) < 0 ? -errno : 0;
}

int restore_save(Restore *r) {
        _cleanup_close_ int base_fd = -EBADF, rejected_fd = -EBADF;
        int k;

        base_fd = openat(r->root_fd, "var/lib/fte", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (base_fd < 0)
                return -errno;
        rejected_fd = tree_open_dir(base_fd, "rejected", 0700);
        if (rejected_fd < 0)
                return rejected_fd;
        k = make_directory(r, rejected_fd);
        if (k >= 0)
                k = save_files(r, r->edit, EDIT);
        if (k >= 0)
                k = save_files(r, r->good, GOOD);
        if (k >= 0)
                prune(r, rejected_fd);
        return k < 0 ? k : mark_pending(r);
}

/* ---- putting back ---- */

static void note_link(Restore *r, const char *path) {
        struct stat st;

        if (fstatat(r->etc_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
                r->was_link = path;
}

static int finish(int root_fd, int etc_fd) {
        if (syncfs(etc_fd) < 0 || unlinkat(root_fd, PENDING, 0) < 0)
                return errno == ENOENT ? 0 : -errno;
        return 0;
}

int restore_put_back(Restore *r) {
        size_t n = 0;
        int k = 0;

        for (size_t i = 0; i < r->good->n && k >= 0; i++) {
                const SetFile *f = &r->good->files[i];

                if (!restore_has_group(r, f->group) ||
                    set_file_is_same(f, file_set_find(r->edit, f->path)))
                        continue;
                note_link(r, f->path);
                k = set_file_write(f, r->etc_fd, true);
                n += k >= 0;
        }
        for (size_t i = 0; i < r->edit->n && k >= 0; i++) {
                const SetFile *f = &r->edit->files[i];

                if (restore_has_group(r, f->group) && !file_set_find(r->good, f->path) &&
                    unlinkat(r->etc_fd, f->path, 0) < 0 && errno != ENOENT)
                        k = -errno;
        }
        if (k < 0 && n == 0)
                (void) unlinkat(r->root_fd, PENDING, 0); /* nothing is half done */
        return k < 0 ? k : finish(r->root_fd, r->etc_fd);
}

void restore_done(Restore *r) {
        closep(&r->dir_fd);
}

/* ---- after an interruption ---- */

typedef struct Interrupted {
        FileSet edit, good, now;
} Interrupted;

static void interrupted_done(Interrupted *s) {
        file_set_done(&s->edit);
        file_set_done(&s->good);
        file_set_done(&s->now);
}

static int read_tree(FileSet *s, int dir_fd, const char *name) {
        _cleanup_close_ int fd = fsat_open_dir(dir_fd, name);

        return fd < 0 ? fd : file_set_read(s, fd);
}

/* Only what still is as the edit had it: whoever has changed it since knew what they did. */
static int resume_files(const Interrupted *s, int etc_fd) {
        int k = 0;

        for (size_t i = 0; i < s->good.n && k >= 0; i++) {
                const SetFile *f = &s->good.files[i];

                if (set_file_is_same(file_set_find(&s->now, f->path),
                                     file_set_find(&s->edit, f->path)))
                        k = set_file_write(f, etc_fd, true);
        }
        for (size_t i = 0; i < s->edit.n && k >= 0; i++) {
                const SetFile *f = &s->edit.files[i];

                if (!file_set_find(&s->good, f->path) &&
                    set_file_is_same(file_set_find(&s->now, f->path), f) &&
                    unlinkat(etc_fd, f->path, 0) < 0)
                        k = -errno;
        }
        return k;
}

int restore_resume(int root_fd, int etc_fd, Arena *arena, const char **ret_directory) {
        _cleanup_(interrupted_done) Interrupted s = { 0 };
        _cleanup_close_ int dir_fd = -EBADF;
        char target[PATH_MAX];
        ssize_t n = readlinkat(root_fd, PENDING, target, sizeof(target) - 1);
        int r;

        if (n < 0)
                return errno == ENOENT ? 0 : -errno;
        target[n] = 0;
        *ret_directory = arena_printf(arena, "/var/lib/fte/%s", target);
        if (!*ret_directory)
                return -ENOMEM;
        dir_fd = fsat_open_dir(root_fd, PENDING);
        r = dir_fd < 0 ? dir_fd : etc_fd < 0 ? etc_fd : read_tree(&s.edit, dir_fd, EDIT);
        if (r >= 0)
                r = read_tree(&s.good, dir_fd, GOOD);
        if (r >= 0)
                r = file_set_read(&s.now, etc_fd);
        if (r >= 0)
                r = resume_files(&s, etc_fd);
        if (r >= 0)
                r = finish(root_fd, etc_fd);
        return r < 0 ? r : 1;
}
