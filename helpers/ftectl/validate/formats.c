/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * TAP (version 13) and JUnit's XML, for pipelines. Text of others goes through the escapes here.
 */

#include <stdio.h>

#include "base/show.h"
#include "base/utf8.h"

#include "validate.h"

/* ---- TAP ---- */

void tap_text(StrBuf *b, const char *s) {
        _cleanup_strbuf_ StrBuf shown = { 0 };

        show_string(&shown, s);
        for (const char *p = strbuf_text(&shown); *p; p++) {
                if (*p == '#' || *p == '\\')
                        strbuf_addc(b, '\\');
                strbuf_addc(b, *p);
        }
}

static void tap_row(StrBuf *b, const char *key, const char *text) {
        if (!text)
                return;
        strbuf_addf(b, "  %s: '", key);
        for (const char *p = text; *p; p++) {
                if (*p == '\'')
                        strbuf_addc(b, '\'');
                strbuf_addc(b, *p);
        }
        strbuf_add(b, "'\n");
}

static void tap_check(const Subject *s, const Check *c, const Finding *f, size_t number,
                      StrBuf *b) {
        bool bad = f->verdict == VERDICT_BAD;

        strbuf_addf(b, "%sok %zu - %s %s%s%s [%d] ", bad ? "not " : "", number, s->name, c->id,
                    c->also ? " " : "", c->also ? c->also : "", c->layer);
        tap_text(b, c->title);
        if (f->verdict == VERDICT_SKIPPED) {
                strbuf_add(b, " # SKIP ");
                tap_text(b, f->seen ? f->seen : "");
        }
        strbuf_addc(b, '\n');
        if (!bad)
                return;
        strbuf_add(b, "  ---\n");
        tap_row(b, "seen", f->seen);
        tap_row(b, "wanted", f->wanted);
        tap_row(b, "fix", f->fix);
        strbuf_add(b, "  ...\n");
}

int report_tap(const Validation *v) {
        _cleanup_strbuf_ StrBuf b = { 0 }, out = { 0 };
        size_t n = 0;

        for (size_t k = 0; k < v->n; k++)
                for (size_t i = 0; i < n_checks; i++)
                        if (v->subjects[k].findings[i].verdict != VERDICT_NOT_RUN)
                                tap_check(&v->subjects[k], &checks[i], &v->subjects[k].findings[i],
                                          ++n, &b);
        show_lines(&out, strbuf_text(&b), b.len, '?');
        if (strbuf_check(&b) < 0 || strbuf_check(&out) < 0)
                return -ENOMEM;
        printf("TAP version 13\n1..%zu\n%s", n, strbuf_text(&out));
        return 0;
}

/* ---- JUnit ---- */

static const char *xml_entity(char c) {
        switch (c) {
        case '&':
                return "&amp;";
        case '<':
                return "&lt;";
        case '>':
                return "&gt;";
        case '"':
                return "&quot;";
        case '\'':
                return "&apos;";
        default:
                return NULL;
        }
}

void xml_text(StrBuf *b, const char *s) {
        size_t len = strlen(s);

        for (size_t i = 0, n; i < len; i += MAX(n, (size_t) 1)) {
                const char *entity = xml_entity(s[i]);
                uint32_t code = 0;

                n = utf8_decode(s + i, len - i, &code);
                if (entity)
                        strbuf_add(b, entity);
                else if (n == 0 || (code < 0x20 && code != '\t' && code != '\n') || code == 0x7f ||
                         code == 0xfffe || code == 0xffff)
                        strbuf_addc(b, '?');
                else
                        strbuf_add_bytes(b, s + i, n);
        }
}

static void xml_attribute(StrBuf *b, const char *name, const char *value) {
        strbuf_addf(b, " %s=\"", name);
        xml_text(b, value ? value : "");
        strbuf_addc(b, '"');
}

static void xml_seconds(StrBuf *b, uint64_t usec) {
        strbuf_addf(b, " time=\"%llu.%06llu\"", (unsigned long long) (usec / USEC_PER_SEC),
                    (unsigned long long) (usec % USEC_PER_SEC));
}

static void junit_check(const Subject *s, const Check *c, const Finding *f, StrBuf *b) {
        char name[160], class[96];

        snprintf(name, sizeof(name), "%s%s%s %s", c->id, c->also ? " " : "", c->also ? c->also : "",
                 c->title);
        snprintf(class, sizeof(class), "%s.%s", s->name, layer_to_string(c->layer));
        strbuf_add(b, "    <testcase");
        xml_attribute(b, "classname", class);
        xml_attribute(b, "name", name);
        xml_seconds(b, f->usec);
        if (f->verdict == VERDICT_GOOD) {
                strbuf_add(b, "/>\n");
                return;
        }
        strbuf_add(b, f->verdict == VERDICT_BAD ? ">\n      <failure" : ">\n      <skipped");
        xml_attribute(b, "message", f->seen);
        if (f->verdict == VERDICT_BAD) {
                strbuf_add(b, ">seen: ");
                xml_text(b, f->seen ? f->seen : "");
                strbuf_add(b, "\nwanted: ");
                xml_text(b, f->wanted ? f->wanted : "");
                strbuf_add(b, "\nfix: ");
                xml_text(b, f->fix ? f->fix : "");
                strbuf_add(b, "</failure>\n    </testcase>\n");
        } else
                strbuf_add(b, "/>\n    </testcase>\n");
}

static void junit_suite(const Subject *s, StrBuf *b) {
        Tally t = subject_tally(s);
        uint64_t usec = 0;

        for (size_t i = 0; i < n_checks; i++)
                usec += s->findings[i].usec;
        strbuf_add(b, "  <testsuite");
        xml_attribute(b, "name", s->name);
        strbuf_addf(b, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"",
                    t.good + t.bad + t.skipped, t.bad, t.skipped);
        xml_seconds(b, usec);
        strbuf_add(b, ">\n");
        for (size_t i = 0; i < n_checks; i++)
                if (s->findings[i].verdict != VERDICT_NOT_RUN)
                        junit_check(s, &checks[i], &s->findings[i], b);
        strbuf_add(b, "  </testsuite>\n");
}

int report_junit(const Validation *v) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        strbuf_add(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ftectl "
                       "validate\">\n");
        for (size_t i = 0; i < v->n; i++)
                junit_suite(&v->subjects[i], &b);
        strbuf_add(&b, "</testsuites>\n");
        if (strbuf_check(&b) < 0)
                return -ENOMEM;
        fputs(strbuf_text(&b), stdout);
        return 0;
}
