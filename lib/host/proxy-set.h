/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What nginx is given, as it stands on the disk: a file for all agents where nginx looks for its
 * sites, and a file for each agent in a directory of our own, which is exchanged as a whole. Owns
 * these files and no others. Never starts nginx.
 */

#include "base/arena.h"
#include "base/strbuf.h"

#define PROXY_DIR          "/var/lib/fte/proxy"
#define PROXY_CERTIFICATES PROXY_DIR "/certificates"
#define PROXY_ACME_ROOT    PROXY_DIR "/acme"
#define PROXY_SITES        PROXY_DIR "/current/*.conf"

typedef struct ProxyFile {
        const char *name; /* the agent's */
        const char *text;
} ProxyFile;

/* Sorted by name. Texts live in the arena or wherever they came from. */
typedef struct ProxySet {
        const char *shared; /* the file for all; NULL: there is none */
        ProxyFile *files;
        size_t n, size;
} ProxySet;

/* Where the shared file is, or would be, without the root: a static string; NULL: nginx has no
 * place. */
const char *proxy_shared_path(const char *root);

/* One at a time changes it: a descriptor with which the lock goes, or a negative errno. */
int proxy_set_lock(const char *root, uint64_t wait_usec);

/* What is there; nothing at all is an empty set. Returns 0 or a negative errno. */
int proxy_set_load(const char *root, Arena *arena, ProxySet *ret);

/*
 * Makes it be there: the agents' files first, all at once, then the shared one. -ENOENT: there is
 * no directory that nginx reads sites from.
 */
int proxy_set_install(const char *root, const ProxySet *set);

/* The agents' files alone: from any directory, and into nginx's. */
int proxy_set_load_dir(const char *root, const char *path, Arena *arena, ProxySet *ret);
int proxy_set_install_sites(const char *root, const ProxySet *set);

/* Sets or, with text NULL, removes one agent's file, in memory. -ENOMEM. */
int proxy_set_put(ProxySet *set, const char *name, const char *text);
const char *proxy_set_find(const ProxySet *set, const char *name);
/* A copy with a list of its own, which proxy_set_done() frees. -ENOMEM. */
int proxy_set_copy(const ProxySet *set, ProxySet *ret);
bool proxy_set_equal(const ProxySet *a, const ProxySet *b);

static inline void proxy_set_done(ProxySet *set) {
        free(set->files);
        *set = (ProxySet){ 0 };
}

#define _cleanup_proxy_set_ _cleanup_(proxy_set_done)
