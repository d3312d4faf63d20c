/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl architecture: what an agent consists of and how it hangs together. The diagram is plain
 * text, which is the same in a terminal, in a mail and on every forge.
 */

#include "config/directive.h"

#include "document.h"

/* ---- the diagram ---- */

static void add_chain(Document *d) {
        const Agent *a = &d->agent;

        doc_add(d, "   {conf}\n"
                   "        |  systemd-fte-generator, at boot and at each daemon-reload\n"
                   "        v\n"
                   "   {name}.service        user {user}, sandbox profile {profile}, fte.slice\n"
                   "        |\n"
                   "        |  one process, which becomes the next program in each step:\n"
                   "        v\n");
        if (doc_has_env(d))
                doc_add(d, "   fte-env-precheck  <--- {env}\n"
                           "        |             refuses the start when a secret is missing\n"
                           "        v\n");
        if (doc_has_log(d))
                doc_add(d, "   fte-log-tee       ---> {log}\n"
                           "        |        \\---> the journal\n"
                           "        v\n");
        if (agent_notify(a) == NOTIFY_NATIVE)
                strbuf_add(&d->out, "   (the agent tells systemd itself that it is ready)\n        "
                                    "|\n        v\n");
        else
                doc_add(d, doc_is_probed(d)
                                   ? "   fte-health-gate   ---> {url}\n"
                                     "        |             tells systemd: ready, alive, or hung\n"
                                     "        v\n"
                                   : "   fte-health-gate   tells systemd that it is ready\n"
                                     "        |\n"
                                     "        v\n");
        doc_add(d, "   the agent         ---> {data}\n");
}

static void add_ways(Document *d) {
        if (d->agent.proxy_domain)
                doc_add(d, "\n   clients --https--> nginx ({domain}) --http--> the agent\n");
        doc_add(d, "\n   it fails, restarts or recovers\n"
                   "        |\n"
                   "        v\n"
                   "   fte-alert-hook    ---> /var/lib/fte-alert, kept until delivered\n"
                   "                             |\n"
                   "                             v\n"
                   "                     fte-alert-deliver.service ---> ");
        strbuf_add(&d->out,
                   doc_has_channel(d) ? "the channels below\n" : "nobody: no channel is set\n");
}

/* ---- tables ---- */

static void add_files(Document *d) {
        strbuf_add(&d->out, "\n## Files\n\n");
        doc_table(d, "Path", "Owner and mode", "What", NULL);
        doc_row(d, doc_fill(d, "`{conf}`"), "root, 0644",
                "the configuration; everything else is made from it", NULL);
        if (doc_has_env(d))
                doc_row(d, doc_fill(d, "`{env}`"), "root, 0600", "secrets", NULL);
        doc_row(d, d->agent.exec ? doc_code(d, d->agent.exec[0]) : "–", "root",
                "the program; not in the hands of "
                "systemd-fte",
                NULL);
        doc_row(d, doc_fill(d, "`{data}`"), doc_fill(d, "{user}, 0750"),
                "data, and the account's home", NULL);
        if (doc_has_log(d))
                doc_row(d, doc_fill(d, "`{log}`"),
                        doc_fill(d, "{user}; group {operators} may read"),
                        doc_fill(d, "the log, {log-most} at most with its old files"), NULL);
        doc_row(d, doc_fill(d, "`/run/systemd/generator/{name}.service`"), "root, 0644",
                "the unit; made anew at each daemon-reload", NULL);
        doc_row(d, doc_fill(d, "`/run/systemd/generator/{name}.service.d`"), "root",
                "sandbox, plugins, pass-through", NULL);
        for (char **p = d->agent.read_write_paths; p && *p; p++)
                doc_row(d, doc_code(d, *p), "–", "it may write there too (ReadWritePaths=)", NULL);
}

static void add_interfaces(Document *d) {
        const Agent *a = &d->agent;

        strbuf_add(&d->out, "\n## Sockets and addresses\n\n");
        doc_table(d, "What", "Where", NULL);
        doc_row(d, "Health check", doc_is_probed(d) ? doc_fill(d, "`{url}`") : "none", NULL);
        if (a->proxy_domain)
                doc_row(d, "HTTPS", doc_fill(d, "`https://{domain}/`, by nginx"), NULL);
        doc_row(d, "It may connect to",
                a->allow_addresses ? doc_words(d, a->allow_addresses, "") : "anywhere", NULL);
        doc_row(d, "Open in the firewall", doc_open_ports(d), NULL);
}

static void add_units(Document *d) {
        strbuf_add(&d->out, "\n## Units and accounts\n\n");
        doc_table(d, "Name", "What", NULL);
        doc_row(d, doc_fill(d, "`{name}.service`"), "the agent", NULL);
        doc_row(d, "`fte-users.service`", "makes the account before the first start", NULL);
        doc_row(d, doc_fill(d, "`fte-alert@{name}.service`"), "records a final failure", NULL);
        doc_row(d, "`fte-alert-deliver.service`", "sends what was recorded, as user fte-alert",
                NULL);
        doc_row(d, "`fte.slice`", "all agents of the host together", NULL);
        for (char **u = d->agent.requires; u && *u; u++)
                doc_row(d, doc_code(d, *u), "it needs that (Requires=)", NULL);
        doc_row(d, doc_fill(d, "user `{user}`, group `{group}`"),
                d->agent.user ? "runs the agent" : "runs the agent; cannot log in", NULL);
        doc_row(d, doc_fill(d, "group `{operators}`"), "its members read the log", NULL);
}

static void add_limits(Document *d) {
        const Agent *a = &d->agent;

        strbuf_add(&d->out, "\n## Limits\n\n");
        doc_table(d, "What", "Limit", NULL);
        doc_row(d, "Memory",
                a->memory_bytes == BYTES_INFINITY ? "none" : doc_fill(d, "{memory}, no swap"),
                NULL);
        doc_row(d, "CPU",
                a->cpu_percent > 0 ? doc_printf(d, "%u %% of one", a->cpu_percent) : "none", NULL);
        doc_row(d, "Tasks",
                a->tasks > 0 ? doc_printf(d, "%llu", (unsigned long long) a->tasks)
                             : "systemd's default",
                NULL);
        doc_row(d, "Time to become healthy", doc_fill(d, "{start-timeout}"), NULL);
        doc_row(d, "Time to stop", doc_fill(d, "{stop-timeout}"), NULL);
        doc_row(d, "When it fails", doc_fill(d, "{comes-back}"), NULL);
}

void document_architecture(Document *d) {
        doc_add(d, "# Architecture of {name}\n\n```text\n");
        add_chain(d);
        add_ways(d);
        strbuf_add(&d->out, "```\n");
        add_files(d);
        add_interfaces(d);
        add_units(d);
        add_limits(d);
        strbuf_addf(&d->out, "\n## Alerts\n\nChannels: %s.\n", doc_channels(d));
        strbuf_add(&d->out, "\nThe unit and its drop-ins as systemd has them:\n");
        doc_commands(d, "systemctl cat {name}.service --no-pager\n");
}
