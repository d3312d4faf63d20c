/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a check says: texts in the subject's arena, and commands with the agent's own names and
 * paths in them, quoted for a shell. Prints nothing.
 */

#include <stdarg.h>
#include <stdio.h>

#include "base/escape.h"

#include "validate.h"

static _printf_(2, 0) const char *format_text(Subject *s, const char *format, va_list ap) {
        _cleanup_free_ char *text = NULL;

        if (vasprintf(&text, format, ap) < 0) {
                text = NULL;
                return "";
        }
        return arena_strdup(&s->arena, text);
}

#define FORMAT_INTO(text)                            \
        do {                                         \
                va_list ap;                          \
                va_start(ap, format);                \
                (text) = format_text(s, format, ap); \
                va_end(ap);                          \
        } while (false)

void finding_good(Subject *s, Finding *f, const char *format, ...) {
        f->verdict = VERDICT_GOOD;
        FORMAT_INTO(f->seen);
}

void finding_skip(Subject *s, Finding *f, const char *format, ...) {
        f->verdict = VERDICT_SKIPPED;
        FORMAT_INTO(f->seen);
}

static const char *join(Subject *s, const char *before, const char *between, const char *more) {
        if (!before || (strstr(before, more) && streq(between, "; ")))
                return before ? before : more;
        return arena_printf(&s->arena, "%s%s%s", before, between, more);
}

void finding_bad(Subject *s, Finding *f, const char *wanted, const char *format, ...) {
        const char *seen;

        FORMAT_INTO(seen);
        if (f->verdict != VERDICT_BAD)
                *f = (Finding){ .verdict = VERDICT_BAD };
        f->seen = join(s, f->seen, "; ", seen ? seen : "");
        f->wanted = join(s, f->wanted, "; ", arena_strdup(&s->arena, wanted));
}

/* ---- commands ---- */

static const char *value_of(const Subject *s, const char *key, size_t len, const char *path) {
        const Agent *a = &s->agent;
        const struct {
                const char *key, *value;
        } values[] = {
                { "name", s->name },
                { "user", agent_user(a) },
                { "group", agent_group(a) },
                { "conf", a->place.file ? a->place.file : "" },
                { "env", a->env_file },
                { "log", subject_log_file(s) },
                { "1", path },
        };

        for (size_t i = 0; i < ARRAY_SIZE(values); i++)
                if (strlen(values[i].key) == len && strncmp(values[i].key, key, len) == 0)
                        return values[i].value;
        return NULL;
}

const char *fill_template(Subject *s, const char *template, const char *path) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        for (const char *p = template; *p; p++) {
                const char *end = *p == '{' ? strchr(p, '}') : NULL;
                size_t len = end ? (size_t) (end - p - 1) : 0;
                const char *value = end ? value_of(s, p + 1, len, path) : NULL;

                if (value)
                        escape_shell_word(&b, value);
                else if (end && len == 4 && strncmp(p + 1, "data", 4) == 0)
                        strbuf_addf(&b, "/var/lib/%s", s->agent.directory);
                else {
                        strbuf_addc(&b, *p);
                        continue;
                }
                p = end;
        }
        return strbuf_check(&b) < 0 ? NULL : arena_strdup(&s->arena, strbuf_text(&b));
}

void finding_fix(Subject *s, Finding *f, const char *template, const char *path) {
        const char *fix = template ? fill_template(s, template, path) : NULL;

        if (fix && !(f->fix && strstr(f->fix, fix)))
                f->fix = join(s, f->fix, " && ", fix);
}
