/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The redaction of redact.h. Lines and values first become plain text by the same function, so that
 * a colour code inside a key hides nothing; then what is secret is marked, all of it before
 * anything is cut, for half a key is half a secret.
 */

#include "redact.h"
#include "base/utf8.h"

#define NEEDLE_BYTES_MAX ((size_t) 4096)
#define WINDOW_BYTES     ((size_t) 32 * 1024) /* of a line that is looked at */

/* ---- plain text ---- */

/* The length of a terminal sequence at s: ESC [ … letter, ESC ] … BEL, or ESC and one byte. */
static size_t sequence_length(const char *s, size_t len) {
        size_t i = 2;

        if (len < 2)
                return 1;
        if (s[1] == '[') {
                while (i < len && (unsigned char) s[i] >= 0x20 && (unsigned char) s[i] < 0x40)
                        i++;
                return MIN(i + 1, len);
        }
        if (s[1] == ']') {
                while (i < len && s[i] != '\a' && s[i] != '\x1b')
                        i++;
                return MIN(i + 1, len);
        }
        return 2;
}

static size_t character_length(const char *s, size_t len) {
        for (size_t n = 1; n <= MIN(len, (size_t) 4); n++)
                if (utf8_is_valid(s, n))
                        return n;
        return 0;
}

static void make_plain(const char *s, size_t len, StrBuf *b) {
        while (len > 0) {
                unsigned char c = (unsigned char) *s;
                size_t n = 1;

                if (c == '\x1b')
                        n = sequence_length(s, len);
                else if (c < ' ' || c == 0x7f)
                        strbuf_addc(b, ' ');
                else if (c < 0x7f)
                        strbuf_addc(b, *s);
                else if ((n = character_length(s, len)) > 0)
                        strbuf_add_bytes(b, s, n);
                else {
                        strbuf_addc(b, '?');
                        n = 1;
                }
                s += n;
                len -= n;
        }
}

/* ---- the needles ---- */

#define NEEDLES_ALIKE ((size_t) 10) /* of a value itself and its encodings */

static void add_needle(Redactor *r, const char *s, size_t len) {
        len = MIN(len, NEEDLE_BYTES_MAX);
        if (len < REDACT_VALUE_MIN)
                return;
        /* One value gives many of the same; looking through all would take seconds for a large
         * file. */
        for (size_t i = r->n - MIN(r->n, NEEDLES_ALIKE); i < r->n; i++)
                if (strlen(r->needles[i]) == len && memcmp(r->needles[i], s, len) == 0)
                        return;
        if (r->n == r->size) {
                size_t size = MAX(r->size * 2, (size_t) 32);
                char **needles = arena_new_n(r->arena, char *, size);

                r->failed = r->failed || !needles;
                if (!needles)
                        return;
                if (r->n > 0)
                        memcpy(needles, r->needles, r->n * sizeof(*needles));
                r->needles = needles;
                r->size = size;
        }
        r->needles[r->n] = arena_strndup(r->arena, s, len);
        r->failed = r->failed || !r->needles[r->n];
        r->n += r->needles[r->n] != NULL;
}

typedef struct Encoding {
        const char *hex;       /* percent-encoded with these digits; NULL: not */
        const char *keep;      /* beside letters, digits and -._~ */
        bool plus;             /* a blank is "+" */
        const char *backslash; /* characters that get one; NULL: none */
        bool ascii;            /* other characters as \uXXXX */
} Encoding;

static const Encoding encodings[] = {
        { .hex = "0123456789ABCDEF", .keep = "" },
        { .hex = "0123456789abcdef", .keep = "" },
        { .hex = "0123456789ABCDEF", .keep = "/" },
        { .hex = "0123456789ABCDEF", .keep = "", .plus = true },
        { .hex = "0123456789ABCDEF", .keep = "/:@!$&'()*+,;=?" },
        { .backslash = "\"\\" },
        { .backslash = "\"\\/" },
        { .backslash = "'\\" },
        { .backslash = "\"\\", .ascii = true },
};

static uint32_t decode(const char *s, size_t n) {
        uint32_t code = (unsigned char) *s & (n == 2 ? 0x1F : n == 3 ? 0x0F : 0x07);

        for (size_t i = 1; i < n; i++)
                code = code << 6 | ((unsigned char) s[i] & 0x3F);
        return code;
}

static void add_ascii(StrBuf *b, const char *s, size_t n) {
        uint32_t code = decode(s, n);

        if (code >= 0x10000) {
                strbuf_addf(b, "\\u%04x", 0xD800 + ((code - 0x10000) >> 10));
                code = 0xDC00 + ((code - 0x10000) & 0x3FF);
        }
        strbuf_addf(b, "\\u%04x", code);
}

static void add_percent(StrBuf *b, const Encoding *e, char c) {
        if (ascii_isalnum(c) || strchr("-._~", c) || strchr(e->keep, c))
                strbuf_addc(b, c);
        else if (c == ' ' && e->plus)
                strbuf_addc(b, '+');
        else {
                strbuf_addc(b, '%');
                strbuf_addc(b, e->hex[(unsigned char) c >> 4]);
                strbuf_addc(b, e->hex[(unsigned char) c & 15]);
        }
}

