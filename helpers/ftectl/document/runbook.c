/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl runbook: what to type for an agent, in the order in which a person at night needs it. The
 * recovery of each failure scenario is a row.
 */

#include "document.h"
#include "ftectl/deploy/deploy.h"

/* ---- the ordinary ---- */

static void add_glance(Document *d) {
        doc_table(d, "What", "Where", NULL);
        doc_row(d, "Service", doc_fill(d, "`{name}.service`"), NULL);
        doc_row(d, "Configuration", doc_fill(d, "`{conf}`"), NULL);
        doc_row(d, "Secrets", doc_has_env(d) ? doc_fill(d, "`{env}`") : "none", NULL);
        doc_row(d, "Data", doc_fill(d, "`{data}`"), NULL);
        doc_row(d, "Log", doc_has_log(d) ? doc_fill(d, "`{log}`, and the journal") : "the journal",
                NULL);
        doc_row(d, "Health", doc_is_probed(d) ? doc_fill(d, "`{url}`") : "not checked", NULL);
        doc_row(d, "Alerts", doc_channels(d), NULL);
        doc_row(d, "Contact", d->agent.contact ? doc_literal(d, d->agent.contact) : "none is set",
                NULL);
}

static void add_start_stop(Document *d) {
        doc_add(d, "\n## How it is\n\nExit status 0 when it runs. A start returns when the agent "
                   "is healthy, or "
                   "fails and says why.\n");
        doc_commands(
                d, "systemctl status {name} --no-pager  # exit status 3: it does not run\n"
                   "ftectl status {name}  # exit status 1: it has failed\n"
                   "ftectl validate {name}  # exit status 1: a check failed, and what mends it\n");
        doc_add(d, "\n## Stop, start, restart\n\nA stop takes up to {stop-timeout}, a start up to "
                   "{start-timeout}.\n");
        doc_commands(d, "systemctl stop {name}\n"
                        "systemctl start {name}\n"
                        "systemctl restart {name}\n");
        strbuf_add(&d->out, "\nAfter too many failures systemd refuses to start it; then:\n");
        doc_commands(d, "systemctl reset-failed {name}\nsystemctl start {name}\n");
}

static void add_logs(Document *d) {
        strbuf_add(&d->out, "\n## Logs\n");
        doc_commands(d, "journalctl -u {name} -f  # ends at Ctrl-C\n"
                        "journalctl -u {name} -n 50 --no-pager\n"
                        "journalctl -u {name} -p warning --since today --no-pager\n");
        if (!doc_has_log(d))
                return;
        doc_add(d, "\nThe log file rotates by itself at {log-size} and keeps {log-keep} old files, "
                   "which are "
                   "{log-most} at most. Group {operators} may read it. Nothing has to be signalled "
                   "or restarted.\n");
        doc_commands(d, "tail -n 50 {log}\nls -lh {log-dir}\n");
        doc_add(d, "\nTo make room at once, remove old files; never the one in use:\n");
        doc_commands(d, "find {log-dir} -maxdepth 1 -type f -name {log-old} -delete\n");
}

static void add_change(Document *d) {
        doc_add(d, "\n## Change the configuration\n\nAn error in the file is refused before "
                   "anything is touched, "
                   "and a start that fails brings the old configuration back.\n");
        doc_commands(d, "cp -p {conf} /root/{name}.conf.before\n"
                        "# now edit {conf}\n"
                        "ftectl lint {name}\n"
                        "ftectl lint {name} --diff\n"
                        "ftectl apply {name}\n");
        strbuf_add(&d->out, "\nThe way back:\n");
        doc_commands(d, "cp -p /root/{name}.conf.before {conf}\nftectl apply {name}\n");
}

