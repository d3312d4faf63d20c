/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * environments.h: lists directories and logs; reads nothing but the host's file.
 */

#include "base/log.h"
#include "config/overlays.h"

#include "environments.h"

static void tell_unknown(const Config *c, char *const *names, const char *name) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        const char *host = c->host.environment;

        for (char *const *n = names; *n; n++) {
                strbuf_addf(&b, "%s%s", n > names ? ", " : "", *n);
                if (streq_ptr(host, *n))
                        host = NULL;
        }
        if (host)
                strbuf_addf(&b, "%s%s", b.len > 0 ? ", " : "", host);
        log_line(LOG_ERR, "there is no environment \"%s\": no directory %senvironments/%s%s%s",
                 name, scope->config_dir, name, b.len > 0 ? "; there are: " : ", nor any other",
                 strbuf_text(&b));
}

int environment_check(const char *root, const char *name) {
        _cleanup_arena_ Arena arena = { 0 };
        char **names = NULL;
        Config c;
        int r = config_open(&c, root, &arena), n;

        n = r < 0 ? r : config_environments(&c, &arena, &names);
        r = n < 0 ? n : -ENOENT;
        for (int i = 0; i < n && r == -ENOENT; i++)
                if (streq(names[i], name))
                        r = 0;
        if (r == -ENOENT && n >= 0 && streq_ptr(c.host.environment, name))
                r = 0;
        if (r == -ENOENT && n >= 0)
                tell_unknown(&c, names, name);
        else if (r < 0)
                log_line(LOG_ERR, "%s: %s", *root ? root : "/", strerror(-r));
        config_close(&c);
        return r;
}
