/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * removed.h: the names of files against the names of blocks; no file is read.
 */

#include "config/load.h"

#include "removed.h"

int removed_find(const char *root, Arena *arena, ProxySet *now, ProxySet *ret) {
        Config c;
        int r = proxy_set_load(root, arena, now);

        if (r == 0)
                r = proxy_set_copy(now, ret);
        if (r == 0)
                r = config_open(&c, root, arena);
        if (r < 0)
                return r;
        for (size_t i = 0; i < now->n; i++) {
                bool found = false;

                for (size_t k = 0; k < c.n_entries && !found; k++)
                        found = streq(c.entries[k].name, now->files[i].name);
                if (!found)
                        (void) proxy_set_put(ret, now->files[i].name, NULL);
        }
        config_close(&c);
        if (ret->n == 0)
                ret->shared = NULL;
        return (int) (now->n - ret->n);
}
