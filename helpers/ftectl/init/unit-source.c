/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * unit-source.h. Links are followed below the root only, as an administrator's aliases are.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/log.h"

#include "ftectl/shared/path-trace.h"
#include "unit-source.h"

/* systemd.unit(5), in the order in which the first of a name counts. */
static const char *const unit_dirs[] = {
        "/etc/systemd/system.control", "/run/systemd/system.control",   "/etc/systemd/system",
        "/run/systemd/system",         "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
        "/lib/systemd/system",
};

typedef struct Finder {
        const char *root;
        int root_fd;
        Arena *arena;
        UnitSource *source;
        char *text; /* scratch: a file */
} Finder;

static int complain(const char *path, int error) {
        log_line(LOG_ERR, "%s: %s", path, strerror(-error));
        return error;
}

/* ---- a file ---- */

static int take_text(Finder *f, int dir_fd, const char *path, const char *shown) {
        ssize_t n = fsat_read(dir_fd, path, f->text, UNIT_FILE_BYTES_MAX);
        int r;

        if (n < 0)
                return complain(shown, (int) n);
        r = unit_file_parse(f->text, (size_t) n, shown, f->arena, &f->source->settings);
        if (r == -EBADMSG)
                log_line(LOG_ERR, "%s: holds a NUL byte and is no unit file", shown);
        return r == -ENOMEM ? complain(shown, r) : r;
}

