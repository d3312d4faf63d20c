/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The search path of load.h. Each directory is listed once and each file read once, relative to
 * its directory's descriptor. Owns the descriptors and one buffer. Knows nothing of keys.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "config/directive.h"
#include "config/file-problem.h"
#include "config/instance.h"
#include "config/load.h"

/* A given file is shown as if installed. */
const char *config_dir_name(size_t index) {
        return scope->config_dirs[index];
}

#define HOST_NAME "fte"
#define BUF_BYTES (INI_FILE_BYTES_MAX + 2)

/* ---- reading one file ---- */

typedef struct File {
        int dir_fd;
        const char *path;
        unsigned char type;
        const char *shown; /* the path that messages and SourcePath= name */
} File;

/* Reads a file into the agent, or when it is NULL into the host. */
static int read_file(Config *c, const File *f, Agent *agent, Problems *problems) {
        const char *problem = file_kind_problem(f->dir_fd, f->path, f->type);
        ssize_t n = 0;

        if (!f->shown)
                return -ENOMEM;
        if (!problem) {
                n = fsat_read(f->dir_fd, f->path, c->buf, BUF_BYTES);
                if (n > (ssize_t) INI_FILE_BYTES_MAX)
                        n = -EFBIG;
                if (n < 0)
                        problem = file_read_problem(n);
        }
        if (problem) {
                problems_add(problems, (Place){ f->shown, 0 }, NULL, NULL, "%s", problem);
                return 0;
        }
        return directive_read(&(DirectiveTarget){ agent, agent ? NULL : &c->host, f->shown },
                              c->buf, (size_t) n, problems);
}

/* It is written into comments of the unit. */
static bool fragment_name_is_valid(const char *name) {
        for (; *name; name++)
                if (!ascii_isalnum(*name) && !strchr("._-@:", *name))
                        return false;
        return true;
}

/* NAME.conf.d, in those directories of the search path that have a bit. */
typedef struct Fragments {
        const char *name;
        unsigned char dirs;
} Fragments;

/* One name of one kind may be in several directories; the first counts, and may be a mask. */
static int read_fragments(Config *c, const Fragments *in, Agent *agent, Arena *arena,
                          Problems *problems) {
        _cleanup_(entries_done) Entries names = { 0 };
        int fds[CONFIG_DIRS_MAX] = { -EBADF, -EBADF, -EBADF, -EBADF, -EBADF };
        char dir[INI_NAME_BYTES_MAX + 256];
        int r = 0;

        if (!in->dirs || snprintf(dir, sizeof(dir), "%s.conf.d", in->name) >= (int) sizeof(dir))
                return 0;
        for (unsigned char i = 0; i < CONFIG_DIRS_MAX && r >= 0; i++) {
                if (!(in->dirs & (1u << i)))
                        continue;
                fds[i] = fsat_open_dir(c->dir_fds[i], dir);
                r = fds[i] < 0 ? fds[i] : entries_list_dir(&names, fds[i], i, false, arena);
                if (r >= 0 || r == -ENOMEM)
                        continue;
                problems_add(problems,
                             (Place){ arena_printf(arena, "/%s/%s", config_dir_name(i), dir), 0 },
                             NULL, NULL, "cannot be listed: %s", strerror(-r));
                r = 0;
        }
        entries_sort(&names);
        for (size_t i = 0; i < names.n && r >= 0; i++) {
                const ConfigEntry *f = &names.items[i];
                char path[300];

                if (i > 0 && streq(f->name, names.items[i - 1].name))
                        continue;
                if (!fragment_name_is_valid(f->name)) {
                        problems_add(problems,
                                     (Place){ arena_printf(arena, "/%s/%s", config_dir_name(f->dir),
                                                           dir),
                                              0 },
                                     NULL, NULL,
                                     "a fragment's name has other characters than letters, digits "
                                     "and . _ - @ :; rename it");
                        continue;
                }
                snprintf(path, sizeof(path), "%s.conf", f->name);
                if (f->type == DT_LNK && fsat_is_mask(fds[f->dir], path))
                        continue;
                r = read_file(c,
                              &(File){ fds[f->dir], path, f->type,
                                       arena_printf(arena, "/%s/%s/%s", config_dir_name(f->dir),
                                                    dir, path) },
                              agent, problems);
        }
        for (size_t i = 0; i < CONFIG_DIRS_MAX; i++)
                closep(&fds[i]);
        return r;
}

