/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * [Agent]: the unit's names and order, its user, its directories, its slice and the link that
 * starts it at boot. The command itself is put together from the chain by the generator.
 */

#include "base/parse.h"
#include "config/directive.h"
#include "plugins/plugin.h"

/* By number: systemd warns of the name "nobody", which some systems give files to. */
#define NOBODY "65534"

static void add_dependencies(const Agent *a, StrBuf *b, bool stub) {
        unit_add_text(b, &scope->dependencies);
        if (stub)
                return;
        unit_add_list(b, "After=", a->after);
        /* Whom one requires one also waits for; systemd treats the two apart. */
        unit_add_list(b, "Requires=", a->requires);
        unit_add_list(b, "After=", a->requires);
}

static void add_directories(const Agent *a, StrBuf *b) {
        unit_add_scoped(b, &scope->state, a->directory);
        unit_add_scoped(b, &scope->logs, a->directory);
        /* Stays root's; systemd does not give this one to the service's user (systemd.exec(5)). */
        if (!scope->is_user)
                unit_add(b, "ConfigurationDirectory=", a->directory);
        if (a->working_directory)
                unit_add_value(b, "WorkingDirectory=", a->working_directory);
        else
                unit_add_scoped(b, &scope->working, a->directory);
}

/*
 * A stub runs as the agent's user too: drop-ins that others wrote for the agent (systemctl edit)
 * apply to it, and must not run as root because of a typing error. Where the account is what is
 * wrong, nobody has to do.
 */
static const char *unit_user(const Render *r) {
        return render_account_is_good(r) ? agent_user(r->agent) : NOBODY;
}

static void service_render(const Render *r) {
        const Agent *a = r->agent;
        StrBuf *unit = &r->unit->unit, *service = &r->unit->service;

        unit_comment(unit, a, SECTION_AGENT);
        unit_add_value(unit, "Description=", a->description ? a->description : a->called);
        strbuf_add(unit, "Documentation=man:fte.conf(5)\n");
        unit_add_value(unit, "SourcePath=", a->place.file);

        unit_add_text(service, &scope->service);
        unit_add(service, "SyslogIdentifier=", a->called);
        unit_add_usec(service, "TimeoutStopSec=", a->stop_timeout_usec);
        if (!scope->is_user)
                unit_add(service, "User=", unit_user(r));
        add_dependencies(a, unit, render_is_stub(r));
        if (render_is_stub(r))
                return; /* it needs none of the agent's directories */
        if (a->group) /* else the user's own */
                unit_add(service, "Group=", a->group);
        add_directories(a, service);
        unit_add_scoped(service, &scope->home, a->directory);
}

/*
 * A template's instances are started by links of their own. When it is wrong and names none,
 * perhaps because that is what is wrong, nobody would see it: so one is started to say so.
 */
static void attach_invalid_instance(const Render *r) {
        const char *name = r->agent->name;

        if (!render_is_stub(r) || strv_length(r->agent->instances) > 0 || !r->agent->enabled)
                return;
        plan_add_link(r->plan, PLAN_INSTALL,
                      plan_path(r->plan, scope->install, name, "invalid.service"),
                      plan_path(r->plan, "../", name, ".service"));
}

static void service_attach(const Render *r) {
        const Agent *a = r->agent;
        const char *name = a->name;

        if (a->is_template)
                attach_invalid_instance(r);
        else if (a->enabled && !render_has_timer(r))
                plan_add_link(r->plan, PLAN_INSTALL,
                              plan_path(r->plan, scope->install, name, ".service"),
                              plan_path(r->plan, "../", name, ".service"));
}

const Plugin plugin_service = {
        .name = "service",
        .render = service_render,
        .attach = service_attach,
        .in_stub = true,
};