/* What a path below the root leads to; NULL: nothing, or a mask. */
static const char *resolve(const Finder *f, const char *path, bool *ret_masked) {
        static const char *const nothing[] = { NULL };
        struct stat st;
        Trace t;

        path_trace(f->root_fd, path, nothing, &t);
        *ret_masked = t.error == 0 ? streq(t.path, "/dev/null") : streq(t.target, "/dev/null");
        if (*ret_masked || t.error < 0 ||
            fstatat(f->root_fd, t.path + 1, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
                return NULL;
        return arena_strdup(f->arena, t.path);
}

/* ---- drop-ins ---- */

typedef struct DropIn {
        const char *name; /* "10-limits.conf" */
        const char *path; /* below the root */
} DropIn;

typedef struct DropIns {
        DropIn *items;
        size_t n, size;
} DropIns;

static void drop_ins_done(DropIns *d) {
        free(d->items);
}

/* The first of a name counts, be it a mask. */
static int drop_ins_add(Finder *f, DropIns *d, const char *dir, const char *name) {
        DropIn *items;

        for (size_t i = 0; i < d->n; i++)
                if (streq(d->items[i].name, name))
                        return 0;
        if (d->n == d->size) {
                d->size = d->size * 2 + 16;
                items = realloc(d->items, d->size * sizeof(DropIn));
                if (!items)
                        return -ENOMEM;
                d->items = items;
        }
        d->items[d->n] = (DropIn){ arena_strdup(f->arena, name),
                                   arena_printf(f->arena, "%s/%s", dir, name) };
        return d->items[d->n].name && d->items[d->n++].path ? 0 : -ENOMEM;
}

/* 1: the directory is there. */
static int list_drop_ins(Finder *f, DropIns *d, int base_fd, const char *dir) {
        int fd = fsat_open_dir(base_fd, base_fd == f->root_fd ? dir + 1 : dir), r = 0;
        DIR *stream = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        if (!stream) {
                closep(&fd);
                return 0;
        }
        while (r == 0 && (entry = readdir(stream)))
                if (*entry->d_name != '.' && endswith(entry->d_name, ".conf"))
                        r = drop_ins_add(f, d, dir, entry->d_name);
        closedir(stream);
        return r < 0 ? r : 1;
}

static int drop_in_compare(const void *a, const void *b) {
        return strcmp(((const DropIn *) a)->name, ((const DropIn *) b)->name);
}

static int take_drop_ins(Finder *f, DropIns *d, bool given) {
        int r = 0;

        if (d->n > 0)
                qsort(d->items, d->n, sizeof(DropIn), drop_in_compare);
        for (size_t i = 0; i < d->n && r == 0; i++) {
                bool masked = false;
                const char *path = given ? d->items[i].path : resolve(f, d->items[i].path, &masked);

                if (path)
                        r = take_text(f, given ? AT_FDCWD : f->root_fd, given ? path : path + 1,
                                      d->items[i].path);
        }
        return r;
}

/*
 * "old.service.d", "old-.service.d" for every dash of the name, "service.d": the more exact first.
 * Of an instance also the template's.
 */
static int list_all_drop_ins(Finder *f, DropIns *d, const char *unit) {
        const char *at = strchr(unit, '@'), *name = unit;
        size_t n_own = 0;
        int r = 0;

        f->source->drop_in_dirs = arena_new_n(f->arena, char *, ARRAY_SIZE(unit_dirs) + 1);
        if (!f->source->drop_in_dirs)
                return -ENOMEM;
        for (size_t len = strlen(unit); name && r >= 0;) {
                for (size_t i = 0; i < ARRAY_SIZE(unit_dirs) && r >= 0; i++) {
                        char *dir = arena_printf(f->arena, "%s/%s.d", unit_dirs[i], name);

                        r = dir ? list_drop_ins(f, d, f->root_fd, dir) : -ENOMEM;
                        /* /lib is the same as /usr/lib where /usr is merged. */
                        if (r > 0 && streq(name, unit) && i < ARRAY_SIZE(unit_dirs) - 1)
                                f->source->drop_in_dirs[n_own++] = dir;
                }
                if (streq(name, "service"))
                        break;
                if (streq(name, unit) && at) {
                        name = arena_printf(f->arena, "%.*s@.service", (int) (at - unit), unit);
                        len = (size_t) (at - unit);
                        continue;
                }
                while (len > 0 && unit[--len] != '-')
                        ;
                name = len > 0 ? arena_printf(f->arena, "%.*s-.service", (int) len, unit)
                               : "service";
        }
        return r < 0 ? r : name ? 0 : -ENOMEM;
}

/* ---- the unit ---- */

/* Which of the administrator's .wants and .requires directories have the unit. */
static int find_wants(Finder *f) {
        int fd = fsat_open_dir(f->root_fd, "etc/systemd/system");
        DIR *stream = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;
        size_t n = 0;

        f->source->wanted_by = arena_new_n(f->arena, char *, 33);
        while (stream && f->source->wanted_by && n < 32 && (entry = readdir(stream))) {
                const char *end = endswith(entry->d_name, ".wants");
                char path[PATH_MAX];
                struct stat st;

                end = end ? end : endswith(entry->d_name, ".requires");
                if (!end)
                        continue;
                snprintf(path, sizeof(path), "%s/%s", entry->d_name, f->source->name);
                if (fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
                        f->source->wanted_by[n++] = arena_strndup(f->arena, entry->d_name,
                                                                  (size_t) (end - entry->d_name));
        }
        f->source->is_wanted = n > 0;
        if (stream)
                closedir(stream);
        else
                closep(&fd);
        return f->source->wanted_by ? 0 : -ENOMEM;
}

/* The file of a name, or of its template. */
static int find_fragment(Finder *f, const char *unit) {
        const char *at = strchr(unit, '@');
        const char *names[] = {
                unit, at ? arena_printf(f->arena, "%.*s@.service", (int) (at - unit), unit) : NULL
        };

        for (size_t n = 0; n < ARRAY_SIZE(names) && names[n]; n++)
                for (size_t i = 0; i < ARRAY_SIZE(unit_dirs); i++) {
                        const char *path = arena_printf(f->arena, "%s/%s", unit_dirs[i], names[n]);
                        bool masked = false;
                        const char *target = path ? resolve(f, path, &masked) : NULL;

                        if (masked) {
                                log_line(LOG_ERR,
                                         "%s%s is a link to /dev/null: the unit is masked; "
                                         "\"systemctl unmask %s\", or name the file itself",
                                         f->root, path, unit);
                                return -ENOENT;
                        }
                        if (!target)
                                continue;
                        f->source->file = path;
                        return take_text(f, f->root_fd, target + 1, path);
                }
        log_line(LOG_ERR,
                 "there is no unit %s in the unit directories below %s; \"systemctl list-units\" "
                 "lists them, and the path of a file may be given too",
                 unit, *f->root ? f->root : "/");
        return -ENOENT;
}

static int read_installed(Finder *f, const char *unit) {
        _cleanup_(drop_ins_done) DropIns d = { 0 };
        int r;

        f->source->is_installed = true;
        r = find_fragment(f, unit);
        if (r == 0)
                r = list_all_drop_ins(f, &d, unit);
        if (r == 0)
                r = take_drop_ins(f, &d, false);
        return r == 0 ? find_wants(f) : r;
}

static int read_given(Finder *f, const char *path) {
        _cleanup_(drop_ins_done) DropIns d = { 0 };
        const char *dir = arena_printf(f->arena, "%s.d", path);
        int r;

        f->source->file = path;
        r = take_text(f, AT_FDCWD, path, path);
        if (r == 0)
                r = dir ? list_drop_ins(f, &d, AT_FDCWD, dir) : -ENOMEM;
        return r < 0 ? r : take_drop_ins(f, &d, true);
}

static bool has_service(const UnitSettings *settings) {
        for (const UnitSetting *s = settings->first; s; s = s->next)
                if (s->key && streq(s->section, "Service"))
                        return true;
        return false;
}

static const char *unit_name(const char *word, Arena *arena) {
        const char *base = strrchr(word, '/') ? strrchr(word, '/') + 1 : word;

        if (endswith(base, ".service"))
                return base;
        return strchr(base, '.') || !*base ? NULL : arena_printf(arena, "%s.service", base);
}

int unit_source_read(const char *root, const char *word, Arena *arena, UnitSource *ret) {
        _cleanup_close_ int root_fd = fsat_open_dir(AT_FDCWD, *root ? root : "/");
        _cleanup_free_ char *text = malloc(UNIT_FILE_BYTES_MAX);
        Finder f = { root, root_fd, arena, ret, text };
        int r;

        *ret = (UnitSource){ .name = unit_name(word, arena) };
        if (root_fd < 0)
                return complain(root, root_fd);
        if (!text)
                return complain(word, -ENOMEM);
        if (!ret->name) {
                log_line(LOG_ERR, "%s: only a service can become an agent; name a .service", word);
                return -EINVAL;
        }
        r = strchr(word, '/') ? read_given(&f, word) : read_installed(&f, ret->name);
        if (r == 0 && !has_service(&ret->settings)) {
                log_line(
                        LOG_ERR,
                        "%s: there is no setting of [Service] in it, so it is no unit of a service",
                        ret->file);
                r = -EINVAL;
        }
        return r == -ENOMEM || arena_failed(arena) ? complain(word, -ENOMEM) : r;
}
