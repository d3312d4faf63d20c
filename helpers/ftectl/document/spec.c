/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl spec: what the deployment of an agent must do, how that is met here, and how to check it.
 * A requirement is a row; its ID is the one of REQUIREMENTS and of ftectl validate.
 */

#include "config/directive.h"

#include "document.h"
#include "ftectl/init/draft.h"

typedef struct SpecRow {
        const char *id, *requirement;
        const char *met; /* a template; NULL: by say */
        const char *(*say)(Document *d);
        const char *check;
        bool (*applies)(const Document *d); /* NULL: always; else "not used" */
} SpecRow;

/* ---- how it is met, where that depends ---- */

static const char *say_boot(Document *d) {
        return d->agent.enabled ? "wanted by multi-user.target"
                                : "Enabled=no: it is started by hand";
}

static const char *say_restart(Document *d) {
        static const char *const when[] = {
                [RESTART_ON_FAILURE] = "`Restart=on-failure`",
                [RESTART_ALWAYS] = "`Restart=always`",
                [RESTART_ON_ABNORMAL] = "`Restart=on-abnormal`",
                [RESTART_NO] = "**not**: When=no in [Restart]",
        };

        return when[d->agent.restart_when];
}

static const char *say_log(Document *d) {
        return doc_has_log(d) ? doc_fill(d, "`fte-log-tee` writes `{log}`, beside the journal")
                              : "File=none in [Logging]: the journal alone";
}

static const char *say_proxy(Document *d) {
        return doc_fill(d, "nginx answers for {domain}, see [Proxy] in `{conf}`");
}

static const char *say_ready(Document *d) {
        const char *how = agent_notify(&d->agent) == NOTIFY_PROBE
                                  ? "a probe of `{url}` must be good"
                          : agent_notify(&d->agent) == NOTIFY_NATIVE
                                  ? "the agent itself says READY=1"
                                  : "ready when the program runs; **nothing "
                                    "looks at its health**";

        return doc_printf(d, "%s, within %s", doc_fill(d, how),
                          doc_usec(d, d->agent.start_timeout_usec));
}

static const char *say_memory(Document *d) {
        return d->agent.memory_bytes == BYTES_INFINITY
                       ? "**no limit**: Memory=infinity"
                       : doc_fill(d, "`MemoryMax={memory}`, no swap");
}

static const char *say_rotation(Document *d) {
        return doc_has_log(d)
                       ? doc_fill(d, "at {log-size}, {log-keep} old files, {log-most} at most")
                       : "no log file; journald limits its own";
}

static const char *say_secrets(Document *d) {
        if (!doc_has_env(d))
                return "File=none: it has no secrets";
        return doc_printf(d, "%s; must be set: %s",
                          doc_fill(d, d->agent.env_encrypted ? "`{env}`, encrypted"
                                                             : "`{env}`, checked at each start"),
                          doc_words(d, d->agent.env_required, "nothing"));
}

static const char *say_ssh(Document *d) {
        if (!d->config.host.defaults.section_places[SECTION_SSH].file)
                return "not managed: there is no [SSH] in fte.conf";
        return d->config.host.ssh_password_authentication
                       ? "**not**: PasswordAuthentication=yes in [SSH]"
                       : "[SSH] of fte.conf: no passwords";
}

static const char *say_backup(Document *d) {
        return doc_printf(d, "%s, of %s, %llu kept in %s", doc_literal(d, d->agent.backup_schedule),
                          doc_words(d, d->agent.backup_paths, doc_fill(d, "`{data}`")),
                          (unsigned long long) d->agent.backup_keep, doc_backup_target(d));
}

/* ---- the table ---- */

#define VALIDATE  "ftectl validate {name}"
#define DISRUPT   "ftectl validate {name} --disruptive --yes"
#define SHOW(...) "systemctl show -p " __VA_ARGS__ " {name}"

static const SpecRow rows[] = {
        { "FR-001", "starts on boot", NULL, say_boot, SHOW("WantedBy"), NULL },
        { "FR-002", "restarts after a crash", NULL, say_restart, SHOW("Restart,RestartUSec"),
          NULL },
        { "FR-003", "runs as its own user, not root", "user `{user}`, group `{group}`", NULL,
          SHOW("User,Group"), NULL },
        { "FR-004", "logs to a file", NULL, say_log, "test -e {log}", doc_has_log },
        { "FR-005", "keeps its data in one place", "`{data}`, mode 0750, of `{user}`", NULL,
          "stat -c '%U %a' {data}", NULL },
        { "FR-006", "HTTPS through nginx", NULL, say_proxy, VALIDATE, doc_has_domain },
        { "NFR-001", "is healthy in time", NULL, say_ready, SHOW("TimeoutStartUSec"), NULL },
        { "NFR-002", "is killed above its memory limit", NULL, say_memory,
          SHOW("MemoryMax,MemorySwapMax"), NULL },
        { "NFR-003", "pauses before a restart, and gives up at last", "{comes-back}", NULL,
          SHOW("RestartUSec,StartLimitBurst,StartLimitIntervalUSec"), NULL },
        { "NFR-004", "the log rotates", NULL, say_rotation, "ls -l {log-dir}", doc_has_log },
        { "SR-001", "minimal rights", "sandbox profile `{profile}`", NULL,
          "systemd-analyze security --no-pager {name}.service", NULL },
        { "SR-002", "the agent cannot write its own unit",
          "units are root's, in /run/systemd/generator", NULL,
          "stat -c '%U %a' /run/systemd/generator/{name}.service", NULL },
        { "SR-003", "secrets in a file of mode 0600", NULL, say_secrets, "ftectl env {name} list",
          doc_has_env },
        { "SR-004", "SSH by keys only", NULL, say_ssh, VALIDATE, NULL },
        { "SR-005", "only the ports that are meant are open", NULL, doc_open_ports, VALIDATE,
          NULL },
        { "OR-001", "the log is in the journal", "every line that it prints, under its name", NULL,
          "journalctl -u {name} -n 5 --no-pager", NULL },
        { "OR-002", "CPU, memory and threads can be watched", "accounting of its cgroup", NULL,
          "ftectl status {name}", NULL },
        { "OR-003", "its data is backed up", NULL, say_backup, VALIDATE, NULL },
        { "OR-004", "a runbook of failures and recovery", "made from this configuration", NULL,
          "ftectl runbook {name}", NULL },
        { "FS-1", "survives a crash", "{comes-back}", NULL, DISRUPT, NULL },
        { "FS-2", "survives a flood of log lines", NULL, say_rotation, DISRUPT, NULL },
        { "FS-3", "survives a memory hog", "{over-memory}", NULL, DISRUPT, NULL },
        { "FS-4", "survives the loss of the network", "goes on; when it fails, {comes-back}", NULL,
          DISRUPT, NULL },
        { "FS-5", "survives a bad configuration",
          "a stub that fails and lists the mistakes stands for it", NULL, DISRUPT, NULL },
};

