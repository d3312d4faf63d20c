/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The line of progress of ftectl apply, on a terminal only.
 */

#include <stdio.h>

#include "base/show.h"

#include "jobs.h"

#define SHOWN_MAX  3
#define TEXT_BYTES 40

static void add_job(const Job *j, StrBuf *b) {
        strbuf_add(b, " ");
        show_string(b, j->target->name);
        strbuf_addf(b, " %llu s",
                    (unsigned long long) ((now_usec() - j->begun_usec) / USEC_PER_SEC));
        if (!*j->target->status_text)
                return;
        strbuf_add(b, " (");
        show_text(b, j->target->status_text, TEXT_BYTES);
        strbuf_add(b, ")");
}

void apply_progress(const Jobs *jobs) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        static char last[512]; /* what stands there: events come faster than it changes */
        size_t shown = 0;

        if (!isatty(STDERR_FILENO) || jobs->n_in_flight == 0)
                return;
        strbuf_addf(&b, "%zu of %zu to go:", jobs->n_in_flight + jobs->n - jobs->next, jobs->n);
        for (size_t i = 0; i < jobs->next && shown < SHOWN_MAX; i++)
                if (jobs->items[i].phase != JOB_OVER) {
                        add_job(&jobs->items[i], &b);
                        shown++;
                }
        if (jobs->n_in_flight > shown)
                strbuf_add(&b, " …");
        if (strbuf_check(&b) < 0 || strncmp(strbuf_text(&b), last, sizeof(last) - 1) == 0)
                return;
        snprintf(last, sizeof(last), "%s", strbuf_text(&b));
        progress_show(last);
}
