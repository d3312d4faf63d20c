/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl deploy: code to a release that runs, or to none. This file has the order of things.
 */

#include <stdio.h>

#include "base/log.h"

#include "deploy.h"

static int to_exit(int r) {
        return r == EXIT_BAD ? EXIT_BAD : EXIT_CANNOT;
}

/* 0: there is a release that passed its check. */
static int make_release(Deploy *d, const char *source) {
        _cleanup_close_ int source_fd = -EBADF;
        int r;

        build_stop_leftovers(d);
        r = store_begin(&d->store);
        if (r < 0) {
                log_line(LOG_ERR, RELEASES_TOP "%s/" RELEASES_DIR ": %s; nothing was deployed",
                         d->agent.directory,
                         r == -ELOOP ? "what an earlier build left is too deep; remove .work there"
                                     : strerror(-r));
                return r;
        }
        source_fd = source_take(d, source);
        if (source_fd == -EINTR) {
                d->verdict = VERDICT_INTERRUPTED;
                return EXIT_BAD;
        }
        r = source_fd < 0 ? source_fd : build_release(d, source_fd);
        if (r == 0)
                r = check_release(d);
        return r;
}

static int go_live(Deploy *d) {
        int r = live_prepare(d);

        if (r == 0)
                r = live_switch(d, WHY_DEPLOYED);
        /* Also after a failure, or broken code that is sent again and again would fill the disk. */
        if (r == 0 && store_prune(&d->store, d->agent.deploy_keep) < 0)
                log_line(LOG_WARNING, "an old release could not be removed");
        return r;
}

static void say_what_is_left(const Deploy *d) {
        char now[RELEASE_ID_BYTES];

        if (store_link(&d->store, CURRENT_LINK, now) > 0 && streq(now, d->release.id))
                log_line(LOG_NOTICE,
                         "release %s is the current one, and nobody has seen whether it is well: "
                         "ftectl status %s; to go back: ftectl rollback %s",
                         now, d->name, d->name);
        else
                log_line(LOG_NOTICE, "release %s is built; to run it: ftectl rollback %s %s",
                         d->release.id, d->name, d->release.id);
}

int command_deploy(const Arguments *args) {
        _cleanup_(deploy_close) Deploy d;
        int r = deploy_open(&d, args, true);

        if (r != 0)
                return to_exit(r);
        apply_take_signals();
        r = make_release(&d, args->words[1]);
        (void) store_clean(&d.store);
        if (r < 0)
                return EXIT_CANNOT;
        if (r == 0)
                r = go_live(&d);
        else
                return deploy_show(&d);
        if (r != 0) {
                say_what_is_left(&d);
                return to_exit(r);
        }
        return deploy_show(&d);
}
