/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where configuration lies: the search path, masks, fragments, overlays and the host's file. Finds
 * and reads files and hands their text to the directive tables. Below a root directory when asked
 * (tests, lint), while the paths it reports are those of the running system.
 */

#include "base/scope.h"
#include "config/entries.h"
#include "config/model.h"

#define CONFIG_DIR_GIVEN 4 /* behind the search path: the directory of a file that was named */
#define CONFIG_DIRS_MAX  SCOPE_CONFIG_DIRS

/* How lint looks at what is not installed, or not yet. */
typedef struct ConfigOptions {
        const char *root;        /* NULL or "": the running system */
        const char *environment; /* instead of the host's Environment=; NULL: the host's */
        /*
         * Paths of NAME.conf files, NULL-terminated, or NULL. Each is read, with the fragments
         * beside it, instead of the installed file of its name, and its problems are those of
         * /etc/fte/NAME.conf.
         */
        char *const *files;
        /* Names of agents, NULL-terminated, or NULL: instances among them become entries, too. */
        char *const *instances;
        bool reserved_names; /* they may begin with "fte-": throw-away copies of ftectl validate */
} ConfigOptions;

typedef struct Config {
        ConfigOptions options;
        Arena *arena;
        int root_fd;
        int dir_fds[CONFIG_DIRS_MAX];     /* -EBADF where there is none */
        int overlay_fds[CONFIG_DIRS_MAX]; /* environments/ENV in them */
        ConfigEntry *entries;             /* agents, by name; without masked ones and fte.conf */
        size_t n_entries;
        ConfigEntry host_entry; /* name NULL: neither fte.conf nor fragments of it */
        bool host_has_file;
        Host host;
        Problems host_problems; /* an error in fte.conf concerns every agent */
        char *buf;
} Config;

/*
 * Lists the search path below root (NULL or "": the running system) and reads fte.conf. What is
 * wrong with that file is in host_problems. A missing directory is fine. Returns 0; -ENOMEM; or
 * the error of opening root itself.
 */
int config_open(Config *c, const char *root, Arena *arena);
/*
 * The same with more choice; what options point to must live as long. -EINVAL: a bad name in files.
 */
int config_open_with(Config *c, const ConfigOptions *options, Arena *arena);
void config_close(Config *c);

/*
 * Reads one agent: the host's defaults, its file, overlay and fragments, in that order. Strings go
 * to the arena, which is that of the problems, too. Problems are added; the agent holds what could
 * be read. Returns 0 or -ENOMEM.
 */
int config_read_agent(Config *c, const ConfigEntry *e, Arena *arena, Problems *problems,
                      Agent *ret);

/*
 * The entry of a name: an agent's, a template's ("NAME@") or an instance's, also of one that is in
 * no Instances= but can be started since its template is there. -ENOENT when there is none.
 */
int config_find(const Config *c, const char *name, ConfigEntry *ret);

/* "etc/fte" and so on, by the index in the search path. */
const char *config_dir_name(size_t index);

/* For load.c: takes options.files into the entries, and opens the directory of such an entry. */
int config_add_given(Config *c);
int config_open_given_dir(Config *c, const ConfigEntry *e);
static inline int config_open_given(Config *c, const ConfigEntry *e) {
        return e->given > 0 ? config_open_given_dir(c, e) : 0;
}