static void add_secrets(Document *d) {
        if (!doc_has_env(d))
                return;
        doc_add(d, "\n## Rotate a secret\n\nMake the new one at its provider first, and revoke the "
                   "old one when "
                   "the agent is healthy with the new. The value is asked for and not shown; it "
                   "stands in no "
                   "history, argument list or log.\n");
        doc_commands(d, d->agent.env_required
                                ? "ftectl env {name} set {key}  # asks for the value\n"
                                  "systemctl restart {name}\n"
                                  "ftectl env {name} list\n"
                                : "ftectl env {name} list\n");
        strbuf_addf(&d->out, "\nMust be set: %s.\n",
                    doc_words(d, d->agent.env_required, "nothing"));
}

/* ---- alerts ---- */

static void add_alerts(Document *d) {
        strbuf_addf(&d->out, "\n## Alerts\n\nChannels: %s.\n", doc_channels(d));
        if (!doc_has_channel(d)) {
                doc_add(d, "Name a channel in [Alert] of {conf}, such as Email=, and apply it; "
                           "then try it by ftectl "
                           "alert test {name}.\n");
                return;
        }
        doc_commands(
                d,
                "ftectl alert list\n"
                "ftectl alert test {name}  # exit status 1: a channel did not take it\n"
                "ftectl alert retry --all  # exit status 1: there is still something that fails\n");
        strbuf_addc(&d->out, '\n');
        doc_table(d, "Alert", "What it means", "What to do", NULL);
        if (d->agent.alert_on & ALERT_FAILURE)
                doc_row(d, "failed", "it is down, and systemd has given up on it",
                        "see *When it fails*; it does not come back by itself", NULL);
        if (d->agent.alert_on & ALERT_RESTART)
                doc_row(d, "is being restarted", "it ended badly, and is started again",
                        "nothing at once; look at the log lines in the alert", NULL);
        if (d->agent.alert_on & ALERT_RECOVERY)
                doc_row(d, "has recovered", "it is healthy again",
                        "close the incident, find the cause in the log", NULL);
        doc_row(d, "failed … times",
                "the same failure came again and again, and was told only once", "as *failed*",
                NULL);
        doc_row(d, "a test alert", "somebody typed ftectl alert test", "nothing", NULL);
}

/* ---- failures ---- */

typedef struct Scenario {
        const char *title;
        const char *by_itself;
        const char *look; /* commands */
        const char *then; /* what to do when it does not come back */
        const char *commands;
        bool (*applies)(const Document *d); /* NULL: always */
} Scenario;

static bool has_no_log(const Document *d) {
        return !doc_has_log(d);
}

