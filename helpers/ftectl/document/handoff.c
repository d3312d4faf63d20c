/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl handoff: everything about an agent but its code and its secrets, in one directory, for a
 * team that has nothing but a host with systemd-fte on it.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/log.h"
#include "base/run.h"
#include "base/show.h"
#include "config/directive.h"

#include "ftectl/shared/json.h"
#include "handoff.h"

#define REPORT_BYTES (4 * 1024 * 1024)

/* ---- the list ---- */

StrBuf *bundle_add(Bundle *b, const char *path, mode_t mode) {
        BundleFile *f = b->n < BUNDLE_FILES_MAX && path ? &b->files[b->n++] : NULL;

        if (!f)
                return NULL;
        *f = (BundleFile){ .path = path, .mode = mode };
        return &f->text;
}

void bundle_add_filled(Bundle *b, const char *path, mode_t mode, const char *template) {
        StrBuf *text = bundle_add(b, path, mode);

        if (text)
                strbuf_add(text, doc_fill(b->document, template));
}

void bundle_done(Bundle *b) {
        for (size_t i = 0; i < b->n; i++)
                strbuf_done(&b->files[i].text);
}

/* ---- what is in it ---- */

static void add_documents(Bundle *b) {
        static const struct {
                const char *path;
                void (*add)(Document *d);
        } rows[] = {
                { "DEPLOYMENT_SPEC.md", document_spec },
                { "RUNBOOK.md", document_runbook },
                { "TROUBLESHOOTING.md", document_troubleshooting },
                { "ARCHITECTURE.md", document_architecture },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                StrBuf *text = bundle_add(b, rows[i].path, 0644);

                strbuf_reset(&b->document->out);
                rows[i].add(b->document);
                if (text)
                        strbuf_add_bytes(text, strbuf_text(&b->document->out),
                                         b->document->out.len);
        }
}

/* The report of the last "ftectl validate", or the plain truth that there is none. */
static void add_report(Bundle *b) {
        Document *d = b->document;
        const char *path = doc_printf(d, "var/lib/fte/reports/%s.json", d->agent.name);
        StrBuf *text = bundle_add(b, "validation-report.json", 0644);
        _cleanup_free_ char *report = malloc(REPORT_BYTES);
        ssize_t n =
                path && report ? fsat_read(d->config.root_fd, path, report, REPORT_BYTES) : -ENOENT;

        if (!text)
                return;
        if (n > 0)
                strbuf_add_bytes(text, report, (size_t) n);
        else
                strbuf_add(
                        text,
                        doc_fill(d,
                                 "{\n"
                                 "  \"agent\": \"{name}\",\n"
                                 "  \"validated\": false,\n"
                                 "  \"text\": \"There is no validation report of this agent: "
                                 "nobody has "
                                 "run ftectl validate {name} on the host that this was made on.\"\n"
                                 "}\n"));
}

/* One line of SHA256SUMS. */
static int add_sum(StrBuf *sums, const BundleFile *f) {
        static const char *const argv[] = { "sha256sum", NULL };
        _cleanup_strbuf_ StrBuf out = { 0 };
        const RunOptions options = { .argv = argv,
                                     .input = strbuf_text(&f->text),
                                     .input_len = f->text.len };
        int r = run_program(&options, &out, NULL);

        if (r != 0 || out.len < 64) {
                log_line(LOG_ERR, "sha256sum: %s", r < 0 ? strerror(-r) : "failed");
                return r < 0 ? r : -EIO;
        }
        strbuf_addf(sums, "%.64s  %s\n", strbuf_text(&out), f->path);
        return 0;
}

static int add_sums(Bundle *b) {
        size_t n = b->n;
        StrBuf *sums = bundle_add(b, "SHA256SUMS", 0644);
        int r = sums ? 0 : -E2BIG;

        for (size_t i = 0; i < n && r == 0; i++)
                r = strbuf_check(&b->files[i].text) < 0 ? -ENOMEM : add_sum(sums, &b->files[i]);
        return r;
}

static int make(Bundle *b) {
        int r;

        handoff_add_texts(b);
        add_documents(b);
        r = handoff_add_config(b);
        if (r == 0)
                r = handoff_add_env(b);
        if (r < 0)
                return r;
        add_report(b);
        r = add_sums(b);
        if (r == 0 && (arena_failed(&b->document->arena) || b->n == BUNDLE_FILES_MAX))
                r = -ENOMEM;
        return r;
}

/* ---- the run ---- */

static int tell(const Bundle *b, const Arguments *a) {
        _cleanup_strbuf_ StrBuf dir = { 0 };
        json_t *files;

        if (GIVEN(a, JSON)) {
                files = json_array();
                for (size_t i = 0; i < b->n; i++)
                        json_array_append_new(files, json_text(b->files[i].path));
                return json_print(json_pack("{s:s, s:o, s:o}", "agent", b->document->agent.name,
                                            "directory", json_text(a->words[1]), "files", files));
        }
        show_string(&dir, a->words[1]);
        printf("%s is written, %zu files; %s, and neither is the agent's own code.\n\n"
               "There, as root on a host with systemd-fte:\n"
               "  sh deploy.sh [ENV-FILE]\n"
               "  sh validate.sh\n",
               strbuf_text(&dir), b->n,
               command_has_secret(b->document->agent.exec) ? "no secret is in it but what Exec= has"
                                                           : "no secret is in it");
        return 0;
}

int command_handoff(const Arguments *a) {
        _cleanup_(document_done) Document d = { .config = { .root_fd = -EBADF } };
        _cleanup_(bundle_done) Bundle b = { .document = &d };
        int r = document_open(&d, a, a->words[0]);

        if (r < 0)
                return r == -EBADMSG ? EXIT_BAD : EXIT_CANNOT;
        r = make(&b);
        if (command_has_secret(d.agent.exec))
                log_line(LOG_WARNING,
                         "a word of Exec= looks like a secret, and %s.conf takes it along: "
                         "\"ftectl lint "
                         "%s\" tells what to do",
                         d.agent.name, d.agent.name);
        if (r < 0)
                log_line(LOG_ERR, "nothing is written: %s", strerror(-r));
        else
                r = bundle_write(&b, a->words[1]);
        return r < 0 || tell(&b, a) < 0 ? EXIT_CANNOT : EXIT_GOOD;
}
