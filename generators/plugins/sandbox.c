/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * [Sandbox]: links the profile as a drop-in and renders the agent's own settings: what tightens
 * stands in the unit, what loosens the profile comes after it, in 90-agent.conf.
 */

#include "config/directive.h"
#include "plugins/plugin.h"

static void add_addresses(const Agent *a, StrBuf *b) {
        if (!a->allow_addresses)
                return;
        unit_add(b, "IPAddressDeny=", "any");
        /* The health gate and a local resolver are on this host. */
        unit_add(b, "IPAddressAllow=", "localhost");
        unit_add_list(b, "IPAddressAllow=", a->allow_addresses);
}

static void add_devices(const Agent *a, StrBuf *late) {
        if (!a->devices)
                return;
        unit_add(late, "PrivateDevices=", "no");
        unit_add(late, "DevicePolicy=", "closed");
        for (char **d = a->devices; d && *d; d++) {
                const char *colon = strchr(*d, ':');

                strbuf_add(late, "DeviceAllow=");
                strbuf_add_bytes(late, *d, colon ? (size_t) (colon - *d) : strlen(*d));
                unit_add(late, " ", colon ? colon + 1 : "rw");
        }
}

static void sandbox_render(const Render *r) {
        const Agent *a = r->agent;
        StrBuf *b = &r->unit->service, *late = &r->unit->late_service;
        bool stub = render_is_stub(r);

        if (a->read_only_paths || a->allow_addresses)
                unit_comment(b, a, SECTION_SANDBOX);
        add_addresses(a, b);
        if (a->read_write_paths || a->devices)
                unit_comment(late, a, SECTION_SANDBOX);
        add_devices(a, late);
        if (stub)
                return; /* a path that is missing would hide the stub's own message */
        unit_add_list(b, "ReadOnlyPaths=", a->read_only_paths);
        unit_add_list(late, "ReadWritePaths=", a->read_write_paths);
}

static void sandbox_attach(const Render *r) {
        const char *path = r->facts->profile_paths[r->agent->profile];

        if (!path)
                return; /* refused by validate.c; this is a stub */
        plan_add_link(r->plan, PLAN_DROPIN,
                      plan_path(r->plan, r->agent->name, ".service.d/10-sandbox.conf", ""), path);
}

const Plugin plugin_sandbox = {
        .name = "sandbox",
        .render = sandbox_render,
        .attach = sandbox_attach,
        .in_stub = true,
};
