/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl spec, runbook, architecture, troubleshooting: reads the agent and prints one of the
 * documents.
 */

#include <stdio.h>

#include "base/log.h"

#include "document.h"
#include "ftectl/shared/agent-name.h"
#include "ftectl/shared/json.h"

/* ---- the agent ---- */

static int read_agent(Document *d, const char *name) {
        Problems problems = { .arena = &d->arena };
        ConfigEntry entry;
        int r = config_find(&d->config, name, &entry);

        if (r >= 0)
                r = config_read_agent(&d->config, &entry, &d->arena, &problems, &d->agent);
        if (r == -ENOENT)
                return refuse_agent(&d->config, name);
        if (r < 0)
                return r;
        r = facts_load(&d->facts, d->config.root_fd, &d->arena);
        if (r < 0)
                return r;
        agent_validate(&d->agent, &d->facts, &problems);
        if (!problems_any(&problems) && !problems_any(&d->config.host_problems))
                return 0;
        log_line(LOG_ERR,
                 "the configuration of %s has errors, and a document about it would be wrong: "
                 "\"ftectl "
                 "lint %s\" shows them",
                 name, name);
        return -EBADMSG;
}

int document_open(Document *d, const Arguments *args, const char *name) {
        int r;

        d->args = args;
        r = config_open(&d->config, args->root, &d->arena);
        if (r < 0) {
                log_line(LOG_ERR, "%s: %s", *args->root ? args->root : "/", strerror(-r));
                return r;
        }
        return read_agent(d, name);
}

void document_done(Document *d) {
        config_close(&d->config);
        facts_done(&d->facts);
        strbuf_done(&d->out);
        arena_done(&d->arena);
}

/* ---- the subcommands ---- */

static int print(Document *d) {
        if (strbuf_check(&d->out) < 0 || arena_failed(&d->arena)) {
                log_line(LOG_ERR, "out of memory");
                return -ENOMEM;
        }
        if (GIVEN(d->args, JSON))
                return json_print(json_pack("{s:o, s:s, s:o}", "agent", json_text(d->agent.name),
                                            "format", "markdown", "text",
                                            json_text(strbuf_text(&d->out))));
        fputs(strbuf_text(&d->out), stdout);
        return 0;
}

static int run(const Arguments *a, void (*add)(Document *d), bool state) {
        _cleanup_(document_done) Document d = { .config = { .root_fd = -EBADF } };
        int r = document_open(&d, a, a->words[0]);

        if (r < 0)
                return r == -EBADMSG ? EXIT_BAD : EXIT_CANNOT;
        add(&d);
        if (state)
                doc_add_state(&d);
        return print(&d) < 0 ? EXIT_CANNOT : EXIT_GOOD;
}

int command_spec(const Arguments *a) {
        return run(a, document_spec, false);
}

int command_runbook(const Arguments *a) {
        return run(a, document_runbook, true);
}

int command_architecture(const Arguments *a) {
        return run(a, document_architecture, true);
}

int command_troubleshooting(const Arguments *a) {
        return run(a, document_troubleshooting, false);
}
