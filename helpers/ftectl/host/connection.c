/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whose login a process belongs to (host.h), from the chain of its parents: a variable such as
 * SSH_CONNECTION does not come through sudo, and tmux keeps an old one. A multiplexed session has
 * the sshd of the connection that it came through, so it is as old as that.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"

#include "host.h"

#define STAT_BYTES 1024
#define DEPTH_MAX  64

#define ENVIRON_BYTES ((size_t) 256 * 1024)

typedef struct Process {
        char comm[32];
        long ppid, session;
        unsigned tty;
        uint64_t start_usec;
} Process;

/* proc(5): "PID (COMM) STATE PPID PGRP SESSION TTY …", the start is number 22; COMM may hold ")".
 */
static int read_process(int proc_fd, const char *pid, Process *ret) {
        char path[64], buf[STAT_BYTES], *open_paren, *close_paren;
        unsigned long long start;
        Process p = { 0 };
        ssize_t n;

        snprintf(path, sizeof(path), "%s/stat", pid);
        n = fsat_read(proc_fd, path, buf, sizeof(buf));
        if (n < 0)
                return (int) n;
        open_paren = strchr(buf, '(');
        close_paren = strrchr(buf, ')');
        if (!open_paren || !close_paren ||
            sscanf(close_paren + 1,
                   " %*c %ld %*d %ld %u %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
                   "%llu",
                   &p.ppid, &p.session, &p.tty, &start) != 4)
                return -EBADMSG;
        snprintf(p.comm, sizeof(p.comm), "%.*s", (int) (close_paren - open_paren - 1),
                 open_paren + 1);
        p.start_usec = start * USEC_PER_SEC / (uint64_t) sysconf(_SC_CLK_TCK);
        *ret = p;
        return 0;
}

/* sshd, and from OpenSSH 9.8 on sshd-session for each connection. */
static bool is_sshd(const Process *p) {
        return streq(p->comm, "sshd") || streq(p->comm, "sshd-session");
}

/* "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups": the one that all connections share. */
static bool is_listener(int proc_fd, long pid) {
        char path[64], buf[256];
        ssize_t n;

        snprintf(path, sizeof(path), "%ld/cmdline", pid);
        n = fsat_read(proc_fd, path, buf, sizeof(buf));
        return (n > 0 && strstr(buf, "[listener]")) || n == -EFBIG;
}

/* Major numbers of Linux: virtual and serial consoles, /dev/console, and those of other machines.
 */
static bool is_console(unsigned tty) {
        unsigned major = (tty >> 8) & 0xfff, minor = (tty & 0xff) | ((tty >> 12) & 0xfff00);

        return (major == 4 && minor > 0) || (major == 5 && minor == 1) || major == 204 ||
               major == 229;
}

/*
 * "SSH_CONNECTION=127.0.0.1 50000 127.0.0.1 22" of the process that sshd started, which nobody has
 * passed on to it: from loopback, or to itself.
 */
static bool is_local(int proc_fd, const char *pid) {
        char path[64], address[2][64];
        _cleanup_free_ char *buf = malloc(ENVIRON_BYTES);
        ssize_t n;

        snprintf(path, sizeof(path), "%s/environ", pid);
        n = buf ? fsat_read(proc_fd, path, buf, ENVIRON_BYTES) : -ENOMEM;
        for (ssize_t at = 0; at < n; at += (ssize_t) strlen(buf + at) + 1) {
                const char *value = startswith(buf + at, "SSH_CONNECTION=");

                if (value && sscanf(value, "%63s %*s %63s", address[0], address[1]) == 2)
                        return startswith(address[0], "127.") || streq(address[0], "::1") ||
                               streq(address[0], address[1]);
        }
        return false;
}

static void use_console(int proc_fd, const Process *first, Connection *c) {
        char pid[24];
        Process leader;

        snprintf(pid, sizeof(pid), "%ld", first->session);
        if (!is_console(first->tty) || read_process(proc_fd, pid, &leader) < 0)
                return;
        *c = (Connection){ CONNECTION_CONSOLE, leader.start_usec, false };
}

int connection_find(const char *proc, const char *pid, Connection *ret) {
        _cleanup_close_ int fd = fsat_open_dir(AT_FDCWD, proc);
        Connection c = { .kind = CONNECTION_UNKNOWN };
        Process first, p, console;
        int r = fd < 0 ? fd : read_process(fd, pid, &first);
        char child[24]; /* the process that p is the parent of */
        long id = 0;

        if (r < 0)
                return r;
        snprintf(child, sizeof(child), "%s", pid);
        p = console = first;
        for (unsigned i = 0; i < DEPTH_MAX && p.ppid > 0; i++) {
                char parent[24];

                if (!is_console(console.tty)) /* sudo has a terminal of its own between */
                        console = p;
                if (is_sshd(&p) && !(id > 0 && is_listener(fd, id))) {
                        bool local = c.kind == CONNECTION_SSH ? c.is_local : is_local(fd, child);

                        c = (Connection){ CONNECTION_SSH, p.start_usec, local };
                } else if (c.kind == CONNECTION_SSH)
                        break; /* the topmost sshd of the connection was the last one */
                if (i > 0)
                        snprintf(child, sizeof(child), "%ld", id);
                id = p.ppid;
                snprintf(parent, sizeof(parent), "%ld", id);
                if (read_process(fd, parent, &p) < 0)
                        break;
        }
        if (c.kind == CONNECTION_UNKNOWN)
                use_console(fd, &console, &c);
        *ret = c;
        return 0;
}
