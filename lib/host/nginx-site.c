/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The texts of nginx-site.h, in the order of nginx's own documentation. Everything a person could
 * write into a value was checked by lib/config; what nginx would still read as syntax is refused.
 */

#include <stdio.h>

#include "base/health-url.h"
#include "base/parse.h"
#include "host/nginx-site.h"

#define HEAD "# Written by fte-proxy(8). Do not edit: it is written anew.\n"

/* ---- pieces ---- */

static bool is_plain(const char *path) {
        return !path || !strpbrk(path, "$;{}#*?[]");
}

static void add_listen(StrBuf *b, const NginxFacts *f, unsigned port, const char *more) {
        strbuf_addf(b, "        listen %u%s;\n", port, more);
        if (f->has_ipv6)
                strbuf_addf(b, "        listen [::]:%u%s;\n", port, more);
}

/* The parameter of listen became a directive in 1.25.1, which warns of the old one. */
static void add_listen_tls(StrBuf *b, const NginxFacts *f) {
        if (f->version >= NGINX_VERSION(1, 25, 1)) {
                add_listen(b, f, 443, " ssl");
                strbuf_add(b, "        http2 on;\n");
        } else
                add_listen(b, f, 443, " ssl http2");
}

static void add_tls(StrBuf *b) {
        strbuf_add(b,
                   "        # " NGINX_TLS_SOURCE "\n"
                   "        ssl_protocols TLSv1.2 TLSv1.3;\n"
                   "        ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                   "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                   "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
                   "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:"
                   "DHE-RSA-CHACHA20-POLY1305;\n"
                   "        ssl_prefer_server_ciphers off;\n"
                   "        ssl_session_timeout 1d;\n"
                   "        ssl_session_cache shared:fte_tls:10m;\n"
                   "        ssl_session_tickets off;\n");
}

/* ---- where the agent is ---- */

const char *nginx_site_upstream(const Agent *a, StrBuf *b) {
        const char *text = a->proxy_upstream, *path;
        HealthUrl url;

        if (text && (path = startswith(text, "unix:"))) {
                strbuf_addf(b, "unix:%s", path);
                return is_plain(path) ? NULL
                                      : "a character in the socket's path means something to nginx";
        }
        if (text) {
                strbuf_add(b, startswith(text, "http://"));
                return NULL;
        }
        if (!a->health_url || health_url_parse(a->health_url, &url, NULL) < 0 ||
            url.scheme == HEALTH_TCP)
                return "the [Health] URL= does not tell where the agent answers HTTP; set "
                       "Upstream=";
        if (url.scheme == HEALTH_UNIX)
                strbuf_addf(b, "unix:%s", url.address.un.sun_path);
        else
                strbuf_add(b, url.host);
        return url.scheme == HEALTH_HTTP || is_plain(url.address.un.sun_path)
                       ? NULL
                       : "a character in the socket's path means something to nginx";
}

/*
 * nginx does not start while a name in its files has no address, so it is given addresses. Of
 * several all would count as down for 10 s after a restart of the agent, hence max_fails.
 */
static const char *add_upstream(const NginxSite *s, StrBuf *b) {
        _cleanup_strbuf_ StrBuf name = { 0 };
        const char *problem = nginx_site_upstream(s->agent, &name);

        strbuf_addf(b, "upstream fte_%s {\n", s->agent->directory);
        if (!s->servers)
                strbuf_addf(b, "        server %s max_fails=0;\n", strbuf_text(&name));
        else
                strbuf_addf(b, "        # %s\n", strbuf_text(&name));
        for (const char *const *i = s->servers; i && *i; i++)
                strbuf_addf(b, "        server %s max_fails=0;\n", *i);
        if (s->servers && !*s->servers)
                strbuf_add(b, "        # which has no address\n        server 127.0.0.1:9 down;\n");
        strbuf_add(b, "}\n");
        return problem;
}

/* The health check's path, as nginx compares it: decoded by the client's side, without a query. */
static size_t health_path(const Agent *a, const char **ret) {
        HealthUrl url;
        size_t n;

        if (a->proxy_expose_health || !a->health_url ||
            health_url_parse(a->health_url, &url, NULL) < 0 || !url.path)
                return 0;
        n = strcspn(url.path, "?#");
        *ret = url.path;
        return n > 1 ? n : 0; /* "/" is the agent's front page */
}

