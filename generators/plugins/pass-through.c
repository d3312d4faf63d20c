/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * [Unit] and [Service]: ordinary unit syntax, passed on as it is into 90-agent.conf, under a
 * comment with its place. What may be passed was decided in lib/config/pass-through.c.
 */

#include "config/pass-through.h"
#include "plugins/plugin.h"

static void pass_through_render(const Render *r) {
        for (const PassThrough *p = r->agent->pass_through; p; p = p->next) {
                bool service = p->section == SECTION_SERVICE;
                StrBuf *b = service ? &r->unit->late_service : &r->unit->late_unit;

                /* A stub keeps the limits of what may still run under it, and nothing else. */
                if (render_is_stub(r) && !(service && pass_through_is_limit(p->key)))
                        continue;
                strbuf_add(b, "# ");
                strbuf_add(b, p->place.file);
                strbuf_addc(b, ':');
                strbuf_add_uint(b, p->place.line);
                strbuf_addc(b, '\n');
                strbuf_add(b, p->key);
                strbuf_addc(b, '=');
                unit_add(b, "", p->value);
        }
}

const Plugin plugin_pass_through = {
        .name = "pass-through",
        .render = pass_through_render,
        .in_stub = true,
};
