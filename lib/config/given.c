/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Configuration files that somebody names instead of installing them (ConfigOptions.files). They
 * become entries among those that were found, so that all rules see them where they are going to
 * stand. Opens directories, reads no file.
 */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "config/load.h"

static bool has_fragments(const char *dir, const char *file, Arena *arena) {
        const char *path = arena_printf(arena, "%s/%s.d", dir, file);
        struct stat st;

        return path && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static const char *directory_of(const char *path, Arena *arena) {
        const char *slash = strrchr(path, '/');

        if (!slash)
                return ".";
        return slash == path ? "/" : arena_strndup(arena, path, (size_t) (slash - path));
}

/* "a/NAME.conf" to an entry; -EINVAL when that is not its form. */
static int given_entry(const Config *c, uint32_t index, Arena *arena, ConfigEntry *ret) {
        const char *path = c->options.files[index], *dir = directory_of(path, arena);
        const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
        const char *end = endswith(file, ".conf");

        if (!end || end == file)
                return -EINVAL;
        if (!dir)
                return -ENOMEM;
        *ret = (ConfigEntry){
                .name = arena_strndup(arena, file, (size_t) (end - file)),
                .dir = CONFIG_DIR_GIVEN,
                .type = DT_UNKNOWN,
                .given = index + 1,
        };
        if (has_fragments(dir, file, arena))
                ret->fragment_dirs = 1u << CONFIG_DIR_GIVEN;
        return ret->name ? 0 : -ENOMEM;
}

static int replace_or_add(Config *c, const ConfigEntry *e) {
        ConfigEntry *entries;
        size_t i;

        for (i = 0; i < c->n_entries && strcmp(c->entries[i].name, e->name) < 0; i++)
                ;
        if (i < c->n_entries && streq(c->entries[i].name, e->name)) {
                c->entries[i] = *e;
                return 0;
        }
        entries = realloc(c->entries, (c->n_entries + 1) * sizeof(*entries));
        if (!entries)
                return -ENOMEM;
        memmove(entries + i + 1, entries + i, (c->n_entries - i) * sizeof(*entries));
        entries[i] = *e;
        c->entries = entries;
        c->n_entries++;
        return 0;
}

int config_add_given(Config *c) {
        int r = 0;

        for (uint32_t i = 0; c->options.files && c->options.files[i] && r >= 0; i++) {
                ConfigEntry e;

                r = given_entry(c, i, c->arena, &e);
                if (r < 0)
                        return r;
                if (!streq(e.name, "fte"))
                        r = replace_or_add(c, &e);
                else {
                        c->host_entry = e;
                        c->host_has_file = true;
                }
        }
        return r;
}

int config_open_given_dir(Config *c, const ConfigEntry *e) {
        const char *dir = directory_of(c->options.files[e->given - 1], c->arena);
        int fd = dir ? fsat_open_dir(AT_FDCWD, dir) : -ENOMEM;

        if (fd < 0)
                return fd;
        closep(&c->dir_fds[CONFIG_DIR_GIVEN]);
        c->dir_fds[CONFIG_DIR_GIVEN] = fd;
        return 0;
}
