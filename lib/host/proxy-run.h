/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One reading by proxy_sites_read(), for proxy-sites.c and proxy-certificate.c alone.
 */

#include "host/proxy-sites.h"
#include "host/resolve.h"

typedef struct ProxyDomain {
        const char *domain, *agent;
        struct ProxyDomain *next;
} ProxyDomain;

typedef struct ProxyRun {
        const ProxyRequest *q;
        ProxyResult *result;
        ProxyDomain *domains; /* that are taken */
        size_t longest;       /* of them */
        Resolver resolver;
} ProxyRun;

/* Adds a problem to the result. -ENOMEM also when the message is NULL. */
int proxy_run_tell(ProxyRun *run, const char *agent, const char *message);

/*
 * Fills in certificate and key of the site, and by what the choice can be told from the next one.
 * Returns 0, or -EBADMSG: as it is nginx has something better of it, and it is told what is wrong.
 */
int proxy_choose_certificate(ProxyRun *run, NginxSite *s, StrBuf *fingerprint);

/* PROXY_CERTIFICATES/DOMAIN.pem, self-signed. */
int proxy_make_certificate(const ProxyRequest *q, const char *domain);
