/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * report.h by the log and by sd_notify's datagrams. STATUS= is a line, so problems are kept short.
 */

#include <time.h>

#include "base/log.h"
#include "base/parse.h"
#include "report.h"

void report_open(Report *r, Queue *q) {
        _cleanup_arena_ Arena arena = { 0 };
        char **names;

        if (notify_open(&r->notify) < 0)
                r->notify.fd = -EBADF;
        if (spool_list(q->spool, SPOOL_DEAD, &arena, &names) == 0)
                r->n_dead = strv_length(names);
}

/* "Slack=/etc/fte/slack", "Email=ops@example.com", "Command=/usr/bin/page": the first word. */
static void add_target(const Destination *d, StrBuf *b) {
        const char *argument = strchr(d->key, '\n') + 1, *path = strchr(argument, '\n') + 1;
        const char *shown = *argument == '\n' ? path : argument;

        strbuf_addf(b, "%s=", d->channel->key);
        strbuf_add_bytes(b, shown, strcspn(shown, " \n"));
}

static const struct {
        int priority;
        const char *words;
} looks[] = {
        [OUTCOME_SENT] = { LOG_INFO, "sent" },
        [OUTCOME_RETRY] = { LOG_WARNING, "not sent, and will be tried again" },
        [OUTCOME_CONFIG] = { LOG_ERR, "cannot be sent, and waits" },
        [OUTCOME_DEAD] = { LOG_ERR, "refused for good, and is not tried again" },
};

void report_outcome(Report *r, const Item *item, const Outcome *o) {
        _cleanup_strbuf_ StrBuf target = { 0 };

        add_target(item->destination, &target);
        log_line(looks[o->kind].priority, "%s: %s %s: %s", strbuf_text(&target),
                 item->entry->name, looks[o->kind].words, o->answer);
        if (o->kind != OUTCOME_SENT) {
                strbuf_reset(&r->problem);
                strbuf_addf(&r->problem, "%s: %s", strbuf_text(&target), o->answer);
                r->culprit = item->destination;
        } else if (r->culprit == item->destination) {
                strbuf_reset(&r->problem);
                r->culprit = NULL;
        }
}

void report_status(Report *r, const Queue *q, bool force) {
        uint64_t now_usec = clock_usec(CLOCK_BOOTTIME);
        _cleanup_strbuf_ StrBuf b = { 0 };

        strbuf_addf(&b, "STATUS=%zu waiting", q->n_entries);
        if (r->n_dead > 0)
                strbuf_addf(&b, ", %zu could never be sent (ftectl alert list)", r->n_dead);
        if (q->n_stuck > 0)
                strbuf_addf(&b, ", %zu in waiting/ must be removed by hand (%s)", q->n_stuck,
                            strbuf_text(&q->stuck));
        if (r->problem.len > 0)
                strbuf_addf(&b, "; %s", strbuf_text(&r->problem));
        r->due_usec = USEC_INFINITY;
        if (strbuf_check(&b) < 0 || streq(strbuf_text(&b), strbuf_text(&r->status)))
                return;
        if (!force && now_usec < r->status_usec + USEC_PER_SEC) {
                r->due_usec = r->status_usec + USEC_PER_SEC;
                return;
        }
        r->status_usec = now_usec;
        if (notify_send(&r->notify, b.text) == 0) {
                strbuf_reset(&r->status);
                strbuf_add(&r->status, b.text);
        }
}

void report_close(Report *r) {
        closep(&r->notify.fd);
        strbuf_done(&r->problem);
        strbuf_done(&r->status);
}
