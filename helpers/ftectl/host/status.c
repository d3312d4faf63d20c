/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl host status: whether a try waits, how the last one ended, and whether the host is as
 * fte.conf says. Looks only.
 */

#include <stdio.h>

#include "host/sshd-text.h"

#include "ftectl/shared/json.h"
#include "ftectl/shared/terminal.h"
#include "host.h"

typedef struct HostStatus {
        bool waits;
        Kept kept;
        const char *last; /* "confirmed", "expired", …; NULL: there was none */
        uint64_t last_usec;
        const char *ssh, *firewall, *proxy;
        size_t n_changes, n_agents;
        bool good;
} HostStatus;

static void read_last(HostPlan *p, HostStatus *s) {
        const char *text = host_read(p->root, HOST_DIR "/last", &p->arena), *blank;

        blank = text ? strchr(text, ' ') : NULL;
        if (!blank)
                return;
        s->last = arena_strndup(&p->arena, text, (size_t) (blank - text));
        s->last_usec = strtoull(blank, NULL, 10);
}

static bool is_changed(const HostPlan *p, const char *prefix) {
        for (const HostChange *c = p->changes; c; c = c->next)
                if (startswith(c->path, prefix))
                        return true;
        return false;
}

static const char *ssh_state(HostPlan *p) {
        _cleanup_strbuf_ StrBuf effective = { 0 }, difference = { 0 };

        if (!p->has_ssh)
                return "not managed";
        if (is_changed(p, SSHD_FILE) || !p->sshd)
                return "not as fte.conf says";
        if (host_sshd_effective(p, NULL, &effective) < 0)
                return "sshd -T fails";
        if (sshd_differs(&p->config.host, strbuf_text(&effective), &difference))
                return arena_strndup(&p->arena, strbuf_text(&difference), difference.len);
        return "as fte.conf says";
}

static void look(HostPlan *p, HostStatus *s) {
        s->waits = host_kept(p->root, &s->kept) == 0;
        read_last(p, s);
        s->ssh = ssh_state(p);
        s->firewall = !p->has_firewall                                 ? "not managed"
                      : p->open || p->close || is_changed(p, HOST_DIR) ? "not as fte.conf says"
                                                                       : "as fte.conf says";
        s->n_agents = p->proxy.set.n;
        s->n_changes = host_plan_size(p);
        s->proxy = !p->has_proxy       ? "not used"
                   : p->proxy.problems ? "some agents are not in it"
                                       : "in use";
        s->good = !s->waits && s->n_changes == 0 && !p->refusals && !p->proxy.problems &&
                  (streq(s->ssh, "not managed") || streq(s->ssh, "as fte.conf says"));
}

static const char *last_text(const char *last) {
        static const char *const rows[][2] = {
                { "confirmed", "was confirmed" },
                { "expired", "was not confirmed in time and put back" },
                { "rebooted", "was put back at a restart of the machine" },
                { "reverted", "was put back by hand" },
                { "failed", "failed and was put back" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (streq(last, rows[i][0]))
                        return rows[i][1];
        return last;
}

static void print_try(const HostStatus *s) {
        _cleanup_strbuf_ StrBuf until = { 0 }, last = { 0 };

        if (s->waits) {
                show_time(&until, s->kept.until_usec);
                printf("%stry       waits for \"ftectl host confirm\" from a new login until "
                       "%s%s\n",
                       style(STYLE_YELLOW), strbuf_text(&until), style(STYLE_PLAIN));
                return;
        }
        show_time(&last, s->last_usec);
        if (s->last)
                printf("try       the last one %s, %s\n", last_text(s->last), strbuf_text(&last));
        else
                printf("try       there was none yet\n");
}

static void print_status(const HostPlan *p, const HostStatus *s) {
        print_try(s);
        printf("ssh       %s\n", s->ssh);
        printf("firewall  %s (%s)\n", s->firewall, host_firewall_name(p->backend));
        printf("proxy     %s, %zu agents\n", s->proxy, s->n_agents);
        for (const HostText *t = p->refusals; t; t = t->next)
                printf("%serror: %s%s\n", style(STYLE_RED), t->text, style(STYLE_PLAIN));
        for (const ProxyProblem *i = p->proxy.problems; i; i = i->next)
                printf("%sproxy: %s%s\n", style(STYLE_YELLOW), i->message, style(STYLE_PLAIN));
        if (s->n_changes > 0)
                printf("Next: \"ftectl host plan\" shows %zu changes that are not made.\n",
                       s->n_changes);
}

static json_t *to_json(const HostPlan *p, const HostStatus *s) {
        return json_pack("{s:b, s:o, s:o, s:o, s:s, s:s, s:s, s:s, s:i, s:i}", "waits", s->waits,
                         "until", s->waits ? json_time(s->kept.until_usec) : json_null(), "last",
                         json_text_or_null(s->last), "last_time", json_time(s->last_usec), "ssh",
                         s->ssh, "firewall", s->firewall, "backend", host_firewall_name(p->backend),
                         "proxy", s->proxy, "agents", (int) s->n_agents, "changes",
                         (int) s->n_changes);
}

int command_host_status(const Arguments *a) {
        HostPlan p;
        HostStatus s = { 0 };
        int r = host_plan_make(&p, a->root);

        if (r == 0) {
                look(&p, &s);
                if (GIVEN(a, JSON))
                        r = json_print(to_json(&p, &s));
                else
                        print_status(&p, &s);
        }
        host_plan_done(&p);
        return r < 0 ? EXIT_CANNOT : s.good ? EXIT_GOOD : EXIT_BAD;
}
