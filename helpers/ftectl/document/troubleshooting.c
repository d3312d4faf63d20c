/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl troubleshooting: from what one sees to what helps, with this agent's own paths. A symptom
 * is a row; the causes behind it are those that ftectl diagnose knows by themselves.
 */

#include "document.h"
#include "ftectl/diagnose/causes.h"

typedef struct Symptom {
        const char *title;
        const char *commands;               /* that show the cause */
        const char *causes;                 /* templates: "cause: fix", a line each */
        bool (*applies)(const Document *d); /* NULL: always */
} Symptom;

static const Symptom symptoms[] = {
        { "It does not start, status 78",
          "systemctl show -p ExecMainStatus,Result {name}\n"
          "journalctl -u {name} -n 30 --no-pager\n"
          "ftectl lint {name}\n",
          "the configuration has errors: correct the lines that lint names, then `systemctl "
          "daemon-reload` and start "
          "it\n"
          "a secret is missing, empty or a placeholder in {env}: `ftectl env {name} set {key}`\n"
          "{env} is not private: its mode is to be 0600 and its owner root\n",
          NULL },
        { "Its env file is refused",
          "stat -c '%U:%G %a' {env}\n"
          "ftectl env {name} list\n",
          "others may read it: `chmod 0600 {env}`\n"
          "it belongs to somebody else: `chown root: {env}`\n"
          "a line is no NAME=value: the log names the line\n",
          doc_has_env },
        { "It does not start, status 126 or 127",
          "systemctl show -p ExecMainStatus {name}\n"
          "ftectl lint {name}\n",
          "the program, its interpreter or its venv is missing: install it\n"
          "it lies in /root, /home or /tmp, which the sandbox hides: install it below /opt\n"
          "its file system is mounted noexec, or it lacks the mode 0755\n",
          NULL },
        { "\"Permission denied\" for a file",
          "ls -ld {data}\n"
          "find {data} ! -user {user} -print\n"
          "systemctl show -p ProtectSystem,ReadWritePaths {name}\n",
          "a file in {data} belongs to another user: `chown -R {user}: {data}`\n"
          "it writes elsewhere: name that directory by ReadWritePaths= in [Sandbox]\n",
          NULL },
        { "Active, but the connection is refused",
          "systemctl is-active {name}  # exit status 3: it does not run\n"
          "ss -ltnp\n"
          "{probe}  # exit status 1, 7 or 28: nothing answers there\n",
          "it listens on another address or port than {url}: correct Exec= or URL= in [Health]\n"
          "another process has the port {port}: ss names it; stop that, or choose another port\n"
          "it is still starting: wait {start-timeout}\n",
          doc_is_probed_at_port },
        { "Active, but its socket does not answer",
          "systemctl is-active {name}  # exit status 3: it does not run\n"
          "ss -lxp\n"
          "{probe}  # exit status 1, 7 or 28: nothing answers there\n",
          "it listens on another socket or on a port, which ss shows: correct Exec= or URL= in "
          "[Health]\n"
          "its directory is not {user}'s: RuntimeDirectory={name} in [Service] makes /run/{name} "
          "for it\n"
          "it is still starting: wait {start-timeout}\n",
          doc_is_probed_at_socket },
        { "HTTPS does not answer, or with another status than the agent",
          "nginx -t\n"
          "systemctl status nginx --no-pager  # exit status 3: it does not run\n"
          "curl -skS -o /dev/null -w '%{http_code}\\n' --max-time 10 --resolve "
          "{domain}:443:127.0.0.1 "
          "https://{domain}/  # exit status 7, 28, 35 or 60: nginx does not answer\n"
          "openssl s_client -connect 127.0.0.1:443 -servername {domain} </dev/null 2>/dev/null | "
          "openssl x509 -noout "
          "-subject -issuer -enddate  # exit status 1: there is no certificate\n"
          "journalctl -u fte-proxy -n 30 --no-pager\n",
          "nginx refuses its configuration: nginx -t names the line\n"
          "503: the agent does not answer nginx; see the symptoms above\n"
          "it answers here and not from outside: the name leads elsewhere, or the firewall is "
          "closed\n"
          "the site was never made, or with another name: `systemctl restart fte-proxy`\n",
          doc_has_domain },
        { "It is restarted again and again",
          "systemctl show -p NRestarts,Result,ExecMainStatus {name}\n"
          "journalctl -u {name} -n 100 --no-pager\n",
          "Result=oom-kill: its limit of {memory} is too small, or it leaks; Memory= in [Limits]\n"
          "Result=watchdog: it did not answer its health check; look for what blocks it\n"
          "Result=exit-code: it ends by itself; its last lines say why\n",
          NULL },
        { "\"Start request repeated too quickly\"",
          "systemctl show -p StartLimitBurst,StartLimitIntervalUSec,Result {name}\n"
          "journalctl -u {name} -n 100 --no-pager\n",
          "{burst} starts failed within {window}: correct the cause, then `systemctl reset-failed "
          "{name}` and start it\n",
          NULL },
        { "It is healthy and slow, or denied something",
          "systemctl show -p CPUQuotaPerSecUSec,TasksMax,LimitNOFILE {name}\n"
          "journalctl -u {name} --grep='denied|not permitted|Too many open' -n 20 --no-pager  # "
          "exit status 1: nothing "
          "of that\n",
          "CPU=, Tasks= or OpenFiles= in [Limits] is too small for it\n"
          "\"Operation not permitted\": the sandbox profile {profile} denies a call; allow it in "
          "[Service]\n",
          NULL },
        { "A change has no effect",
          "systemctl show -p NeedDaemonReload {name}\n"
          "ftectl lint {name} --diff\n"
          "systemctl cat {name}.service --no-pager\n",
          "the files are newer than what is loaded: `systemctl daemon-reload` and restart it\n"
          "a drop-in in /etc/systemd/system/{name}.service.d undoes it: systemctl cat shows it\n",
          NULL },
        { "The log file does not grow, or the disk is full",
          "df -h {log-dir}\n"
          "ls -lh {log-dir}\n",
          "the disk is full: make room; the agent goes on, and the journal has the lines\n"
          "the directory belongs to somebody else: `chown {user}: {log-dir}`\n",
          doc_has_log },
        { "No alert came",
          "ftectl alert list\n"
          "systemctl status fte-alert-deliver.path --no-pager\n"
          "journalctl -u fte-alert-deliver -n 30 --no-pager\n",
          "no channel is set: see [Alert] of {conf}\n"
          "a receiver refuses it, which alert list shows: correct that, then `ftectl alert retry "
          "--all`\n",
          NULL },
};