static void encode(StrBuf *b, const Encoding *e, const char *s) {
        for (; *s; s++) {
                size_t n = (unsigned char) *s < 0x80 ? 1 : character_length(s, strlen(s));

                if (e->hex)
                        add_percent(b, e, *s);
                else if (e->ascii && n > 1) {
                        add_ascii(b, s, n);
                        s += n - 1;
                } else {
                        if (strchr(e->backslash, *s))
                                strbuf_addc(b, '\\');
                        strbuf_addc(b, *s);
                }
        }
}

static bool is_blank_text(const char *s) {
        return !s[strspn(s, " ")];
}

static void add_plain(Redactor *r, const char *s, size_t len) {
        _cleanup_strbuf_ StrBuf plain = { 0 }, encoded = { 0 };

        make_plain(s, len, &plain);
        if (plain.len < REDACT_VALUE_MIN || is_blank_text(plain.text))
                return;
        add_needle(r, plain.text, plain.len);
        for (size_t i = 0; i < ARRAY_SIZE(encodings); i++) {
                strbuf_reset(&encoded);
                encode(&encoded, &encodings[i], plain.text);
                r->failed = r->failed || encoded.failed;
                add_needle(r, strbuf_text(&encoded), encoded.len);
        }
        r->failed = r->failed || plain.failed;
}

void redact_add_value(Redactor *r, const char *value) {
        size_t len = value ? strlen(value) : 0;

        if (len == 0)
                return;
        add_plain(r, value, len);
        if (!strchr(value, '\n'))
                return;
        while (*value) { /* the journal has a key of many lines in as many entries */
                size_t n = strcspn(value, "\n");

                add_plain(r, value, n);
                value += n + (value[n] == '\n');
        }
}

static void add_unquoted(Redactor *r, const char *s, size_t len) {
        while (len > 0 && strchr(" \t\r'\"\\", *s)) {
                s++;
                len--;
        }
        while (len > 0 && strchr(" \t\r'\"\\", s[len - 1]))
                len--;
        add_plain(r, s, len);
}

void redact_add_text(Redactor *r, const char *text, size_t len) {
        const char *end = text + len;

        while (text < end) {
                const char *stop = memchr(text, '\n', (size_t) (end - text)), *eq;

                stop = stop ? stop : end;
                eq = memchr(text, '=', (size_t) (stop - text));
                if (*text != '#' && *text != ';') {
                        if (eq)
                                add_unquoted(r, eq + 1, (size_t) (stop - eq - 1));
                        else
                                add_unquoted(r, text, (size_t) (stop - text));
                }
                text = stop + 1;
        }
}

/* ---- lines ---- */

static void mark_needles(const Redactor *r, const char *line, size_t len, char *mask) {
        for (size_t i = 0; i < r->n; i++) {
                size_t n = strlen(r->needles[i]);
                const char *p = line;

                while ((p = memmem(p, len - (size_t) (p - line), r->needles[i], n))) {
                        /* A needle that was cut at its length: the rest of it follows. */
                        size_t m = n == NEEDLE_BYTES_MAX ? len - (size_t) (p - line) : n;

                        memset(mask + (p - line), 1, m);
                        p++;
                }
        }
}

/* Appends as much as is to be shown; never half a character. */
static void add_shown(const char *line, size_t len, const char *mask, StrBuf *out) {
        size_t start = out->len, n;

        for (size_t i = 0; i < len; i += n) {
                const char *piece = line + i;

                n = 1;
                if (mask[i]) {
                        while (i + n < len && mask[i + n])
                                n++;
                        piece = REDACTED;
                } else if ((unsigned char) *piece >= 0x80)
                        n = MAX(character_length(piece, len - i), (size_t) 1);
                if (out->len - start + (mask[i] ? strlen(REDACTED) : n) >
                    REDACT_LINE_BYTES_MAX - 3) {
                        strbuf_add(out, "…");
                        return;
                }
                strbuf_add_bytes(out, piece, mask[i] ? strlen(REDACTED) : n);
        }
}

void redact_line(const Redactor *r, const char *line, size_t len, StrBuf *out) {
        _cleanup_strbuf_ StrBuf plain = { 0 };
        _cleanup_free_ char *mask = NULL;
        size_t shown;

        make_plain(line, MIN(len, WINDOW_BYTES), &plain);
        mask = calloc(1, plain.len + 1);
        if (r->failed || plain.failed || !mask) {
                strbuf_add(out, "(not shown: memory is out)");
                return;
        }
        mark_needles(r, strbuf_text(&plain), plain.len, mask);
        redact_shapes(strbuf_text(&plain), plain.len, mask);
        /* A value that begins near the end of what was looked at cannot have been found. */
        shown = plain.len;
        if (len > WINDOW_BYTES)
                shown -= MIN(shown, NEEDLE_BYTES_MAX);
        add_shown(strbuf_text(&plain), shown, mask, out);
}
