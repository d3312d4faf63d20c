/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The reader of unit-file.h. As systemd's own: a backslash at the end continues a line, comments
 * within continued lines are passed over, the first "=" ends the key.
 */

#include "unit-file.h"

/* ---- lines ---- */

typedef struct Reader {
        const char *at, *end;
        unsigned line; /* of the line that was read last, from 1 */
        const char *file, *section;
        Arena *arena;
        UnitSettings *settings;
} Reader;

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **start, const char **end) {
        while (*start < *end && is_blank(**start))
                (*start)++;
        while (*end > *start && is_blank((*end)[-1]))
                (*end)--;
}

/* One line of the file without its end; false at the end of the text. */
static bool next_line(Reader *r, const char **ret_start, const char **ret_end) {
        const char *eol;

        if (r->at >= r->end)
                return false;
        eol = memchr(r->at, '\n', (size_t) (r->end - r->at));
        *ret_start = r->at;
        *ret_end = eol ? eol : r->end;
        r->at = eol ? eol + 1 : r->end;
        r->line++;
        return true;
}

static bool is_comment(const char *start, const char *end) {
        while (start < end && is_blank(*start))
                start++;
        return start < end && (*start == '#' || *start == ';');
}

/* Whether the line ends with a backslash that is not escaped itself. */
static bool is_continued(const char *start, const char *end) {
        bool escaped = false;

        if (end > start && end[-1] == '\r')
                end--;
        for (; start < end; start++)
                escaped = !escaped && *start == '\\';
        return escaped;
}

/* Joins what is continued, each backslash replaced by a blank; *ret_line is where it began. */
static bool next_logical_line(Reader *r, StrBuf *text, unsigned *ret_line) {
        const char *start, *end;
        bool more = false;

        strbuf_reset(text);
        while (next_line(r, &start, &end)) {
                if (is_comment(start, end))
                        continue;
                if (!more)
                        *ret_line = r->line;
                more = is_continued(start, end);
                if (more && end[-1] == '\r')
                        end--;
                strbuf_add_bytes(text, start, (size_t) (end - start) - more);
                if (!more)
                        return true;
                strbuf_addc(text, ' ');
        }
        return more;
}

/* ---- what they say ---- */

static int add(Reader *r, const UnitSetting *setting) {
        UnitSetting *s = arena_new(r->arena, UnitSetting);

        if (!s || !setting->value)
                return -ENOMEM;
        *s = *setting;
        if (!r->settings->tail)
                r->settings->tail = &r->settings->first;
        *r->settings->tail = s;
        r->settings->tail = &s->next;
        r->settings->n++;
        return 0;
}

static int take_line(Reader *r, const char *start, const char *end, unsigned line) {
        const char *equals, *key_end, *value;
        UnitSetting s = { .section = r->section, .place = { r->file, line } };

        trim(&start, &end);
        if (start == end)
                return 0;
        if (*start == '[' && end[-1] == ']') {
                r->section = arena_strndup(r->arena, start + 1, (size_t) (end - start) - 2);
                return r->section ? 0 : -ENOMEM;
        }
        equals = memchr(start, '=', (size_t) (end - start));
        if (!equals) {
                s.value = "";
                return add(r, &s);
        }
        key_end = equals;
        value = equals + 1;
        trim(&start, &key_end);
        trim(&value, &end);
        s.key = arena_strndup(r->arena, start, (size_t) (key_end - start));
        s.value = arena_strndup(r->arena, value, (size_t) (end - value));
        return s.key ? add(r, &s) : -ENOMEM;
}

int unit_file_parse(const char *text, size_t len, const char *file, Arena *arena, UnitSettings *s) {
        Reader r = { text, text + len, 0, file, "", arena, s };
        _cleanup_strbuf_ StrBuf line = { 0 };
        unsigned number = 0;
        int k = 0;

        if (memchr(text, 0, len))
                return -EBADMSG;
        if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
                r.at += 3;
        while (k == 0 && next_logical_line(&r, &line, &number)) {
                const char *t = strbuf_text(&line);

                k = strbuf_check(&line);
                if (k == 0)
                        k = take_line(&r, t, t + line.len, number);
        }
        return k;
}

/* ---- specifiers ---- */

/* "p" of "p@i.service", or "i" of it; the same without an instance is "p" and "". */
static char *unit_part(const char *unit, bool instance, Arena *arena) {
        const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');
        const char *end = dot ? dot : unit + strlen(unit);

        if (at && at > end)
                at = NULL;
        if (instance)
                return at ? arena_strndup(arena, at + 1, (size_t) (end - at - 1))
                          : arena_strdup(arena, "");
        return arena_strndup(arena, unit, (size_t) ((at ? at : end) - unit));
}

static char *unit_without_suffix(const char *unit, Arena *arena) {
        const char *dot = strrchr(unit, '.');

        return arena_strndup(arena, unit, dot ? (size_t) (dot - unit) : strlen(unit));
}

static const char *specifier_value(char letter, const UnitSpecifiers *s, Arena *arena) {
        static const struct {
                char letter;
                const char *value;
        } fixed[] = {
                { '%', "%" },          { 'E', "/etc" }, { 'S', "/var/lib" }, { 'L', "/var/log" },
                { 'C', "/var/cache" }, { 't', "/run" }, { 'T', "/tmp" },     { 'V', "/var/tmp" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
                if (fixed[i].letter == letter)
                        return fixed[i].value;
        switch (letter) {
        case 'n':
                return s->unit;
        case 'N':
                return unit_without_suffix(s->unit, arena);
        case 'p':
                return unit_part(s->unit, false, arena);
        case 'i':
                return unit_part(s->unit, true, arena);
        case 'u':
                return s->user;
        case 'h':
                return s->home;
        default:
                return NULL;
        }
}

int unit_specifiers_expand(const char *value, const UnitSpecifiers *s, Arena *arena, char **ret,
                           char *ret_letter) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char *text;

        for (; *value; value++) {
                const char *v;

                if (*value != '%') {
                        strbuf_addc(&b, *value);
                        continue;
                }
                if (!*++value)
                        return -EINVAL;
                v = specifier_value(*value, s, arena);
                if (!v) {
                        *ret_letter = *value;
                        return arena_failed(arena) ? -ENOMEM : -ENOKEY;
                }
                strbuf_add(&b, v);
        }
        text = strbuf_check(&b) < 0 ? NULL : arena_strdup(arena, strbuf_text(&b));
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}
