/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What stands for an agent whose configuration is wrong: a unit that says why and fails with 78
 * (EX_CONFIG), instead of one that is silently missing or runs with half of its settings. The
 * other plugins render into it what must go on to hold for processes that were started before.
 */

#include "base/scope.h"

#include "plugins/alert.h"
#include "plugins/plugin.h"

/* A unit line has a limit of 1 MiB, a reader one of patience. */
#define STUB_PROBLEMS_MAX 50

/* With a pause for a person's manager: see log_linger(). */
#define SCRIPT(pause) "printf '<3>%s\\n' \"$@\" >&2; " pause "exit 78"

static void add_word(Unit *u, const char *word) {
        strbuf_addc(&u->chain, ' ');
        escape_word(&u->chain, word, ESCAPE_PERCENT | ESCAPE_DOLLAR);
}

static void add_problems(Unit *u, const Problems *problems) {
        size_t n = 0;

        for (const Problem *p = problems->first; p && n < STUB_PROBLEMS_MAX; p = p->next, n++) {
                strbuf_reset(&u->text);
                problem_format(p, &u->text);
                add_word(u, strbuf_text(&u->text));
        }
        if (problems->n > n) {
                strbuf_reset(&u->text);
                strbuf_addf(&u->text, "… and %zu more", problems->n - n);
                add_word(u, strbuf_text(&u->text));
        }
}

/* The script is fixed and the messages are its arguments: nothing of a file is ever run. */
static void stub_chain(const Render *r) {
        Unit *u = r->unit;

        strbuf_reset(&u->chain);
        strbuf_add(&u->chain, "/bin/sh -c");
        add_word(u, scope->is_user ? SCRIPT("sleep 0.3; ") : SCRIPT(""));
        add_word(u, "sh");
        add_word(u, scope->stub);
        add_problems(u, r->host_problems);
        add_problems(u, r->problems);
}

/*
 * A drop-in of Plugins= or a replaced unit may name programs of its own; a stub runs none of them.
 */
static void stub_attach(const Render *r) {
        StrBuf *late = &r->unit->late_service;

        if (!r->agent->plugins && !r->unit_is_replaced)
                return;
        strbuf_add(late, "ExecCondition=\nExecStartPre=\nExecStartPost=\nExecStop=\n"
                         "ExecStopPost=\nEnvironmentFile=\nExecStart=\nExecStart=");
        unit_add(late, "", strbuf_text(&r->unit->chain));
        alert_add_stop_hook(late, r->agent->called);
}

const Plugin plugin_stub = {
        .name = "stub",
        .chain = stub_chain,
        .attach = stub_attach,
        .in_stub = true,
};
