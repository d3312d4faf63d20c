/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SR-005 of ftectl validate, by trial: connections from outside (validate/outside.h) to whatever
 * listens on this host, and to a port that is opened for that. None but the allowed may get in; an
 * allowed one must, or the others prove nothing. The ruleset is judged in validate/firewall.c: this
 * sees what all rules do together, of whoever's making.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/fsat.h"
#include "base/sockets.h"
#include "host/firewall-text.h"

#include "break.h"
#include "outside.h"
#include "validate.h"

#define OWN_MAX 4

typedef struct Port {
        HealthAddress to;
        bool is_allowed, is_own; /* own: opened for the trial */
        const char *command;     /* whose it is, or "" */
} Port;

typedef struct Trial {
        Subject *subject;
        char *const *allowed;
        Outside outside;
        Port ports[OUTSIDE_MAX];
        int results[OUTSIDE_MAX];
        size_t n, n_left_out;
        int own_fds[OWN_MAX];
        size_t n_own;
} Trial;

static unsigned port_of(const HealthAddress *a) {
        return ntohs(a->sa.sa_family == AF_INET ? a->in.sin_port : a->in6.sin6_port);
}

static bool is_same(const HealthAddress *a, const HealthAddress *b) {
        if (a->sa.sa_family != b->sa.sa_family || port_of(a) != port_of(b))
                return false;
        return a->sa.sa_family == AF_INET
                       ? a->in.sin_addr.s_addr == b->in.sin_addr.s_addr
                       : memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, sizeof(struct in6_addr)) == 0;
}

static void add_port(Trial *t, const Port *p) {
        for (size_t i = 0; i < t->n; i++)
                if (is_same(&t->ports[i].to, &p->to))
                        return;
        if (t->n == OUTSIDE_MAX) {
                t->n_left_out++;
                return;
        }
        t->ports[t->n] = *p;
        t->ports[t->n++].is_allowed = firewall_allows(t->allowed, port_of(&p->to), "tcp");
}

static HealthAddress here(int family, unsigned port) {
        HealthAddress a = { .sa.sa_family = (sa_family_t) family };

        if (family == AF_INET) {
                a.in.sin_port = htons((uint16_t) port);
                (void) inet_pton(family, OUTSIDE_HERE_V4, &a.in.sin_addr);
        } else {
                a.in6.sin6_port = htons((uint16_t) port);
                (void) inet_pton(family, OUTSIDE_HERE_V6, &a.in6.sin6_addr);
        }
        return a;
}

/* ---- what is opened for the trial, at the interface's own address only ---- */

/* port 0: any. False: it is somebody's, or it cannot be had. */
static bool open_own(Trial *t, int family, unsigned port) {
        HealthAddress a = here(family, port);
        socklen_t len = family == AF_INET ? sizeof(a.in) : sizeof(a.in6);
        int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        /* A connection of an earlier trial may still be remembered by its port. */
        if (fd < 0 || t->n_own == OWN_MAX ||
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0 ||
            bind(fd, &a.sa, len) < 0 || listen(fd, OUTSIDE_MAX) < 0 ||
            getsockname(fd, &a.sa, &len) < 0) {
                closep(&fd);
                return false;
        }
        t->own_fds[t->n_own++] = fd;
        add_port(t, &(Port){ .to = a, .is_own = true, .command = "" });
        return true;
}

/* One that is to be refused, and unless somebody has it already one that is to get in. */
static void open_both(Trial *t, int family) {
        bool is_allowed = false;

        (void) open_own(t, family, 0);
        for (char *const *word = t->allowed; *word && !is_allowed; word++) {
                const char *slash = strchr(*word, '/');
                unsigned port = (unsigned) strtoul(*word, NULL, 10);

                is_allowed = slash && streq(slash, "/tcp") && open_own(t, family, port);
        }
}

/* ---- what listens ---- */

static bool is_loopback(const Listener *l) {
        if (l->family == AF_INET)
                return ntohl(l->in.s_addr) >> 24 == 127;
        return IN6_IS_ADDR_LOOPBACK(&l->in6) ||
               (IN6_IS_ADDR_V4MAPPED(&l->in6) && l->in6.s6_addr[12] == 127);
}

/* An address of one link cannot be reached from another. */
static bool is_link_local(const Listener *l) {
        return l->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&l->in6);
}

