/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl status: how the agents are, in a table, or one of them on a page. Reads the configuration,
 * asks systemd once, reads cgroup files and the spool of alerts; starts no program and changes
 * nothing.
 */

#include <stdio.h>
#include <time.h>

#include "base/log.h"

#include "ftectl/alert/spool.h"
#include "ftectl/shared/agent-name.h"
#include "ftectl/shared/terminal.h"
#include "status.h"

#define WATCH_SECONDS 2

/* ---- the last alert of each ---- */

static int compare_name(const void *key, const void *row) {
        return strcmp(key, ((const AgentStatus *) row)->name);
}

static void on_alert(void *userdata, const Alert *alert) {
        Status *s = userdata;
        AgentStatus *a = s->n == 0 ? NULL
                                   : bsearch(alert->agent, s->agents, s->n, sizeof(AgentStatus),
                                             compare_name);

        if (!a || (a->alert_usec != UNKNOWN && a->alert_usec >= alert->time_usec))
                return;
        a->alert_usec = alert->time_usec;
        if (s->page) {
                StrBuf b = { 0 };

                alert_headline(alert, &b);
                a->alert = arena_strdup(&s->arena, strbuf_text(&b));
                strbuf_done(&b);
        }
}

/* ---- one look ---- */

static int look(Status *s) {
        int r = status_read_config(s);

        if (r < 0) {
                log_line(LOG_ERR, "%s: %s", *s->args->root ? s->args->root : "/", strerror(-r));
                return r;
        }
        if (s->page && s->n == 0)
                return refuse_agent_below(s->args->root, s->args->words[0]);
        r = s->n > 0 ? status_read_units(s) : 0;
        if (r < 0)
                return r;
        status_read_cgroups(s);
        status_read_files(s);
        if (s->n > 0)
                alert_spool_visit(s->args->root, on_alert, s);
        return 0;
}

/* CPU since the last look, which says more than since the start. */
static void compare_looks(Status *now, const Status *before, uint64_t usec) {
        for (size_t i = 0, k = 0; i < now->n && usec > 0; i++) {
                AgentStatus *a = &now->agents[i];

                while (k < before->n && strcmp(before->agents[k].name, a->name) < 0)
                        k++;
                if (k == before->n || !streq(before->agents[k].name, a->name) ||
                    a->cpu_usec == UNKNOWN || before->agents[k].cpu_usec == UNKNOWN ||
                    a->cpu_usec < before->agents[k].cpu_usec)
                        continue;
                a->cpu_permille = (a->cpu_usec - before->agents[k].cpu_usec) * 1000 / usec;
        }
}

static bool any_failed(const Status *s) {
        for (size_t i = 0; i < s->n; i++)
                if (streq(s->agents[i].active, "failed"))
                        return true;
        return false;
}

static int show(const Status *s) {
        if (GIVEN(s->args, JSON))
                return json_print(status_to_json(s));
        if (s->page)
                status_show_page(&s->agents[0]);
        else
                status_show_table(s, terminal_columns());
        return 0;
}

static Status status_new(const Arguments *a) {
        return (Status){ .args = a, .page = a->n_words > 0 };
}

/* Until somebody interrupts it. */
static int watch(const Arguments *a) {
        Status before = status_new(a);
        uint64_t last = 0;

        for (;;) {
                Status s = status_new(a);
                uint64_t now = now_usec();

                if (look(&s) < 0) {
                        arena_done(&s.arena);
                        arena_done(&before.arena);
                        return EXIT_CANNOT;
                }
                compare_looks(&s, &before, last > 0 && now > last ? now - last : 0);
                if (isatty(STDOUT_FILENO))
                        fputs("\033[H\033[2J", stdout);
                show(&s);
                if (fflush(stdout) != 0)
                        return EXIT_CANNOT;
                arena_done(&before.arena);
                before = s;
                last = now;
                sleep(WATCH_SECONDS);
        }
}

int command_status(const Arguments *a) {
        Status s = status_new(a);
        int r;

        if (GIVEN(a, WATCH))
                return watch(a);
        r = look(&s);
        if (r >= 0)
                r = show(&s);
        r = r < 0 ? EXIT_CANNOT : any_failed(&s) ? EXIT_BAD : EXIT_GOOD;
        arena_done(&s.arena);
        return r;
}
