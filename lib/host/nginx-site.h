/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What nginx is told of the agents: one file with what all share, and a server block for each. Pure
 * text; knows neither where the certificates come from nor whether nginx likes it.
 */

#include "config/model.h"

typedef struct NginxFacts {
        unsigned version; /* 1.22.1 is 1022001 */
        bool has_ipv6;    /* else nginx could not listen on [::] */
        bool has_hash;    /* the admin sets server_names_hash_* himself; twice is an error */
} NginxFacts;

#define NGINX_VERSION(major, minor, patch) ((major) *1000000u + (minor) *1000u + (patch))

/* Mozilla's TLS recommendation that the blocks follow. */
#define NGINX_TLS_SOURCE "Mozilla's intermediate recommendation, version 5.7"

typedef struct NginxSite {
        const Agent *agent;
        const NginxFacts *facts;
        const char *certificate, *key; /* paths; the same when one file holds both */
        const char *fingerprint; /* of the certificate's file, so that a new one changes the text */
        const char *acme_root;   /* where ACME's challenges are answered from */
        const char *const *servers; /* addresses in place of the upstream's name, NULL-terminated;
                                       empty: it has none, and the agent is told to be down */
} NginxSite;

/* Appends "127.0.0.1:8000", "agents.example:80" or "unix:/path"; returns as nginx_site_render(). */
const char *nginx_site_upstream(const Agent *a, StrBuf *b);

/* Appends the block. A static sentence when the agent cannot be proxied, else NULL. */
const char *nginx_site_render(const NginxSite *s, StrBuf *b);

typedef struct NginxShared {
        const NginxFacts *facts;
        const char *sites;       /* the pattern of the files to include */
        const char *certificate; /* for nginx before 1.19.4, which cannot refuse a handshake */
        size_t n_sites, longest_domain;
} NginxShared;

void nginx_shared_render(const NginxShared *s, StrBuf *b);

/* "nginx version: nginx/1.22.1 (Ubuntu)" to 1022001; 0 when there is none in it. */
unsigned nginx_version_parse(const char *text);
