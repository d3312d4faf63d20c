/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl alert drop: removes alerts that nobody needs any more. One that is being sent at the
 * moment may still arrive.
 */

#include <stdio.h>

#include "base/log.h"

#include "spool.h"

/* done: the IDs, with --json. */
static int drop(Spool *s, const char *id, json_t *done) {
        _cleanup_arena_ Arena arena = { 0 };
        StoredAlert stored;
        int r = spool_lock(s);

        if (r < 0)
                return r;
        r = alert_find(s, 1u << SPOOL_WAITING | 1u << SPOOL_DEAD, id, &arena, &stored);
        if (r >= 0 && unlinkat(s->box_fds[stored.box], stored.name, 0) < 0) {
                r = -errno;
                log_line(LOG_ERR, "%s: cannot be removed: %s", id, strerror(-r));
        }
        spool_unlock(s);
        if (r >= 0 && done)
                json_array_append_new(done, json_text(alert_name_id(stored.name)));
        else if (r >= 0)
                printf("%s is gone\n", alert_name_id(stored.name));
        return r;
}

int command_alert_drop(const Arguments *a) {
        _cleanup_(spool_close) Spool s = SPOOL_CLOSED;
        _cleanup_json_ json_t *done = GIVEN(a, JSON) ? json_array() : NULL;
        int r, first = 0;

        r = alert_spool_enter(a->root, &s);
        if (r == -ENOENT)
                log_line(LOG_ERR, "there is no alert at all");
        if (r < 0)
                return EXIT_CANNOT;
        for (size_t i = 0; i < a->n_words; i++) {
                r = drop(&s, a->words[i], done);
                first = first < 0 ? first : r;
        }
        if (done && json_print(json_pack("{s:O}", "dropped", done)) < 0)
                return EXIT_CANNOT;
        return first == 0 ? EXIT_GOOD : first == -ENOENT ? EXIT_CANNOT : EXIT_BAD;
}
