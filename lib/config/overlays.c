/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The files of environments (overlays.h): which environments there are, and overlays that lie over
 * nothing. Lists directories and reads no file.
 */

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/edit-distance.h"
#include "base/fsat.h"
#include "config/instance.h"
#include "config/overlays.h"

static void check_overlay(Config *c, size_t dir, const char *name, Problems *problems) {
        const char *file = arena_printf(c->arena, "/%s/environments/%s/%s.conf",
                                        config_dir_name(dir), c->host.environment, name);
        EditGuess g = edit_guess(name);
        ConfigEntry e;

        if (config_find(c, name, &e) >= 0 && !e.template_name)
                return;
        for (size_t i = 0; i < c->n_entries; i++)
                edit_guess_try(&g, c->entries[i].name);
        if (name_instance(name))
                problems_add(problems, (Place){ file, 0 }, NULL, NULL,
                             "an overlay is of a template and not of one instance; what concerns "
                             "one instance stands in %s%s.conf.d",
                             scope->config_dir, name);
        else
                problems_add(problems, (Place){ file, 0 }, NULL, NULL,
                             "lies over no agent: there is no %s.conf in %.*s%s%s%s; rename "
                             "it, or remove it",
                             name, (int) strlen(scope->config_dir) - 1, scope->config_dir,
                             g.best ? ", but " : "", g.best ? g.best : "", g.best ? ".conf" : "");
}

int config_check_overlays(Config *c, Problems *problems) {
        int r = 0;

        for (unsigned char i = 0; i < CONFIG_DIRS_MAX && r >= 0; i++) {
                Entries names = { 0 };

                if (c->overlay_fds[i] < 0)
                        continue;
                r = entries_list_dir(&names, c->overlay_fds[i], i, false, c->arena);
                entries_sort(&names);
                for (size_t k = 0; k < names.n && r >= 0; k++)
                        check_overlay(c, i, names.items[k].name, problems);
                entries_done(&names);
        }
        return r == -ENOMEM || problems->lost ? -ENOMEM : 0;
}

static bool is_known(char *const *names, size_t n, const char *name) {
        for (size_t i = 0; i < n; i++)
                if (streq(names[i], name))
                        return true;
        return false;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int config_environments(const Config *c, Arena *arena, char ***ret) {
        char **names = arena_new_n(arena, char *, ENVIRONMENTS_MAX + 1);
        size_t n = 0;

        for (size_t i = 0; names && i < CONFIG_DIRS_MAX; i++) {
                int fd = c->dir_fds[i] < 0 ? -EBADF : fsat_open_dir(c->dir_fds[i], "environments");
                DIR *dir = fd < 0 ? NULL : fdopendir(fd);
                struct dirent *d;
                struct stat st;

                while (dir && n < ENVIRONMENTS_MAX && (d = readdir(dir)))
                        if (*d->d_name != '.' && !is_known(names, n, d->d_name) &&
                            fstatat(fd, d->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode))
                                names[n++] = arena_strdup(arena, d->d_name);
                if (dir)
                        closedir(dir);
                else
                        closep(&fd);
        }
        if (!names || arena_failed(arena))
                return -ENOMEM;
        qsort(names, n, sizeof(*names), compare_names);
        *ret = names;
        return (int) n;
}