static void add_requirements(Document *d) {
        strbuf_add(&d->out, "\n## Requirements\n\n");
        doc_table(d, "ID", "Requirement", "How it is met here", "Check", NULL);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const SpecRow *r = &rows[i];
                bool used = !r->applies || r->applies(d);

                doc_row(d, r->id, r->requirement,
                        !used && r->say == say_proxy ? "not used: there is no [Proxy]"
                        : r->met                     ? doc_fill(d, r->met)
                                                     : r->say(d),
                        used ? doc_printf(d, "`%s`", doc_fill(d, r->check)) : "–", NULL);
        }
        doc_commands(d, "ftectl validate {name}\n");
}

/* ---- what is set ---- */

/* Commands and repositories may hold a secret by somebody's slip; the parsers of the rest let none
 * in. */
static const char *set_value(Document *d, const Directive *row) {
        StrBuf b = { 0 };

        directive_value_text(row, &d->agent, &b);
        if (row->parse == parse_exec || row->offset == offsetof(Agent, backup_target))
                return doc_value(d, row->key, doc_take(d, &b));
        return b.len > 0 ? doc_code(d, doc_take(d, &b)) : "–";
}

static const char *set_where(Document *d, const Directive *row) {
        Place p = agent_place(&d->agent, row->offset);

        return doc_printf(d, "`%s:%u`", p.file, p.line);
}

static void add_settings(Document *d) {
        strbuf_add(&d->out, "\n## What is set, and where\n\nEverything else has the default of "
                            "fte.conf(5).\n\n");
        doc_table(d, "Section", "Key", "Value", "Place", NULL);
        for (size_t i = 0; i < n_directives && directives[i].section < SECTION_HOST; i++)
                if (agent_place(&d->agent, directives[i].offset).file)
                        doc_row(d, section_to_string(directives[i].section), directives[i].key,
                                set_value(d, &directives[i]), set_where(d, &directives[i]), NULL);
        for (const PassThrough *p = d->agent.pass_through; p; p = p->next)
                doc_row(d, section_to_string(p->section), doc_literal(d, p->key),
                        doc_value(d, p->key, p->value),
                        doc_printf(d, "`%s:%u`", p->place.file, p->place.line), NULL);
}

static void add_summary(Document *d) {
        const Agent *a = &d->agent;

        doc_table(d, "What", "Value", NULL);
        doc_row(d, "Service", doc_fill(d, "`{name}.service`"), NULL);
        doc_row(d, "Command", doc_command(d), NULL);
        doc_row(d, "Working directory", doc_fill(d, "`{directory}`"), NULL);
        doc_row(d, "Configuration", doc_fill(d, "`{conf}`"), NULL);
        doc_row(d, "Environment", a->env_set ? doc_words(d, a->env_set, "") : "–", NULL);
        doc_row(d, "Health check", doc_is_probed(d) ? doc_fill(d, "`{url}`") : "none", NULL);
        doc_row(d, "CPU limit",
                a->cpu_percent > 0 ? doc_printf(d, "%u %% of one CPU", a->cpu_percent) : "none",
                NULL);
        doc_row(d, "Needs", doc_words(d, a->requires, "nothing but the network"), NULL);
        doc_row(d, "Alerts", doc_channels(d), NULL);
        doc_row(d, "Contact",
                a->contact ? doc_literal(d, a->contact) : "none: set Contact= in [Agent]", NULL);
        if (d->config.host.environment)
                doc_row(d, "Environment of the host", doc_literal(d, d->config.host.environment),
                        NULL);
}

void document_spec(Document *d) {
        const char *what = d->agent.description ? d->agent.description : d->agent.name;

        doc_add(d, "# Deployment specification of {name}\n\n");
        strbuf_addf(&d->out, "%s\n\n", doc_literal(d, what));
        add_summary(d);
        add_requirements(d);
        add_settings(d);
}
