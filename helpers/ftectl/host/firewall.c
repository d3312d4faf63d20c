/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which firewall rules this host, and how it opens ports (host.h). A table of our own where none
 * does; where ufw or firewalld does, its own rules, since what our table accepts theirs would still
 * refuse. Ports that the admin opened there are left alone, also at the end. firewalld keeps one
 * set of rules and rules by another: a port goes into both, so that its reload loses none of ours,
 * and it is not reloaded, which would lose what the admin has in the second one only.
 */

#include <stdio.h>

#include "base/distribution.h"
#include "base/parse.h"
#include "base/run.h"
#include "bus.h"
#include "host/firewall-text.h"
#include "host/program.h"

#include "host.h"

/* A reload of ufw is dozens of programs, and half of it would be worse than a long one. */
#define TIMEOUT_USEC (5 * 60 * USEC_PER_SEC)

typedef struct Row {
        const char *name, *program;
        const char *const
                *state; /* the command that tells whether it rules, and what it says then */
        const char *says;
} Row;

static const Row rows[_BACKEND_MAX] = {
        [BACKEND_NFT] = { "nftables", "nft", NULL, NULL },
        [BACKEND_UFW] = { "ufw", "ufw", (const char *const[]){ "status", NULL }, "Status: active" },
        [BACKEND_FIREWALLD] = { "firewalld", "firewall-cmd",
                                (const char *const[]){ "--state", NULL }, "running" },
};

const char *host_firewall_name(Backend b) {
        return rows[b].name;
}

/* Runs the backend's program with up to six words. */
static int run(const char *root, Backend b, const char *const *words, StrBuf *output) {
        _cleanup_arena_ Arena arena = { 0 };
        const char *argv[8] = { host_program(root, rows[b].program, &arena) };

        if (!argv[0])
                return -ENOENT;
        for (size_t i = 0; words[i] && i < ARRAY_SIZE(argv) - 2; i++)
                argv[i + 1] = words[i];
        return run_program(&(RunOptions){ .argv = argv, .timeout_usec = TIMEOUT_USEC }, output,
                           NULL);
}

Backend host_firewall_find(const char *root, Arena *arena) {
        for (Backend b = BACKEND_UFW; b < _BACKEND_MAX; b++) {
                _cleanup_strbuf_ StrBuf output = { 0 };

                if (host_program(root, rows[b].program, arena) &&
                    run(root, b, rows[b].state, &output) == 0 &&
                    startswith(strbuf_text(&output), rows[b].says))
                        return b;
        }
        return BACKEND_NFT;
}

/* ---- what another firewall has ---- */

/* Its list of what is open, as text with the ports in it as words: "22/tcp". */
static const char *ask(HostPlan *p, const char *const *words) {
        _cleanup_strbuf_ StrBuf output = { 0 };
        const char *text;

        (void) run(p->root, p->backend, words, &output);
        text = arena_strndup(&p->arena, strbuf_text(&output), output.len);
        return text ? text : "";
}

/* A port among the words of the text; in ufw's list behind "ufw allow ". */
static bool has_port(const char *text, const char *prefix, const char *port) {
        size_t n = strlen(prefix), m = strlen(port);

        for (const char *p = text; (p = word_find(p, " \n", port, m)); p += m)
                if ((size_t) (p - text) >= n && memcmp(p - n, prefix, n) == 0)
                        return true;
        return false;
}

static void add_port(HostPlan *p, HostPort **list, HostPort port) {
        HostPort *t = port.lasting || port.now ? arena_new(&p->arena, HostPort) : NULL;

        if (!t)
                return; /* nothing to do, or the arena remembers */
        while (*list)
                list = &(*list)->next;
        *t = port;
        *list = t;
}

/* ---- plan ---- */

/* What the other firewall has open. */
typedef struct Open {
        const char *prefix;        /* before a port in its lists */
        const char *lasting, *now; /* now NULL: there is no difference */
} Open;

static Open find_open(HostPlan *p) {
        static const char *const ufw[] = { "show", "added", NULL };
        static const char *const zone[] = { "--get-default-zone", NULL };
        const char *option, *text;

        if (p->backend == BACKEND_UFW)
                return (Open){ "ufw allow ", ask(p, ufw), NULL };
        text = ask(p, zone);
        p->zone = arena_strndup(&p->arena, text, strcspn(text, "\n"));
        option = arena_printf(&p->arena, "--zone=%s", p->zone ? p->zone : "");
        return (Open){ "",
                       ask(p, (const char *const[]){ "--permanent", option, "--list-ports", NULL }),
                       ask(p, (const char *const[]){ option, "--list-ports", NULL }) };
}

