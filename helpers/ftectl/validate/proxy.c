/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * FR-006 of ftectl validate: what a client gets of the agent's domain from the nginx of this host,
 * whatever the DNS says. libcurl is loaded only here: linked, it would cost every run of ftectl
 * 8 ms, and few agents have a [Proxy] section. The package has it, for the delivery of alerts.
 */

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>

#include "base/health-url.h"
#include "host/proxy-set.h"

#include "validate.h"

#define TIMEOUT_MS 5000L

typedef struct Curl {
        void *library;
        CURL *(*easy_init)(void);
        CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
        CURLcode (*easy_perform)(CURL *);
        CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
        void (*easy_cleanup)(CURL *);
        const char *(*easy_strerror)(CURLcode);
        struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
        void (*slist_free_all)(struct curl_slist *);
} Curl;

typedef struct Answer {
        CURLcode error;
        char text[CURL_ERROR_SIZE];
        long status;
        char location[512];
} Answer;

static int curl_load(Curl *c) {
        const struct {
                const char *name;
                void *function;
        } rows[] = {
                { "curl_easy_init", &c->easy_init },
                { "curl_easy_setopt", &c->easy_setopt },
                { "curl_easy_perform", &c->easy_perform },
                { "curl_easy_getinfo", &c->easy_getinfo },
                { "curl_easy_cleanup", &c->easy_cleanup },
                { "curl_easy_strerror", &c->easy_strerror },
                { "curl_slist_append", &c->slist_append },
                { "curl_slist_free_all", &c->slist_free_all },
        };

        c->library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
        for (size_t i = 0; c->library && i < ARRAY_SIZE(rows); i++) {
                void *p = dlsym(c->library, rows[i].name);

                if (!p)
                        return -ENOSYS;
                memcpy(rows[i].function, &p, sizeof(p));
        }
        return c->library ? 0 : -ENOENT;
}

static size_t throw_away(char *data _unused_, size_t size, size_t n, void *userdata _unused_) {
        return size * n;
}

/* Neither Certificate= nor ACME=: it is to be the one that fte-proxy has made, and no other. */
static const char *self_signed(Subject *s) {
        const Agent *a = &s->agent;

        return a->proxy_certificate || a->proxy_acme
                       ? NULL
                       : arena_printf(&s->arena, "%s" PROXY_CERTIFICATES "/%s.pem",
                                      s->run->args->root, a->proxy_domain);
}

/* A GET whose connection goes to loopback. */
static void get(const Curl *c, Subject *s, const char *url, Answer *ret) {
        const char *domain = s->agent.proxy_domain;
        const char *http = arena_printf(&s->arena, "%s:80:127.0.0.1", domain);
        const char *https = arena_printf(&s->arena, "%s:443:127.0.0.1", domain);
        struct curl_slist *names = http && https ? c->slist_append(NULL, http) : NULL;
        CURL *easy = c->easy_init();
        const char *location = NULL, *own = self_signed(s);

        *ret = (Answer){ .error = CURLE_OUT_OF_MEMORY };
        if (names)
                names = c->slist_append(names, https);
        if (easy && names) {
                c->easy_setopt(easy, CURLOPT_URL, url);
                c->easy_setopt(easy, CURLOPT_RESOLVE, names);
                if (own)
                        c->easy_setopt(easy, CURLOPT_CAINFO, own);
                c->easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
                c->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
                c->easy_setopt(easy, CURLOPT_PROXY, "");
                c->easy_setopt(easy, CURLOPT_ERRORBUFFER, ret->text);
                c->easy_setopt(easy, CURLOPT_WRITEFUNCTION, throw_away);
                ret->error = c->easy_perform(easy);
                c->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &ret->status);
                c->easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
                snprintf(ret->location, sizeof(ret->location), "%s", location ? location : "");
                if (ret->error != CURLE_OK && !*ret->text)
                        snprintf(ret->text, sizeof(ret->text), "%s", c->easy_strerror(ret->error));
        }
        c->slist_free_all(names);
        if (easy)
                c->easy_cleanup(easy);
}

