/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The functions of text.h. They know of no service: its markup and units come with the style.
 */

#include "text.h"

#include "base/parse.h"

#define ELLIPSIS "…"

/* Room that "(10000 earlier lines left out)\n" takes in any unit. */
#define LEFT_OUT_UNITS 48

/* Bytes of the character at s, which is valid UTF-8. */
static size_t char_bytes(const char *s) {
        size_t n = 1;

        while (((unsigned char) s[n] & 0xC0) == 0x80)
                n++;
        return n;
}

static size_t char_units(const char *s, size_t bytes, TextUnit unit) {
        if (unit == TEXT_BYTES)
                return bytes;
        return (unsigned char) *s >= 0xF0 ? 2 : 1;
}

size_t text_units(const char *s, TextUnit unit) {
        size_t units = 0;

        for (size_t n; *s; s += n) {
                n = char_bytes(s);
                units += char_units(s, n, unit);
        }
        return units;
}

static const char *escape_of(const TextStyle *style, char c) {
        for (const TextEscape *e = style->escapes; e && e->to; e++)
                if (e->from == c)
                        return e->to;
        return NULL;
}

/* One step through s: what is to be appended, and what it costs. */
typedef struct Piece {
        const char *text;
        size_t bytes, units, source_bytes;
} Piece;

static Piece piece_at(const char *s, const TextStyle *style) {
        const char *escaped = escape_of(style, *s);
        Piece p = { .text = escaped ? escaped : s, .source_bytes = char_bytes(s) };

        p.bytes = escaped ? strlen(escaped) : p.source_bytes;
        p.units = escaped ? text_units(escaped, style->unit) : char_units(s, p.bytes, style->unit);
        return p;
}

static size_t escaped_units(const char *s, const TextStyle *style) {
        size_t units = 0;

        for (Piece p; *s; s += p.source_bytes) {
                p = piece_at(s, style);
                units += p.units;
        }
        return units;
}

size_t text_add(StrBuf *b, const char *s, const TextStyle *style, size_t max) {
        /* No character becomes more than 8 units: most texts need not be counted. */
        bool cut = strlen(s) > max / 8 && escaped_units(s, style) > max;
        size_t mark_units = text_units(ELLIPSIS, style->unit), units = 0;
        size_t room = cut ? max - MIN(max, mark_units) : max;

        for (Piece p; *s; s += p.source_bytes) {
                p = piece_at(s, style);
                if (units + p.units > room)
                        break;
                strbuf_add_bytes(b, p.text, p.bytes);
                units += p.units;
        }
        if (cut && mark_units <= max) {
                strbuf_add(b, ELLIPSIS);
                units += mark_units;
        }
        return units;
}

static size_t add_left_out(StrBuf *b, size_t n) {
        size_t before = b->len;

        strbuf_addf(b, "(%zu earlier line%s left out)\n", n, n == 1 ? "" : "s");
        return b->len - before; /* ASCII: a byte is a unit */
}

size_t text_add_lines(StrBuf *b, char *const *lines, const TextStyle *style, size_t max) {
        size_t n = strv_length(lines), first = n, units = 0, used = 0;
        size_t room = max - MIN(max, (size_t) LEFT_OUT_UNITS);

        while (first > 0) {
                size_t more = escaped_units(lines[first - 1], style) + 1;

                if (units + more > (first == 1 ? max : room))
                        break;
                units += more;
                first--;
        }
        if (first == n && n > 0)
                first = n - 1; /* too long alone: its beginning */
        if (first > 0)
                used = add_left_out(b, first);
        for (size_t i = first; i < n; i++) {
                if (i > first) {
                        strbuf_addc(b, '\n');
                        used++;
                }
                used += text_add(b, lines[i], style, max - MIN(max, used));
        }
        return used;
}
