/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * [Health]: when the agent counts as started, and how a hang is noticed. fte-health-gate tells
 * systemd by sd_notify(3), unless the agent does so itself (Notify=native).
 */

#include "config.h"
#include "config/directive.h"
#include "plugins/plugin.h"

static void health_render(const Render *r) {
        const Agent *a = r->agent;
        StrBuf *b = &r->unit->service;
        uint64_t watchdog_usec = agent_watchdog_usec(a);

        unit_comment(b, a, SECTION_HEALTH);
        /*
         * Type=exec would call the start a success while the precheck is still looking. The gate's
         * prober is not the main process, and an agent's workers may be the ones to speak.
         */
        strbuf_add(b, "Type=notify\nNotifyAccess=all\n");
        unit_add_usec(b, "TimeoutStartSec=", a->start_timeout_usec);
        if (watchdog_usec > 0)
                unit_add_usec(b, "WatchdogSec=", watchdog_usec);
}

/* Options that say what the gate does anyway are left out: the defaults are the same there. */
static void add_options(const Agent *a, Unit *u) {
        const Agent *built_in = agent_built_in();

        unit_chain_option(u, "--url=", a->health_url);
        if (a->expect_status != built_in->expect_status)
                unit_chain_option_uint(u, "--expect-status=", a->expect_status);
        if (a->expect_body)
                unit_chain_option(u, "--expect-body=", a->expect_body);
        if (a->health_interval_usec != built_in->health_interval_usec)
                unit_chain_option_usec(u, "--interval=", a->health_interval_usec);
        if (a->health_timeout_usec != built_in->health_timeout_usec)
                unit_chain_option_usec(u, "--timeout=", a->health_timeout_usec);
        if (a->health_failures != built_in->health_failures)
                unit_chain_option_uint(u, "--failures=", a->health_failures);
}

static void health_chain(const Render *r) {
        const Agent *a = r->agent;
        Notify notify = agent_notify(a);

        if (notify == NOTIFY_NATIVE)
                return;
        unit_chain_program(r->unit, FTE_LIBEXECDIR "/fte-health-gate");
        if (notify == NOTIFY_PROBE)
                add_options(a, r->unit);
        unit_chain_next(r->unit);
}

const Plugin plugin_health = {
        .name = "health",
        .render = health_render,
        .chain = health_chain,
        .in_stub = true,
};
