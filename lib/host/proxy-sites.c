/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * proxy-sites.h. Reads by lib/config, judges by its rules, has proxy-certificate.c choose the
 * certificates, and renders by nginx-site.c.
 */

#include <strings.h>

#include "config/validate.h"
#include "host/certificate.h"
#include "host/proxy-run.h"

/* ---- what is told ---- */

int proxy_run_tell(ProxyRun *run, const char *agent, const char *message) {
        ProxyProblem *p = arena_new(run->q->arena, ProxyProblem);

        if (!p || !message)
                return -ENOMEM;
        *p = (ProxyProblem){ agent, message, run->result->problems };
        run->result->problems = p;
        return 0;
}

static int add_problems(ProxyRun *run, const char *agent, const Problems *problems) {
        int r = 0;

        for (const Problem *p = problems->first; p && r == 0; p = p->next) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                problem_format(p, &b);
                r = proxy_run_tell(run, agent, arena_strdup(run->q->arena, strbuf_text(&b)));
        }
        return r;
}

/* With a mistake it keeps the block that nginx has of it. */
static int keep(ProxyRun *run, const char *agent) {
        const char *text = proxy_set_find(run->q->now, agent);

        return text ? proxy_set_put(&run->result->set, agent, text) : 0;
}

/* ---- one agent ---- */

static int claim_domain(ProxyRun *run, const Agent *a, const char **ret_owner) {
        ProxyDomain *d;

        for (d = run->domains; d; d = d->next)
                if (strcasecmp(d->domain, a->proxy_domain) == 0) {
                        *ret_owner = d->agent;
                        return 0;
                }
        d = arena_new(run->q->arena, ProxyDomain);
        if (!d)
                return -ENOMEM;
        *d = (ProxyDomain){ a->proxy_domain, a->name, run->domains };
        run->domains = d;
        run->longest = MAX(run->longest, strlen(a->proxy_domain));
        *ret_owner = NULL;
        return 0;
}

static int refuse(ProxyRun *run, const Agent *a, const char *problem) {
        Place p = agent_place_near(a, offsetof(Agent, proxy_domain), SECTION_PROXY);
        int r = proxy_run_tell(
                run, a->name,
                arena_printf(run->q->arena, "%s:%u: [Proxy] %s", p.file, p.line, problem));

        return r < 0 ? r : keep(run, a->name);
}

/*
 * The name of the upstream as addresses. Without one, now, nginx keeps those that it had before;
 * where it had none the agent's visitors get the page that says so: -EBADMSG and 0.
 */
static int find_servers(ProxyRun *run, NginxSite *s) {
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
        r = proxy_run_tell(
                run, a->name,
                arena_printf(run->q->arena,
                             "%s:%u: [Proxy] Upstream: this name has no address now; it is "
                             "tried again each minute, and visitors get %s until then",
                             p.file, p.line, had ? "what they got before" : "status 503"));
        if (r < 0)
                return r;
        s->servers = none;
        return had ? -EBADMSG : 0;
}

static int render(ProxyRun *run, const Agent *a) {
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
        r = proxy_choose_certificate(run, &site, &fingerprint);
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

static int read_agent(ProxyRun *run, Config *c, const Facts *facts, const ConfigEntry *e) {
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

static int read_all(ProxyRun *run, Config *c) {
        Facts facts = { 0 };
        int r = facts_load(&facts, c->root_fd, run->q->arena);

        if (r == 0 && problems_any(&c->host_problems))
                r = add_problems(run, NULL, &c->host_problems);
        for (size_t i = 0; i < c->n_entries && r == 0; i++)
                r = read_agent(run, c, &facts, &c->entries[i]);
        facts_done(&facts);
        return r;
}

static int render_shared(ProxyRun *run) {
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
                r = proxy_make_certificate(run->q, "catch-all.fte.invalid");
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
        ProxyRun run = { .q = q,
                         .result = &result,
                         .resolver = { .root = q->root, .arena = q->arena } };
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
