/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * acme.h. certbot remembers how a certificate was got and renews it by its own timer; the hook
 * given here makes nginx read it then. Nobody is asked anything.
 */

#include <stdio.h>

#include "base/log.h"
#include "base/run.h"
#include "host/program.h"

#include "acme.h"

/* Twice: a run that is under way may have read the certificate of before. */
#define HOOK    "systemctl start fte-proxy.service; systemctl --no-block start fte-proxy.service"
#define TIMEOUT (5 * 60 * USEC_PER_SEC)

static bool is_mail_address(const char *s) {
        const char *at = s ? strchr(s, '@') : NULL;

        return at && at != s && strchr(at, '.') && !strpbrk(s, " \t<>,:");
}

static int get_one(const char *program, const ProxyAcme *a) {
        char name[160];
        const char *argv[32];
        _cleanup_strbuf_ StrBuf output = { 0 };
        size_t n = 0;
        int r;

        snprintf(name, sizeof(name), "fte-%s", a->directory);
        argv[n++] = program;
        argv[n++] = "certonly";
        argv[n++] = "--non-interactive";
        argv[n++] = "--agree-tos";
        argv[n++] = "--keep-until-expiring";
        argv[n++] = "--webroot";
        argv[n++] = "--webroot-path";
        argv[n++] = PROXY_ACME_ROOT;
        argv[n++] = "--cert-name";
        argv[n++] = name;
        argv[n++] = "--domain";
        argv[n++] = a->domain;
        argv[n++] = "--deploy-hook";
        argv[n++] = HOOK;
        if (is_mail_address(a->contact)) {
                argv[n++] = "--email";
                argv[n++] = a->contact;
        } else
                argv[n++] = "--register-unsafely-without-email";
        argv[n] = NULL;
        r = run_program(&(RunOptions){ .argv = argv, .timeout_usec = TIMEOUT }, &output, NULL);
        if (r == 0)
                log_line(LOG_NOTICE, "%s: certbot has got a certificate for %s", a->agent,
                         a->domain);
        else
                log_line(LOG_ERR,
                         "%s: certbot got no certificate for %s (%s); the self-signed one "
                         "stays. It said:\n%s",
                         a->agent, a->domain, r < 0 ? strerror(-r) : "see below",
                         strbuf_text(&output));
        return r;
}

int acme_get(const char *root, const ProxyAcme *list, Arena *arena) {
        const char *program = host_program(root, "certbot", arena);
        int failed = 0;

        if (!program)
                return -ENOENT;
        for (; list; list = list->next)
                if (!list->has_certificate)
                        failed += get_one(program, list) != 0;
        return failed;
}
