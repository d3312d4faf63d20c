/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Causes that lie in sockets, names, time and certificates, and in how the agent answers.
 */

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/format.h"

#include "rules-say.h"

/* ---- sockets ---- */

static uint16_t url_port(const Evidence *e) {
        if (!e->has_url)
                return 0;
        return e->url.address.sa.sa_family == AF_INET    ? ntohs(e->url.address.in.sin_port)
               : e->url.address.sa.sa_family == AF_INET6 ? ntohs(e->url.address.in6.sin6_port)
                                                         : 0;
}

/* Who holds the address of the health check, or else the port that the log complains of. */
static const Listener *find_holder(const Evidence *e, const Symptom *s) {
        for (size_t i = 0; i < e->listeners.n; i++) {
                const Listener *l = &e->listeners.items[i];
                bool there = e->has_url && listener_takes(l, &e->url.address);

                if (s && s->port > 0)
                        there = l->family != AF_UNIX && l->port == s->port;
                /* PID 1 listens for units with sockets. */
                if (there && l->pid != 1 && !evidence_is_own_unit(e, l->unit))
                        return l;
        }
        return NULL;
}

static void say_holder(Diagnosis *d, const Listener *l) {
        _cleanup_strbuf_ StrBuf where = { 0 };

        listener_format(l, &where);
        if (l->pid == 0) {
                SEEN(d, "somebody listens on %s, whose process cannot be seen\n",
                     strbuf_text(&where));
                FIX(d, "ss -tlnp\n");
                return;
        }
        SEEN(d, "%s is held by PID %llu (%s)%s%s\n", strbuf_text(&where),
             (unsigned long long) l->pid, l->command, *l->unit ? " of " : "", l->unit);
        if (endswith(l->unit, ".service"))
                FIX(d, "systemctl stop %s\n", l->unit);
        else
                FIX(d, "kill %llu\n", (unsigned long long) l->pid);
}

/* It is open in systemd's hands, and in the agent's own as descriptor 3. */
int rule_socket_not_taken(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_PORT_TAKEN);
        const char *listen = e->agent->listen, *colon = listen ? strrchr(listen, ':') : NULL;
        char port[8];

        if (!listen || !s || evidence_is_well(e))
                return LIKELY_NOT;
        if (startswith(s->line, "fte-listen: ")) /* it was not even opened */
                return LIKELY_NOT;
        snprintf(port, sizeof(port), "%u", (unsigned) s->port);
        if (s->port > 0 && (!colon || !streq(colon + 1, port)))
                return LIKELY_NOT;
        SEEN(d, "%s is open already: Listen= hands it to the agent as descriptor 3\n", listen);
        diagnosis_quote(d, e, s);
        FIX(d,
            "let Exec= of %s take descriptor 3 (uvicorn --fd 3, gunicorn --bind fd://3), or remove "
            "Listen=\nsystemctl daemon-reload\n",
            e->config_file);
        fix_restart(d, e);
        return LIKELY_CERTAIN;
}

int rule_port_taken(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_PORT_TAKEN);
        const Listener *l = find_holder(e, s);

        if (evidence_is_well(e) || (!l && !s))
                return LIKELY_NOT;
        if (!l) {
                SEEN(d, "the port was taken at that time, and is free by now\n");
                diagnosis_quote(d, e, s);
                fix_restart(d, e);
                return has_process(e) ? LIKELY_WEAK : LIKELY_FAIR;
        }
        say_holder(d, l);
        diagnosis_quote(d, e, s);
        fix_restart(d, e);
        return s ? LIKELY_CERTAIN : LIKELY_STRONG;
}

int rule_privileged_port(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_PERMISSION);
        uint16_t port = url_port(e);

        if (!s || *s->path || port == 0 || port >= 1024 || !in_trouble(e))
                return LIKELY_NOT;
        SEEN(d, "port %u is below 1024, and the sandbox takes the right to use such ports\n", port);
        diagnosis_quote(d, e, s);
        FIX(d, "use a port from 1024 on in Exec= and URL= of %s, and [Proxy] for the outside\n",
            e->config_file);
        return LIKELY_STRONG + 3;
}

/* The agent's own sockets that are no answer to the health check. */
static const Listener *find_own(const Evidence *e) {
        for (size_t i = 0; i < e->listeners.n; i++)
                if (evidence_is_own_unit(e, e->listeners.items[i].unit))
                        return &e->listeners.items[i];
        return NULL;
}