/* ---- the blocks ---- */

/* So many at once before the rate holds: a page loads more than one thing. */
static unsigned burst_of(const char *rate) {
        unsigned long n = strtoul(rate, NULL, 10);

        if (strstr(rate, "r/m"))
                n /= 6;
        n = MAX(n, 10ul);
        return (unsigned) MIN(n, 1000ul);
}

static void add_plain_server(const NginxSite *s, StrBuf *b) {
        const char *domain = s->agent->proxy_domain;

        strbuf_add(b, "server {\n");
        add_listen(b, s->facts, 80, "");
        strbuf_addf(b, "        server_name %s;\n        server_tokens off;\n", domain);
        strbuf_addf(b,
                    "        location /.well-known/acme-challenge/ {\n"
                    "                root %s;\n"
                    "                default_type text/plain;\n"
                    "        }\n",
                    s->acme_root);
        strbuf_addf(b,
                    "        location / {\n"
                    "                return 301 https://%s$request_uri;\n"
                    "        }\n"
                    "}\n",
                    domain);
}

/* add_header of an inner block takes the outer ones away, so it is asked for in each. */
static void add_headers(const NginxSite *s, StrBuf *b) {
        strbuf_add(b, "                add_header X-Request-ID $request_id always;\n");
        if (s->agent->proxy_hsts)
                strbuf_add(b, "                add_header Strict-Transport-Security "
                              "\"max-age=63072000\" always;\n");
}

/*
 * Unbuffered, since agents stream: an answer's pieces go on as they come, and so does a websocket.
 * The client's own X-Forwarded-For and Forwarded are not passed on: anybody can write one.
 */
static void add_pass(const NginxSite *s, StrBuf *b) {
        strbuf_addf(b, "                proxy_pass http://fte_%s;\n", s->agent->directory);
        strbuf_add(b, "                proxy_http_version 1.1;\n"
                      "                proxy_set_header Host $host;\n"
                      "                proxy_set_header X-Real-IP $remote_addr;\n"
                      "                proxy_set_header X-Forwarded-For $remote_addr;\n"
                      "                proxy_set_header X-Forwarded-Host $host;\n"
                      "                proxy_set_header X-Forwarded-Proto https;\n"
                      "                proxy_set_header X-Forwarded-Port 443;\n"
                      "                proxy_set_header X-Request-ID $request_id;\n"
                      "                proxy_set_header Forwarded \"\";\n"
                      "                proxy_set_header Upgrade $fte_upgrade;\n"
                      "                proxy_set_header Connection $fte_connection;\n"
                      "                proxy_buffering off;\n"
                      "                proxy_connect_timeout 5s;\n"
                      "                proxy_send_timeout 1h;\n"
                      "                proxy_read_timeout 1h;\n");
        if (s->agent->proxy_rate_limit)
                strbuf_addf(b, "                limit_req zone=fte_%s burst=%u nodelay;\n",
                            s->agent->directory, burst_of(s->agent->proxy_rate_limit));
        strbuf_add(b, "                error_page 502 504 = @fte_unavailable;\n");
        add_headers(s, b);
}

static void add_locations(const NginxSite *s, StrBuf *b) {
        const Agent *a = s->agent;
        const char *path = NULL;
        size_t n = health_path(a, &path);

        if (n > 0)
                strbuf_addf(
                        b,
                        "        location = \"%.*s\" {\n                return 404;\n        }\n",
                        (int) n, path);
        if (a->proxy_static_root) {
                strbuf_add(b, "        location ~ /\\.(?!well-known/) {\n                return "
                              "404;\n        }\n");
                strbuf_addf(b,
                            "        location / {\n"
                            "                root \"%s\";\n"
                            "                try_files $uri $uri/index.html @fte_agent;\n",
                            a->proxy_static_root);
                add_headers(s, b);
                strbuf_add(b, "        }\n        location @fte_agent {\n");
        } else
                strbuf_add(b, "        location / {\n");
        add_pass(s, b);
        strbuf_add(b, "        }\n"
                      "        location @fte_unavailable {\n"
                      "                internal;\n"
                      "                default_type text/html;\n"
                      "                add_header Retry-After 10 always;\n"
                      "                add_header Cache-Control no-store always;\n");
        add_headers(s, b);
        strbuf_add(
                b,
                "                return 503 \"<!doctype html><meta charset=utf-8><title>One moment"
                "</title><h1>One moment, please</h1><p>The service is being restarted and will "
                "be back shortly.<p><small>Request $request_id</small>\";\n"
                "        }\n");
}

