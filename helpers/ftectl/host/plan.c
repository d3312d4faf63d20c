/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From [SSH], [Firewall] and [Proxy] to what would be different on this host (host.h), and why it
 * would not be safe to try. Looks, and changes nothing.
 */

#include <stdio.h>

#include "base/distribution.h"
#include "base/log.h"
#include "config/directive.h"
#include "host/nginx.h"
#include "host/program.h"
#include "host/sshd-text.h"

#include "host.h"

static void add_text(HostPlan *p, HostText ***tail, const char *message) {
        HostText *t = arena_new(&p->arena, HostText);

        if (!t || !message)
                return; /* the arena remembers */
        *t = (HostText){ message, NULL };
        **tail = t;
        *tail = &t->next;
}

void host_refuse(HostPlan *p, const char *message) {
        add_text(p, &p->refusals_tail, message);
}

void host_warn(HostPlan *p, const char *message) {
        add_text(p, &p->warnings_tail, message);
}

void host_change(HostPlan *p, const char *path, const char *new) {
        const char *old = host_read(p->root, path, &p->arena);
        HostChange *c = streq_ptr(old, new) ? NULL : arena_new(&p->arena, HostChange);

        if (!c)
                return; /* the same, or the arena remembers */
        *c = (HostChange){ path, old, new, NULL };
        *p->changes_tail = c;
        p->changes_tail = &c->next;
}

static const char *section_place(HostPlan *p, SectionId section, bool *ret_there) {
        Place place = p->config.host.defaults.section_places[section];

        *ret_there = place.file != NULL;
        return place.file ? arena_printf(&p->arena, "%s:%u", place.file, place.line) : "fte.conf";
}

static void refuse_problems(HostPlan *p) {
        for (const Problem *i = p->config.host_problems.first; i; i = i->next) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                problem_format(i, &b);
                host_refuse(p, arena_strndup(&p->arena, strbuf_text(&b), b.len));
        }
}

static void plan_ssh(HostPlan *p) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        const char *new = NULL;

        p->sshd = host_program(p->root, "sshd", &p->arena);
        if (p->has_ssh && !p->sshd) {
                host_refuse(p, arena_printf(&p->arena,
                                            "%s: [SSH]: sshd is not installed; remove the section "
                                            "or run: %s",
                                            p->ssh_place,
                                            distribution_install(p->root, INSTALL, "openssh-server",
                                                                 &p->arena)));
                return;
        }
        if (p->has_ssh) {
                sshd_render(&p->config.host, p->ssh_place, &b);
                new = arena_strndup(&p->arena, strbuf_text(&b), b.len);
        }
        host_change(p, SSHD_FILE, new);
}

/* Without nginx there is nothing to be seen of it here; fte-proxy says so where it is missed. */
static int plan_proxy(HostPlan *p) {
        Nginx nginx;
        const char *path = proxy_shared_path(p->root);
        int r;

        if (nginx_open(p->root, &p->arena, &nginx) < 0 || !path)
                return 0;
        r = proxy_set_load(p->root, &p->arena, &p->proxy_now);
        if (r == 0)
                r = proxy_sites_read(&(ProxyRequest){ .root = p->root,
                                                      .facts = &nginx.facts,
                                                      .now = &p->proxy_now,
                                                      .arena = &p->arena },
                                     &p->proxy);
        if (r < 0)
                return r;
        p->has_proxy = p->proxy_now.n > 0 || p->proxy_now.shared || p->proxy.set.n > 0;
        host_change(p, path, p->proxy.set.shared);
        return 0;
}

int host_plan_make(HostPlan *p, const char *root) {
        int r;

        *p = (HostPlan){ .root = root };
        p->changes_tail = &p->changes;
        p->refusals_tail = &p->refusals;
        p->warnings_tail = &p->warnings;
        r = config_open(&p->config, root, &p->arena);
        if (r < 0) {
                log_line(LOG_ERR, "the configuration cannot be read: %s", strerror(-r));
                return r;
        }
        p->ssh_place = section_place(p, SECTION_SSH, &p->has_ssh);
        p->firewall_place = section_place(p, SECTION_FIREWALL, &p->has_firewall);
        p->backend = host_firewall_find(root, &p->arena);
        refuse_problems(p);
        plan_ssh(p);
        host_firewall_plan(p);
        r = plan_proxy(p);
        host_check_sshd(p);
        host_check_ports(p);
        host_check_closing(p);
        if (r == 0 && arena_failed(&p->arena))
                r = -ENOMEM;
        if (r < 0)
                log_line(LOG_ERR, "what would change cannot be found out: %s", strerror(-r));
        return r;
}

void host_plan_done(HostPlan *p) {
        proxy_set_done(&p->proxy_now);
        proxy_set_done(&p->proxy.set);
        config_close(&p->config);
        arena_done(&p->arena);
}

size_t host_plan_size(const HostPlan *p) {
        size_t n = 0;

        for (const HostChange *c = p->changes; c; c = c->next)
                n++;
        for (const HostPort *t = p->open; t; t = t->next)
                n++;
        for (const HostPort *t = p->close; t; t = t->next)
                n++;
        for (size_t i = 0; i < p->proxy.set.n; i++)
                n += !streq_ptr(proxy_set_find(&p->proxy_now, p->proxy.set.files[i].name),
                                p->proxy.set.files[i].text);
        for (size_t i = 0; i < p->proxy_now.n; i++)
                n += !proxy_set_find(&p->proxy.set, p->proxy_now.files[i].name);
        return n;
}