/* The health URL with the address of that socket. */
static void add_url(StrBuf *b, const Evidence *e, const Listener *l) {
        const char *path = e->url.path ? e->url.path : "";

        if (l->family == AF_UNIX) {
                strbuf_addf(b, "URL=unix:%s:%s", l->path, path);
                return;
        }
        strbuf_add(b, e->url.scheme == HEALTH_TCP ? "URL=tcp://" : "URL=http://");
        if (l->family == AF_INET && l->in.s_addr == INADDR_ANY)
                strbuf_addf(b, "127.0.0.1:%u", l->port);
        else if (l->family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&l->in6))
                strbuf_addf(b, "[::1]:%u", l->port);
        else
                listener_format(l, b);
        strbuf_add(b, path);
}

static int listens_there(const Evidence *e, Diagnosis *d, const Listener *l) {
        _cleanup_strbuf_ StrBuf where = { 0 }, setting = { 0 };

        listener_format(l, &where);
        add_url(&setting, e, l);
        SEEN(d, "PID %llu of the agent listens on %s; URL= in [Health] is %s\n",
             (unsigned long long) l->pid, strbuf_text(&where), e->agent->health_url);
        fix_setting(d, e, "Health", strbuf_text(&setting));
        return LIKELY_CERTAIN - 1;
}

int rule_listens_elsewhere(const Evidence *e, Diagnosis *d) {
        const Listener *own = find_own(e);
        const Symptom *s = NULL;

        if (!e->has_url || e->probe != PROBE_STATE_REFUSED || evidence_is_starting(e))
                return LIKELY_NOT;
        if (own && has_process(e))
                return listens_there(e, d, own);
        if (!has_failed(e) || !streq(e->unit.result, "timeout"))
                return LIKELY_NOT;
        for (size_t i = 0; i < e->symptoms.n; i++)
                if (e->symptoms.items[i].kind == SYMPTOM_LISTENS) {
                        s = &e->symptoms.items[i];
                        if (s->port == url_port(e))
                                return LIKELY_NOT;
                }
        if (!s)
                return LIKELY_NOT;
        SEEN(d, "it said that it listens on port %llu; URL= in [Health] is %s\n",
             (unsigned long long) s->port, e->agent->health_url);
        diagnosis_quote(d, e, s);
        FIX(d, "correct URL= or Exec= in %s, then: systemctl daemon-reload\n", e->config_file);
        fix_restart(d, e);
        return LIKELY_STRONG;
}

int rule_nothing_listens(const Evidence *e, Diagnosis *d) {
        bool running = has_process(e) && !streq(e->unit.sub, "auto-restart");
        bool gave_up = has_failed(e) && streq(e->unit.result, "timeout");

        if (!e->has_url || e->probe != PROBE_STATE_REFUSED || find_own(e) ||
            (!running && !gave_up) || evidence_is_starting(e))
                return LIKELY_NOT;
        if (running)
                SEEN(d, "the main process, PID %llu, runs and listens nowhere; %s: %s\n",
                     (unsigned long long) e->unit.main_pid, e->agent->health_url, e->probe_text);
        else
                SEEN(d, "it ran and did not listen at %s within StartTimeout=\n",
                     e->agent->health_url);
        FIX(d, "journalctl -u %s -n 50   # what it waits for, or why it does not listen\n",
            e->agent->name);
        return LIKELY_FAIR - 10; /* what comes of a cause, more than one itself */
}

/* ---- answers ---- */

int rule_health_error(const Evidence *e, Diagnosis *d) {
        if (e->probe != PROBE_STATE_BAD || !has_process(e))
                return LIKELY_NOT;
        SEEN(d, "%s: %s\n", e->agent->health_url, e->probe_text);
        if (e->url.scheme == HEALTH_HTTP)
                fix_path(d, "curl -i", e->agent->health_url);
        FIX(d, "journalctl -u %s -n 50   # what it complains of\n", e->agent->name);
        return LIKELY_STRONG - 5;
}

int rule_health_hangs(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_WATCHDOG);
        bool killed = streq(e->unit.result, "watchdog") || (s && in_trouble(e));

        if (e->agent->health_file || e->agent->health_command) /* rules-kind.c tells of those */
                return LIKELY_NOT;
        if (e->probe != PROBE_STATE_SILENT && !killed)
                return LIKELY_NOT;
        if (e->probe == PROBE_STATE_SILENT)
                SEEN(d, "%s: the connection is taken, and then: %s\n", e->agent->health_url,
                     e->probe_text);
        if (killed)
                SEEN(d,
                     "the watchdog has ended it, because %llu probes in a row were not answered\n",
                     (unsigned long long) e->agent->health_failures);
        fix_restart(d, e);
        FIX(d, "if it is only slow: raise Timeout= in [Health] of %s\n", e->config_file);
        return LIKELY_STRONG - 5;
}

