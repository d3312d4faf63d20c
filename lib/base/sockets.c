/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * sockets.h, from the tables of proc(5). Which process holds a socket the kernel only tells the
 * other way round, so the descriptors of all processes are looked at, once for all sockets. A
 * process that goes away meanwhile is passed over.
 */

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/fsat.h"
#include "base/parse.h"
#include "base/show.h"

#include "base/sockets.h"

#define TCP_STATE_LISTEN  0x0a
#define UDP_STATE_OPEN    0x07     /* TCP_CLOSE: bound, and not connected to anybody */
#define UNIX_IS_LISTENING 0x10000u /* __SO_ACCEPTCON */
#define UNIX_STREAM       1u
#define LISTENERS_MAX     ((size_t) 4096)

typedef struct Table {
        Arena *arena;
        Listener *items; /* LISTENERS_MAX of them */
        size_t n;
        unsigned state; /* of the sockets that are wanted */
} Table;

static Listener *add(Table *t) {
        Listener *l;

        if (t->n == LISTENERS_MAX)
                return NULL;
        l = &t->items[t->n++];
        *l = (Listener){ .path = "", .command = "", .unit = "", .uid = UINT64_MAX };
        return l;
}

/* ---- the tables of the kernel ---- */

/* Addresses are printed as 32-bit words of the machine's own order, which is how they lie there. */
static bool parse_address(const char *hex, size_t words, void *ret) {
        for (size_t i = 0; i < words; i++) {
                uint32_t word;

                if (sscanf(hex + 8 * i, "%8x", &word) != 1)
                        return false;
                memcpy((char *) ret + 4 * i, &word, sizeof(word));
        }
        return true;
}

static int take_inet(Table *t, const char *line, int family) {
        unsigned port, state, uid;
        unsigned long long inode;
        char address[33];
        Listener *l;

        if (sscanf(line, " %*u: %32[0-9A-Fa-f]:%x %*x:%*x %x %*x:%*x %*x:%*x %*x %u %*u %llu",
                   address, &port, &state, &uid, &inode) != 5 ||
            state != t->state || strlen(address) != (family == AF_INET ? 8 : 32))
                return 0;
        l = add(t);
        if (!l)
                return -ENOSPC;
        l->family = family;
        l->port = (uint16_t) port;
        l->uid = uid;
        l->inode = inode;
        return parse_address(address, family == AF_INET ? 1 : 4, &l->in6) ? 0 : -EBADMSG;
}

static int take_unix(Table *t, const char *line, int family) {
        unsigned flags, type;
        unsigned long long inode;
        int at = 0;
        Listener *l;

        if (sscanf(line, "%*x: %*x %*x %x %x %*x %llu %n", &flags, &type, &inode, &at) != 3 ||
            !(flags & UNIX_IS_LISTENING) || type != UNIX_STREAM || at == 0 || !line[at])
                return 0; /* without a name nobody can connect to it */
        l = add(t);
        if (!l)
                return -ENOSPC;
        l->family = family;
        l->inode = inode;
        l->path = arena_strndup(t->arena, line + at, strcspn(line + at, "\n"));
        return l->path ? 0 : -ENOMEM;
}

static int read_table(Table *t, int dir_fd, const char *name, int family) {
        int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC), r = 0;
        FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
        size_t size = 0;
        char *line = NULL;

        if (!f) {
                r = -errno;
                closep(&fd);
                return r;
        }
        while (r == 0 && getline(&line, &size, f) > 0)
                r = family == AF_UNIX ? take_unix(t, line, family) : take_inet(t, line, family);
        free(line);
        fclose(f);
        return r == -ENOSPC ? 0 : r;
}

typedef struct TableName {
        const char *name;
        int family;
} TableName;

typedef struct TableKind {
        const TableName *names; /* the last one is empty */
        unsigned state;
} TableKind;

