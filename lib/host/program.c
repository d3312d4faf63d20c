/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * program.h: the directories of RUN_PATH in their order. Runs nothing.
 */

#include "host/program.h"
#include "base/run.h"

const char *host_program(const char *root, const char *name, Arena *arena) {
        for (const char *p = RUN_PATH; *p;) {
                size_t n = strcspn(p, ":");
                const char *path =
                        arena_printf(arena, "%s%.*s/%s", root ? root : "", (int) n, p, name);

                if (path && access(path, X_OK) == 0)
                        return path;
                p += n + (p[n] == ':');
        }
        return NULL;
}
