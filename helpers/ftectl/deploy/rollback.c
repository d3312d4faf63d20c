/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl rollback: a release that is there already is made what runs.
 */

#include "base/log.h"

#include "deploy.h"

static int choose_named(Deploy *d, const char *word, const Release *list, int n) {
        const Release *found = NULL;

        for (int i = 0; i < n; i++) {
                if (!*word || (!startswith(list[i].id, word) && !endswith(list[i].id, word)))
                        continue;
                if (found) {
                        log_line(LOG_ERR, "\"%s\" is of more than one release; write more of it",
                                 word);
                        return -EINVAL;
                }
                found = &list[i];
        }
        if (!found) {
                log_line(LOG_ERR, "%s has no such release; \"ftectl releases %s\" lists them",
                         d->name, d->name);
                return -ENOENT;
        }
        d->release = *found;
        return 0;
}

/* The one that ran well before, else the newest that did. */
static int choose(Deploy *d, const Release *list, int n) {
        const Release *found = NULL;

        for (int i = 0; i < n; i++)
                if (list[i].is_previous && !list[i].is_current)
                        found = &list[i];
        for (int i = 0; i < n && !found; i++)
                if (!list[i].is_current && list[i].state == RELEASE_WELL)
                        found = &list[i];
        if (!found) {
                log_line(LOG_ERR,
                         "%s has no release to go back to; \"ftectl releases %s\" lists what "
                         "there is, and one can be named",
                         d->name, d->name);
                return -ENOENT;
        }
        d->release = *found;
        return 0;
}

static int run(Deploy *d) {
        Release *list;
        int n = store_list(&d->store, &list), r;

        if (n < 0)
                return n;
        r = d->args->n_words > 1 ? choose_named(d, d->args->words[1], list, n) : choose(d, list, n);
        if (r < 0)
                return r;
        build_stop_leftovers(d);
        (void) store_clean(&d->store);
        r = live_prepare(d);
        return r == 0 ? live_switch(d, WHY_ROLLED_BACK) : r;
}

int command_rollback(const Arguments *args) {
        _cleanup_(deploy_close) Deploy d;
        int r = deploy_open(&d, args, true);

        if (r == 0) {
                apply_take_signals();
                r = run(&d);
        }
        if (r != 0)
                return r == EXIT_BAD ? EXIT_BAD : EXIT_CANNOT;
        return deploy_show(&d);
}
