/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How an alert and its targets look, for people and as JSON (alert/spool.h). What came from a
 * receiver is cut and stripped of control characters. Prints nothing itself.
 */

#include "base/format.h"

#include "ftectl/shared/terminal.h"
#include "spool.h"

#define ANSWER_BYTES 120

static const char *const box_names[_SPOOL_BOX_MAX] = {
        [SPOOL_WAITING] = "waiting",
        [SPOOL_DEAD] = "dead",
        [SPOOL_SENT] = "sent",
};

static const struct {
        const char *name;
        Style style;
} states[_TARGET_STATE_MAX] = {
        [TARGET_WAITING] = { "waiting", STYLE_YELLOW },
        [TARGET_SENT] = { "sent", STYLE_GREEN },
        [TARGET_DEAD] = { "failed", STYLE_RED },
};

const char *alert_box_to_string(SpoolBox box) {
        return box_names[box];
}

const char *alert_target_state_to_string(TargetState state) {
        return states[state].name;
}

void alert_show_target_name(const AlertTarget *t, StrBuf *b) {
        show_text(b, t->channel, 32);
        /* Not a command's: its words may be anything. */
        if (!isempty(t->argument) && streq(t->channel, "email")) {
                strbuf_addc(b, ' ');
                show_text(b, t->argument, 64);
        }
}

void alert_show_target(const AlertTarget *t, StrBuf *b) {
        size_t start = b->len;
        uint64_t now = now_usec();

        strbuf_add(b, "    ");
        alert_show_target_name(t, b);
        while (b->len - start < 28)
                strbuf_addc(b, ' ');
        strbuf_addf(b, " %s%s%s", style(states[t->state].style), states[t->state].name,
                    style(STYLE_PLAIN));
        if (t->attempts > 0)
                strbuf_addf(b, ", %llu attempt%s", (unsigned long long) t->attempts,
                            t->attempts == 1 ? "" : "s");
        if (t->state == TARGET_WAITING && t->next_usec > now) {
                strbuf_add(b, ", next in ");
                format_duration(b, t->next_usec - now);
        }
        if (!isempty(t->answer)) {
                strbuf_add(b, ": ");
                show_text(b, t->answer, ANSWER_BYTES);
        }
        strbuf_addc(b, '\n');
}

json_t *alert_target_to_json(const AlertTarget *t) {
        return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "channel", json_text(t->channel),
                         "address",
                         streq(t->channel, "email") ? json_text_or_null(t->argument) : json_null(),
                         "file", json_text_or_null(t->path), "state", states[t->state].name,
                         "attempts", json_number(t->attempts), "next",
                         t->state == TARGET_WAITING ? json_time(t->next_usec) : json_null(),
                         "answer", json_text_or_null(t->answer));
}

json_t *alert_to_json(const StoredAlert *s) {
        _cleanup_strbuf_ StrBuf headline = { 0 };
        const Alert *a = &s->alert;
        json_t *targets = json_array();

        alert_headline(a, &headline);
        for (size_t i = 0; i < a->n_targets; i++)
                json_array_append_new(targets, alert_target_to_json(&a->targets[i]));
        return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id", a->id, "box",
                         box_names[s->box], "kind", alert_kind_to_string(a->kind), "agent",
                         json_text_or_null(a->agent), "headline", json_text(strbuf_text(&headline)),
                         "time", json_time(a->time_usec), "not_before",
                         json_time(a->not_before_usec), "targets", targets);
}
