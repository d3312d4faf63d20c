/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * README, contacts and the two scripts of a bundle (handoff.h). The scripts are POSIX sh, may be
 * run again, look before they touch, and replace nothing.
 */

#include "config/directive.h"

#include "handoff.h"

/* ---- README ---- */

/* The program, and what of its arguments is the path of a file that must come from elsewhere. */
static void add_code(Document *d) {
        doc_table(d, "Path", "What", NULL);
        for (char **w = d->agent.exec; w && *w; w++)
                if (w == d->agent.exec || **w == '/')
                        doc_row(d, doc_code(d, *w),
                                w == d->agent.exec ? **w == '/' ? "the program"
                                                                : "the program, looked up in $PATH"
                                                   : "an argument of it",
                                NULL);
        if (d->agent.working_directory)
                doc_row(d, doc_code(d, d->agent.working_directory), "its working directory", NULL);
}

/* Whatever is a path, and may lead to something that the other host has not. */
static void add_needs(Document *d) {
        doc_add(d, "\n## What the host needs\n\n");
        doc_table(d, "What", "Why", NULL);
        doc_row(d, "systemd-fte", "runs the agent; `ftectl --version` says that it is there", NULL);
        for (char **u = d->agent.requires; u && *u; u++)
                doc_row(d, doc_code(d, *u), "Requires= in [Agent]", NULL);
        for (char **p = d->agent.plugins; p && *p; p++)
                doc_row(d, doc_printf(d, "`/etc/fte/plugins/%s.conf`", *p),
                        "Plugins= in [Agent], unless the package "
                        "has it",
                        NULL);
        for (size_t i = 0; i < n_directives; i++) {
                const Directive *row = &directives[i];
                const char *path;

                if (row->parse != parse_secret_path || row->section >= SECTION_HOST)
                        continue;
                path = *(const char *const *) ((const char *) &d->agent + row->offset);
                if (path)
                        doc_row(d, doc_code(d, path),
                                doc_printf(d, "the secret of %s= in [%s]: a file of mode 0600",
                                           row->key, section_to_string(row->section)),
                                NULL);
        }
        if (d->agent.alert_smtp)
                doc_row(d, "SMTP= in [Alert] of /etc/fte/fte.conf", "mail is sent by it", NULL);
        if (d->agent.proxy_domain)
                doc_row(d, "nginx, and a certificate", "[Proxy]", NULL);
}

static void add_readme(Bundle *b) {
        Document *d = b->document;
        StrBuf *text = bundle_add(b, "README.md", 0644);

        strbuf_reset(&d->out);
        doc_add(d, "# {name}\n\n");
        strbuf_addf(&d->out, "%s\n\n",
                    doc_literal(d, d->agent.description ? d->agent.description : d->agent.name));
        doc_add(d,
                "Everything to run this agent on a Linux host with systemd-fte, but its code and "
                "its secrets. As "
                "root, in this directory:\n\n"
                "```sh\nsh deploy.sh\nsh validate.sh\n```\n\n"
                "deploy.sh takes the path of a finished env file as an argument, or says which "
                "variables are to "
                "be set. It replaces nothing that is there, and may be run again.\n\n"
                "## The code\n\nIt is not in this directory. Before deploy.sh there must be:\n\n");
        add_code(d);
        add_needs(d);
        strbuf_add(&d->out, "\n## The files\n\n");
        doc_table(d, "File", "What", NULL);
        doc_row(d, "deploy.sh, validate.sh", "see above", NULL);
        doc_row(d, doc_fill(d, "{name}.conf"),
                doc_fill(d, "the configuration, for `{conf}`: paths, user, limits, domain, "
                            "certificates, alerts, contact. "
                            "Change them here before deploy.sh, or there and then `ftectl apply "
                            "{name}`; "
                            "DEPLOYMENT_SPEC.md lists what is set"),
                NULL);
        doc_row(d, doc_fill(d, "{name}.conf.d"), "its fragments, if there are any", NULL);
        doc_row(d, "env.template", "the names of its secrets", NULL);
        doc_row(d, "DEPLOYMENT_SPEC.md", "each requirement, how it is met, how to check it", NULL);
        doc_row(d, "RUNBOOK.md, TROUBLESHOOTING.md", "for the people who look after it", NULL);
        doc_row(d, "ARCHITECTURE.md", "what it consists of", NULL);
        doc_row(d, "CONTACTS.md", "whom to ask", NULL);
        doc_row(d, "validation-report.json", "what ftectl validate found where this was made",
                NULL);
        doc_row(d, "SHA256SUMS", "`sha256sum -c SHA256SUMS`", NULL);
        if (text)
                strbuf_add_bytes(text, strbuf_text(&d->out), d->out.len);
}

static void add_contacts(Bundle *b) {
        Document *d = b->document;
        StrBuf *text = bundle_add(b, "CONTACTS.md", 0644);

        strbuf_reset(&d->out);
        doc_add(d, "# Contacts of {name}\n\n");
        strbuf_addf(&d->out, "Responsible: %s\n\nAlerts go to: %s\n",
                    d->agent.contact ? doc_literal(d, d->agent.contact)
                                     : "nobody is named; set Contact= in [Agent]",
                    doc_channels(d));
        doc_add(d, "\n## Escalation\n\n"
                   "1. Whoever got the alert: RUNBOOK.md, *When it fails*.\n"
                   "2. The responsible person above, with the output of those commands and the "
                   "time when it began.\n"
                   "3. When data is at risk, stop the agent; its data stays in {data}.\n");
        if (text)
                strbuf_add_bytes(text, strbuf_text(&d->out), d->out.len);
}

