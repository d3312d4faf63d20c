/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Listen=: fte-listen opens the agent's socket and has systemd keep it over restarts. Its lines
 * stand in the agent's own unit: there is no socket unit, which would start an agent that was
 * stopped, and which PID 1 would have to load at every daemon-reload.
 */

#include "config.h"
#include "plugins/plugin.h"

/*
 * ${MAINPID} is empty, and so there is nothing to hold, when the agent has ended by itself. With
 * all rights, for a filter on a socket of TCP takes CAP_NET_ADMIN.
 */
#define HOLD "ExecStop=-+" FTE_LIBEXECDIR "/fte-listen --hold=${MAINPID} --address="

static void listen_render(const Render *r) {
        const Agent *a = r->agent;
        StrBuf *b = &r->unit->service;

        if (!a->listen)
                return;
        strbuf_add(b, "FileDescriptorStoreMax=1\n");
        /* A stub takes away whatever stops what runs (stub.c). */
        if (*a->listen != '/') {
                if (!render_is_stub(r))
                        unit_add(b, HOLD, a->listen);
                return;
        }
        unit_add_scoped(b, &scope->runtime, a->directory);
        strbuf_add(b, "RuntimeDirectoryMode=0755\nRuntimeDirectoryPreserve=restart\n");
}

static void listen_chain(const Render *r) {
        if (!r->agent->listen)
                return;
        unit_chain_program(r->unit, FTE_LIBEXECDIR "/fte-listen");
        unit_chain_option(r->unit, "--address=", r->agent->listen);
        unit_chain_next(r->unit);
}

/* In a stub too: until it ends, what runs may be what was started before, and its socket is kept.
 */
const Plugin plugin_listen = {
        .name = "listen",
        .render = listen_render,
        .chain = listen_chain,
        .in_stub = true,
};