static int read_tables(int proc_fd, const char *pid, Arena *arena, const TableKind *kind,
                       Listeners *ret) {
        Table t = { .arena = arena,
                    .items = arena_new_n(arena, Listener, LISTENERS_MAX),
                    .state = kind->state };
        _cleanup_close_ int fd = -EBADF;
        char path[64];

        if (!t.items)
                return -ENOMEM;
        snprintf(path, sizeof(path), "%s/net", pid);
        fd = fsat_open_dir(proc_fd, path);
        if (fd < 0)
                return fd;
        for (const TableName *i = kind->names; i->name; i++) {
                int r = read_table(&t, fd, i->name, i->family);

                /* Those of IPv6 are absent with ipv6.disable=1. */
                if (r < 0 && !(r == -ENOENT && i->family == AF_INET6))
                        return r;
        }
        *ret = (Listeners){ t.items, t.n };
        return 0;
}

int listeners_read(int proc_fd, const char *pid, Arena *arena, Listeners *ret) {
        static const TableName names[] = {
                { "tcp", AF_INET }, { "tcp6", AF_INET6 }, { "unix", AF_UNIX }, { 0 }
        };

        return read_tables(proc_fd, pid, arena, &(TableKind){ names, TCP_STATE_LISTEN }, ret);
}

int listeners_read_udp(int proc_fd, const char *pid, Arena *arena, Listeners *ret) {
        static const TableName names[] = { { "udp", AF_INET }, { "udp6", AF_INET6 }, { 0 } };

        return read_tables(proc_fd, pid, arena, &(TableKind){ names, UDP_STATE_OPEN }, ret);
}

/* ---- whose they are ---- */

const char *cgroup_unit(char *text) {
        const char *unit = "";

        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
                char *path = strchr(line, ':'), *last;

                path = path ? strchr(path + 1, ':') : NULL;
                if (!path || (!startswith(line, "0:") && !strstr(line, ":name=systemd:")))
                        continue;
                /* A service may have groups of its own below its unit's. */
                while ((last = strrchr(path, '/'))) {
                        if (endswith(last, ".service") || endswith(last, ".scope"))
                                return last + 1;
                        *last = 0;
                }
        }
        return unit;
}

static ssize_t read_of(int proc_fd, uint64_t pid, const char *what, char *buf, size_t size_bytes) {
        char path[64];

        snprintf(path, sizeof(path), "%llu/%s", (unsigned long long) pid, what);
        return fsat_read(proc_fd, path, buf, size_bytes);
}

const char *process_unit(int proc_fd, uint64_t pid, Arena *arena) {
        char text[8192];

        return read_of(proc_fd, pid, "cgroup", text, sizeof(text)) > 0
                       ? arena_strdup(arena, cgroup_unit(text))
                       : "";
}

/* What the kernel says it runs: its command line is its own to change. */
static void add_program(int proc_fd, uint64_t pid, StrBuf *b) {
        char path[64], text[PATH_MAX];
        ssize_t n;

        snprintf(path, sizeof(path), "%llu/exe", (unsigned long long) pid);
        n = readlinkat(proc_fd, path, text, sizeof(text) - 1);
        if (n <= 0)
                n = read_of(proc_fd, pid, "comm", text, sizeof(text));
        if (n <= 0)
                return;
        text[n] = 0;
        show_bytes(b, text, strcspn(text, "\n"), '?');
}

/* Of an interpreter the script, too; more words could hold a secret. */
const char *process_command(int proc_fd, uint64_t pid, Arena *arena) {
        char text[PATH_MAX * 2];
        ssize_t n = read_of(proc_fd, pid, "cmdline", text, sizeof(text));
        size_t first = n > 0 ? strlen(text) + 1 : 0;
        _cleanup_strbuf_ StrBuf b = { 0 };

        add_program(proc_fd, pid, &b);
        if (n > 0 && first < (size_t) n && text[first] == '/') {
                strbuf_addc(&b, ' ');
                show_string(&b, text + first);
        }
        return strbuf_check(&b) < 0 ? NULL : arena_strdup(arena, strbuf_text(&b));
}

