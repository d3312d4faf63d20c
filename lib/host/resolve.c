/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * resolve.h by getent(1): in this process a question could take minutes, and nothing would end it.
 */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/run.h"
#include "host/program.h"
#include "host/resolve.h"

#define ONE_USEC      (6 * USEC_PER_SEC)
#define ALL_USEC      (30 * USEC_PER_SEC)
#define ADDRESSES_MAX 16

typedef struct Addresses {
        char items[ADDRESSES_MAX][INET6_ADDRSTRLEN];
        size_t n;
} Addresses;

static bool is_numeric(const char *host) {
        struct in6_addr any;

        return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

/* Only what is an address goes into nginx's files, whoever answered. */
static void add_address(Addresses *a, const char *word) {
        for (size_t i = 0; i < a->n; i++)
                if (streq(a->items[i], word))
                        return;
        if (is_numeric(word) && a->n < ADDRESSES_MAX)
                strcpy(a->items[a->n++], word);
}

static int compare(const void *a, const void *b) {
        return strcmp(a, b);
}

/* "192.0.2.7  STREAM agents.example", a line for each kind of socket. */
static const char *list_addresses(const char *output, Arena *arena) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        Addresses a = { .n = 0 };
        char word[INET6_ADDRSTRLEN];

        for (const char *line = output; line && *line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (sscanf(line, "%45[0-9a-fA-F.:]", word) == 1)
                        add_address(&a, word);
        }
        qsort(a.items, a.n, sizeof(a.items[0]), compare); /* the order of answers changes */
        for (size_t i = 0; i < a.n; i++)
                strbuf_addf(&b, strchr(a.items[i], ':') ? "[%s]\n" : "%s\n", a.items[i]);
        return strbuf_check(&b) < 0 ? NULL : arena_strdup(arena, strbuf_text(&b));
}

static const char *ask(Resolver *r, const char *program, const char *name) {
        const char *const argv[] = { program, "ahosts", name, NULL };
        const char *const options[] = { "RES_OPTIONS=timeout:2 attempts:1", NULL };
        _cleanup_strbuf_ StrBuf output = { 0 };
        uint64_t from = clock_usec(CLOCK_BOOTTIME);
        int status = -ETIMEDOUT;

        if (r->spent_usec < ALL_USEC)
                status = run_program(
                        &(RunOptions){ .argv = argv, .setenv = options, .timeout_usec = ONE_USEC },
                        &output, NULL);
        r->spent_usec += clock_usec(CLOCK_BOOTTIME) - from;
        return status == 0 ? list_addresses(strbuf_text(&output), r->arena) : "";
}

static int look_up(Resolver *r, const char *program, const char *name, const char **ret) {
        ResolverName *n;

        for (n = r->names; n; n = n->next)
                if (streq(n->name, name)) {
                        *ret = n->addresses;
                        return 0;
                }
        n = arena_new(r->arena, ResolverName);
        if (!n)
                return -ENOMEM;
        *n = (ResolverName){ name, ask(r, program, name), r->names };
        if (!n->addresses)
                return -ENOMEM;
        r->names = n;
        *ret = n->addresses;
        return 0;
}

static int add_ports(Resolver *r, const char *addresses, const char *port,
                     const char *const **ret) {
        const char **list = arena_new_n(r->arena, const char *, ADDRESSES_MAX + 1);
        size_t n = 0;

        for (const char *p = addresses; list && *p; p += strcspn(p, "\n") + 1) {
                list[n] = arena_printf(r->arena, "%.*s%s", (int) strcspn(p, "\n"), p, port);
                if (!list[n++])
                        return -ENOMEM;
        }
        if (!list)
                return -ENOMEM;
        list[n] = NULL;
        *ret = list;
        return n > 0 ? 1 : -ENOENT;
}

int resolver_find(Resolver *r, const char *upstream, const char *const **ret) {
        size_t len = strcspn(upstream, ":");
        const char *program, *addresses = NULL, *const *list = NULL;
        char *name;
        int k;

        if (*upstream == '[' || startswith(upstream, "unix:"))
                return 0;
        name = arena_strndup(r->arena, upstream, len);
        if (!name)
                return -ENOMEM;
        program = host_program(r->root, "getent", r->arena);
        if (is_numeric(name) || streq(name, "localhost") || !program)
                return 0;
        k = look_up(r, program, name, &addresses);
        if (k == 0)
                k = add_ports(r, addresses, upstream[len] ? upstream + len : ":80", &list);
        if (k > 0)
                *ret = list;
        return k;
}