static void propose_for_certificate(Subject *s, Finding *f) {
        if (s->agent.proxy_certificate)
                finding_fix(s, f, "openssl x509 -noout -subject -issuer -dates -in {1}",
                            s->agent.proxy_certificate);
        else if (s->agent.proxy_acme)
                finding_fix(s, f, "systemctl restart fte-proxy-acme", NULL);
        else
                finding_fix(s, f, "systemctl start fte-proxy", NULL);
}

static void judge_error(Subject *s, Finding *f, const char *url, const Answer *a) {
        finding_bad(s, f, "an answer from nginx on this host", "%s: %s", url, a->text);
        if (a->error == CURLE_COULDNT_CONNECT)
                finding_fix(s, f, "nginx -t && systemctl restart nginx", NULL);
        else if (a->error == CURLE_PEER_FAILED_VERIFICATION || a->error == CURLE_SSL_CACERT_BADFILE)
                propose_for_certificate(s, f);
        else if (a->error != CURLE_OPERATION_TIMEDOUT)
                finding_fix(s, f, "systemctl start fte-proxy", NULL);
}

/* The path of the health check, where it can be asked for through nginx. */
static const char *health_path(const Subject *s) {
        HealthUrl url;

        if (!s->agent.health_url || health_url_parse(s->agent.health_url, &url, NULL) < 0 ||
            !url.path)
                return "/";
        return arena_strdup((Arena *) &s->arena, url.path);
}

/* With ExposeHealth=no nginx itself refuses the health check, and what it passes on is the rest. */
static void check_https(const Curl *c, Subject *s, Finding *f) {
        const char *path = health_path(s);
        bool exposed = s->agent.proxy_expose_health || streq(path, "/");
        const char *url = arena_printf(&s->arena, "https://%s%s", s->agent.proxy_domain,
                                       exposed && s->agent.proxy_expose_health ? path : "/");
        Answer a;

        get(c, s, url, &a);
        if (a.error != CURLE_OK)
                judge_error(s, f, url, &a);
        else if (s->agent.proxy_expose_health ? a.status != (long) s->agent.expect_status
                                              : a.status >= 500) {
                finding_bad(s, f,
                            s->agent.proxy_expose_health
                                    ? arena_printf(&s->arena, "status %llu",
                                                   (unsigned long long) s->agent.expect_status)
                                    : "an answer of the agent",
                            "%s: status %ld", url, a.status);
                finding_fix(s, f, "tail -n 20 /var/log/nginx/error.log", NULL);
        }
        if (f->verdict == VERDICT_BAD || exposed)
                return;
        url = arena_printf(&s->arena, "https://%s%s", s->agent.proxy_domain, path);
        get(c, s, url, &a);
        if (a.error == CURLE_OK && a.status == 404)
                return;
        finding_bad(s, f, "status 404, since ExposeHealth=no", "%s: status %ld", url, a.status);
        finding_fix(s, f, "systemctl reload nginx", NULL);
}

static void check_redirect(const Curl *c, Subject *s, Finding *f) {
        const char *url = arena_printf(&s->arena, "http://%s/", s->agent.proxy_domain);
        const char *wanted = arena_printf(&s->arena, "https://%s/", s->agent.proxy_domain);
        Answer a;

        get(c, s, url, &a);
        if (a.error != CURLE_OK)
                judge_error(s, f, url, &a);
        else if ((a.status != 301 && a.status != 308) || !startswith(a.location, wanted)) {
                finding_bad(s, f, arena_printf(&s->arena, "status 301 to %s", wanted),
                            "%s: status %ld", url, a.status);
                finding_fix(s, f, "systemctl reload nginx", NULL);
        }
}

void check_proxy(Subject *s, Finding *f) {
        Curl c = { 0 };

        if (!s->agent.proxy_domain) {
                finding_skip(s, f, "there is no [Proxy] Domain= in %s", s->agent.place.file);
                return;
        }
        if (curl_load(&c) < 0) {
                finding_skip(s, f, "libcurl.so.4 is not there");
                return;
        }
        check_https(&c, s, f);
        check_redirect(&c, s, f);
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "https://%s reaches it, and http leads there%s",
                             s->agent.proxy_domain,
                             self_signed(s) ? "; its certificate is self-signed" : "");
}
