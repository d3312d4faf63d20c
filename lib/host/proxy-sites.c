/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * proxy-sites.h. Reads by lib/config, judges by its rules, renders by nginx-site.c; writes nothing
 * but self-signed certificates.
 */

#include <fcntl.h>
#include <stdio.h>
#include <strings.h>

#include "base/fsat.h"
#include "config/validate.h"
#include "host/certificate.h"
#include "host/proxy-sites.h"
#include "host/resolve.h"

#define RENEW_SEC (30 * 24 * 60 * 60)

typedef struct Domain {
        const char *domain, *agent;
        struct Domain *next;
} Domain;

typedef struct Run {
        const ProxyRequest *q;
        ProxyResult *result;
        Domain *domains;
        size_t longest;
        Resolver resolver;
} Run;

/* ---- what is told ---- */

static int add_problem(Run *run, const char *agent, const char *message) {
        ProxyProblem *p = arena_new(run->q->arena, ProxyProblem);

        if (!p || !message)
                return -ENOMEM;
        *p = (ProxyProblem){ agent, message, run->result->problems };
        run->result->problems = p;
        return 0;
}

static int add_problems(Run *run, const char *agent, const Problems *problems) {
        int r = 0;

        for (const Problem *p = problems->first; p && r == 0; p = p->next) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                problem_format(p, &b);
                r = add_problem(run, agent, arena_strdup(run->q->arena, strbuf_text(&b)));
        }
        return r;
}

/* With a mistake it keeps the block that nginx has of it. */
static int keep(Run *run, const char *agent) {
        const char *text = proxy_set_find(run->q->now, agent);

        return text ? proxy_set_put(&run->result->set, agent, text) : 0;
}

/* ---- certificates ---- */

