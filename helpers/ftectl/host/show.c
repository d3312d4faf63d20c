/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl host plan: what try would change, as a person reads it and as JSON.
 */

#include <stdio.h>

#include "base/show.h"

#include "ftectl/shared/diff.h"
#include "ftectl/shared/json.h"
#include "ftectl/shared/terminal.h"
#include "host.h"

typedef struct Show {
        json_t *changes; /* NULL: print */
} Show;

static const char *kind_of(const char *old, const char *new) {
        return !old ? "add" : !new ? "remove" : "change";
}

static void print_hunks(const char *hunks) {
        for (const char *line = hunks; *line;) {
                size_t n = strcspn(line, "\n");
                _cleanup_strbuf_ StrBuf b = { 0 };
                Style s = *line == '+' ? STYLE_GREEN : *line == '-' ? STYLE_RED : STYLE_PLAIN;

                show_bytes(&b, line, n, '?');
                printf("%s%s%s\n", style(s), strbuf_text(&b), style(STYLE_PLAIN));
                line += n + (line[n] == '\n');
        }
}

static void show_file(const Show *s, const char *path, const char *old, const char *new) {
        _cleanup_strbuf_ StrBuf hunks = { 0 };
        int r;

        if (streq_ptr(old, new))
                return;
        r = diff_unified(old ? old : "", new ? new : "", &hunks);
        if (s->changes) {
                json_array_append_new(s->changes, json_pack("{s:s, s:s, s:o}", "path", path,
                                                            "change", kind_of(old, new), "diff",
                                                            json_text(strbuf_text(&hunks))));
                return;
        }
        printf("%s--- %s\n+++ %s%s\n", style(STYLE_BOLD), old ? path : "/dev/null",
               new ? path : "/dev/null", style(STYLE_PLAIN));
        if (r < 0)
                printf("too different to be shown: %s\n", strerror(-r));
        print_hunks(strbuf_text(&hunks));
}

static void show_ports(const Show *s, const HostPlan *p, const HostPort *list, bool open) {
        for (; list; list = list->next)
                if (s->changes)
                        json_array_append_new(
                                s->changes, json_pack("{s:s, s:s, s:s}", "firewall",
                                                      host_firewall_name(p->backend), "change",
                                                      open ? "open" : "close", "port", list->text));
                else
                        printf("%s%s %s: %s %s%s\n", style(open ? STYLE_GREEN : STYLE_RED),
                               open ? "+" : "-", host_firewall_name(p->backend),
                               open ? "open" : "close", list->text, style(STYLE_PLAIN));
}

static void show_sites(const Show *s, const HostPlan *p) {
        char path[300];

        for (size_t i = 0; i < p->proxy.set.n; i++) {
                const ProxyFile *f = &p->proxy.set.files[i];

                snprintf(path, sizeof(path), PROXY_DIR "/current/%s.conf", f->name);
                show_file(s, path, proxy_set_find(&p->proxy_now, f->name), f->text);
        }
        for (size_t i = 0; i < p->proxy_now.n; i++) {
                const ProxyFile *f = &p->proxy_now.files[i];

                snprintf(path, sizeof(path), PROXY_DIR "/current/%s.conf", f->name);
                if (!proxy_set_find(&p->proxy.set, f->name))
                        show_file(s, path, f->text, NULL);
        }
}

static void show_all(const Show *s, const HostPlan *p) {
        for (const HostChange *c = p->changes; c; c = c->next)
                show_file(s, c->path, c->old, c->new);
        show_ports(s, p, p->open, true);
        show_ports(s, p, p->close, false);
        show_sites(s, p);
}

static json_t *texts(const HostText *t) {
        json_t *list = json_array();

        for (; t; t = t->next)
                json_array_append_new(list, json_text(t->text));
        return list;
}

static json_t *problems(const HostPlan *p) {
        json_t *list = json_array();

        for (const ProxyProblem *i = p->proxy.problems; i; i = i->next)
                json_array_append_new(list, json_text(i->message));
        return list;
}

static void print_notes(const HostPlan *p) {
        for (const ProxyProblem *i = p->proxy.problems; i; i = i->next)
                printf("%snot in it: %s%s\n", style(STYLE_YELLOW), i->message, style(STYLE_PLAIN));
        for (const HostText *t = p->warnings; t; t = t->next)
                printf("%swarning: %s%s\n", style(STYLE_YELLOW), t->text, style(STYLE_PLAIN));
        for (const HostText *t = p->refusals; t; t = t->next)
                printf("%serror: %s%s\n", style(STYLE_RED), t->text, style(STYLE_PLAIN));
        if (p->refusals)
                printf("\"ftectl host try\" would refuse, for what is said above.\n");
        else if (host_plan_size(p) == 0)
                printf("Nothing would change.\n");
        else
                printf("Next: \"ftectl host try\" makes it so for two minutes; \"ftectl host "
                       "confirm\" from a new "
                       "login keeps it.\n");
}

int command_host_plan(const Arguments *a) {
        HostPlan p;
        int r = host_plan_make(&p, a->root);

        if (r < 0) {
                host_plan_done(&p);
                return EXIT_CANNOT;
        }
        if (GIVEN(a, JSON)) {
                Show s = { .changes = json_array() };

                show_all(&s, &p);
                r = json_print(json_pack("{s:s, s:o, s:o, s:o, s:o}", "firewall",
                                         host_firewall_name(p.backend), "changes", s.changes,
                                         "refusals", texts(p.refusals), "warnings",
                                         texts(p.warnings), "problems", problems(&p)));
        } else {
                show_all(&(Show){ 0 }, &p);
                print_notes(&p);
        }
        if (r >= 0)
                r = p.refusals ? EXIT_BAD : EXIT_GOOD;
        host_plan_done(&p);
        return r < 0 ? EXIT_CANNOT : r;
}
