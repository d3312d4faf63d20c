/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which firewall rules this host, and how it opens ports (host.h). A table of our own where none
 * does; where ufw or firewalld does, its own rules, since what our table accepts theirs would still
 * refuse. Ports that the admin opened there are left alone, also at the end.
 */

#include <stdio.h>

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
static const char *open_ports(HostPlan *p) {
        static const char *const ufw[] = { "show", "added", NULL };
        static const char *const firewalld[] = { "--permanent", "--list-ports", NULL };
        _cleanup_strbuf_ StrBuf output = { 0 };

        (void) run(p->root, p->backend, p->backend == BACKEND_UFW ? ufw : firewalld, &output);
        return arena_strndup(&p->arena, strbuf_text(&output), output.len);
}

/* A word of the text, with blanks or line ends around it; in ufw's list behind "ufw allow". */
static bool has_word(const char *text, const char *prefix, const char *word) {
        size_t n = strlen(prefix), m = strlen(word);

        for (const char *p = text; (p = strstr(p, word)); p++) {
                bool begins = p == text || strchr(" \n", p[-1]);

                if (begins && (!p[m] || strchr(" \n", p[m])) &&
                    (n == 0 || ((size_t) (p - text) >= n && memcmp(p - n, prefix, n) == 0)))
                        return true;
        }
        return false;
}

static void add_text(HostPlan *p, HostText **list, const char *text) {
        HostText *t = arena_new(&p->arena, HostText);

        while (*list)
                list = &(*list)->next;
        if (t)
                *t = (HostText){ text, NULL };
        *list = t;
}

/* ---- plan ---- */

/* What we opened there before and is no longer wanted. */
static void plan_closing(HostPlan *p, const char *added, char *const *allow, StrBuf *kept) {
        for (const char *line = added; line && *line;) {
                size_t n = strcspn(line, "\n");
                char *port = arena_strndup(&p->arena, line, n);
                bool wanted = false;

                for (char *const *a = allow; port && a && *a && !wanted; a++)
                        wanted = streq(*a, port);
                if (port && wanted)
                        strbuf_addf(kept, "%s\n", port);
                else if (port)
                        add_text(p, &p->close, port);
                line += n + (line[n] == '\n');
        }
}

static void plan_other(HostPlan *p, char *const *allow) {
        _cleanup_strbuf_ StrBuf kept = { 0 };
        const char *open = open_ports(p);
        const char *prefix = p->backend == BACKEND_UFW ? "ufw allow " : "";

        plan_closing(p, host_read(p->root, HOST_ADDED, &p->arena), allow, &kept);
        for (; allow && *allow; allow++) {
                if (has_word(open ? open : "", prefix, *allow))
                        continue;
                add_text(p, &p->open, *allow);
                strbuf_addf(&kept, "%s\n", *allow);
        }
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
                host_refuse(p, "nft is not installed, which [Firewall] needs; run: apt-get install "
                               "nftables");
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

static int open_or_close(const char *root, Backend b, const char *port, bool open,
                         StrBuf *problem) {
        _cleanup_strbuf_ StrBuf output = { 0 };
        char option[64];
        const char *ufw_open[] = { "allow", port, "comment", "systemd-fte", NULL };
        const char *ufw_close[] = { "delete", "allow", port, NULL };
        const char *firewalld[] = { "--permanent", option, NULL };

        snprintf(option, sizeof(option), "--%s-port=%s", open ? "add" : "remove", port);
        return told(run(root, b,
                        b == BACKEND_FIREWALLD ? firewalld
                        : open                 ? ufw_open
                                               : ufw_close,
                        &output),
                    &output, rows[b].name, problem);
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

static int reload_other(const char *root, Backend b, StrBuf *problem) {
        static const char *const words[_BACKEND_MAX][2] = {
                [BACKEND_UFW] = { "reload", NULL }, [BACKEND_FIREWALLD] = { "--reload", NULL }
        };
        _cleanup_strbuf_ StrBuf output = { 0 };

        return told(run(root, b, words[b], &output), &output, rows[b].name, problem);
}

int host_firewall_apply(const HostPlan *p, StrBuf *problem) {
        int r = 0;

        for (const HostText *t = p->close; t && r == 0; t = t->next)
                r = open_or_close(p->root, p->backend, t->text, false, problem);
        for (const HostText *t = p->open; t && r == 0; t = t->next)
                r = open_or_close(p->root, p->backend, t->text, true, problem);
        if (r == 0 && p->backend == BACKEND_FIREWALLD && (p->open || p->close))
                r = reload_other(p->root, p->backend, problem);
        for (const HostChange *c = p->changes; c && r == 0; c = c->next)
                if (streq(c->path, HOST_RULES))
                        r = load_rules(p->root, problem);
        return r;
}

int host_firewall_reload(const char *root, Backend b, StrBuf *problem) {
        int r = load_rules(root, problem);

        return r < 0 || b == BACKEND_NFT ? r : reload_other(root, b, problem);
}