/* ---- scripts ---- */

#define SCRIPT_HEAD                                                                                \
        "set -eu\n"                                                                                \
        "umask 022\n"                                                                              \
        "\n"                                                                                       \
        "fail() {\n"                                                                               \
        "        echo \"${0##*/}: $*\" >&2\n"                                                      \
        "        exit 1\n"                                                                         \
        "}\n"                                                                                      \
        "\n"                                                                                       \
        "[ \"$(id -u)\" = 0 ] || fail 'this needs root'\n"                                         \
        "command -v ftectl >/dev/null || fail 'systemd-fte is not installed: install its package " \
        "first'\n"                                                                                 \
        "[ -d /run/systemd/system ] || fail 'systemd does not run here'\n"

static const char deploy_head[] =
        "#!/bin/sh\n"
        "# Deploys {name} on this host: sh deploy.sh [ENV-FILE]. Replaces nothing that is there, "
        "and may be\n"
        "# run again. Made by ftectl handoff.\n" SCRIPT_HEAD
        "here=$(cd \"$(dirname \"$0\")\" && pwd)\n"
        "(cd \"$here\" && grep -v '  {name}[.]conf' SHA256SUMS | sha256sum --quiet -c -) ||\n"
        "        fail 'files of this directory have been changed'\n"
        "(cd \"$here\" && grep '  {name}[.]conf' SHA256SUMS | sha256sum --quiet -c - >/dev/null "
        "2>&1) ||\n"
        "        echo 'the configuration has been changed since it was handed over'\n"
        "\n"
        "# install_new FILE PLACE MODE\n"
        "install_new() {\n"
        "        if [ ! -e \"$2\" ]; then\n"
        "                mkdir -p \"$(dirname \"$2\")\"\n"
        "                install -m \"$3\" \"$1\" \"$2\"\n"
        "                echo \"$2 is installed\"\n"
        "        elif cmp -s \"$1\" \"$2\"; then\n"
        "                echo \"$2 is there already\"\n"
        "        else\n"
        "                fail \"$2 is there and differs; compare them (diff $2 $1), then move one "
        "away\"\n"
        "        fi\n"
        "}\n"
        "\n";

static const char deploy_config[] = "install_new \"$here/{name}.conf\" /etc/fte/{name}.conf 0644\n"
                                    "for file in \"$here\"/{name}.conf.d/*.conf; do\n"
                                    "        [ ! -e \"$file\" ] || install_new \"$file\" "
                                    "\"/etc/fte/{name}.conf.d/${file##*/}\" 0644\n"
                                    "done\n";

static const char deploy_env[] =
        "\n"
        "if [ $# -gt 0 ]; then\n"
        "        # A template that nobody has filled in holds nothing to keep.\n"
        "        ! cmp -s \"$here/env.template\" {env} || rm {env}\n"
        "        install_new \"$1\" {env} 0600\n"
        "elif [ ! -e {env} ]; then\n"
        "        install_new \"$here/env.template\" {env} 0600\n"
        "fi\n"
        "if ! ftectl env {name} list; then\n"
        "        fail 'set what is missing or empty (ftectl env {name} set KEY), then run this "
        "again'\n"
        "fi\n";

static void add_deploy(Bundle *b) {
        Document *d = b->document;
        StrBuf *text = bundle_add(b, "deploy.sh", 0755);
        const char *program = d->agent.exec && d->agent.exec[0] ? d->agent.exec[0] : "";

        if (!text)
                return;
        strbuf_add(text, doc_fill(d, deploy_head));
        if (*program == '/')
                strbuf_addf(text,
                            "[ -x %s ] || fail 'the program of the agent is missing; see "
                            "README.md, The code'\n",
                            doc_shell(d, program));
        strbuf_add(text, doc_fill(d, deploy_config));
        if (doc_has_env(d) && !d->agent.env_encrypted)
                strbuf_add(text, doc_fill(d, deploy_env));
        strbuf_add(text, doc_fill(d, "\nftectl apply --yes {name}\nftectl validate {name}\n"));
}

static const char validate_script[] = "#!/bin/sh\n"
                                      "# Validates {name} on this host; options are those of "
                                      "ftectl validate, such as --disruptive --yes.\n"
                                      "# Made by ftectl handoff.\n" SCRIPT_HEAD;

static void add_validate(Bundle *b) {
        StrBuf *text = bundle_add(b, "validate.sh", 0755);

        if (!text)
                return;
        strbuf_add(text, doc_fill(b->document, validate_script));
        strbuf_add(text, doc_fill(b->document, "exec ftectl validate {name} \"$@\"\n"));
}

void handoff_add_texts(Bundle *b) {
        add_readme(b);
        add_contacts(b);
        add_deploy(b);
        add_validate(b);
}
