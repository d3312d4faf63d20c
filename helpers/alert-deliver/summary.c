/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * summary.h. Words for people, in one place, so that every channel says the same. What is unknown
 * is left out.
 */

#include <stdio.h>
#include <time.h>

#include "base/format.h"
#include "base/scope.h"
#include "base/utf8.h"
#include "summary.h"

/* ---- cleaning ---- */

static const size_t text_offsets[] = {
        offsetof(Alert, agent),  offsetof(Alert, unit),        offsetof(Alert, description),
        offsetof(Alert, contact), offsetof(Alert, host),       offsetof(Alert, environment),
        offsetof(Alert, invocation), offsetof(Alert, result),  offsetof(Alert, code),
        offsetof(Alert, status),
};

static bool is_control(const char *s, bool keep_tab) {
        unsigned char c = (unsigned char) *s;

        if (c == '\t')
                return !keep_tab;
        /* U+0080 to U+009F are controls too: terminals and mail readers may act on them. */
        return c < ' ' || c == 0x7f || (c == 0xC2 && (unsigned char) s[1] < 0xA0);
}

/* The bytes of the character at s, 0 when it is not valid UTF-8. */
static size_t valid_bytes(const char *s) {
        for (size_t n = 1; n <= 4; n++) {
                if (utf8_is_valid(s, n))
                        return n;
                if (!s[n])
                        break;
        }
        return 0;
}

static const char *clean(const char *s, bool keep_tab, Arena *arena) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        bool dirty = !utf8_is_valid(s, strlen(s));

        for (const char *p = s; *p && !dirty; p++)
                dirty = is_control(p, keep_tab);
        if (!dirty)
                return s;
        while (*s) {
                size_t n = valid_bytes(s);

                if (n == 0)
                        strbuf_add(&b, "\xEF\xBF\xBD"); /* U+FFFD */
                else if (is_control(s, keep_tab))
                        strbuf_addc(&b, ' ');
                else
                        strbuf_add_bytes(&b, s, n);
                s += MAX(n, (size_t) 1);
        }
        return strbuf_check(&b) < 0 ? NULL : arena_strndup(arena, strbuf_text(&b), b.len);
}

int alert_clean(Alert *a, Arena *arena) {
        for (size_t i = 0; i < ARRAY_SIZE(text_offsets); i++) {
                const char **text = (const char **) ((char *) a + text_offsets[i]);

                *text = clean(*text, false, arena);
                if (!*text)
                        return -ENOMEM;
        }
        for (char **line = a->lines; line && *line; line++) {
                *line = (char *) clean(*line, true, arena);
                if (!*line)
                        return -ENOMEM;
        }
        return 0;
}

/* ---- words ---- */

static void add_memory(StrBuf *b, uint64_t bytes) {
        strbuf_addf(b, "%.1f MiB", (double) bytes / (1024 * 1024));
}

static void add_fact(Summary *s, const char *title, StrBuf *value, Arena *arena) {
        if (value->len > 0)
                s->facts[s->n_facts++] = (Fact){
                        title, arena_strndup(arena, strbuf_text(value), value->len),
                };
        strbuf_reset(value);
}

static void add_number_fact(Summary *s, const char *title, uint64_t n,
                            void (*format)(StrBuf *, uint64_t), Arena *arena) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (n == ALERT_UNKNOWN)
                return;
        format(&b, n);
        add_fact(s, title, &b, arena);
}

static void add_text_fact(Summary *s, const char *title, const char *text) {
        if (*text)
                s->facts[s->n_facts++] = (Fact){ title, text };
}

static void add_facts(const Alert *a, Arena *arena, Summary *s) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        strbuf_add(&b, a->host);
        if (*a->environment)
                strbuf_addf(&b, "%s(%s)", b.len > 0 ? " " : "", a->environment);
        add_fact(s, "Host", &b, arena);
        add_text_fact(s, "Unit", a->unit);
        add_text_fact(s, "Time", s->time);
        add_number_fact(s, "Ran for", a->uptime_usec, format_duration, arena);
        add_number_fact(s, "Down for", a->outage_usec, format_duration, arena);
        add_number_fact(s, "Restarts", a->restarts, strbuf_add_uint, arena);
        add_number_fact(s, "Memory peak", a->memory_peak_bytes, add_memory, arena);
        add_text_fact(s, "Contact", a->contact);
        add_text_fact(s, "Invocation", a->invocation);
        add_text_fact(s, "Alert", a->id);
}

int summary_make(const Alert *a, Arena *arena, Summary *ret) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        Summary s = { .description = a->description, .advice = "" };

        alert_headline(a, &b);
        s.headline = arena_strndup(arena, strbuf_text(&b), b.len);
        strbuf_reset(&b);
        if (a->time_usec != ALERT_UNKNOWN)
                format_time_utc(&b, a->time_usec);
        s.time = arena_strndup(arena, strbuf_text(&b), b.len);
        if (*a->unit && a->kind != ALERT_KIND_TEST)
                s.advice = arena_printf(arena, "journalctl%s -u %s -n 100", SCOPE_SWITCH, a->unit);
        if (strbuf_check(&b) < 0 || arena_failed(arena))
                return -ENOMEM;
        add_facts(a, arena, &s);
        if (arena_failed(arena))
                return -ENOMEM;
        *ret = s;
        return 0;
}
