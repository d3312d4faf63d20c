/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The part of a document that is true only at the moment when it was printed (document.h). Asks
 * systemd as ftectl status does; says so when it does not run.
 */

#include "document.h"
#include "ftectl/status/status.h"

static void add_state(Document *d, const AgentStatus *s) {
        doc_table(d, "What", "Now", NULL);
        doc_row(d, "State",
                doc_literal(d, *s->active ? doc_printf(d, "%s (%s)", s->active, s->sub)
                                          : "not loaded"),
                NULL);
        if (!isempty(s->status_text))
                doc_row(d, "Health", doc_literal(d, s->status_text), NULL);
        if (s->main_pid != UNKNOWN && s->main_pid > 0)
                doc_row(d, "Main process", doc_printf(d, "%llu", (unsigned long long) s->main_pid),
                        NULL);
        if (s->restarts != UNKNOWN)
                doc_row(d, "Restarts by systemd",
                        doc_printf(d, "%llu", (unsigned long long) s->restarts), NULL);
        doc_row(d, "Configuration", status_config_to_string(s->config), NULL);
}

void doc_add_state(Document *d) {
        char *words[] = { (char *) d->agent.name, NULL };
        const Arguments a = { .words = words, .n_words = 1, .root = d->args->root };
        Status s = { .args = &a, .page = true };
        const char *why = NULL;

        strbuf_add(&d->out, "\n## State when this was printed\n\n");
        if (*d->args->root)
                why = "not asked: this is about the system below another root";
        else if (access("/run/systemd/system", F_OK) < 0)
                why = "not running: there is no systemd here";
        else if (status_read_config(&s) < 0 || s.n == 0 || status_read_units(&s) < 0)
                why = "systemd does not answer";
        if (why)
                strbuf_addf(&d->out, "%s.\n", why);
        else
                add_state(d, &s.agents[0]);
        arena_done(&s.arena);
}
