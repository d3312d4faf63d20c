/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * nginx as a program: which version it is, whether it likes its configuration, and that it reads it
 * again. Reads the admin's files, writes none.
 */

#include "host/nginx-site.h"

typedef struct Nginx {
        const char *root;    /* "" for the system */
        const char *program; /* its path */
        NginxFacts facts;
} Nginx;

/* -ENOENT: nginx is not installed. -EINVAL: it does not tell its version. root must live on. */
int nginx_open(const char *root, Arena *arena, Nginx *ret);

/* 0 when "nginx -t" is content, 1 when not; what it said is appended. Or a negative errno. */
int nginx_test(const Nginx *n, StrBuf *output);

/*
 * Asks systemd to reload nginx.service if that is active, and waits for nothing: this may run in a
 * job that nginx's own start waits for. Does nothing below a root.
 */
int nginx_reload(const Nginx *n);
