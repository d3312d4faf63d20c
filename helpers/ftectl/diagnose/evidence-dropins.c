/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The texts of the unit and its drop-ins, in the order in which systemd has applied them, for
 * overrides.h. Which are ours is told by where they lie: the generator's directory, and the plugins
 * that it links to.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/fsat.h"

#include "evidence.h"
#include "ftectl/shared/loaded.h"

#define TEXT_BYTES  (256 * 1024)
#define DROPINS_MAX 64

/* "" when it cannot be read. */
static const char *read_text(Evidence *e, const char *path) {
        _cleanup_free_ char *buf = malloc(TEXT_BYTES);
        ssize_t n = buf ? evidence_read_file(e, path, buf, TEXT_BYTES) : -1;
        char *copy = n > 0 ? arena_strndup(e->arena, buf, (size_t) n) : NULL;

        return copy ? copy : "";
}

static bool is_ours(const char *path) {
        return startswith(path, OUTPUT_DIRECTORY "/") != NULL;
}

/* Below another root nobody has a list: the admin's directory is taken, which comes last anyway. */
static size_t list_directory(Evidence *e, const char *dir, UnitText *ret, size_t max) {
        int fd = fsat_open_dir(e->generator.config.root_fd, dir + 1);
        struct dirent **names;
        size_t n = 0;
        int found = fd < 0 ? -1 : scandirat(fd, ".", &names, NULL, alphasort);

        for (int i = 0; i < found; i++) {
                if (n < max && endswith(names[i]->d_name, ".conf")) {
                        const char *path = arena_printf(e->arena, "%s/%s", dir, names[i]->d_name);

                        if (path)
                                ret[n++] = (UnitText){ path, read_text(e, path), is_ours(path) };
                }
                free(names[i]);
        }
        if (found >= 0)
                free(names);
        closep(&fd);
        return n;
}

static size_t list_below_root(Evidence *e, UnitText *ret) {
        static const char *const dirs[] = { OUTPUT_DIRECTORY, "/etc/systemd/system" };
        size_t n = 0;
        const char *unit = arena_printf(e->arena, OUTPUT_DIRECTORY "/%s.service", e->name);

        if (unit)
                ret[n++] = (UnitText){ unit, read_text(e, unit), true };
        for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
                const char *dir = arena_printf(e->arena, "%s/%s.service.d", dirs[i], e->name);

                if (dir)
                        n += list_directory(e, dir, ret + n, DROPINS_MAX - n);
        }
        return n;
}

int evidence_read_dropins(Evidence *e) {
        UnitText files[DROPINS_MAX + 1];
        size_t n = 0;
        int r;

        if (*e->root)
                n = list_below_root(e, files);
        else if (*e->unit.fragment)
                files[n++] = (UnitText){ e->unit.fragment, read_text(e, e->unit.fragment), true };
        for (char **path = e->unit.dropins; path && *path && n < DROPINS_MAX; path++)
                files[n++] = (UnitText){ *path, read_text(e, *path), is_ours(*path) };
        r = overrides_find(files, n, e->arena, e->overrides);
        if (r < 0)
                return r;
        e->n_overrides = (size_t) r;
        return 0;
}