/* environments/ENV/NAME.conf, from the first directory that has it. */
static int read_overlay(Config *c, const char *file, Agent *agent, Arena *arena,
                        Problems *problems) {
        for (size_t i = 0; i < CONFIG_DIRS_MAX; i++) {
                if (c->overlay_fds[i] < 0 ||
                    faccessat(c->overlay_fds[i], file, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (fsat_is_mask(c->overlay_fds[i], file))
                        return 0;
                return read_file(
                        c,
                        &(File){ c->overlay_fds[i], file, DT_UNKNOWN,
                                 arena_printf(arena, "/%s/environments/%s/%s", config_dir_name(i),
                                              c->host.environment, file) },
                        agent, problems);
        }
        return 0;
}

/* The host's list must not grow when an agent's does. */
static int clone_pass_through(Agent *agent, Arena *arena) {
        const PassThrough *p = agent->pass_through;

        agent->pass_through = NULL;
        agent->pass_through_tail = &agent->pass_through;
        for (; p; p = p->next) {
                PassThrough *copy = arena_new(arena, PassThrough);

                if (!copy)
                        return -ENOMEM;
                *copy = *p;
                copy->next = NULL;
                *agent->pass_through_tail = copy;
                agent->pass_through_tail = &copy->next;
        }
        return 0;
}

/* "/DIR/NAME" and a suffix; for each agent, so not by printf. */
static char *join_path(Arena *arena, const char *dir, const char *name, const char *suffix) {
        size_t n_dir = strlen(dir), n_name = strlen(name), n_suffix = strlen(suffix);
        char *path = arena_alloc_text(arena, n_dir + n_name + n_suffix + 3);

        if (!path)
                return NULL;
        path[0] = '/';
        memcpy(path + 1, dir, n_dir);
        path[1 + n_dir] = '/';
        memcpy(path + 2 + n_dir, name, n_name);
        memcpy(path + 2 + n_dir + n_name, suffix, n_suffix + 1);
        return path;
}

/* The default that has the agent's name in it. */
static int fill_defaults(Agent *a, Arena *arena) {
        if (!a->env_file)
                a->env_file = join_path(arena, scope->env_top, a->directory, scope->env_suffix);
        return a->env_file ? 0 : -ENOMEM;
}

/* Those of the template count for each of its instances, and before its own. */
static int read_all_fragments(Config *c, const ConfigEntry *e, Agent *agent, Arena *arena,
                              Problems *problems) {
        const Fragments of_file = { e->template_name ? e->template_name : e->name,
                                    e->fragment_dirs };
        const Fragments own = { e->name, e->own_fragment_dirs };
        int r = read_fragments(c, &of_file, agent, arena, problems);

        return r < 0 || !own.dirs ? r : read_fragments(c, &own, agent, arena, problems);
}

int config_read_agent(Config *c, const ConfigEntry *e, Arena *arena, Problems *problems,
                      Agent *ret) {
        char *shown = join_path(arena, config_dir_name(e->dir),
                                e->template_name ? e->template_name : e->name, ".conf");
        const char *file;
        int r;

        if (!shown)
                return -ENOMEM;
        file = strrchr(shown, '/') + 1;
        r = config_open_given(c, e);
        if (r < 0)
                return r;
        *ret = c->host.defaults;
        r = agent_take_name(ret, e->name, arena);
        if (r < 0)
                return r;
        ret->place = (Place){ shown, 0 };
        memset(ret->section_places, 0, sizeof(ret->section_places));
        r = clone_pass_through(ret, arena);
        if (r < 0)
                return r;
        r = read_file(c, &(File){ c->dir_fds[e->dir], file, e->type, shown }, ret, problems);
        if (r >= 0 && c->host.environment)
                r = read_overlay(c, file, ret, arena, problems);
        if (r >= 0)
                r = read_all_fragments(c, e, ret, arena, problems);
        if (ret->instance || strchr(e->name, '@'))
                instance_check(e, ret, problems);
        ret->is_by_hand = e->template_name && !e->is_wanted && !e->own_fragment_dirs;
        ret->enabled = ret->enabled && (!e->template_name || e->is_wanted);
        return r < 0 ? r : fill_defaults(ret, arena);
}

/* ---- the search path ---- */

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
        char path[64];

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
        File f;
        int r;

        host_init(&c->host);
        c->host.environment = c->options.environment;
        if (!c->host_entry.name)
                return open_overlays(c);
        r = config_open_given(c, &c->host_entry);
        if (r < 0)
                return r;
        f = (File){ c->dir_fds[c->host_entry.dir], "fte.conf", c->host_entry.type,
                    arena_printf(c->arena, "/%s/fte.conf", config_dir_name(c->host_entry.dir)) };
        r = c->host_has_file ? read_file(c, &f, NULL, problems) : 0;
        if (r >= 0)
                r = read_fragments(c, &(Fragments){ "fte", c->host_entry.fragment_dirs }, NULL,
                                   c->arena, problems);
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
        c->buf = malloc(BUF_BYTES);
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
