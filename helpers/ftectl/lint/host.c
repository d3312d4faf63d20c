/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The warnings of ftectl lint about what is around an agent: [Proxy], and [SSH] and [Firewall] of
 * fte.conf. Opens no key; the certificate itself is judged by fte-proxy(8).
 */

#include <stdio.h>
#include <sys/stat.h>

#include "base/distribution.h"
#include "config/directive.h"
#include "config/overlays.h"
#include "host/firewall-text.h"
#include "host/program.h"

#include "lint.h"

static bool stat_below(const Warner *w, const char *path, struct stat *ret) {
        char full[4096];

        return snprintf(full, sizeof(full), "%s%s", w->root, path) < (int) sizeof(full) &&
               stat(full, ret) == 0;
}

/* ---- [Proxy] ---- */

void lint_check_proxy_programs(Warner *w) {
        const Agent *a = w->agent;

        if (!a->proxy_domain)
                return;
        if (!host_program(w->root, "nginx", w->arena))
                WARN(w, PROXY, "Domain", proxy_domain,
                     "nginx is not installed, so nobody answers there; run: %s",
                     distribution_install(w->root, INSTALL, "nginx-light", w->arena));
        if (a->proxy_acme && !host_program(w->root, "certbot", w->arena))
                WARN(w, PROXY, "ACME", proxy_acme,
                     "certbot is not installed, so the certificate stays self-signed; run: %s",
                     distribution_install(w->root, INSTALL, "certbot", w->arena));
}

void lint_check_proxy_files(Warner *w) {
        const Agent *a = w->agent;
        struct stat st;

        if (!a->proxy_domain)
                return;
        if (a->proxy_certificate && !stat_below(w, a->proxy_certificate, &st))
                WARN(w, PROXY, "Certificate", proxy_certificate,
                     "there is no such file; the proxy keeps the certificate it has until there "
                     "is");
        if (a->proxy_certificate_key && stat_below(w, a->proxy_certificate_key, &st) &&
            (st.st_mode & 077))
                WARN(w, PROXY, "CertificateKey", proxy_certificate_key,
                     "others than its owner may open the key; run: chmod 600 on it");
        if (a->proxy_static_root &&
            !(stat_below(w, a->proxy_static_root, &st) && S_ISDIR(st.st_mode)))
                WARN(w, PROXY, "StaticRoot", proxy_static_root, "there is no such directory");
}

void lint_check_proxy_hsts(Warner *w) {
        const Agent *a = w->agent;

        if (a->proxy_domain && a->proxy_hsts && !a->proxy_acme && !a->proxy_certificate)
                WARN(w, PROXY, "HSTS", proxy_hsts,
                     "browsers that have seen it refuse the self-signed certificate with no way "
                     "around; set "
                     "ACME=yes or Certificate= first");
}

/* Who asks the agent itself passes by TLS, limits and the request log. */
void lint_check_proxy_bypass(Warner *w) {
        const Agent *a = w->agent;

        if (!a->proxy_domain)
                return;
        for (char **word = a->exec; word && *word; word++)
                if (strstr(*word, "0.0.0.0") || streq(*word, "::") || streq(*word, "[::]")) {
                        WARN(w, AGENT, "Exec", exec,
                             "the agent seems to listen for everybody and not only for the proxy; "
                             "have "
                             "it listen on 127.0.0.1");
                        return;
                }
}

/* ---- fte.conf ---- */

typedef struct HostLint {
        const Config *config;
        Report *report;
        Arena *arena;
} HostLint;

static void add(const HostLint *h, SectionId section, const char *key, const char *id,
                const char *message) {
        const Agent *d = &h->config->host.defaults;
        Place place = d->section_places[section];

        for (size_t i = 0; i < n_directives; i++)
                if (directives[i].section == section && streq(directives[i].key, key) &&
                    d->places[i].file)
                        place = d->places[i];
        report_add(h->report, &(Finding){ .place = place,
                                          .section = section_to_string(section),
                                          .key = key,
                                          .message = message,
                                          .id = id });
}

static void check_passwords(const HostLint *h) {
        if (h->config->host.ssh_password_authentication)
                add(h, SECTION_SSH, "PasswordAuthentication", "ssh-passwords",
                    "\"yes\" lets everybody guess passwords; give the operators keys and set no");
}

static void check_web_ports(const HostLint *h) {
        char *const *allow = h->config->host.firewall_allow;

        if (firewall_allows(allow, 80, "tcp") && !firewall_allows(allow, 443, "tcp"))
                add(h, SECTION_FIREWALL, "Allow", "firewall-https",
                    "has 80/tcp, whose answer is to come by HTTPS, and not 443/tcp; add it");
}

static void check_ssh_port(const HostLint *h) {
        if (!firewall_allows(h->config->host.firewall_allow, 22, "tcp"))
                add(h, SECTION_FIREWALL, "Allow", "firewall-ssh",
                    "has no 22/tcp; \"ftectl host try\" refuses unless sshd listens on a port that "
                    "is allowed");
}

/* Ports of databases and of common development servers: nobody outside has business there. */
static void check_open_ports(const HostLint *h) {
        static const unsigned ports[] = { 3306, 5432, 6379, 8000, 9200, 11434, 27017 };

        for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
                if (firewall_allows(h->config->host.firewall_allow, ports[i], "tcp")) {
                        add(h, SECTION_FIREWALL, "Allow", "firewall-open",
                            "opens a port of a database or of an agent itself to everybody; leave "
                            "it to "
                            "nginx ([Proxy]) or to those on this host");
                        return;
                }
}

/* A name that is misspelled takes all overlays away, and nothing fails. */
static void check_environment(const HostLint *h) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        const char *name = h->config->host.environment;
        char **names = NULL;
        int n = name ? config_environments(h->config, h->arena, &names) : 0;

        if (!name || n < 0)
                return;
        for (int i = 0; i < n; i++) {
                if (streq(names[i], name))
                        return;
                strbuf_addf(&b, "%s%s", i > 0 ? ", " : "", names[i]);
        }
        add(h, SECTION_HOST, "Environment", "no-environment",
            arena_printf(h->arena,
                         "there is no directory %senvironments/%s, so no overlay is used; "
                         "%s%s",
                         scope->config_dir, name,
                         n > 0 ? "there are: " : "make it, or remove the key", strbuf_text(&b)));
}

void lint_warn_host(const Config *c, Report *report) {
        _cleanup_arena_ Arena arena = { 0 };
        static const struct {
                SectionId section;
                void (*check)(const HostLint *h);
        } host_rows[] = {
                { SECTION_HOST, check_environment },    { SECTION_SSH, check_passwords },
                { SECTION_FIREWALL, check_web_ports },  { SECTION_FIREWALL, check_ssh_port },
                { SECTION_FIREWALL, check_open_ports },
        };

        for (size_t i = 0; i < ARRAY_SIZE(host_rows); i++)
                if (c->host.defaults.section_places[host_rows[i].section].file)
                        host_rows[i].check(&(HostLint){ c, report, &arena });
}
