/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libFuzzer target of the spool's reader. What must hold of an alert that was read: it is complete,
 * its strings are there and are UTF-8, its headline is one line, and it is written and read back as
 * it is.
 */

#include "alert/alert.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
        if (!holds)
                abort();
}

static void check_string(const char *s) {
        check(s && utf8_is_valid(s, strlen(s)));
}

static void check_alert(const Alert *a) {
        const char *strings[] = { a->agent, a->unit, a->description, a->contact, a->host,
                                  a->environment, a->invocation, a->result, a->code, a->status,
                                  a->smtp };

        check(strlen(a->id) == ALERT_ID_CHARS && a->kind < _ALERT_KIND_MAX && *a->agent);
        for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
                check_string(strings[i]);
        for (char **line = a->lines; line && *line; line++)
                check_string(*line);
        check(a->n_targets <= ALERT_TARGETS_MAX);
        for (size_t i = 0; i < a->n_targets; i++) {
                check_string(a->targets[i].channel);
                check_string(a->targets[i].argument);
                check_string(a->targets[i].answer);
                check(a->targets[i].state < _TARGET_STATE_MAX);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_arena_ Arena arena = { 0 };
        _cleanup_strbuf_ StrBuf b = { 0 }, again = { 0 };
        char id[24];
        unsigned line = 0;
        Alert a, c;

        if (alert_parse((const char *) data, size, &arena, &a, &line) < 0)
                return 0;
        check_alert(&a);
        alert_headline(&a, &b);
        check(b.len > 0 && !strpbrk(b.text, "\r\n"));
        alert_dedup_key(&a, &b);
        alert_credential_id(a.unit, id);
        strbuf_reset(&b);
        alert_format(&a, &b);
        if (b.len > ALERT_MAX_BYTES) /* what was written as \n is now longer */
                return 0;
        check(alert_parse(b.text, b.len, &arena, &c, &line) == 0);
        alert_format(&c, &again);
        check(again.len == b.len && memcmp(again.text, b.text, b.len) == 0);
        return 0;
}