static const Scenario scenarios[] = {
        { "FS-1: it crashes", "{comes-back}.",
          "systemctl show -p NRestarts,Result,ExecMainStatus {name}\n"
          "journalctl -u {name} -n 100 --no-pager\n"
          "ftectl diagnose {name}  # exit status 1: it names a cause\n",
          "Correct the cause that the log names, then start it again:",
          "systemctl reset-failed {name}\nsystemctl restart {name}\n", NULL },
        { "FS-2: it floods its log",
          "the log file rotates at {log-size}; all of them together never take more than "
          "{log-most}. A full disk "
          "stops the file and not the agent.",
          "df -h {log-dir}\n"
          "ls -lhS {log-dir}\n",
          "Find out what it repeats, and make room:",
          "find {log-dir} -maxdepth 1 -type f -name {log-old} -delete\n"
          "journalctl --vacuum-size=500M\n",
          doc_has_log },
        { "FS-2: it floods its log",
          "its lines go to the journal alone, which journald keeps within its limits "
          "(SystemMaxUse= of "
          "journald.conf).",
          "journalctl --disk-usage\n"
          "journalctl -u {name} -n 50 --no-pager\n",
          "Find out what it repeats, and make room:", "journalctl --vacuum-size=500M\n",
          has_no_log },
        { "FS-3: it takes too much memory", "{over-memory}; then {comes-back}.",
          "systemctl show -p MemoryCurrent,MemoryMax,Result {name}\n"
          "journalctl -k --grep=oom --no-pager -n 20  # exit status 1: the kernel has killed "
          "nothing\n",
          "A leak: a restart helps until it is corrected. A limit that is too small: raise Memory= "
          "in [Limits] of "
          "{conf}; ftectl apply restarts the agent with it, systemctl restart alone does not.",
          "systemctl restart {name}\n"
          "ftectl apply {name}\n",
          NULL },
        { "FS-4: the network is gone",
          "the agent goes on and is not stopped. When it fails for want of the network, "
          "{comes-back}. At boot it "
          "waits for network-online.target.",
          "systemctl is-active network-online.target  # exit status 3: it is not reached\n"
          "cat /proc/net/route\n"
          "cat /etc/resolv.conf\n"
          "systemctl show -p IPAddressAllow,IPAddressDeny {name}\n"
          "journalctl -u {name} --grep='resol|unreachable|timed out|refused' -n 20 --no-pager  # "
          "exit status 1: nothing "
          "of that\n",
          "No line with the destination 00000000: the host has no way out. Names do not resolve: "
          "it is the server in "
          "/etc/resolv.conf. All of that is good: it is the other side, or IPAddressDeny= above. "
          "When the "
          "network is back and the agent was given up on:",
          "systemctl reset-failed {name}\nsystemctl restart {name}\n", NULL },
        { "FS-5: its configuration is bad",
          "a service that fails at once and lists the mistakes, file and line, stands for the "
          "agent; what runs is not "
          "touched by a daemon-reload. ftectl apply refuses the change before that.",
          "ftectl lint {name}\n"
          "systemctl status {name} --no-pager  # exit status 3: it does not run\n",
          "Correct what lint names, or bring the file back that was good, then:",
          "ftectl apply {name}\nsystemctl is-active {name}\n", NULL },
};

static void add_failures(Document *d) {
        strbuf_add(&d->out, "\n## When it fails\n\nFirst:\n");
        doc_commands(d, "ftectl status {name}  # exit status 1: it has failed\n"
                        "journalctl -u {name} -n 50 --no-pager\n"
                        "ftectl diagnose {name}  # exit status 1: it names a cause\n");
        for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
                const Scenario *s = &scenarios[i];

                if (s->applies && !s->applies(d))
                        continue;
                strbuf_addf(&d->out, "\n### %s\n\nBy itself: ", s->title);
                doc_add(d, s->by_itself);
                strbuf_add(&d->out, "\n\nLook:\n");
                doc_commands(d, s->look);
                strbuf_addc(&d->out, '\n');
                doc_add(d, s->then);
                strbuf_addc(&d->out, '\n');
                doc_commands(d, s->commands);
        }
}

/* ---- the rest ---- */

static void add_proxy(Document *d) {
        if (!doc_has_domain(d))
                return;
        doc_add(d, "\n## HTTPS does not answer\n\nClients come by nginx, which has {domain} and "
                   "passes requests on. "
                   "When the agent itself is well (*How it is*), look here:\n");
        doc_commands(d, "systemctl status nginx --no-pager  # exit status 3: it does not run\n"
                        "nginx -t\n"
                        "ftectl validate {name}  # exit status 1: FR-006 says what nginx answers\n"
                        "getent ahosts {domain}  # exit status 2: no name server knows it\n"
                        "systemctl status fte-proxy --no-pager  # exit status 3: it is done, and "
                        "ran well or not\n"
                        "tail -n 20 /var/log/nginx/error.log\n");
        strbuf_addc(&d->out, '\n');
        doc_table(d, "What one sees", "What it means", "What to do", NULL);
        doc_row(d, "503, \"One moment, please\"", "nginx is well, and the agent does not answer",
                "*When it fails*", NULL);
        if (!d->agent.proxy_expose_health)
                doc_row(d, "404 for the health check's path",
                        "ExposeHealth=no: only this host may ask", "nothing", NULL);
        if (d->agent.proxy_rate_limit)
                doc_row(d, "429", "one client asks more often than RateLimit= in [Proxy]",
                        "raise it, if that client "
                        "may",
                        NULL);
        doc_row(d, "413", "a request is larger than MaxBody= in [Proxy]", "raise it", NULL);
        doc_row(d, "the certificate has expired",
                d->agent.proxy_certificate
                        ? doc_fill(d, "the one that Certificate= in [Proxy] names was not renewed")
                : d->agent.proxy_acme
                        ? "certbot did not renew it"
                        : "it is the self-signed one: neither Certificate= nor ACME= is set",
                d->agent.proxy_acme && !d->agent.proxy_certificate
                        ? "`systemctl restart fte-proxy`; then "
                          "`journalctl -u fte-proxy -n 50 --no-pager`"
                        : "renew it, then `systemctl restart fte-proxy`",
                NULL);
        strbuf_add(&d->out, "\nnginx does not run, or has not taken up a change:\n");
        doc_commands(d, "systemctl restart fte-proxy\nsystemctl restart nginx\n");
}

