/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parser of health-url.h. Addresses are literal on purpose: a health check looks at an agent on
 * this host, and a resolver would cost the prober more memory than all the rest of it.
 * Must not connect, resolve or allocate.
 */

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

#include "base/health-url.h"
#include "base/parse.h"

/* The longest text that is taken: request line and headers must fit a small fixed buffer. */
#define URL_MAX_BYTES 1024

#define DEFAULT_HTTP_PORT 80

typedef struct Prefix {
        const char *text;
        HealthScheme scheme;
        const char *problem; /* instead of a scheme: why it is refused */
} Prefix;

static const Prefix prefixes[] = {
        { "http://", HEALTH_HTTP, NULL },
        { "unix:/", HEALTH_UNIX, NULL },
        { "tcp://", HEALTH_TCP, NULL },
        { "https://", HEALTH_HTTP,
          "https is not supported: name the address on this host where the agent itself answers, "
          "as in http://127.0.0.1:8000/health" },
        { "unix:", HEALTH_UNIX,
          "the path of the socket must be absolute, as in unix:/run/agent/http.sock:/health" },
};

static const char unknown_scheme[] =
        "not an address: write http://127.0.0.1:8000/health, unix:/run/agent/http.sock:/health "
        "or tcp://127.0.0.1:9000";

/* What stands between the scheme and the path, in its two parts. */
typedef struct Authority {
        const char *text;
        size_t len;
        char host[64]; /* without brackets */
        bool is_bracketed;
        uint16_t port; /* 0: none was written */
} Authority;

static const char *check_characters(const char *text) {
        size_t n = strlen(text);

        if (n > URL_MAX_BYTES)
                return "too long: at most 1024 bytes";
        for (size_t i = 0; i < n; i++)
                if ((unsigned char) text[i] <= ' ' || (unsigned char) text[i] >= 0x7f)
                        return "it holds a blank, a control character or a letter outside ASCII: "
                               "write those as %20 and so on";
        if (strchr(text, '#'))
                return "a fragment (#…) is never sent to a server: leave it out";
        return NULL;
}

static const char *split_port(const char *p, const char *end, uint16_t *ret_port) {
        char digits[8];
        uint64_t port;
        size_t n;

        if (p == end) {
                *ret_port = 0;
                return NULL;
        }
        n = (size_t) (end - p) - 1;
        if (*p != ':' || n == 0 || n >= sizeof(digits))
                return "the port must be a number from 1 to 65535 after a colon";
        memcpy(digits, p + 1, n);
        digits[n] = 0;
        if (parse_uint(digits, UINT16_MAX, &port) < 0 || port == 0)
                return "the port must be a number from 1 to 65535 after a colon";
        *ret_port = (uint16_t) port;
        return NULL;
}

static const char *split_authority(Authority *a) {
        const char *end = a->text + a->len, *host = a->text, *host_end;

        if (memchr(a->text, '@', a->len))
                return "a user name or password cannot be given here";
        a->is_bracketed = a->len > 0 && *host == '[';
        if (a->is_bracketed) {
                host++;
                host_end = memchr(host, ']', (size_t) (end - host));
                if (!host_end)
                        return "the bracket of the IPv6 address is not closed";
        } else {
                host_end = memchr(host, ':', a->len);
                if (!host_end)
                        host_end = end;
        }
        if (host_end == host)
                return "the host is missing: write 127.0.0.1, [::1] or localhost";
        if ((size_t) (host_end - host) >= sizeof(a->host))
                return "the host must be an IP address or localhost";
        memcpy(a->host, host, (size_t) (host_end - host));
        a->host[host_end - host] = 0;
        return split_port(host_end + (a->is_bracketed ? 1 : 0), end, &a->port);
}

