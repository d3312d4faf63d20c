/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who listens where: TCP and unix stream sockets that take connections, from /proc/net, and as root
 * the process and the unit that hold each. A snapshot; opens no socket and asks no process.
 */

#include "base/arena.h"
#include "base/health-url.h"
#include "base/strbuf.h"

typedef struct Listener {
        int family; /* AF_INET, AF_INET6, AF_UNIX */
        union {
                struct in_addr in;
                struct in6_addr in6;
        };
        uint16_t port;
        const char *path; /* of AF_UNIX, "@name" for an abstract one; else "" */
        uint64_t inode;
        uint64_t uid; /* who made it; UINT64_MAX for AF_UNIX */
        uint64_t pid; /* 0: not known. Of several the lowest */
        const char
                *command; /* "/usr/bin/python3 /opt/x/main.py"; "" not known. Never its options */
        const char *unit; /* "nginx.service"; "" none or not known */
} Listener;

typedef struct Listeners {
        Listener *items;
        size_t n;
} Listeners;

/*
 * Fills *ret, in the arena. proc_fd is of /proc; pid the process whose network is looked at, "self"
 * or a number. Without IPv6 there is just less of it. -ENOMEM, or why net/tcp cannot be read.
 */
int listeners_read(int proc_fd, const char *pid, Arena *arena, Listeners *ret);

/* The same for UDP: sockets with an address of their own that take from anybody. */
int listeners_read_udp(int proc_fd, const char *pid, Arena *arena, Listeners *ret);

/* Finds pid, command and unit of all that this user may look into. */
int listeners_find_owners(int proc_fd, Arena *arena, Listeners *l);

/* Whether a connection to that address is taken by this socket. */
bool listener_takes(const Listener *l, const HealthAddress *to);

/* "127.0.0.1:8000", "[::]:80", "/run/x.sock". */
void listener_format(const Listener *l, StrBuf *b);

/* For others that have a pid: "" when it cannot be told. In the arena; NULL when memory is out. */
const char *process_command(int proc_fd, uint64_t pid, Arena *arena);
const char *process_unit(int proc_fd, uint64_t pid, Arena *arena);

/* The unit in a text of /proc/PID/cgroup, which is changed; "" without one. */
const char *cgroup_unit(char *text);