static Listener *find_inode(const Listeners *l, unsigned long long inode) {
        for (size_t i = 0; i < l->n; i++)
                if (l->items[i].inode == inode)
                        return &l->items[i];
        return NULL;
}

static void look_at_descriptors(int proc_fd, uint64_t pid, const Listeners *l) {
        char path[64], target[64];
        struct dirent *entry;
        int fd;
        DIR *dir;

        snprintf(path, sizeof(path), "%llu/fd", (unsigned long long) pid);
        fd = fsat_open_dir(proc_fd, path);
        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir) {
                closep(&fd);
                return;
        }
        while ((entry = readdir(dir))) {
                ssize_t n = readlinkat(fd, entry->d_name, target, sizeof(target) - 1);
                unsigned long long inode;
                Listener *found;

                target[MAX(n, (ssize_t) 0)] = 0;
                if (sscanf(target, "socket:[%llu]", &inode) != 1)
                        continue;
                found = find_inode(l, inode);
                /* What systemd keeps for a service (FileDescriptorStoreMax=) is the service's. */
                if (found && (found->pid <= 1 || (pid != 1 && found->pid > pid)))
                        found->pid = pid;
        }
        closedir(dir);
}

int listeners_find_owners(int proc_fd, Arena *arena, Listeners *l) {
        int fd = fsat_open_dir(proc_fd, ".");
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;
        uint64_t pid;

        if (!dir) {
                int r = fd < 0 ? fd : -errno;

                closep(&fd);
                return r;
        }
        while ((entry = readdir(dir)))
                if (parse_uint(entry->d_name, UINT32_MAX, &pid) == 0)
                        look_at_descriptors(proc_fd, pid, l);
        closedir(dir);
        for (size_t i = 0; i < l->n; i++) {
                Listener *s = &l->items[i];

                if (s->pid == 0)
                        continue;
                s->command = process_command(proc_fd, s->pid, arena);
                s->unit = process_unit(proc_fd, s->pid, arena);
                if (!s->command || !s->unit)
                        return -ENOMEM;
        }
        return 0;
}

/* ---- addresses ---- */

static bool takes_in(const Listener *l, const struct sockaddr_in *to) {
        if (l->port != ntohs(to->sin_port))
                return false;
        if (l->family == AF_INET)
                return l->in.s_addr == INADDR_ANY || l->in.s_addr == to->sin_addr.s_addr;
        /* "::" takes IPv4 too, unless it was told not to, which no table shows. */
        return IN6_IS_ADDR_UNSPECIFIED(&l->in6) ||
               (IN6_IS_ADDR_V4MAPPED(&l->in6) &&
                memcmp(l->in6.s6_addr + 12, &to->sin_addr, 4) == 0);
}

static bool takes_in6(const Listener *l, const struct sockaddr_in6 *to) {
        return l->family == AF_INET6 && l->port == ntohs(to->sin6_port) &&
               (IN6_IS_ADDR_UNSPECIFIED(&l->in6) || IN6_ARE_ADDR_EQUAL(&l->in6, &to->sin6_addr));
}

bool listener_takes(const Listener *l, const HealthAddress *to) {
        switch (to->sa.sa_family) {
        case AF_INET:
                return l->family != AF_UNIX && takes_in(l, &to->in);
        case AF_INET6:
                return takes_in6(l, &to->in6);
        case AF_UNIX:
                return l->family == AF_UNIX && streq(l->path, to->un.sun_path);
        default:
                return false;
        }
}

void listener_format(const Listener *l, StrBuf *b) {
        char text[INET6_ADDRSTRLEN] = "?";

        if (l->family == AF_UNIX) {
                show_string(b, l->path);
                return;
        }
        inet_ntop(l->family, &l->in6, text, sizeof(text));
        strbuf_addf(b, l->family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, l->port);
}
