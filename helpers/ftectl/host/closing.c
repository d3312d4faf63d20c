/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who listens for others at a port that the planned table would close (host.h): nothing is wrong
 * with that, but a person wants to know it before a VPN or a mail server falls silent.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/fsat.h"
#include "base/sockets.h"
#include "host/firewall-text.h"

#include "host.h"

static bool is_at_home(const Listener *l) {
        if (l->family == AF_INET)
                return (ntohl(l->in.s_addr) >> 24) == 127;
        return IN6_IS_ADDR_LOOPBACK(&l->in6) ||
               (IN6_IS_ADDR_V4MAPPED(&l->in6) && l->in6.s6_addr[12] == 127);
}

/* The answers of DHCP servers have a rule of their own; what Docker's proxy listens at is led away
 * before it gets there. */
static bool is_no_matter(const Listener *l, bool is_udp) {
        return l->family == AF_UNIX || is_at_home(l) ||
               (is_udp && (l->port == 68 || l->port == 546)) ||
               endswith(l->command, "/docker-proxy");
}

static void warn(HostPlan *p, const Listener *l, const char *protocol) {
        _cleanup_strbuf_ StrBuf address = { 0 };

        listener_format(l, &address);
        host_warn(p, arena_printf(&p->arena,
                                  "%s: [Firewall] Allow: port %u/%s would be closed to others, and "
                                  "%s%s%s listens there (%s); add %u/%s if they are to reach it",
                                  p->firewall_place, l->port, protocol,
                                  *l->command ? l->command : "the kernel (WireGuard?) or somebody",
                                  *l->unit ? " of " : "", l->unit, strbuf_text(&address), l->port,
                                  protocol));
}

static int compare(const void *a, const void *b) {
        const Listener *x = a, *y = b;

        return x->port != y->port ? x->port - y->port : y->family - x->family;
}

/* One word of each port, whatever number of sockets it has; before it was open. */
static void look(HostPlan *p, Listeners *all, const char *protocol, const char *before) {
        bool is_udp = streq(protocol, "udp");
        unsigned last = 0;

        qsort(all->items, all->n, sizeof(*all->items), compare);
        for (size_t i = 0; i < all->n; i++) {
                const Listener *l = &all->items[i];

                if (l->port == last || is_no_matter(l, is_udp) ||
                    firewall_allows(p->config.host.firewall_allow, l->port, protocol) ||
                    (before && !firewall_text_allows(before, l->port, protocol)))
                        continue;
                last = l->port;
                warn(p, l, protocol);
        }
}

void host_check_closing(HostPlan *p) {
        _cleanup_close_ int proc_fd = -EBADF;
        const HostChange *c = p->changes;
        Listeners tcp = { 0 }, udp = { 0 };
        char path[4096];

        while (c && !streq(c->path, HOST_RULES))
                c = c->next;
        if (!c || !c->new || host_full_path(path, sizeof(path), p->root, "/proc") < 0)
                return;
        proc_fd = fsat_open_dir(AT_FDCWD, path);
        if (proc_fd < 0 || listeners_read(proc_fd, "self", &p->arena, &tcp) < 0 ||
            listeners_read_udp(proc_fd, "self", &p->arena, &udp) < 0)
                return;
        (void) listeners_find_owners(proc_fd, &p->arena, &tcp);
        (void) listeners_find_owners(proc_fd, &p->arena, &udp);
        look(p, &tcp, "tcp", c->old);
        look(p, &udp, "udp", c->old);
}