/* What we opened there before and is no longer wanted. */
static void plan_closing(HostPlan *p, const Open *open, char *const *allow, StrBuf *kept) {
        for (const char *line = host_read(p->root, HOST_ADDED, &p->arena); line && *line;) {
                size_t n = strcspn(line, "\n");
                char *port = arena_strndup(&p->arena, line, n);
                bool wanted = false;

                for (char *const *a = allow; port && a && *a && !wanted; a++)
                        wanted = streq(*a, port);
                if (port && wanted)
                        strbuf_addf(kept, "%s\n", port);
                else if (port)
                        add_port(p, &p->close,
                                 (HostPort){ .text = port,
                                             .lasting = true,
                                             .now = open->now && has_port(open->now, "", port) });
                line += n + (line[n] == '\n');
        }
}

/* firewalld: an interface that is in another zone has that one's rules. */
static void warn_of_zones(HostPlan *p) {
        static const char *const words[] = { "--get-active-zones", NULL };
        size_t len = p->zone ? strlen(p->zone) : 0;

        for (const char *line = ask(p, words); *line; line += strcspn(line, "\n") + 1) {
                size_t n = strcspn(line, " \n");

                if (n > 0 && !(n == len && strncmp(line, p->zone, n) == 0))
                        host_warn(p, arena_printf(&p->arena,
                                                  "firewalld: ports are opened in its default zone "
                                                  "%s, and zone %.*s is in use, too; what comes "
                                                  "through that one has that one's rules",
                                                  p->zone, (int) n, line));
                if (!line[strcspn(line, "\n")])
                        break;
        }
}

static void plan_other(HostPlan *p, char *const *allow) {
        _cleanup_strbuf_ StrBuf kept = { 0 };
        Open open = find_open(p);

        plan_closing(p, &open, allow, &kept);
        for (; allow && *allow; allow++) {
                HostPort port = { .text = *allow,
                                  .lasting = !has_port(open.lasting, open.prefix, *allow),
                                  .now = open.now && !has_port(open.now, "", *allow) };

                add_port(p, &p->open, port);
                if (port.lasting)
                        strbuf_addf(&kept, "%s\n", *allow);
        }
        if (p->backend == BACKEND_FIREWALLD && p->has_firewall)
                warn_of_zones(p);
        host_change(p, HOST_ADDED,
                   kept.len > 0 ? arena_strndup(&p->arena, kept.text, kept.len) : NULL);
        host_change(p, HOST_RULES, NULL);
}

void host_firewall_plan(HostPlan *p) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char *const *allow = p->has_firewall ? p->config.host.firewall_allow : NULL;

        if (p->backend != BACKEND_NFT) {
                plan_other(p, allow);
                return;
        }
        if (p->has_firewall)
                firewall_render(allow, p->firewall_place, &b);
        if (p->has_firewall && !host_program(p->root, "nft", &p->arena))
                host_refuse(p, arena_printf(&p->arena,
                                            "nft is not installed, which [Firewall] needs; run: %s",
                                            distribution_install(p->root, INSTALL, "nftables",
                                                                 &p->arena)));
        host_change(p, HOST_RULES, b.len > 0 ? arena_strndup(&p->arena, b.text, b.len) : NULL);
}

/* ---- files of others ---- */

const char *const *host_firewall_files(const char *root, Backend b, Arena *arena) {
        static const char *const ufw[] = { "/etc/ufw/user.rules", "/etc/ufw/user6.rules", NULL };
        static const char *const zone[] = { "--get-default-zone", NULL };
        _cleanup_strbuf_ StrBuf output = { 0 };
        const char **files;

        if (b == BACKEND_UFW)
                return ufw;
        if (b != BACKEND_FIREWALLD || run(root, b, zone, &output) != 0)
                return NULL;
        files = arena_new_n(arena, const char *, 3);
        for (size_t i = 0; files && i < 2; i++) /* it keeps a copy of what it replaces */
                files[i] = arena_printf(arena, "/etc/firewalld/zones/%.*s.xml%s",
                                        (int) strcspn(strbuf_text(&output), "\n"),
                                        strbuf_text(&output), i == 0 ? "" : ".old");
        return files;
}

