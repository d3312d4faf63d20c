/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * [Restart]: what systemd does when the agent ends, and when it gives up. Window= is computed so
 * that a loop is always caught (model.c).
 */

#include "plugins/plugin.h"

static const char *const when[] = {
        [RESTART_ON_FAILURE] = "on-failure",
        [RESTART_ALWAYS] = "always",
        [RESTART_ON_ABNORMAL] = "on-abnormal",
        [RESTART_NO] = "no",
};

static void restart_render(const Render *r) {
        const Agent *a = r->agent;
        StrBuf *unit = &r->unit->unit, *service = &r->unit->service;

        if (a->kind == KIND_JOB) {
                /* Nothing but its timer starts it, however often it fails. */
                strbuf_add(unit, "StartLimitIntervalSec=0\n");
                unit_comment(service, a, SECTION_RESTART);
                strbuf_add(service, "Restart=no\n");
                return;
        }
        unit_add_usec(unit, "StartLimitIntervalSec=", agent_window_usec(a));
        unit_add_uint(unit, "StartLimitBurst=", a->restart_burst);

        unit_comment(service, a, SECTION_RESTART);
        unit_add(service, "Restart=", when[agent_restart_when(a)]);
        unit_add_usec(service, "RestartSec=", a->restart_delay_usec);
        /* 78: the precheck refuses the env file; 243: systemd could not read it. Neither heals. */
        strbuf_add(service, "RestartPreventExitStatus=78 243\n");
        if (agent_restart_steps(a) > 0) {
                unit_add_uint(service, "RestartSteps=", agent_restart_steps(a));
                unit_add_usec(service, "RestartMaxDelaySec=", a->restart_max_delay_usec);
        }
}

const Plugin plugin_restart = {
        .name = "restart",
        .render = restart_render,
        .in_stub = true,
};
