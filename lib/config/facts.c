/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reads the facts of facts.h: a few directories and /etc/passwd. Everything is sorted once, so
 * that ten thousand agents ask at the cost of a binary search. Must not write, and never asks NSS.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/parse.h"
#include "base/scope.h"
#include "config.h"
#include "config/facts.h"
#include "config/validate.h"

static int grow(void **items, size_t n, size_t *size, size_t item_bytes) {
        size_t more = MAX(*size * 2, (size_t) 256);
        void *p;

        if (n < *size)
                return 0;
        p = realloc(*items, more * item_bytes);
        if (!p)
                return -ENOMEM;
        *items = p;
        *size = more;
        return 0;
}

static int name_compare(const void *a, const void *b) {
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The set's own copy of name, or NULL. */
static const char *set_find(const NameSet *set, const char *name) {
        const char **found = NULL;

        if (set->n > 0)
                found = bsearch(&name, set->items, set->n, sizeof(char *), name_compare);
        return found ? *found : NULL;
}

/* What a directory is listed for: names that end in suffix, stored behind prefix. */
typedef struct Listing {
        const char *path;
        const char *suffix;
        const char *prefix;
        bool (*want)(int dir_fd, const struct dirent *d);
} Listing;

static bool is_no_mask(int dir_fd, const struct dirent *d) {
        return (d->d_type != DT_LNK && d->d_type != DT_UNKNOWN) ||
               !fsat_is_mask(dir_fd, d->d_name);
}

/* systemd passes over a drop-in that is anything else or empty, and the agent would go without. */
static bool is_regular(int dir_fd, const struct dirent *d) {
        struct stat st;

        return fstatat(dir_fd, d->d_name, &st, 0) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

static bool is_not_regular(int dir_fd, const struct dirent *d) {
        return !is_regular(dir_fd, d);
}

static int set_add_dir(NameSet *set, int root_fd, const Listing *l, Arena *arena) {
        int fd = fsat_open_dir(root_fd, l->path), r = 0;
        struct dirent *d;
        DIR *dir;

        if (fd < 0)
                return 0;
        dir = fdopendir(fd);
        if (!dir) {
                close(fd);
                return 0;
        }
        while ((d = readdir(dir))) {
                if (!endswith(d->d_name, l->suffix) || !l->want(fd, d))
                        continue;
                r = grow((void **) &set->items, set->n, &set->size, sizeof(char *));
                if (r < 0)
                        break;
                set->items[set->n] = arena_printf(arena, "%s%s", l->prefix, d->d_name);
                if (!set->items[set->n++])
                        r = -ENOMEM;
        }
        closedir(dir);
        return r;
}

static void set_sort(NameSet *set) {
        if (set->n > 0)
                qsort(set->items, set->n, sizeof(char *), name_compare);
}

/* ---- accounts ---- */

/* Cuts a line of passwd(5) or group(5) into its n fields, in place. */
static bool split_fields(char *line, char **fields, size_t n) {
        for (size_t i = 0; i < n; i++) {
                fields[i] = line;
                line = strchr(line, ':');
                if (!line)
                        return i == n - 1;
                *line++ = 0;
        }
        return false;
}

static int add_account(Facts *f, char *line) {
        char *fields[7];
        uint64_t uid, gid;
        int r;

        if (!split_fields(line, fields, 7) || parse_uint(fields[2], UINT32_MAX, &uid) < 0 ||
            parse_uint(fields[3], UINT32_MAX, &gid) < 0)
                return 0;
        r = grow((void **) &f->accounts, f->n_accounts, &f->size_accounts, sizeof(Account));
        if (r < 0)
                return r;
        f->accounts[f->n_accounts++] = (Account){ fields[0], uid, gid, fields[5], fields[6] };
        return 0;
}

static int add_group(Facts *f, char *line) {
        char *fields[4];
        uint64_t gid;
        int r;

        if (!split_fields(line, fields, 4) || parse_uint(fields[2], UINT32_MAX, &gid) < 0)
                return 0;
        r = grow((void **) &f->groups, f->n_groups, &f->size_groups, sizeof(Group));
        if (r < 0)
                return r;
        f->groups[f->n_groups++] = (Group){ fields[0], gid };
        return 0;
}

static int load_lines(Facts *f, int root_fd, const char *path, int (*add)(Facts *f, char *line),
                      Arena *arena) {
        struct stat st;
        char *text, *line;
        ssize_t n;
        int r = 0;

        if (fstatat(root_fd, path, &st, 0) < 0 || !S_ISREG(st.st_mode))
                return 0;
        text = arena_alloc_text(arena, (size_t) st.st_size + 2);
        if (!text)
                return -ENOMEM;
        n = fsat_read(root_fd, path, text, (size_t) st.st_size + 2);
        if (n < 0)
                return 0;
        while (r >= 0 && (line = strsep(&text, "\n")))
                r = add(f, line);
        return r;
}

static int load_accounts(Facts *f, int root_fd, Arena *arena) {
        int r;

        r = load_lines(f, root_fd, "etc/passwd", add_account, arena);
        if (r >= 0)
                r = load_lines(f, root_fd, "etc/group", add_group, arena);
        /* Both begin with the name, which is all that name_compare() looks at. */
        if (f->n_accounts > 0)
                qsort(f->accounts, f->n_accounts, sizeof(Account), name_compare);
        if (f->n_groups > 0)
                qsort(f->groups, f->n_groups, sizeof(Group), name_compare);
        return r;
}

int facts_load(Facts *f, int root_fd, Arena *arena) {
        int r;

        *f = (Facts){ 0 };
        r = scope->is_user ? 0 : load_accounts(f, root_fd, arena);
        for (size_t i = 0; i < SCOPE_UNIT_DIRS && scope->unit_dirs[i] && r >= 0; i++)
                r = set_add_dir(&f->units, root_fd,
                                &(Listing){ scope->unit_dirs[i], ".service", "", is_no_mask },
                                arena);
        for (size_t i = 0; i < ARRAY_SIZE(scope->plugin_dirs) && r >= 0; i++) {
                const char *dir = scope->plugin_dirs[i];
                Listing l = { dir + 1, ".conf", dir, is_regular };

                r = set_add_dir(&f->plugins, root_fd, &l, arena);
                l.want = is_not_regular;
                if (r >= 0)
                        r = set_add_dir(&f->odd_plugins, root_fd, &l, arena);
        }
        set_sort(&f->units);
        set_sort(&f->plugins);
        set_sort(&f->odd_plugins);
        for (int i = 0; i < _PROFILE_MAX; i++)
                f->profile_paths[i] = facts_plugin_path(f, profile_to_string(i));
        return r;
}

void facts_done(Facts *f) {
        free(f->accounts);
        free(f->groups);
        free(f->units.items);
        free(f->plugins.items);
        free(f->odd_plugins.items);
        *f = (Facts){ 0 };
}

const Account *facts_account(const Facts *f, const char *name) {
        if (f->n_accounts == 0)
                return NULL;
        return bsearch(&name, f->accounts, f->n_accounts, sizeof(Account), name_compare);
}

const Group *facts_group(const Facts *f, const char *name) {
        if (f->n_groups == 0)
                return NULL;
        return bsearch(&name, f->groups, f->n_groups, sizeof(Group), name_compare);
}

bool facts_unit_exists(const Facts *f, const char *unit) {
        return set_find(&f->units, unit) != NULL;
}

bool facts_unit_file_exists(int root_fd, const char *unit) {
        char path[SCOPE_HOME_BYTES + 512];

        for (size_t i = 0; i < SCOPE_UNIT_DIRS && scope->unit_dirs[i]; i++) {
                struct stat st;

                snprintf(path, sizeof(path), "%s/%s", scope->unit_dirs[i], unit);
                if (fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                    !fsat_is_mask(root_fd, path))
                        return true;
        }
        return false;
}

bool facts_unit_is_copy_of(int root_fd, const char *unit, const char *source_path) {
        char text[32 * 1024], path[SCOPE_HOME_BYTES + 512];

        for (size_t i = 0; i < ARRAY_SIZE(scope->copy_dirs) && scope->copy_dirs[i]; i++) {
                const char *p = text;

                snprintf(path, sizeof(path), "%s/%s", scope->copy_dirs[i], unit);
                if (fsat_read(root_fd, path, text, sizeof(text)) < 0)
                        continue;
                while ((p = strstr(p, "\nSourcePath="))) {
                        p += strlen("\nSourcePath=");
                        if (startswith(p, source_path) && p[strlen(source_path)] == '\n')
                                return true;
                }
        }
        return false;
}

bool facts_file_blocks(int root_fd, const char *path) {
        struct stat st;

        return fstatat(root_fd, path + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
               (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode));
}

const char *facts_plugin_path(const Facts *f, const char *name) {
        char path[sizeof(FTE_PLUGINDIR) + SCOPE_HOME_BYTES + 300];

        if (strlen(name) > 250)
                return NULL;
        for (size_t i = 0; i < ARRAY_SIZE(scope->plugin_dirs); i++) {
                const char *found;

                stpcpy(stpcpy(stpcpy(path, scope->plugin_dirs[i]), name), ".conf");
                found = set_find(&f->plugins, path);
                if (found || set_find(&f->odd_plugins, path))
                        return found;
        }
        return NULL;
}