static int make_certificate(const ProxyRequest *q, const char *domain) {
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
static int refuse_certificate(Run *run, const Agent *a, int error) {
        Place place = agent_place_near(a, offsetof(Agent, proxy_domain), SECTION_PROXY);
        int r = add_problem(
                run, a->name,
                arena_printf(
                        run->q->arena,
                        "%s:%u: [Proxy] no certificate can be made for it in " PROXY_CERTIFICATES
                        ": %s",
                        place.file, place.line, strerror(-error)));

        return r < 0 ? r : -EBADMSG;
}

/* The one of our own, made or made anew before it ends. -EBADMSG: it is told why there is none. */
static int use_self_signed(Run *run, NginxSite *s, StrBuf *fingerprint) {
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
        r = make_certificate(q, s->agent->proxy_domain);
        strbuf_add(fingerprint, "self-signed ");
        if (r == 0 && certificate_describe(&files, fingerprint, NULL))
                r = -EIO;
        return r < 0 ? refuse_certificate(run, s->agent, r) : 0;
}

/* What certbot has got for it, under the name that fte-proxy tells it. */
static bool use_acme(Run *run, NginxSite *s, StrBuf *fingerprint) {
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

static int use_given(Run *run, NginxSite *s, StrBuf *fingerprint) {
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
        if (add_problem(run, a->name,
                        arena_printf(run->q->arena, "%s:%u: [Proxy] Certificate: %s", place.file,
                                     place.line, problem)) < 0)
                return -ENOMEM;
        /* Before the first certificate is there HTTPS answers all the same. */
        return proxy_set_find(run->q->now, a->name) ? -EBADMSG
                                                    : use_self_signed(run, s, fingerprint);
}

/* 0, or -EBADMSG: as it is nginx has something better of it. */
static int choose_certificate(Run *run, NginxSite *s, StrBuf *fingerprint) {
        if (s->agent->proxy_certificate)
                return use_given(run, s, fingerprint);
        if (s->agent->proxy_acme && use_acme(run, s, fingerprint))
                return 0;
        return use_self_signed(run, s, fingerprint);
}

/* ---- one agent ---- */

static int claim_domain(Run *run, const Agent *a, const char **ret_owner) {
        Domain *d;

        for (d = run->domains; d; d = d->next)
                if (strcasecmp(d->domain, a->proxy_domain) == 0) {
                        *ret_owner = d->agent;
                        return 0;
                }
        d = arena_new(run->q->arena, Domain);
        if (!d)
                return -ENOMEM;
        *d = (Domain){ a->proxy_domain, a->name, run->domains };
        run->domains = d;
        run->longest = MAX(run->longest, strlen(a->proxy_domain));
        *ret_owner = NULL;
        return 0;
}

static int refuse(Run *run, const Agent *a, const char *problem) {
        Place p = agent_place_near(a, offsetof(Agent, proxy_domain), SECTION_PROXY);
        int r = add_problem(
                run, a->name,
                arena_printf(run->q->arena, "%s:%u: [Proxy] %s", p.file, p.line, problem));

        return r < 0 ? r : keep(run, a->name);
}

/*
 * The name of the upstream as addresses. Without one, now, nginx keeps those that it had before;
 * where it had none the agent's visitors get the page that says so: -EBADMSG and 0.
 */
static int find_servers(Run *run, NginxSite *s) {
        static const char *const none[] = { NULL };
        const Agent *a = s->agent;
        _cleanup_strbuf_ StrBuf upstream = { 0 };
        Place p = agent_place_near(a, offsetof(Agent, proxy_upstream), SECTION_PROXY);
        const char *had;
        int r;

        if (run->q->leave_names || nginx_site_upstream(a, &upstream))
                return 0; /* nginx_site_render() says it */
        r = resolver_find(&run->resolver, strbuf_text(&upstream), &s->servers);
        if (r != -ENOENT)
                return MIN(r, 0);
        run->result->n_unresolved++;
        had = proxy_set_find(run->q->now, a->name);
        r = add_problem(run, a->name,
                        arena_printf(run->q->arena,
                                     "%s:%u: [Proxy] Upstream: this name has no address now; it is "
                                     "tried again each minute, and visitors get %s until then",
                                     p.file, p.line, had ? "what they got before" : "status 503"));
        if (r < 0)
                return r;
        s->servers = none;
        return had ? -EBADMSG : 0;
}

static int render(Run *run, const Agent *a) {
        _cleanup_strbuf_ StrBuf b = { 0 }, fingerprint = { 0 };
        NginxSite site = { .agent = a, .facts = run->q->facts, .acme_root = PROXY_ACME_ROOT };
        const char *owner, *problem;
        int r = claim_domain(run, a, &owner);

        if (r < 0)
                return r;
        if (owner)
                return refuse(run, a,
                              arena_printf(run->q->arena,
                                           "Domain: the agent \"%s\" has the same one", owner));
        r = choose_certificate(run, &site, &fingerprint);
        if (r == -EBADMSG)
                return keep(run, a->name);
        if (r < 0)
                return r;
        site.fingerprint = strbuf_text(&fingerprint);
        r = find_servers(run, &site);
        if (r == -EBADMSG)
                return keep(run, a->name);
        if (r < 0)
                return r;
        problem = nginx_site_render(&site, &b);
        if (problem)
                return refuse(run, a, problem);
        if (strbuf_check(&b) < 0)
                return -ENOMEM;
        return proxy_set_put(&run->result->set, a->name,
                             arena_strndup(run->q->arena, b.text, b.len));
}

static int read_agent(Run *run, Config *c, const Facts *facts, const ConfigEntry *e) {
        Problems problems = { .arena = run->q->arena };
        const char *name_problem = NULL;
        Agent *a = arena_new(run->q->arena, Agent);
        int r = a ? config_read_agent(c, e, run->q->arena, &problems, a) : -ENOMEM;

        if (r < 0 || a->is_template)
                return r;
        if (agent_name_verdict(e->name, facts, &name_problem) != NAME_GOOD &&
            !proxy_set_find(run->q->now, e->name))
                return 0; /* the generator says what is wrong with it */
        agent_validate(a, facts, &problems);
        if (!a->proxy_domain && !problems_any(&problems))
                return 0;
        run->result->n_agents += a->proxy_domain != NULL;
        if (problems_any(&problems) || problems_any(&c->host_problems)) {
                r = a->proxy_domain || proxy_set_find(run->q->now, a->name)
                            ? add_problems(run, a->name, &problems)
                            : 0;
                return r < 0 ? r : keep(run, a->name);
        }
        return render(run, a);
}

/* ---- all ---- */

static int read_all(Run *run, Config *c) {
        Facts facts = { 0 };
        int r = facts_load(&facts, c->root_fd, run->q->arena);

        if (r == 0 && problems_any(&c->host_problems))
                r = add_problems(run, NULL, &c->host_problems);
        for (size_t i = 0; i < c->n_entries && r == 0; i++)
                r = read_agent(run, c, &facts, &c->entries[i]);
        facts_done(&facts);
        return r;
}

static int render_shared(Run *run) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        ProxySet *set = &run->result->set;
        const char *certificate = PROXY_CERTIFICATES "/catch-all.fte.invalid.pem";
        StrBuf unused = { 0 };
        int r = 0;

        if (set->n == 0)
                return 0;
        if (run->q->facts->version < NGINX_VERSION(1, 19, 4) && run->q->make_certificates &&
            certificate_describe(&(CertificateFiles){ run->q->root, certificate, certificate },
                                 &unused, NULL))
                r = make_certificate(run->q, "catch-all.fte.invalid");
        strbuf_done(&unused);
        nginx_shared_render(&(NginxShared){ .facts = run->q->facts,
                                            .sites = PROXY_SITES,
                                            .certificate = certificate,
                                            .n_sites = set->n,
                                            .longest_domain = run->longest },
                            &b);
        set->shared = arena_strndup(run->q->arena, strbuf_text(&b), b.len);
        return r < 0 ? r : strbuf_check(&b);
}

int proxy_sites_read(const ProxyRequest *q, ProxyResult *ret) {
        ProxyResult result = { 0 };
        Run run = { .q = q, .result = &result, .resolver = { .root = q->root, .arena = q->arena } };
        Config c;
        int r = config_open(&c, q->root, q->arena);

        if (r < 0)
                return r;
        r = read_all(&run, &c);
        config_close(&c);
        if (r == 0)
                r = render_shared(&run);
        if (r == 0 && arena_failed(q->arena))
                r = -ENOMEM;
        if (r < 0)
                proxy_set_done(&result.set);
        else
                *ret = result;
        return r;
}
