/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The words of parse.h. parse_words() splits a line by the rules that systemd.service(5) gives for
 * command lines. What comes out is what the program will see; how it is written back into a unit is
 * escape.c's affair.
 */

#include "base/parse.h"
#include "base/utf8.h"

/* n digits of base 8 or 16 at s. */
static int scan_code(const char *s, int n, int base, uint32_t *ret) {
        uint32_t v = 0;

        for (int i = 0; i < n; i++) {
                int d = ascii_hex_value(s[i]);

                if (d < 0 || d >= base)
                        return -EINVAL;
                v = v * (uint32_t) base + (uint32_t) d;
        }
        if (v == 0)
                return -EINVAL; /* a NUL would end the word */
        *ret = v;
        return 0;
}

typedef struct Escape {
        char letter;
        char means; /* 0: a code of `digits` digits follows */
        int digits;
} Escape;

static const Escape escapes[] = {
        { 'n', '\n' }, { 't', '\t' }, { 's', ' ' },   { '\\', '\\' }, { '"', '"' },
        { '\'', '\'' }, { 'a', '\a' }, { 'b', '\b' }, { 'f', '\f' },   { 'r', '\r' },
        { 'v', '\v' }, { 'x', 0, 2 }, { 'u', 0, 4 }, { 'U', 0, 8 },
};

/* *s is behind the backslash; writes what it means to *out and moves both on. */
static int unescape(const char **s, char **out) {
        uint32_t code;

        for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
                const Escape *e = &escapes[i];

                if (**s != e->letter)
                        continue;
                (*s)++;
                if (e->means) {
                        *(*out)++ = e->means;
                        return 0;
                }
                if (scan_code(*s, e->digits, 16, &code) < 0 || code > 0x10FFFF)
                        return -EINVAL;
                *s += e->digits;
                if (e->digits == 2) /* \x is a byte, \u and \U are characters */
                        *(*out)++ = (char) code;
                else
                        *out += utf8_encode(code, *out);
                return 0;
        }
        if (scan_code(*s, 3, 8, &code) < 0 || code > 255)
                return -EINVAL;
        *s += 3;
        *(*out)++ = (char) code;
        return 0;
}

static bool is_space(char c) {
        return c == ' ' || c == '\t' || c == '\n';
}

/* Copies one word to *out, terminated; *s is on its first byte. */
static int copy_word(const char **s, ParseWordsFlags flags, char **out) {
        char quote = 0, *o = *out;
        const char *p = *s;
        bool escaped = false;

        for (char c; (c = *p); ) {
                for (; (unsigned char) c > '\'' && c != '\\'; c = *++p) /* most of all bytes */
                        *o++ = c;
                if (!c)
                        break;
                p++;
                if (!quote && is_space(c))
                        break;
                if (!(flags & PARSE_WORDS_QUOTED))
                        *o++ = c;
                else if (c == '\\') {
                        if (unescape(&p, &o) < 0)
                                return -EINVAL;
                        escaped = true;
                } else if (quote ? c == quote : c == '"' || c == '\'')
                        quote = quote ? 0 : c;
                else
                        *o++ = c;
        }
        /* An escape can make bytes that systemd would not read back from the unit. */
        if (quote || (escaped && !utf8_is_valid(*out, (size_t) (o - *out))))
                return -EINVAL;
        *o++ = 0;
        *s = p;
        *out = o;
        return 0;
}

int parse_words(Arena *a, const char *s, ParseWordsFlags flags, char ***ret) {
        size_t len = strlen(s), n = 0;
        /* No word is longer than its source, and each takes at least one byte and a space. */
        char *text = arena_alloc_text(a, len + 2);
        char **words = arena_new_n(a, char *, len / 2 + 2);

        if (!text || !words)
                return -ENOMEM;
        for (;;) {
                while (is_space(*s))
                        s++;
                if (!*s)
                        break;
                words[n++] = text;
                if (copy_word(&s, flags, &text) < 0)
                        return -EINVAL;
        }
        words[n] = NULL;
        *ret = words;
        return 0;
}

const char *word_find(const char *text, const char *separators, const char *word, size_t len) {
        for (size_t n; *text; text += n) {
                text += strspn(text, separators);
                n = strcspn(text, separators);
                if (n > 0 && n == len && memcmp(text, word, n) == 0)
                        return text;
        }
        return NULL;
}

size_t strv_length(char *const *strv) {
        size_t n = 0;

        while (strv && strv[n])
                n++;
        return n;
}

bool strv_contains(char *const *strv, const char *s) {
        for (; strv && *strv; strv++)
                if (streq(*strv, s))
                        return true;
        return false;
}