static void add_tls_server(const NginxSite *s, StrBuf *b) {
        const Agent *a = s->agent;

        strbuf_add(b, "server {\n");
        add_listen_tls(b, s->facts);
        strbuf_addf(b, "        server_name %s;\n        server_tokens off;\n", a->proxy_domain);
        strbuf_addf(b, "        # %s\n", s->fingerprint);
        strbuf_addf(b, "        ssl_certificate \"%s\";\n", s->certificate);
        strbuf_addf(b, "        ssl_certificate_key \"%s\";\n", s->key);
        add_tls(b);
        if (a->proxy_max_body_bytes > 0 || AGENT_PLACE(a, proxy_max_body_bytes).file)
                strbuf_addf(b, "        client_max_body_size %llu;\n",
                            (unsigned long long) a->proxy_max_body_bytes);
        if (a->proxy_rate_limit)
                strbuf_add(b, "        limit_req_status 429;\n");
        add_locations(s, b);
        strbuf_add(b, "}\n");
}

const char *nginx_site_render(const NginxSite *s, StrBuf *b) {
        const Agent *a = s->agent;
        const char *problem, *path;
        size_t n = health_path(a, &path);

        if (!is_plain(a->proxy_static_root) || !is_plain(s->certificate) || !is_plain(s->key))
                return "a path has one of $ ; { } # * ? [ ] in it, which mean something to nginx";
        if (n > 0 && memchr(path, '"', n))
                return "the path of the [Health] URL= has a quote in it; set ExposeHealth=yes";
        strbuf_addf(b, HEAD "# [Proxy] of %s\n", a->place.file);
        problem = add_upstream(s, b);
        if (a->proxy_rate_limit)
                strbuf_addf(b, "limit_req_zone $binary_remote_addr zone=fte_%s:1m rate=%s;\n",
                            a->directory, a->proxy_rate_limit);
        add_plain_server(s, b);
        add_tls_server(s, b);
        return problem;
}

/* ---- what all share ---- */

/*
 * It is read after all other files, so that nothing of ours becomes the default server where the
 * admin has one; where there is none, a name that no agent has gets no agent.
 */
static void add_catch_all(const NginxShared *s, StrBuf *b) {
        strbuf_add(b, "server {\n");
        add_listen(b, s->facts, 80, "");
        add_listen_tls(b, s->facts);
        strbuf_add(b, "        server_name catch-all.fte.invalid;\n");
        if (s->facts->version >= NGINX_VERSION(1, 19, 4))
                strbuf_add(b, "        ssl_reject_handshake on;\n");
        else
                strbuf_addf(
                        b, "        ssl_certificate \"%s\";\n        ssl_certificate_key \"%s\";\n",
                        s->certificate, s->certificate);
        add_tls(b);
        strbuf_add(b, "        return 444;\n}\n");
}

void nginx_shared_render(const NginxShared *s, StrBuf *b) {
        strbuf_add(b, HEAD "# Purging the package or removing each [Proxy] removes it.\n");
        if (!s->facts->has_hash && s->n_sites > 100)
                strbuf_add(b, "server_names_hash_max_size 8192;\n");
        if (!s->facts->has_hash && s->longest_domain > 40)
                strbuf_add(b, "server_names_hash_bucket_size 512;\n");
        /* To nothing but websockets: what "h2c" opens nginx would not look into any more. */
        strbuf_add(b, "map $http_upgrade $fte_upgrade {\n"
                      "        default \"\";\n"
                      "        ~*^websocket$ websocket;\n"
                      "}\n"
                      "map $fte_upgrade $fte_connection {\n"
                      "        default close;\n"
                      "        websocket upgrade;\n"
                      "}\n");
        add_catch_all(s, b);
        strbuf_addf(b, "include %s;\n", s->sites);
}

unsigned nginx_version_parse(const char *text) {
        const char *p = strstr(text, "nginx/");
        unsigned major, minor, patch;

        if (!p || sscanf(p, "nginx/%3u.%3u.%3u", &major, &minor, &patch) != 3)
                return 0;
        return NGINX_VERSION(major, minor, patch);
}