static const char *fill_inet(const Authority *a, uint16_t port, HealthUrl *u) {
        u->is_localhost = !a->is_bracketed && strcasecmp(a->host, "localhost") == 0;
        if (a->is_bracketed) {
                u->address.in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
                                                        .sin6_port = htons(port) };
                u->address_len = sizeof(u->address.in6);
                if (inet_pton(AF_INET6, a->host, &u->address.in6.sin6_addr) != 1)
                        return "what stands in the brackets is not an IPv6 address";
                return NULL;
        }
        u->address.in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
        u->address_len = sizeof(u->address.in);
        if (inet_pton(AF_INET, u->is_localhost ? "127.0.0.1" : a->host,
                      &u->address.in.sin_addr) != 1)
                return "the host must be an IP address or localhost (names are not looked up; an "
                       "IPv6 address stands in brackets)";
        return NULL;
}

static void fill_host_header(const Authority *a, HealthUrl *u) {
        char digits[] = ":65535", *p = u->host;
        size_t i = sizeof(digits) - 1;

        /* The host is no longer than an IPv6 address, so all of it fits. */
        p = stpcpy(p, a->is_bracketed ? "[" : "");
        p = stpcpy(p, a->host);
        p = stpcpy(p, a->is_bracketed ? "]" : "");
        if (a->port == 0 || a->port == DEFAULT_HTTP_PORT)
                return;
        for (unsigned port = a->port; port > 0; port /= 10)
                digits[--i] = (char) ('0' + port % 10);
        digits[--i] = ':';
        stpcpy(p, digits + i);
}

static const char *parse_inet(const char *rest, HealthUrl *u) {
        Authority a = { .text = rest, .len = strcspn(rest, "/?") };
        const char *path = rest + a.len, *problem;

        problem = split_authority(&a);
        if (problem)
                return problem;
        if (u->scheme == HEALTH_TCP) {
                if (a.port == 0)
                        return "tcp:// needs a port, as in tcp://127.0.0.1:9000";
                if (*path)
                        return "tcp:// takes no path: only the connection is tried";
                return fill_inet(&a, a.port, u);
        }
        if (*path == '?')
                return "the path must begin with / (write /?… for a query on the root)";
        u->path = *path ? path : "/";
        fill_host_header(&a, u);
        return fill_inet(&a, a.port ? a.port : DEFAULT_HTTP_PORT, u);
}

static const char *parse_unix(const char *socket_path, HealthUrl *u) {
        size_t n = strcspn(socket_path, ":");
        const char *path = socket_path[n] ? socket_path + n + 1 : "/";

        if (n < 2 || socket_path[n - 1] == '/')
                return "the name of the socket is missing, as in unix:/run/agent/http.sock:/health";
        if (n >= sizeof(u->address.un.sun_path))
                return "the path of the socket is too long: at most 107 bytes";
        if (*path != '/')
                return "what follows the socket must be a path, as in "
                       "unix:/run/agent/http.sock:/health";
        u->address.un = (struct sockaddr_un){ .sun_family = AF_UNIX };
        memcpy(u->address.un.sun_path, socket_path, n);
        u->address_len = sizeof(u->address.un);
        memcpy(u->host, "localhost", sizeof("localhost"));
        u->path = path;
        return NULL;
}

static const char *parse_any(const char *text, HealthUrl *u) {
        const char *problem = check_characters(text);

        if (problem)
                return problem;
        for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
                const char *rest = startswith(text, prefixes[i].text);

                if (!rest)
                        continue;
                if (prefixes[i].problem)
                        return prefixes[i].problem;
                u->scheme = prefixes[i].scheme;
                return u->scheme == HEALTH_UNIX ? parse_unix(rest - 1, u) : parse_inet(rest, u);
        }
        return unknown_scheme;
}

int health_url_parse(const char *text, HealthUrl *ret, const char **ret_problem) {
        HealthUrl u = { 0 };
        const char *problem = parse_any(text, &u);

        if (problem) {
                if (ret_problem)
                        *ret_problem = problem;
                return -EINVAL;
        }
        *ret = u;
        return 0;
}