/* ---- names ---- */

int rule_dns(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_NAME);

        if (!s)
                return LIKELY_NOT;
        if (e->unresolved) {
                SEEN(d, "%s does not resolve, now and from outside of the sandbox either\n",
                     e->unresolved);
                SEEN(d, "name servers: %s\n", e->name_servers);
                diagnosis_quote(d, e, s);
                fix_path(d, "getent ahosts", e->unresolved);
                FIX(d, "cat /etc/resolv.conf   # correct it, or the network: resolvectl status\n");
                return in_trouble(e) ? LIKELY_CERTAIN - 5 : LIKELY_FAIR;
        }
        if (!in_trouble(e))
                return LIKELY_NOT;
        SEEN(d, "a name did not resolve for the agent%s\n", *s->name ? "; it does now" : "");
        diagnosis_quote(d, e, s);
        FIX(d, "cat /etc/resolv.conf\n");
        fix_restart(d, e);
        return e->agent->allow_addresses || !*s->name ? LIKELY_FAIR : LIKELY_WEAK + 5;
}

/* ---- time ---- */

static void say_now(Diagnosis *d, const Evidence *e) {
        _cleanup_strbuf_ StrBuf now = { 0 };

        format_time_utc(&now, e->now_usec);
        SEEN(d, "the clock says %s and is %ssynchronized\n", strbuf_text(&now),
             e->clock_synchronized ? "" : "not ");
}

int rule_clock(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_NOT_YET);
        bool impossible = e->now_usec < e->clock_floor_usec;
        const Certificate *c = &e->certificate;
        bool ours =
                c->path && c->error == 0 && c->begin_sec > (int64_t) (e->now_usec / USEC_PER_SEC);

        if (!in_trouble(e) && e->clock_synchronized)
                s = NULL; /* it was so once */
        if (!impossible && !s && !ours)
                return LIKELY_NOT;
        say_now(d, e);
        if (impossible)
                SEEN(d, "files of this system are younger than that\n");
        if (ours) {
                SEEN(d, "%s is not valid yet\n", c->path);
                d->requirement = "FR-006";
        }
        diagnosis_quote(d, e, s);
        FIX(d, "timedatectl set-ntp true\ndate   # or set it: date -s '2026-01-31 12:00'\n");
        fix_restart(d, e);
        if (impossible)
                return s || in_trouble(e) ? LIKELY_CERTAIN : LIKELY_FAIR;
        return e->clock_synchronized ? LIKELY_SIDE : in_trouble(e) ? LIKELY_STRONG : LIKELY_FAIR;
}

static void say_certificate(Diagnosis *d, const Evidence *e, const char *what, int64_t sec) {
        _cleanup_strbuf_ StrBuf time = { 0 };

        format_time_utc(&time, (uint64_t) MAX(sec, (int64_t) 0) * USEC_PER_SEC);
        SEEN(d, "%s %s %s\n", e->certificate.path, what, strbuf_text(&time));
        if (e->agent->proxy_acme)
                FIX(d, "certbot renew\n");
        else
                FIX(d, "put a new certificate into %s\n", e->certificate.path);
        FIX(d, "systemctl reload nginx\n");
}

int rule_certificate(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_EXPIRED);
        const Certificate *c = &e->certificate;
        int likelihood = has_process(e) ? LIKELY_STRONG : LIKELY_SIDE;

        if (c->path && c->error == 0 && c->end_sec < (int64_t) (e->now_usec / USEC_PER_SEC)) {
                say_certificate(d, e, "has expired at", c->end_sec);
                return likelihood;
        }
        if (c->path && c->error == -ENOENT) {
                SEEN(d, "%s does not exist, so nginx cannot serve %s\n", c->path,
                     e->agent->proxy_domain);
                FIX(d, "put the certificate there\nsystemctl reload nginx\n");
                return LIKELY_SIDE;
        }
        /* Of one that is well, only what it said last. */
        if (!s || (!in_trouble(e) && s != &e->symptoms.items[e->symptoms.n - 1]))
                return LIKELY_NOT;
        d->requirement = "FR-002";
        say_now(d, e);
        SEEN(d, "a server that the agent talks to has shown a certificate that has expired\n");
        diagnosis_quote(d, e, s);
        FIX(d, "date   # is it right? Then who runs that server must renew it\n");
        return in_trouble(e) ? LIKELY_STRONG - 5 : LIKELY_SIDE;
}
