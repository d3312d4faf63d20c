/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Plugins= of [Agent]: links static plugins as drop-ins, numbered in the order in which they are
 * named, so that the later one wins.
 */

#include "plugins/plugin.h"

static void links_attach(const Render *r) {
        size_t i = 0;

        for (char **name = r->agent->plugins; name && *name && i <= PLUGINS_MAX; name++, i++) {
                const char *path = facts_plugin_path(r->facts, *name);

                if (!path)
                        continue; /* refused by validate.c; this is a stub */
                plan_add_link(r->plan, PLAN_DROPIN,
                              arena_printf(&r->plan->arena, "%s.service.d/50-%02zu-%s.conf",
                                           r->agent->name, i, *name),
                              path);
        }
}

const Plugin plugin_links = {
        .name = "links",
        .attach = links_attach,
        .in_stub = true,
};
