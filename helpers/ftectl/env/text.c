/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * env/text.h. What is written is read back by the reader that the precheck uses, and refused here
 * when it does not come out as it went in.
 */

#include "base/utf8.h"

#include "text.h"

/* The part of the text that is the assignment: [start, end), whole lines. */
typedef struct Extent {
        size_t start, end;
} Extent;

static size_t line_end(const char *text, size_t len, size_t at) {
        const char *eol = memchr(text + at, '\n', len - at);

        return eol ? (size_t) (eol - text) + 1 : len;
}

/* A quoted value may go on for lines: the shortest run of lines that is one good assignment. */
static int find_extent(const char *text, size_t len, unsigned line, Extent *ret) {
        size_t start = 0, end;

        for (unsigned i = 1; i < line; i++)
                start = line_end(text, len, start);
        for (end = line_end(text, len, start);; end = line_end(text, len, end)) {
                _cleanup_(env_file_done) EnvFile f = { 0 };
                int r = env_file_parse(text + start, end - start, &f);

                if (r < 0)
                        return r;
                if (f.n_entries == 1 && f.n_problems == 0) {
                        *ret = (Extent){ start, end };
                        return 0;
                }
                if (end == len)
                        return -EBADMSG;
        }
}

static bool is_plain(const char *value) {
        for (const char *p = value; *p; p++)
                if (!ascii_isalnum(*p) && !strchr("_-./:@%+,=", *p))
                        return false;
        return *value != 0;
}

/* In double quotes when it must be, as systemd.exec(5) has them for EnvironmentFile=. */
static void add_assignment(StrBuf *b, const char *name, const char *value) {
        bool plain = is_plain(value);

        strbuf_add(b, name);
        strbuf_add(b, plain ? "=" : "=\"");
        for (; *value; value++) {
                if (!plain && strchr("\"\\`$", *value))
                        strbuf_addc(b, '\\');
                strbuf_addc(b, *value);
        }
        strbuf_add(b, plain ? "\n" : "\"\n");
}

static bool value_is_possible(const char *value) {
        for (const char *p = value; *p; p++)
                if (((unsigned char) *p < ' ' && *p != '\t' && *p != '\n') || *p == 0x7f)
                        return false;
        return utf8_is_valid(value, strlen(value));
}

static int check(const StrBuf *b, size_t start, const char *name, const char *value) {
        _cleanup_(env_file_done) EnvFile f = { 0 };
        const EnvEntry *e;
        int r;

        r = strbuf_check(b);
        if (r == 0)
                r = env_file_parse(b->text + start, b->len - start, &f);
        if (r < 0)
                return r;
        e = env_file_find(&f, name, strlen(name));
        return f.n_problems == 0 && e && streq(env_entry_value(e), value) ? 0 : -EINVAL;
}

int env_text_set(const char *text, size_t len, const char *name, const char *value, StrBuf *ret) {
        _cleanup_(env_file_done) EnvFile f = { 0 };
        Extent old = { len, len };
        size_t start = ret->len;
        const EnvEntry *e;
        int r;

        if (!value_is_possible(value))
                return -EINVAL;
        r = env_file_parse(text, len, &f);
        if (r < 0)
                return r;
        if (f.n_problems > 0)
                return -EBADMSG;
        e = env_file_find(&f, name, strlen(name));
        if (e)
                r = find_extent(text, len, e->line, &old);
        if (r < 0)
                return r;
        strbuf_add_bytes(ret, text, old.start);
        if (old.start > 0 && text[old.start - 1] != '\n')
                strbuf_addc(ret, '\n');
        add_assignment(ret, name, value);
        strbuf_add_bytes(ret, text + old.end, len - old.end);
        return check(ret, start, name, value);
}
