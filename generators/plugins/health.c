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
        if (a->kind == KIND_JOB) {
                /* Started is a job when it has ended well; until then it has the time for a start.
                 */
                strbuf_add(b, "Type=oneshot\n");
                unit_add_usec(b, "TimeoutStartSec=", agent_start_limit_usec(a));
                return;
        }
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

        if (a->health_url)
                unit_chain_option(u, "--url=", a->health_url);
        if (a->health_file)
                unit_chain_option(u, "--file=", a->health_file);
        if (a->health_file && a->health_max_age_usec != built_in->health_max_age_usec)
                unit_chain_option_usec(u, "--max-age=", a->health_max_age_usec);
        for (char **word = a->health_command; word && *word; word++)
                unit_chain_option(u, "--command=", *word);
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

        if (notify == NOTIFY_NATIVE || a->kind == KIND_JOB)
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