/* ---- do it ---- */

static int told(int r, const StrBuf *output, const char *what, StrBuf *problem) {
        if (r == 0)
                return 0;
        strbuf_addf(problem, "%s: %s%s", what, r < 0 ? strerror(-r) : "", strbuf_text(output));
        return r < 0 ? r : -EIO;
}

static int tell_ufw(const char *root, const char *port, bool open, StrBuf *problem) {
        _cleanup_strbuf_ StrBuf output = { 0 };
        const char *const words[][5] = { { "delete", "allow", port, NULL },
                                         { "allow", port, "comment", "systemd-fte", NULL } };

        return told(run(root, BACKEND_UFW, words[open], &output), &output, "ufw", problem);
}

static int tell_firewalld(const char *root, const char *zone, const HostPort *port, bool open,
                          StrBuf *problem) {
        char option[64], in[96];
        const char *const words[] = { in, option, "--permanent", NULL };
        const char *const now[] = { in, option, NULL };
        int r = 0;

        snprintf(option, sizeof(option), "--%s-port=%s", open ? "add" : "remove", port->text);
        snprintf(in, sizeof(in), "--zone=%s", zone);
        for (unsigned i = 0; i < 2 && r == 0; i++) {
                _cleanup_strbuf_ StrBuf output = { 0 };

                if (i == 0 ? port->lasting : port->now)
                        r = told(run(root, BACKEND_FIREWALLD, i == 0 ? words : now, &output),
                                 &output, "firewalld", problem);
        }
        return r;
}

static int open_or_close(const HostPlan *p, const HostPort *list, bool open, StrBuf *problem) {
        int r = 0;

        for (; list && r == 0; list = list->next)
                r = p->backend == BACKEND_UFW
                            ? tell_ufw(p->root, list->text, open, problem)
                            : tell_firewalld(p->root, p->zone, list, open, problem);
        return r;
}

int host_firewall_now(const char *root, const char *zone, const char *port, bool open) {
        _cleanup_arena_ Arena arena = { 0 };
        _cleanup_strbuf_ StrBuf problem = { 0 };

        if (host_firewall_find(root, &arena) != BACKEND_FIREWALLD)
                return 0;
        return tell_firewalld(root, zone, &(HostPort){ .text = port, .now = true }, open, &problem);
}

/* The kernel first; then systemd is told, which loads it again. */
static int load_rules(const char *root, StrBuf *problem) {
        static const char *const remove[] = { "delete", "table", "inet", "fte", NULL };
        _cleanup_strbuf_ StrBuf output = { 0 };
        _cleanup_bus_ sd_bus *bus = NULL;
        char path[4096];
        const char *load[] = { "-f", path, NULL };
        bool there;
        int r;

        r = host_full_path(path, sizeof(path), root, HOST_RULES);
        there = r == 0 && access(path, F_OK) == 0;
        r = run(root, BACKEND_NFT, there ? load : remove, &output);
        if (there && r != 0)
                return told(r, &output, "nft -f", problem);
        if (*root || bus_open(&bus) < 0)
                return 0;
        (void) sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_SYSTEMD ".Manager",
                                  there ? "ReloadOrRestartUnit" : "StopUnit", NULL, NULL, "ss",
                                  "fte-firewall.service", "replace");
        return 0;
}

static int reload_ufw(const char *root, StrBuf *problem) {
        static const char *const words[] = { "reload", NULL };
        _cleanup_strbuf_ StrBuf output = { 0 };

        return told(run(root, BACKEND_UFW, words, &output), &output, "ufw", problem);
}

int host_firewall_apply(const HostPlan *p, StrBuf *problem) {
        int r = open_or_close(p, p->close, false, problem);

        if (r == 0)
                r = open_or_close(p, p->open, true, problem);
        for (const HostChange *c = p->changes; c && r == 0; c = c->next)
                if (streq(c->path, HOST_RULES))
                        r = load_rules(p->root, problem);
        return r;
}

/* firewalld sees for itself that its files have changed. */
int host_firewall_reload(const char *root, Backend b, StrBuf *problem) {
        int r = load_rules(root, problem);

        return r < 0 || b != BACKEND_UFW ? r : reload_ufw(root, problem);
}
