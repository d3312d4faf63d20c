/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which certificate an agent's block gets: the one that is given, the one that certbot has got, or
 * a self-signed one, which is all that is written here.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "host/certificate.h"
#include "host/proxy-run.h"

#define RENEW_SEC (30 * 24 * 60 * 60)

int proxy_make_certificate(const ProxyRequest *q, const char *domain) {
        _cleanup_close_ int fd = -EBADF;
        char path[4096], file[280];

        snprintf(path, sizeof(path), "%s%s", q->root, PROXY_CERTIFICATES);
        fd = fsat_open_dir(AT_FDCWD, path);
        if (fd < 0)
                return fd;
        snprintf(file, sizeof(file), "%s.pem", domain);
        return certificate_make(fd, file, domain);
}

/* A name too long for a file, say: it is this agent's trouble, and not the others'. */
static int refuse_certificate(ProxyRun *run, const Agent *a, int error) {
        Place place = agent_place_near(a, offsetof(Agent, proxy_domain), SECTION_PROXY);
        int r = proxy_run_tell(
                run, a->name,
                arena_printf(
                        run->q->arena,
                        "%s:%u: [Proxy] no certificate can be made for it in " PROXY_CERTIFICATES
                        ": %s",
                        place.file, place.line, strerror(-error)));

        return r < 0 ? r : -EBADMSG;
}

/* The one of our own, made or made anew before it ends. -EBADMSG: it is told why there is none. */
static int use_self_signed(ProxyRun *run, NginxSite *s, StrBuf *fingerprint) {
        const ProxyRequest *q = run->q;
        const char *path =
                arena_printf(q->arena, PROXY_CERTIFICATES "/%s.pem", s->agent->proxy_domain);
        CertificateFiles files = { q->root, path, path };
        int64_t left = 0;
        int r = 0;

        if (!path)
                return -ENOMEM;
        s->certificate = s->key = path;
        strbuf_add(fingerprint, "self-signed ");
        if (!certificate_describe(&files, fingerprint, &left) && left > RENEW_SEC)
                return 0;
        strbuf_reset(fingerprint);
        if (!q->make_certificates) {
                strbuf_add(fingerprint, "self-signed, made when this is applied");
                return 0;
        }
        r = proxy_make_certificate(q, s->agent->proxy_domain);
        strbuf_add(fingerprint, "self-signed ");
        if (r == 0 && certificate_describe(&files, fingerprint, NULL))
                r = -EIO;
        return r < 0 ? refuse_certificate(run, s->agent, r) : 0;
}

/* What certbot has got for it, under the name that fte-proxy tells it. */
static bool use_acme(ProxyRun *run, NginxSite *s, StrBuf *fingerprint) {
        Arena *arena = run->q->arena;
        ProxyAcme *acme = arena_new(arena, ProxyAcme);
        CertificateFiles files = {
                run->q->root,
                arena_printf(arena, "/etc/letsencrypt/live/fte-%s/fullchain.pem",
                             s->agent->directory),
                arena_printf(arena, "/etc/letsencrypt/live/fte-%s/privkey.pem",
                             s->agent->directory),
        };

        if (!acme || !files.certificate || !files.key)
                return false;
        *acme = (ProxyAcme){ .agent = arena_strdup(arena, s->agent->name),
                             .directory = arena_strdup(arena, s->agent->directory),
                             .domain = arena_strdup(arena, s->agent->proxy_domain),
                             .contact = s->agent->contact ? arena_strdup(arena, s->agent->contact)
                                                          : NULL,
                             .next = run->result->acme };
        run->result->acme = acme;
        if (certificate_describe(&files, fingerprint, NULL)) {
                strbuf_reset(fingerprint);
                return false;
        }
        acme->has_certificate = true;
        s->certificate = files.certificate;
        s->key = files.key;
        return true;
}

static int use_given(ProxyRun *run, NginxSite *s, StrBuf *fingerprint) {
        const Agent *a = s->agent;
        const char *problem = certificate_describe(
                &(CertificateFiles){ run->q->root, a->proxy_certificate, a->proxy_certificate_key },
                fingerprint, NULL);
        Place place = agent_place_near(a, offsetof(Agent, proxy_certificate), SECTION_PROXY);

        if (!problem) {
                s->certificate = a->proxy_certificate;
                s->key = a->proxy_certificate_key;
                return 0;
        }
        strbuf_reset(fingerprint);
        if (proxy_run_tell(run, a->name,
                           arena_printf(run->q->arena, "%s:%u: [Proxy] Certificate: %s", place.file,
                                        place.line, problem)) < 0)
                return -ENOMEM;
        /* Before the first certificate is there HTTPS answers all the same. */
        return proxy_set_find(run->q->now, a->name) ? -EBADMSG
                                                    : use_self_signed(run, s, fingerprint);
}

int proxy_choose_certificate(ProxyRun *run, NginxSite *s, StrBuf *fingerprint) {
        if (s->agent->proxy_certificate)
                return use_given(run, s, fingerprint);
        if (s->agent->proxy_acme && use_acme(run, s, fingerprint))
                return 0;
        return use_self_signed(run, s, fingerprint);
}
