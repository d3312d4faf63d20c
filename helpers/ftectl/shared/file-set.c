/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * file-set.h: one list of the few directories that configuration lies in, and one read a file.
 * Knows where files lie and nothing of what they say.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/tree.h"

#include "file-set.h"

#define FILE_BYTES ((size_t) 1024 * 1024)
#define TEMPORARY  ".ftectl-new" /* a hidden file is no configuration */

typedef struct Reader {
        FileSet *set;
        char *buf;
        int error;
} Reader;

/* ---- which file is whose ---- */

static const char *last_part(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

const char *file_set_group_of(const char *path, Arena *arena) {
        const char *fragments = strstr(path, ".conf.d/"), *name, *end;

        if (startswith(path, "plugins/"))
                return arena_strdup(arena, path);
        if (fragments)
                return arena_strndup(arena, path, (size_t) (fragments - path));
        name = startswith(path, "environments/") ? last_part(path) : path;
        end = endswith(name, ".conf");
        return end && !strchr(name, '/') ? arena_strndup(arena, name, (size_t) (end - name)) : NULL;
}

/* ---- reading ---- */

static SetFile *add(FileSet *s) {
        if (s->n == s->size) {
                size_t size = MAX(s->size * 2, (size_t) 64);
                SetFile *files = realloc(s->files, size * sizeof(*files));

                if (!files)
                        return NULL;
                s->files = files;
                s->size = size;
        }
        return &s->files[s->n++];
}

static int read_content(int dir_fd, const char *name, char *buf, struct stat *ret_st,
                        ssize_t *ret_n) {
        _cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        if (fd < 0 || fstat(fd, ret_st) < 0)
                return -errno;
        if (!S_ISREG(ret_st->st_mode))
                return -EINVAL;
        *ret_n = fsat_read_fd(fd, buf, FILE_BYTES);
        return *ret_n < 0 ? (int) *ret_n : 0;
}

/* What is no file for anybody is no part of the set; what cannot be read now may be one. */
static void take_error(Reader *r, int error) {
        static const int harmless[] = { -ENOENT, -ENOTDIR, -EINVAL, -ELOOP, -EFBIG, -ENXIO };

        for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
                if (error == harmless[i])
                        return;
        r->error = error;
}

static void read_file(Reader *r, int dir_fd, const char *dir, const char *name) {
        char *path = arena_printf(&r->set->arena, "%s%s", dir, name);
        SetFile f = { .path = path, .data = "" };
        ssize_t n = 0;

        f.group = path ? file_set_group_of(path, &r->set->arena) : NULL;
        f.is_mask = fsat_is_mask(dir_fd, name);
        if (f.is_mask && fstatat(dir_fd, name, &f.st, AT_SYMLINK_NOFOLLOW) < 0)
                return;
        if (!f.is_mask) {
                int k = read_content(dir_fd, name, r->buf, &f.st, &n);

                if (k < 0) {
                        take_error(r, k);
                        return;
                }
        }
        f.len = (size_t) n;
        if (n > 0)
                f.data = arena_strndup(&r->set->arena, r->buf, f.len);
        if (f.group && f.data) {
                SetFile *slot = add(r->set);

                if (slot)
                        *slot = f;
                else
                        r->error = -ENOMEM;
        }
}

static void read_dir(Reader *r, int dir_fd, const char *prefix, unsigned depth);

static void read_entry(Reader *r, int fd, const char *prefix, const struct dirent *entry,
                       unsigned depth) {
        const char *name = entry->d_name;
        char path[PATH_MAX];
        bool below_environments = streq(prefix, "environments/");

        if (*name == '.')
                return;
        if (endswith(name, ".conf") && !below_environments) {
                read_file(r, fd, prefix, name);
                return;
        }
        if (!below_environments &&
            !(depth == 0 &&
              (endswith(name, ".conf.d") || streq(name, "environments") || streq(name, "plugins"))))
                return;
        if (snprintf(path, sizeof(path), "%s%s/", prefix, name) < (int) sizeof(path)) {
                int sub_fd = fsat_open_dir(fd, name);

                if (sub_fd >= 0)
                        read_dir(r, sub_fd, path, depth + 1);
                else
                        take_error(r, sub_fd);
        }
}

/* Takes the descriptor. */
static void read_dir(Reader *r, int dir_fd, const char *prefix, unsigned depth) {
        DIR *dir = fdopendir(dir_fd);
        struct dirent *entry;

        if (!dir) {
                r->error = -errno;
                close(dir_fd);
                return;
        }
        while ((errno = 0, entry = readdir(dir)))
                read_entry(r, dirfd(dir), prefix, entry, depth);
        if (errno != 0)
                r->error = -errno;
        closedir(dir);
}

static int compare_path(const void *a, const void *b) {
        return strcmp(((const SetFile *) a)->path, ((const SetFile *) b)->path);
}

int file_set_read(FileSet *s, int dir_fd) {
        _cleanup_free_ char *buf = malloc(FILE_BYTES);
        Reader r = { .set = s, .buf = buf };
        int fd = fsat_open_dir(dir_fd, ".");

        if (fd < 0)
                return fd;
        if (!buf) {
                close(fd);
                return -ENOMEM;
        }
        read_dir(&r, fd, "", 0);
        if (s->n > 0)
                qsort(s->files, s->n, sizeof(*s->files), compare_path);
        return r.error < 0 ? r.error : arena_failed(&s->arena) ? -ENOMEM : 0;
}

void file_set_done(FileSet *s) {
        free(s->files);
        arena_done(&s->arena);
        *s = (FileSet){ 0 };
}

/* ---- comparing ---- */

const SetFile *file_set_find(const FileSet *s, const char *path) {
        const SetFile key = { .path = path };

        return s->n == 0 ? NULL : bsearch(&key, s->files, s->n, sizeof(*s->files), compare_path);
}

bool set_file_is_same(const SetFile *a, const SetFile *b) {
        if (!a || !b)
                return a == b;
        return a->is_mask == b->is_mask && a->len == b->len &&
               memcmp(a->data, b->data, a->len) == 0 &&
               (a->is_mask || ((a->st.st_mode & 07777) == (b->st.st_mode & 07777) &&
                               a->st.st_uid == b->st.st_uid && a->st.st_gid == b->st.st_gid));
}

bool file_set_has_group(const FileSet *s, const char *group) {
        for (size_t i = 0; i < s->n; i++)
                if (streq(s->files[i].group, group))
                        return true;
        return false;
}

static bool has_all_of(const FileSet *a, const FileSet *b, const char *group) {
        for (size_t i = 0; i < b->n; i++)
                if (streq(b->files[i].group, group) &&
                    !set_file_is_same(&b->files[i], file_set_find(a, b->files[i].path)))
                        return false;
        return true;
}

bool file_set_group_is_same(const FileSet *a, const FileSet *b, const char *group) {
        return has_all_of(a, b, group) && has_all_of(b, a, group);
}

/* ---- writing ---- */

static int create(const SetFile *f, int dir_fd, bool sync) {
        if (f->is_mask)
                return fsat_symlink("/dev/null", dir_fd, TEMPORARY);
        return fsat_create(dir_fd, TEMPORARY,
                           &(FsatContent){ f->data, f->len, f->st.st_mode & 07777, sync });
}

static int write_at(const SetFile *f, int dir_fd, const char *name, bool sync) {
        const struct timespec times[2] = { f->st.st_atim, f->st.st_mtim };
        int r = create(f, dir_fd, sync);

        if (r < 0)
                return r;
        /* Not to be had without privileges, which only tests do without. */
        if ((geteuid() == 0 &&
             fchownat(dir_fd, TEMPORARY, f->st.st_uid, f->st.st_gid, AT_SYMLINK_NOFOLLOW) < 0) ||
            utimensat(dir_fd, TEMPORARY, times, AT_SYMLINK_NOFOLLOW) < 0 ||
            renameat(dir_fd, TEMPORARY, dir_fd, name) < 0) {
                r = -errno;
                (void) unlinkat(dir_fd, TEMPORARY, 0);
        }
        return r;
}

int set_file_write(const SetFile *f, int dir_fd, bool sync) {
        const char *name = last_part(f->path);
        _cleanup_close_ int parent_fd = -EBADF;
        char parent[PATH_MAX];
        int r = tree_make_parents(dir_fd, f->path);

        if (r < 0)
                return r;
        if (snprintf(parent, sizeof(parent), "%.*s", MAX((int) (name - f->path) - 1, 0), f->path) >=
            (int) sizeof(parent))
                return -ENAMETOOLONG;
        parent_fd = fsat_open_dir(dir_fd, *parent ? parent : ".");
        return parent_fd < 0 ? parent_fd : write_at(f, parent_fd, name, sync);
}
