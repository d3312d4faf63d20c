/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-proxy(8): gives nginx a block for each agent with a [Proxy] section. Reads /etc/fte as the
 * generator does, renders (lib/host), has nginx judge it, puts back what nginx refuses, and has
 * systemd reload nginx if anything is different. Writes its own files only: none of the admin's.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/distribution.h"
#include "base/fsat.h"
#include "base/log.h"
#include "bus/bus.h"
#include "config.h"
#include "host/proxy-sites.h"

#include "acme.h"
#include "again.h"
#include "apply.h"
#include "ports.h"
#include "removed.h"
#include "tell.h"

#define REMOVED_SEC 2

typedef enum Mode {
        MODE_ALL,
        MODE_ACME,
        MODE_REMOVED,
        MODE_HELP,
        MODE_VERSION,
        _MODE_MAX,
} Mode;

static const char *const mode_options[_MODE_MAX] = {
        [MODE_ALL] = "",        [MODE_ACME] = "--acme",       [MODE_REMOVED] = "--removed",
        [MODE_HELP] = "--help", [MODE_VERSION] = "--version",
};

typedef struct Proxy {
        const char *root;
        Arena arena;
        Nginx nginx;
        bool bad;   /* something was not as it should be */
        bool again; /* and may be another time */
} Proxy;

/* ---- the directories ---- */

static int make_directories(const Proxy *p) {
        static const struct {
                const char *path;
                mode_t mode;
        } rows[] = {
                { "/var/lib/fte", 0755 },
                { PROXY_DIR, 0755 },
                { PROXY_CERTIFICATES, 0700 },
                { PROXY_ACME_ROOT, 0755 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                char path[4096];

                snprintf(path, sizeof(path), "%s%s", p->root, rows[i].path);
                if (mkdir(path, rows[i].mode) < 0 && errno != EEXIST) {
                        log_line(LOG_ERR, "%s cannot be made: %s", path, strerror(errno));
                        return -errno;
                }
        }
        return 0;
}

/* ---- one round ---- */

/* Below a root nothing is started: who listens does not matter. */
static int check_ports(Proxy *p, const ProxySet *now, const ProxySet *wanted) {
        const char *problem = *p->root || !wanted->shared || streq_ptr(now->shared, wanted->shared)
                                      ? NULL
                                      : ports_problem(&p->nginx.facts, &p->arena);

        if (problem)
                log_line(LOG_ERR, "nothing was changed: %s; then run: systemctl start fte-proxy",
                         problem);
        return problem ? -EADDRINUSE : 0;
}

static int apply(Proxy *p, const ProxySet *now, const ProxyResult *result) {
        _cleanup_strbuf_ StrBuf output = { 0 };
        const Apply a = { &p->nginx, now, &result->set, tell_refused };
        int r = check_ports(p, now, &result->set);

        if (r < 0)
                return r;
        r = apply_run(&a, &output);
        if (r == -ENOENT)
                log_line(LOG_ERR,
                         "nginx has neither /etc/nginx/sites-enabled nor /etc/nginx/conf.d to "
                         "put a file into; make the second and include conf.d/*.conf in the "
                         "http block of nginx.conf");
        else if (r < 0)
                log_line(LOG_ERR, "nothing was changed: %s", strerror(-r));
        if (r < 0)
                return r;
        tell_outcome(r, result, &output);
        p->bad = p->bad || r == APPLY_PART || r == APPLY_FOREIGN;
        r = r == APPLY_ALL || r == APPLY_PART ? nginx_reload(&p->nginx) : 0;
        if (r < 0)
                log_line(LOG_ERR, "nginx cannot be reloaded: %s; run: systemctl reload nginx",
                         strerror(-r));
        else
                apply_done(&a);
        return r;
}

static int read_sites(Proxy *p, ProxySet *ret_now, ProxyResult *ret) {
        int r = proxy_set_load(p->root, &p->arena, ret_now);

        if (r == 0)
                r = proxy_sites_read(&(ProxyRequest){ .root = p->root,
                                                      .facts = &p->nginx.facts,
                                                      .now = ret_now,
                                                      .make_certificates = true,
                                                      .arena = &p->arena },
                                     ret);
        if (r < 0)
                log_line(LOG_ERR, "nothing was changed: %s", strerror(-r));
        return r;
}

/* Told to systemd, which does it beside us: certbot takes its time. */
static void ask_for_certificates(const Proxy *p, const ProxyAcme *list) {
        _cleanup_bus_ sd_bus *bus = NULL;

        while (list && list->has_certificate)
                list = list->next;
        if (!list || *p->root)
                return;
        if (bus_open(&bus) < 0 ||
            sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_SYSTEMD ".Manager",
                               "StartUnit", NULL, NULL, "ss", "fte-proxy-acme.service",
                               "replace") < 0)
                log_line(LOG_WARNING,
                         "%s waits for a certificate; run: systemctl restart fte-proxy-acme",
                         list->agent);
}

