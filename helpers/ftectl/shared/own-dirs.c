/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * own-dirs.h: looks which one is there.
 */

#include "base/scope.h"

#include "own-dirs.h"

static const char *find(const char *root, const char *const *tops, const Agent *a, Arena *arena) {
        const char *path = NULL;

        for (size_t i = 0; i < SCOPE_OWN_DIRS && tops[i]; i++) {
                path = arena_printf(arena, "%s%s%s", root, tops[i], a->directory);
                if (!path || access(path, F_OK) == 0)
                        return path ? path + strlen(root) : NULL;
        }
        return arena_printf(arena, "%s%s", tops[0], a->directory);
}

const char *own_state_dir(const char *root, const Agent *a, Arena *arena) {
        return find(root, scope->state_dirs, a, arena);
}

const char *own_log_file(const char *root, const Agent *a, Arena *arena) {
        const char *dir;

        if (a->log_file)
                return arena_strdup(arena, streq(a->log_file, "none") ? "" : a->log_file);
        dir = find(root, scope->log_dirs, a, arena);
        return dir ? arena_printf(arena, "%s/app.log", dir) : NULL;
}