/* Lines of a template to a list. */
static void add_causes(Document *d, const char *lines) {
        while (*lines) {
                size_t n = strcspn(lines, "\n");
                const char *line = arena_strndup(&d->arena, lines, n);

                strbuf_add(&d->out, "- ");
                doc_add(d, line ? line : "");
                strbuf_addc(&d->out, '\n');
                lines += n + (lines[n] == '\n');
        }
}

/* "NAME" of the table is the agent. */
static const char *cause_text(Document *d, const char *text) {
        StrBuf b = { 0 };

        while (*text) {
                const char *rest = startswith(text, "NAME");

                if (rest && !ascii_isalnum(*rest)) /* not NAMESPACE */
                        strbuf_add(&b, d->agent.name);
                else if (*text == '\n')
                        strbuf_add(&b, "; ");
                else
                        strbuf_addc(&b, *text);
                text = rest && !ascii_isalnum(*rest) ? rest : text + 1;
        }
        return doc_literal(d, doc_take(d, &b));
}

static void add_known_causes(Document *d) {
        strbuf_add(&d->out, "\n## Every cause that ftectl diagnose knows\n\nWords in capitals "
                            "stand for what it then "
                            "names. The ID is the check of ftectl validate that sees it.\n\n");
        doc_table(d, "Cause", "What one sees", "What helps", "ID", NULL);
        for (size_t i = 0; i < n_causes; i++)
                doc_row(d, cause_text(d, causes[i].title), cause_text(d, causes[i].symptom),
                        cause_text(d, causes[i].remedy),
                        *causes[i].requirement ? causes[i].requirement : "–", NULL);
}

void document_troubleshooting(Document *d) {
        doc_add(d, "# Troubleshooting of {name}\n\nAll commands are root's, and change nothing but "
                   "where a line says "
                   "so.\n");
        strbuf_add(&d->out, "\nThis looks for the cause by itself, and names the command "
                            "that helps:\n");
        doc_commands(d, "ftectl diagnose {name}  # exit status 1: it names a cause\n");
        for (size_t i = 0; i < ARRAY_SIZE(symptoms); i++) {
                const Symptom *s = &symptoms[i];

                if (s->applies && !s->applies(d))
                        continue;
                strbuf_addf(&d->out, "\n## %s\n", s->title);
                doc_commands(d, s->commands);
                strbuf_add(&d->out, "\nCauses:\n\n");
                add_causes(d, s->causes);
        }
        add_known_causes(d);
}
