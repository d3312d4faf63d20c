/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The reading of read.h, and of an agent as load.h has it. Each file is read once, relative to its
 * directory's descriptor, into the one buffer. What its lines mean is the directives' business.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "config/directive.h"
#include "config/file-problem.h"
#include "config/instance.h"
#include "config/read.h"

/* ---- one file ---- */

int config_read_file(Config *c, const ConfigFile *f, Agent *agent, Problems *problems) {
        const char *problem = file_kind_problem(f->dir_fd, f->path, f->type);
        ssize_t n = 0;

        if (!f->shown)
                return -ENOMEM;
        if (!problem) {
                n = fsat_read(f->dir_fd, f->path, c->buf, CONFIG_BUF_BYTES);
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

/* ---- fragments ---- */

/* The directories NAME.conf.d of one read, by index in the search path. */
typedef struct FragmentDirs {
        char name[INI_NAME_BYTES_MAX + 256];
        int fds[CONFIG_DIRS_MAX];
} FragmentDirs;

static const char *fragment_path(const FragmentDirs *d, size_t index, Arena *arena) {
        return arena_printf(arena, "/%s/%s", config_dir_name(index), d->name);
}

static int list_fragments(Config *c, FragmentDirs *d, unsigned char index, Entries *names,
                          Problems *problems) {
        Arena *arena = problems->arena;
        int r;

        d->fds[index] = fsat_open_dir(c->dir_fds[index], d->name);
        r = d->fds[index] < 0 ? d->fds[index]
                              : entries_list_dir(names, d->fds[index], index, false, arena);
        if (r >= 0 || r == -ENOMEM)
                return r;
        problems_add(problems, (Place){ fragment_path(d, index, arena), 0 }, NULL, NULL,
                     "cannot be listed: %s", strerror(-r));
        return 0;
}

static int read_fragment(Config *c, const FragmentDirs *d, const ConfigEntry *f, Agent *agent,
                         Problems *problems) {
        Arena *arena = problems->arena;
        char file[300];

        if (!fragment_name_is_valid(f->name)) {
                problems_add(problems, (Place){ fragment_path(d, f->dir, arena), 0 }, NULL, NULL,
                             "a fragment's name has other characters than letters, digits "
                             "and . _ - @ :; rename it");
                return 0;
        }
        snprintf(file, sizeof(file), "%s.conf", f->name);
        if (f->type == DT_LNK && fsat_is_mask(d->fds[f->dir], file))
                return 0;
        return config_read_file(
                c,
                &(ConfigFile){
                        d->fds[f->dir], file, f->type,
                        arena_printf(arena, "/%s/%s/%s", config_dir_name(f->dir), d->name, file) },
                agent, problems);
}

int config_read_fragments(Config *c, const Fragments *in, Agent *agent, Problems *problems) {
        _cleanup_(entries_done) Entries names = { 0 };
        FragmentDirs d = { .fds = { -EBADF, -EBADF, -EBADF, -EBADF, -EBADF } };
        int r = 0;

        if (!in->dirs ||
            snprintf(d.name, sizeof(d.name), "%s.conf.d", in->name) >= (int) sizeof(d.name))
                return 0;
        for (unsigned char i = 0; i < CONFIG_DIRS_MAX && r >= 0; i++)
                if (in->dirs & (1u << i))
                        r = list_fragments(c, &d, i, &names, problems);
        entries_sort(&names);
        for (size_t i = 0; i < names.n && r >= 0; i++)
                if (i == 0 || !streq(names.items[i].name, names.items[i - 1].name))
                        r = read_fragment(c, &d, &names.items[i], agent, problems);
        for (size_t i = 0; i < CONFIG_DIRS_MAX; i++)
                closep(&d.fds[i]);
        return r;
}

/* ---- one agent ---- */

/* environments/ENV/NAME.conf, from the first directory that has it. */
static int read_overlay(Config *c, const char *file, Agent *agent, Arena *arena,
                        Problems *problems) {
        for (size_t i = 0; i < CONFIG_DIRS_MAX; i++) {
                if (c->overlay_fds[i] < 0 ||
                    faccessat(c->overlay_fds[i], file, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (fsat_is_mask(c->overlay_fds[i], file))
                        return 0;
                return config_read_file(c,
                                        &(ConfigFile){ c->overlay_fds[i], file, DT_UNKNOWN,
                                                       arena_printf(arena, "/%s/environments/%s/%s",
                                                                    config_dir_name(i),
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
static int read_all_fragments(Config *c, const ConfigEntry *e, Agent *agent, Problems *problems) {
        const Fragments of_file = { e->template_name ? e->template_name : e->name,
                                    e->fragment_dirs };
        const Fragments own = { e->name, e->own_fragment_dirs };
        int r = config_read_fragments(c, &of_file, agent, problems);

        return r < 0 || !own.dirs ? r : config_read_fragments(c, &own, agent, problems);
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
        r = config_read_file(c, &(ConfigFile){ c->dir_fds[e->dir], file, e->type, shown }, ret,
                             problems);
        if (r >= 0 && c->host.environment)
                r = read_overlay(c, file, ret, arena, problems);
        if (r >= 0)
                r = read_all_fragments(c, e, ret, problems);
        if (ret->instance || strchr(e->name, '@'))
                instance_check(e, ret, problems);
        ret->is_by_hand = e->template_name && !e->is_wanted && !e->own_fragment_dirs;
        ret->enabled = ret->enabled && (!e->template_name || e->is_wanted);
        return r < 0 ? r : fill_defaults(ret, arena);
}
