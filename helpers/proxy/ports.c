/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ports.h. The kernel is asked by binding; what nginx holds for all addresses already it keeps.
 * Whoever comes later than this is not seen.
 */

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/fsat.h"
#include "base/sockets.h"

#include "ports.h"

static bool is_taken(int family, uint16_t port) {
        struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
        _cleanup_close_ int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int one = 1;

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0)
                return false;
        if (family == AF_INET)
                return bind(fd, (struct sockaddr *) &in, sizeof(in)) < 0 && errno == EADDRINUSE;
        return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) == 0 &&
               bind(fd, (struct sockaddr *) &in6, sizeof(in6)) < 0 && errno == EADDRINUSE;
}

static bool is_nginx(const Listener *l) {
        size_t n = strcspn(l->command, " ");

        return streq(l->unit, "nginx.service") ||
               (n >= 6 && strncmp(l->command + n - 6, "/nginx", 6) == 0);
}

static bool is_for_all(const Listener *l) {
        return l->family == AF_INET ? l->in.s_addr == htonl(INADDR_ANY)
                                    : IN6_IS_ADDR_UNSPECIFIED(&l->in6);
}

static const char *name_holder(const Listener *l, uint16_t port, Arena *arena) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        listener_format(l, &b);
        if (!is_nginx(l))
                return arena_printf(arena,
                                    "port %u is held by %s%s%s at %s; nginx could not be started "
                                    "any more with a block for it. Have that listen elsewhere, or "
                                    "stop it",
                                    port, *l->command ? l->command : "another program",
                                    *l->unit ? " of " : "", l->unit, strbuf_text(&b));
        if (is_for_all(l))
                return arena_printf(arena,
                                    "nginx listens at %s with ipv6only=off, beside which there can "
                                    "be no \"listen %u\"; write \"listen %u\" and \"listen "
                                    "[::]:%u\" in its place",
                                    strbuf_text(&b), port, port, port);
        return arena_printf(arena,
                            "nginx listens at %s alone, and cannot listen at all addresses before "
                            "it gives that up; run: systemctl stop nginx && systemctl start nginx",
                            strbuf_text(&b));
}

/* NULL: nginx has it already, for all addresses of that family. */
static const char *judge(const Listeners *all, int family, uint16_t port, Arena *arena) {
        const Listener *holder = NULL;

        for (size_t i = 0; i < all->n; i++) {
                const Listener *l = &all->items[i];

                if (l->family == AF_UNIX || l->port != port)
                        continue;
                if (is_nginx(l) && l->family == family && is_for_all(l))
                        return NULL;
                if (!holder || l->family == family)
                        holder = l;
        }
        return holder ? name_holder(holder, port, arena) : NULL;
}

const char *ports_problem(const NginxFacts *facts, Arena *arena) {
        static const uint16_t ports[] = { 80, 443 };
        _cleanup_close_ int proc_fd = fsat_open_dir(AT_FDCWD, "/proc");
        const char *problem = NULL;
        Listeners all = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(ports) * 2 && !problem; i++) {
                int family = i % 2 ? AF_INET6 : AF_INET;

                if ((family == AF_INET6 && !facts->has_ipv6) || !is_taken(family, ports[i / 2]))
                        continue;
                if (!all.items &&
                    (proc_fd < 0 || listeners_read(proc_fd, "self", arena, &all) < 0 ||
                     listeners_find_owners(proc_fd, arena, &all) < 0))
                        return NULL;
                problem = judge(&all, family, ports[i / 2], arena);
        }
        return problem;
}
