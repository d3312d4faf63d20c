/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * address.h. Names are not looked up: which address it is must not change from start to start.
 */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "address.h"
#include "base/parse.h"

/* systemd's own; net.core.somaxconn has the last word. */
#define BACKLOG 4096

static int parse_path(const char *text, ListenAddress *ret) {
        size_t n = strlen(text);

        if (n >= sizeof(ret->address.un.sun_path))
                return -EINVAL;
        ret->address.un.sun_family = AF_UNIX;
        memcpy(ret->address.un.sun_path, text, n + 1);
        ret->len = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n + 1);
        return 0;
}

int address_parse(const char *text, ListenAddress *ret) {
        const char *colon = strrchr(text, ':');
        bool bracketed = *text == '[';
        ListenAddress a = { 0 };
        char host[64];
        uint64_t port;
        size_t n;

        if (*text == '/')
                return parse_path(text, ret);
        if (!colon || parse_uint(colon + 1, 65535, &port) < 0 || port == 0)
                return -EINVAL;
        n = (size_t) (colon - text);
        if (n >= sizeof(host) || (bracketed && (n < 3 || text[n - 1] != ']')))
                return -EINVAL;
        memcpy(host, text + bracketed, n - 2 * bracketed);
        host[n - 2 * bracketed] = 0;
        if (bracketed) {
                a.address.in6.sin6_family = AF_INET6;
                a.address.in6.sin6_port = htons((uint16_t) port);
                a.len = sizeof(a.address.in6);
                if (inet_pton(AF_INET6, host, &a.address.in6.sin6_addr) != 1)
                        return -EINVAL;
        } else {
                a.address.in.sin_family = AF_INET;
                a.address.in.sin_port = htons((uint16_t) port);
                a.len = sizeof(a.address.in);
                if (inet_pton(AF_INET, host, &a.address.in.sin_addr) != 1)
                        return -EINVAL;
        }
        *ret = a;
        return 0;
}

bool address_is_of(const ListenAddress *a, int fd) {
        ListenSockaddr here = { 0 };
        socklen_t len = sizeof(here);
        int listens = 0;
        socklen_t listens_len = sizeof(listens);

        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_len) < 0 || !listens ||
            getsockname(fd, &here.sa, &len) < 0 || here.sa.sa_family != a->address.sa.sa_family)
                return false;
        switch (here.sa.sa_family) {
        case AF_UNIX:
                /* Whose path somebody has removed meanwhile, nobody can connect to. */
                return streq(here.un.sun_path, a->address.un.sun_path) &&
                       access(here.un.sun_path, F_OK) == 0;
        case AF_INET:
                return here.in.sin_port == a->address.in.sin_port &&
                       here.in.sin_addr.s_addr == a->address.in.sin_addr.s_addr;
        default:
                return here.in6.sin6_port == a->address.in6.sin6_port &&
                       memcmp(&here.in6.sin6_addr, &a->address.in6.sin6_addr,
                              sizeof(here.in6.sin6_addr)) == 0;
        }
}

static int open_socket(const ListenAddress *a) {
        _cleanup_close_ int fd = -EBADF;
        int family = a->address.sa.sa_family, on = 1, defer_sec = 10;

        fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (family != AF_UNIX) {
                setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
                /*
                 * A connection waits for its request in the kernel: a server that ends closes what
                 * it has taken without one (uvicorn does).
                 */
                setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &defer_sec, sizeof(defer_sec));
        }
        if (bind(fd, &a->address.sa, a->len) < 0)
                return -errno;
        /* As anybody on the host may connect to a port: nginx is another user. */
        if (family == AF_UNIX && chmod(a->address.un.sun_path, 0666) < 0)
                return -errno;
        if (listen(fd, BACKLOG) < 0)
                return -errno;
        return TAKE_FD(fd);
}

int address_open(const ListenAddress *a) {
        if (a->address.sa.sa_family == AF_UNIX && unlink(a->address.un.sun_path) < 0 &&
            errno != ENOENT)
                return -errno;
        return open_socket(a);
}
