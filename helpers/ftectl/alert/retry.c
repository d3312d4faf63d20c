/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl alert retry: dead letters wait again, for the channels that had refused them. The delivery
 * service is woken by the directory that is no longer empty.
 */

#include <stdio.h>

#include "base/log.h"

#include "spool.h"

static void revive(Alert *a) {
        for (size_t i = 0; i < a->n_targets; i++)
                if (a->targets[i].state == TARGET_DEAD) {
                        a->targets[i].state = TARGET_WAITING;
                        a->targets[i].attempts = 0;
                        a->targets[i].next_usec = 0;
                }
}

/* done: the IDs, with --json. */
static int retry(Spool *s, StoredAlert *stored, json_t *done) {
        int r = spool_lock(s);

        if (r < 0)
                return r;
        revive(&stored->alert);
        r = spool_replace(s, SPOOL_DEAD, stored->name, &stored->alert, true);
        if (r == 0)
                r = spool_move(s, SPOOL_DEAD, SPOOL_WAITING, stored->name);
        spool_unlock(s);
        if (r == 0 && done)
                json_array_append_new(done, json_text(stored->alert.id));
        else if (r == 0)
                printf("%s waits again\n", stored->alert.id);
        else
                log_line(LOG_ERR, "%s: cannot be moved: %s", stored->alert.id, strerror(-r));
        return r;
}

static int retry_all(Spool *s, Arena *arena, json_t *done) {
        char **names;
        int r = spool_list(s, SPOOL_DEAD, arena, &names), first = 0;

        if (r < 0)
                return r;
        if (!*names && !done)
                puts("There is no dead letter.");
        for (; *names; names++) {
                StoredAlert stored = { .box = SPOOL_DEAD, .name = *names };

                r = spool_read(s, SPOOL_DEAD, *names, arena, &stored.alert);
                if (r < 0)
                        log_line(LOG_ERR, "%s: cannot be read: %s", *names, strerror(-r));
                else
                        r = retry(s, &stored, done);
                first = first < 0 ? first : r;
        }
        return first;
}

static int retry_named(Spool *s, const Arguments *a, Arena *arena, json_t *done) {
        int r, first = 0;

        for (size_t i = 0; i < a->n_words; i++) {
                StoredAlert stored;

                r = alert_find_and_read(s, 1u << SPOOL_DEAD, a->words[i], arena, &stored);
                if (r >= 0)
                        r = retry(s, &stored, done);
                first = first < 0 ? first : r;
        }
        return first;
}

/* An exit status: there is no spool yet. */
static int nothing_to_retry(const Arguments *a, json_t *done) {
        if (!done)
                puts("There is no dead letter.");
        else if (json_print(json_pack("{s:O}", "retried", done)) < 0)
                return EXIT_CANNOT;
        return GIVEN(a, ALL) ? EXIT_GOOD : EXIT_CANNOT;
}

int command_alert_retry(const Arguments *a) {
        _cleanup_(spool_close) Spool s = SPOOL_CLOSED;
        _cleanup_json_ json_t *done = GIVEN(a, JSON) ? json_array() : NULL;
        _cleanup_arena_ Arena arena = { 0 };
        int r;

        if ((a->n_words > 0) == GIVEN(a, ALL)) {
                log_line(LOG_ERR,
                         "alert retry: which? give IDs of \"ftectl alert list\", or --all");
                return EXIT_CANNOT;
        }
        r = alert_spool_enter(a->root, &s);
        if (r < 0)
                return r == -ENOENT ? nothing_to_retry(a, done) : EXIT_CANNOT;
        r = GIVEN(a, ALL) ? retry_all(&s, &arena, done) : retry_named(&s, a, &arena, done);
        if (done && json_print(json_pack("{s:O}", "retried", done)) < 0)
                return EXIT_CANNOT;
        return r == 0 ? EXIT_GOOD : r == -ENOENT && !GIVEN(a, ALL) ? EXIT_CANNOT : EXIT_BAD;
}
