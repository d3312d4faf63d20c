/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The search path of load.h: which files there are, and the host's. Each directory is listed once.
 * Owns the descriptors and the buffer. Knows nothing of keys.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/fsat.h"
#include "config/instance.h"
#include "config/read.h"

/* A given file is shown as if installed. */
const char *config_dir_name(size_t index) {
        return scope->config_dirs[index];
}

#define HOST_NAME "fte"

static bool entry_is_masked(const Config *c, const ConfigEntry *e) {
        char path[300];

        if (e->type != DT_UNKNOWN && e->type != DT_LNK)
                return false;
        snprintf(path, sizeof(path), "%s.conf", e->name);
        return fsat_is_mask(c->dir_fds[e->dir], path);
}

/* Drops doubles and masks, and takes fte.conf and the fragment directories to their files. */
static void merge_entries(Config *c, Entries *names) {
        size_t n = 0;

        for (size_t i = 0; i < names->n;) {
                ConfigEntry e = names->items[i];
                bool file = !e.fragment_dirs;

                for (i++; i < names->n && streq(names->items[i].name, e.name); i++)
                        e.fragment_dirs |= names->items[i].fragment_dirs;
                if (file && entry_is_masked(c, &e))
                        continue;
                if (streq(e.name, HOST_NAME)) {
                        c->host_entry = e;
                        c->host_has_file = file;
                        continue;
                }
                e.fragments_only = !file;
                if (file || name_instance(e.name)) /* else fragments of nothing */
                        names->items[n++] = e;
        }
        names->n = n;
}

static int list_entries(Config *c) {
        Entries names = { 0 };
        int r = 0;

        for (unsigned char i = 0; i < CONFIG_DIR_GIVEN && config_dir_name(i) && r >= 0; i++) {
                c->dir_fds[i] = fsat_open_dir(c->root_fd, config_dir_name(i));
                if (c->dir_fds[i] >= 0)
                        r = entries_list_dir(&names, c->dir_fds[i], i, true, c->arena);
                else if (c->dir_fds[i] != -ENOENT)
                        problems_add(
                                &c->host_problems,
                                (Place){ arena_printf(c->arena, "/%s", config_dir_name(i)), 0 },
                                NULL, NULL, "cannot be opened: %s", strerror(-c->dir_fds[i]));
        }
        entries_sort(&names);
        merge_entries(c, &names);
        c->entries = names.items;
        c->n_entries = names.n;
        return r < 0 ? r : config_add_given(c);
}

static int open_overlays(Config *c) {
        char path[sizeof("environments/") + NAME_MAX];

        for (size_t i = 0; i < CONFIG_DIR_GIVEN && c->host.environment; i++) {
                if (c->dir_fds[i] < 0)
                        continue;
                snprintf(path, sizeof(path), "environments/%s", c->host.environment);
                c->overlay_fds[i] = fsat_open_dir(c->dir_fds[i], path);
                if (c->overlay_fds[i] < 0 && c->overlay_fds[i] != -ENOENT)
                        problems_add(
                                &c->host_problems,
                                (Place){ arena_printf(c->arena, "/%s/%s", config_dir_name(i), path),
                                         0 },
                                NULL, NULL, "cannot be opened: %s", strerror(-c->overlay_fds[i]));
        }
        return 0;
}

static int read_host(Config *c) {
        Problems *problems = &c->host_problems;
        ConfigFile f;
        int r;

        host_init(&c->host);
        c->host.environment = c->options.environment;
        if (!c->host_entry.name)
                return open_overlays(c);
        r = config_open_given(c, &c->host_entry);
        if (r < 0)
                return r;
        f = (ConfigFile){ c->dir_fds[c->host_entry.dir], "fte.conf", c->host_entry.type,
                          arena_printf(c->arena, "/%s/fte.conf",
                                       config_dir_name(c->host_entry.dir)) };
        r = c->host_has_file ? config_read_file(c, &f, NULL, problems) : 0;
        if (r >= 0)
                r = config_read_fragments(c, &(Fragments){ "fte", c->host_entry.fragment_dirs },
                                          NULL, problems);
        if (c->options.environment)
                c->host.environment = c->options.environment;
        return r < 0 ? r : open_overlays(c);
}

int config_open(Config *c, const char *root, Arena *arena) {
        return config_open_with(c, &(ConfigOptions){ .root = root }, arena);
}

int config_open_with(Config *c, const ConfigOptions *options, Arena *arena) {
        int r;

        *c = (Config){
                .arena = arena,
                .options = *options,
                .dir_fds = { -EBADF, -EBADF, -EBADF, -EBADF, -EBADF },
                .overlay_fds = { -EBADF, -EBADF, -EBADF, -EBADF, -EBADF },
                .host_problems = { .arena = arena },
        };
        c->root_fd = fsat_open_dir(AT_FDCWD, isempty(options->root) ? "/" : options->root);
        if (c->root_fd < 0)
                return c->root_fd;
        c->buf = malloc(CONFIG_BUF_BYTES);
        if (!c->buf)
                return -ENOMEM;
        r = list_entries(c);
        if (r >= 0)
                r = read_host(c);
        return r < 0 ? r : config_add_instances(c);
}

void config_close(Config *c) {
        for (size_t i = 0; i < CONFIG_DIRS_MAX; i++) {
                closep(&c->dir_fds[i]);
                closep(&c->overlay_fds[i]);
        }
        closep(&c->root_fd);
        free(c->entries);
        free(c->buf);
}