static int get_certificates(Proxy *p, const ProxyAcme *list) {
        int r = acme_get(p->root, list, &p->arena);

        if (r == -ENOENT)
                log_line(LOG_ERR,
                         "certbot is not installed, which ACME=yes needs; run: %s; until then the "
                         "certificates are self-signed",
                         distribution_install(p->root, INSTALL, "certbot", &p->arena));
        return r > 0 ? -EIO : r;
}

/* ---- main ---- */

/* Nothing of ours is there and nothing is wanted: not even a directory is made. */
static bool is_idle(Proxy *p) {
        _cleanup_proxy_set_ ProxySet now = { 0 };
        ProxyResult result = { 0 };
        int r = proxy_set_load(p->root, &p->arena, &now);

        if (r == 0 && (now.n > 0 || now.shared))
                return false;
        r = proxy_sites_read(&(ProxyRequest){ .root = p->root,
                                              .facts = &p->nginx.facts,
                                              .now = &now,
                                              .leave_names = true,
                                              .arena = &p->arena },
                             &result);
        proxy_set_done(&result.set);
        return r == 0 && result.n_agents == 0;
}

/*
 * Takes away the blocks of agents whose files are gone, and changes no other: what a file says
 * counts from the next daemon-reload on. Some editors take a file away for a moment when they save
 * it.
 */
static int run_removed(Proxy *p) {
        ProxySet now = { 0 };
        ProxyResult result = { 0 };
        int r;

        if (!*p->root)
                sleep(REMOVED_SEC);
        r = removed_find(p->root, &p->arena, &now, &result.set);
        if (r > 0)
                r = apply(p, &now, &result);
        proxy_set_done(&now);
        proxy_set_done(&result.set);
        return r;
}

static int run_locked(Proxy *p, Mode mode) {
        _cleanup_proxy_set_ ProxySet now = { 0 };
        ProxyResult result = { 0 };
        int r;

        if (mode == MODE_REMOVED)
                return run_removed(p);
        r = read_sites(p, &now, &result);
        if (r == 0 && mode == MODE_ACME) {
                proxy_set_done(&result.set);
                return get_certificates(p, result.acme);
        }
        if (r == 0) {
                tell_problems(&result);
                p->bad = result.problems;
                p->again = result.n_unresolved > 0;
                r = apply(p, &now, &result);
                proxy_set_done(&result.set);
        }
        if (r == 0)
                ask_for_certificates(p, result.acme);
        return r;
}

static int run(Proxy *p, Mode mode) {
        _cleanup_close_ int lock_fd = -EBADF;
        int r;

        if (is_idle(p))
                return 0;
        r = nginx_open(p->root, &p->arena, &p->nginx);
        if (r == -ENOENT)
                log_line(LOG_ERR, "nginx is not installed, which [Proxy] needs; run: %s",
                         distribution_install(p->root, INSTALL, "nginx-light", &p->arena));
        else if (r < 0)
                log_line(LOG_ERR, "nginx does not tell its version: nothing was changed");
        if (r < 0)
                return r;
        r = make_directories(p);
        if (r == 0 && mode != MODE_ACME) /* certbot's hook starts the other one while this one waits
                                            for certbot */
                r = lock_fd = proxy_set_lock(p->root, USEC_INFINITY);
        if (r < 0)
                return r;
        return run_locked(p, mode);
}

static int usage(FILE *f) {
        fputs("Usage: fte-proxy [--acme|--removed]\n"
              "Gives nginx a block for each agent in /etc/fte with a [Proxy] section.\n"
              "\n"
              "  --acme     have certbot get the certificates that are missing\n"
              "  --removed  only take away the blocks of agents whose files are gone\n"
              "  --help     show this text\n"
              "  --version  show the version\n"
              "\n"
              "Environment: FTE_ROOT=DIR works below DIR, with DIR's nginx, and reloads nothing.\n"
              "Exit status: 0 all good, 1 something was refused or failed, 2 wrong usage, 75 the "
              "name\n"
              "of an upstream has no address now: try again.\n"
              "See fte-proxy(8), fte.conf(5).\n",
              f);
        return f == stdout ? EXIT_SUCCESS : 2;
}

static Mode mode_of(int argc, char *argv[]) {
        Mode m = argc == 1 ? MODE_ALL : MODE_ACME;

        while (argc > 1 && m < _MODE_MAX && !streq(argv[1], mode_options[m]))
                m++;
        return argc > 2 ? _MODE_MAX : m;
}

int main(int argc, char *argv[]) {
        const char *root = getenv("FTE_ROOT");
        Proxy p = { .root = root ? root : "" };
        Mode mode = mode_of(argc, argv);
        int r;

        log_open("fte-proxy", false);
        if (mode == MODE_HELP || mode == _MODE_MAX)
                return usage(mode == MODE_HELP ? stdout : stderr);
        if (mode == MODE_VERSION)
                return puts("fte-proxy " FTE_VERSION) < 0;
        umask(0022);
        r = run(&p, mode);
        arena_done(&p.arena);
        if (p.again && again_later(p.root) < 0)
                log_line(LOG_WARNING, "run later: systemctl start fte-proxy");
        return p.again ? EXIT_AGAIN : r < 0 || p.bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
