/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From the configuration to what nginx is to be given: reads each agent's [Proxy], looks at its
 * certificate, makes a self-signed one where there is none, and renders. An agent with a mistake
 * keeps what nginx has of it.
 */

#include "host/nginx-site.h"
#include "host/proxy-set.h"

typedef struct ProxyProblem {
        const char *agent;   /* NULL: of all */
        const char *message; /* a sentence, with file and line when it has a place */
        struct ProxyProblem *next;
} ProxyProblem;

/* An agent whose certificate is to be got by ACME. */
typedef struct ProxyAcme {
        const char *agent, *directory, *domain, *contact;
        bool has_certificate;
        struct ProxyAcme *next;
} ProxyAcme;

typedef struct ProxyRequest {
        const char *root; /* "" for the system */
        const NginxFacts *facts;
        const ProxySet *now;    /* what nginx has */
        bool make_certificates; /* else a missing one is only told of in the text */
        bool leave_names;       /* nobody is asked for the addresses of an upstream */
        Arena *arena;
} ProxyRequest;

typedef struct ProxyResult {
        ProxySet set;
        size_t n_agents;     /* with a [Proxy] */
        size_t n_unresolved; /* of them those whose Upstream= is a name without an address now */
        ProxyProblem *problems;
        ProxyAcme *acme;
} ProxyResult;

/* Returns 0 or a negative errno: the configuration cannot be opened, no certificate can be made. */
int proxy_sites_read(const ProxyRequest *q, ProxyResult *ret);
