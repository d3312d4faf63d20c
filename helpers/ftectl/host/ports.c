/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Through which ports people come in (host.h), so that try never closes the one they need: those
 * that ssh.socket has, or those at which an sshd listens now and would after a reload.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "bus.h"
#include "host/firewall-text.h"
#include "host/sshd-text.h"

#include "host.h"

#define PORTS_MAX 32

typedef struct Ports {
        unsigned items[PORTS_MAX];
        size_t n;
} Ports;

static void add_port(Ports *p, unsigned port) {
        for (size_t i = 0; i < p->n; i++)
                if (p->items[i] == port)
                        return;
        if (port > 0 && p->n < PORTS_MAX)
                p->items[p->n++] = port;
}

/* ---- sockets of the processes that are called sshd ---- */

/* As /proc/net/tcp and tcp6 write it: 127.0.0.0/8, ::1, and the first within the second. */
static bool is_loopback(const char *address) {
        size_t n = strcspn(address, ":");

        if (n == 8)
                return memcmp(address + 6, "7F", 2) == 0;
        return memcmp(address, "00000000000000000000000001000000", 32) == 0 ||
               (memcmp(address, "0000000000000000FFFF0000", 24) == 0 &&
                memcmp(address + 30, "7F", 2) == 0);
}

/* Of a socket that listens, by its inode; 0: it does not, or only at home. */
static unsigned port_of_socket(const char *table, unsigned long inode) {
        for (const char *line = strchr(table, '\n'); line && line[1];
             line = strchr(line + 1, '\n')) {
                char local[64], state[8];
                unsigned long found;
                unsigned port;

                if (sscanf(line + 1, " %*s %60s %*s %4s %*s %*s %*s %*s %*s %lu", local, state,
                           &found) != 3 ||
                    found != inode || !streq(state, "0A") || is_loopback(local))
                        continue;
                if (sscanf(strchr(local, ':') ? strchr(local, ':') : "", ":%x", &port) == 1)
                        return port;
        }
        return 0;
}

static void add_sockets(int proc_fd, const char *pid, const char *const tables[2], Ports *ports) {
        char path[300], target[64];
        DIR *d;
        int fd;

        snprintf(path, sizeof(path), "%s/fd", pid);
        fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        d = fd < 0 ? NULL : fdopendir(fd);
        for (struct dirent *e; d && (e = readdir(d));) {
                ssize_t n = readlinkat(dirfd(d), e->d_name, target, sizeof(target) - 1);
                unsigned long inode;

                target[MAX(n, 0)] = 0;
                if (sscanf(target, "socket:[%lu]", &inode) != 1)
                        continue;
                add_port(ports, port_of_socket(tables[0], inode));
                add_port(ports, port_of_socket(tables[1], inode));
        }
        if (d)
                closedir(d);
}

static bool is_sshd(int proc_fd, const char *pid) {
        char path[300], comm[32];

        snprintf(path, sizeof(path), "%s/comm", pid);
        return ascii_isdigit(*pid) && fsat_read(proc_fd, path, comm, sizeof(comm)) > 0 &&
               streq(comm, "sshd\n");
}

static void add_processes(HostPlan *p, Ports *ports) {
        const char *tcp = host_read(p->root, "/proc/net/tcp", &p->arena);
        const char *tcp6 = host_read(p->root, "/proc/net/tcp6", &p->arena);
        const char *const tables[2] = { tcp ? tcp : "", tcp6 ? tcp6 : "" };
        char path[4096];
        DIR *d;

        snprintf(path, sizeof(path), "%s/proc", p->root);
        d = opendir(path);
        for (struct dirent *e; d && (e = readdir(d));)
                if (is_sshd(dirfd(d), e->d_name))
                        add_sockets(dirfd(d), e->d_name, tables, ports);
        if (d)
                closedir(d);
}

/* ---- sockets that systemd holds for it ---- */

static void add_listen(sd_bus *bus, const char *path, Ports *ports) {
        _cleanup_bus_message_ sd_bus_message *m = NULL;
        _cleanup_free_ char *state = NULL;
        const char *kind, *address;

        if (sd_bus_get_property_string(bus, BUS_SYSTEMD, path, BUS_SYSTEMD ".Unit", "ActiveState",
                                       NULL, &state) < 0 ||
            !streq(state, "active") ||
            sd_bus_get_property(bus, BUS_SYSTEMD, path, BUS_SYSTEMD ".Socket", "Listen", NULL, &m,
                                "a(ss)") < 0 ||
            sd_bus_message_enter_container(m, 'a', "(ss)") < 0)
                return;
        while (sd_bus_message_read(m, "(ss)", &kind, &address) > 0) {
                const char *colon = strrchr(address, ':');

                if (streq(kind, "Stream") && colon && !startswith(address, "127.") &&
                    !startswith(address, "[::1]"))
                        add_port(ports, (unsigned) strtoul(colon + 1, NULL, 10));
        }
}

static bool add_systemd_sockets(const char *root, Ports *ports) {
        static const char *const paths[] = { "/org/freedesktop/systemd1/unit/ssh_2esocket",
                                             "/org/freedesktop/systemd1/unit/sshd_2esocket" };
        _cleanup_bus_ sd_bus *bus = NULL;
        size_t n = ports->n;

        if (*root || bus_open(&bus) < 0)
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
                add_listen(bus, paths[i], ports);
        return ports->n > n;
}

/* ---- what it is for ---- */

static void add_configured(const HostPlan *p, Ports *ports) {
        _cleanup_strbuf_ StrBuf effective = { 0 };
        const char *value = NULL;
        size_t n;

        if (!p->sshd || host_sshd_effective(p, NULL, &effective) < 0)
                return;
        while ((value = sshd_value(strbuf_text(&effective), "port", value, &n)))
                add_port(ports, (unsigned) strtoul(value, NULL, 10));
}

void host_check_ports(HostPlan *p) {
        Ports ports = { 0 };

        if (!p->has_firewall)
                return;
        add_processes(p, &ports);
        /* What was written and not reloaded yet comes into effect by our reload. */
        if (!add_systemd_sockets(p->root, &ports))
                add_configured(p, &ports);
        for (size_t i = 0; i < ports.n; i++)
                if (!firewall_allows(p->config.host.firewall_allow, ports.items[i], "tcp"))
                        host_refuse(
                                p,
                                arena_printf(&p->arena,
                                             "%s: [Firewall] Allow: sshd listens on port %u, which "
                                             "would be closed; add %u/tcp",
                                             p->firewall_place, ports.items[i], ports.items[i]));
}