static void add_listener(Trial *t, const Listener *l) {
        static const int families[] = { AF_INET, AF_INET6 };
        Port p = { .command = l->command };
        bool is_any = false;

        for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
                p.to = here(families[i], l->port);
                if ((families[i] == AF_INET6 && !t->outside.has_v6) || !listener_takes(l, &p.to))
                        continue;
                is_any = true;
                add_port(t, &p);
        }
        if (is_any || (l->family == AF_INET6 && !t->outside.has_v6))
                return;
        p.to = here(l->family, l->port);
        if (l->family == AF_INET)
                p.to.in.sin_addr = l->in;
        else
                p.to.in6.sin6_addr = l->in6;
        add_port(t, &p);
}

static int add_listeners(Trial *t) {
        _cleanup_close_ int proc = fsat_open_dir(AT_FDCWD, "/proc");
        Arena *arena = &t->subject->run->arena;
        Listeners l = { 0 };
        int r = proc < 0 ? proc : listeners_read(proc, "self", arena, &l);

        if (r >= 0)
                r = listeners_find_owners(proc, arena, &l);
        for (size_t i = 0; i < l.n && r >= 0; i++)
                if (l.items[i].family != AF_UNIX && !is_loopback(&l.items[i]) &&
                    !is_link_local(&l.items[i]))
                        add_listener(t, &l.items[i]);
        return r;
}

/* ---- what came of it ---- */

static const char *name_of(Trial *t, const Port *p) {
        const char *whose = p->is_own ? "opened for this" : *p->command ? p->command : "in use";

        return arena_printf(&t->subject->arena, "%u/tcp%s (%s)", port_of(&p->to),
                            p->to.sa.sa_family == AF_INET ? "" : " by IPv6", whose);
}

/* Of those that are allowed or not, and got in or not; NULL: none. */
static const char *list(Trial *t, bool is_allowed, bool got_in) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        for (size_t i = 0; i < t->n; i++)
                if (t->ports[i].is_allowed == is_allowed && (t->results[i] == 0) == got_in) {
                        const char *name = name_of(t, &t->ports[i]);

                        strbuf_addf(&b, "%s%s", b.len > 0 ? ", " : "", name ? name : "");
                }
        return b.len > 0 ? arena_strdup(&t->subject->arena, strbuf_text(&b)) : NULL;
}

static void judge(Trial *t, Finding *f) {
        const char *open = list(t, false, true), *closed = list(t, false, false);
        const char *allowed = list(t, true, true), *shut = list(t, true, false);
        Subject *s = t->subject;

        if (open) {
                finding_bad(s, f,
                            "no connection from outside but to the ports of [Firewall] Allow=",
                            "a connection from outside gets in: %s", open);
                finding_fix_firewall(s, f);
        } else if (!allowed)
                finding_skip(
                        s, f,
                        "nothing gets in from outside, not even what is allowed (%s), so it is "
                        "not known what the others would do",
                        shut ? shut : "no TCP port");
        else
                finding_good(s, f, "from outside gets in: %s; refused: %s%s%s%s", allowed,
                             closed ? closed : "nothing to try",
                             shut ? "; refused although allowed: " : "", shut ? shut : "",
                             t->n_left_out > 0 ? "; there are more, which were not tried" : "");
}

static int try_all(Trial *t) {
        HealthAddress to[OUTSIDE_MAX];
        int r;

        open_both(t, AF_INET);
        if (t->outside.has_v6)
                open_both(t, AF_INET6);
        r = add_listeners(t);
        for (size_t i = 0; i < t->n; i++)
                to[i] = t->ports[i].to;
        return r < 0 ? r : outside_connect(&t->outside, to, t->n, t->results);
}

bool spare_outside(Subject *s, Finding *f) {
        char *const *allowed = s->run->generator.config.host.firewall_allow;

        if (allowed && *allowed)
                return false;
        finding_skip(s, f, "/etc/fte/fte.conf has no [Firewall] Allow=");
        return true;
}

void check_outside(Subject *s, Finding *f) {
        Trial t = { .subject = s,
                    .allowed = s->run->generator.config.host.firewall_allow,
                    .outside = OUTSIDE_CLOSED };
        int r;

        r = outside_open(&t.outside);
        if (r < 0) {
                finding_skip(s, f, "no network namespace and interface for it can be made here: %s",
                             strerror(-r));
                return;
        }
        r = try_all(&t);
        outside_close(&t.outside);
        for (size_t i = 0; i < t.n_own; i++)
                close(t.own_fds[i]);
        if (break_interrupted())
                finding_skip(s, f, "interrupted");
        else if (r < 0)
                finding_skip(s, f, "the trial could not be made: %s", strerror(-r));
        else
                judge(&t, f);
}
