/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * tidy.h. A sent alert was told; a dead letter was not, so its end is worth a line in the log.
 */

#include <fcntl.h>

#include "base/log.h"
#include "base/parse.h"
#include "tidy.h"

static bool drop_dead(Spool *s, const char *name) {
        _cleanup_arena_ Arena arena = { 0 };
        _cleanup_strbuf_ StrBuf headline = { 0 };
        Alert a;

        if (spool_read(s, SPOOL_DEAD, name, &arena, &a) == 0)
                alert_headline(&a, &headline);
        if (unlinkat(s->box_fds[SPOOL_DEAD], name, 0) < 0)
                return false;
        log_line(LOG_WARNING, "dead/%s is removed: of alerts that could never be sent the last %d "
                 "are kept: %s", name, TIDY_DEAD_KEEP,
                 headline.len > 0 ? strbuf_text(&headline) : "it was damaged");
        return true;
}

static size_t tidy_dead(Spool *s) {
        _cleanup_arena_ Arena arena = { 0 };
        size_t n, n_dropped = 0;
        char **names;

        if (spool_list(s, SPOOL_DEAD, &arena, &names) < 0)
                return 0;
        n = strv_length(names);
        for (size_t i = 0; i + TIDY_DEAD_KEEP < n; i++)
                n_dropped += drop_dead(s, names[i]);
        return n_dropped;
}

size_t tidy_spool(Spool *s) {
        (void) spool_trim(s, SPOOL_SENT, SPOOL_SENT_KEEP);
        return tidy_dead(s);
}