/* Only of an agent that runs what is deployed. */
static void add_releases(Document *d) {
        if (!agent_uses_current(&d->agent))
                return;
        strbuf_addf(&d->out,
                    "\n## Deploy and roll back\n\nSOURCE is a directory, a tar archive, a wheel or an "
                    "npm package file. A release that does not get healthy is taken back by itself; "
                    "%llu are kept.\n",
                    (unsigned long long) d->agent.deploy_keep);
        doc_commands(d, "ftectl releases {name}\n"
                        "ftectl deploy {name} SOURCE\n"
                        "ftectl rollback {name}\n");
}

static void add_backup(Document *d) {
        strbuf_addf(&d->out,
                    "\n## Back up and restore\n\nBy itself: %s, of %s, to %s. A restore in place "
                    "stops the "
                    "agent, and brings back what was there when the agent does not get healthy.\n",
                    doc_literal(d, d->agent.backup_schedule),
                    doc_words(d, d->agent.backup_paths, doc_fill(d, "`{data}`")),
                    doc_backup_target(d));
        doc_commands(d, "ftectl backup {name}\n"
                        "ftectl backup list {name}\n"
                        "ftectl backup verify {name}\n"
                        "ftectl restore {name}\n");
}

static void add_escalation(Document *d) {
        strbuf_add(&d->out, "\n## Escalation\n\n");
        if (d->agent.contact)
                strbuf_addf(&d->out, "1. %s\n", doc_literal(d, d->agent.contact));
        else
                doc_add(d, "1. Nobody is named. Set Contact= in [Agent] of {conf}: it is in every "
                           "alert, too.\n");
        doc_add(d,
                "2. With it: the output of the commands under *When it fails*, and when it began.\n"
                "3. When data is at risk, stop the agent first; its data stays in {data}:\n");
        doc_commands(d, "systemctl stop {name}\n");
        strbuf_add(&d->out, "\nWhen that is settled:\n");
        doc_commands(d, "systemctl start {name}\n");
}

static void add_removal(Document *d) {
        strbuf_add(&d->out, "\n## Remove it\n\nIts data, log, secrets and account stay.\n");
        doc_commands(d, "systemctl stop {name}\n"
                        "mv {conf} /root/{name}.conf.removed\n"
                        "systemctl daemon-reload\n");
}

void document_runbook(Document *d) {
        doc_add(d, "# Runbook of {name}\n\nAll commands are root's. Made by \"ftectl runbook "
                   "{name}\" from its "
                   "configuration.\n\n");
        add_glance(d);
        add_start_stop(d);
        add_logs(d);
        add_failures(d);
        add_proxy(d);
        add_change(d);
        add_releases(d);
        add_secrets(d);
        add_alerts(d);
        add_backup(d);
        add_escalation(d);
        add_removal(d);
}
