/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * release.h by readlink(2). Looks at paths below /opt only, and follows no link but that one.
 */

#include <limits.h>
#include <stdio.h>

#include "base/macro.h"
#include "base/releases.h"
#include "release.h"

#define CURRENT "/" CURRENT_LINK

/* The length of "/opt/NAME" when "/current" is behind it; 0: the path is another. */
static size_t home_span(const char *path) {
        const char *name = startswith(path, RELEASES_TOP);
        size_t n = name ? strcspn(name, "/") : 0;

        return n > 0 && path_startswith(name + n, CURRENT) ? strlen(RELEASES_TOP) + n : 0;
}

/* Where the link leads, "releases/ID", in target. */
static bool read_release(const char *root, const char *path, size_t home_len,
                         char target[static NAME_MAX + 1]) {
        char link[PATH_MAX];
        const char *id;
        ssize_t n;

        if (snprintf(link, sizeof(link), "%s%.*s" CURRENT, root, (int) home_len, path) >=
            (int) sizeof(link))
                return false;
        n = readlink(link, target, NAME_MAX);
        if (n <= 0)
                return false;
        target[n] = 0;
        id = startswith(target, RELEASES_DIR "/");
        return id && *id && *id != '.' && !strchr(id, '/');
}

int release_pin(Arena *a, const char *root, char **words) {
        char target[NAME_MAX + 1];

        for (; *words; words++) {
                const char *equals = strchr(*words, '=');
                const char *path = **words == '/' || !equals ? *words : equals + 1;
                size_t n = home_span(path);

                if (n == 0 || !read_release(root, path, n, target))
                        continue;
                *words = arena_printf(a, "%.*s/%s%s", (int) (path + n - *words), *words, target,
                                      path + n + strlen(CURRENT));
                if (!*words)
                        return -ENOMEM;
        }
        return 0;
}
