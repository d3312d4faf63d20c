/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Quoting for unit files (escape.h), by the rules of systemd.syntax(7) and systemd.service(5),
 * "Command lines". The reverse is parse_words().
 */

#include "base/escape.h"

/* What a byte asks for, so that a word is looked at in one pass. */
enum {
        QUOTE = 1 << 0,  /* the word must be quoted */
        DOUBLE = 1 << 1, /* % and $: perhaps to be doubled */
};

static const uint8_t classes[256] = {
        [0] = QUOTE /* the end */, [1 ... ' '] = QUOTE, ['"'] = QUOTE, ['\''] = QUOTE,
        ['\\'] = QUOTE,            [0x7f] = QUOTE,      ['%'] = DOUBLE, ['$'] = DOUBLE,
};

/* The run of bytes that stand for themselves. */
static size_t plain_length(const char *s) {
        size_t n = 0;

        while (classes[(uint8_t) s[n]] == 0)
                n++;
        return n;
}

/* White space, quotes, backslashes, control characters; a lone ";" would end the command. */
static bool needs_quotes(const char *word) {
        if (!*word || streq(word, ";"))
                return true;
        for (; *word; word++)
                if (classes[(uint8_t) *word] & QUOTE)
                        return true;
        return false;
}

static void escape_char(StrBuf *b, char c, EscapeFlags flags) {
        if ((c == '%' && (flags & ESCAPE_PERCENT)) || (c == '$' && (flags & ESCAPE_DOLLAR)))
                strbuf_addc(b, c);
        else if (c == '"' || c == '\\')
                strbuf_addc(b, '\\');
        else if (((unsigned char) c < ' ' && c != '\t') || c == 0x7f) {
                strbuf_addf(b, "\\x%02x", (unsigned char) c);
                return;
        }
        strbuf_addc(b, c);
}

size_t escape_plain_length(const char *word) {
        size_t n = plain_length(word);

        return word[n] ? 0 : n;
}

void escape_word(StrBuf *b, const char *word, EscapeFlags flags) {
        size_t plain = plain_length(word);
        bool quotes;

        if (plain > 0 && !word[plain] && *word != ';') { /* nearly always */
                strbuf_add_bytes(b, word, plain);
                return;
        }
        quotes = needs_quotes(word);
        if (quotes)
                strbuf_addc(b, '"');
        while (*word) {
                size_t n = plain_length(word);

                strbuf_add_bytes(b, word, n);
                word += n;
                if (*word)
                        escape_char(b, *word++, flags);
        }
        if (quotes)
                strbuf_addc(b, '"');
}

void escape_value(StrBuf *b, const char *value) {
        for (;;) {
                size_t n = (size_t) (strchrnul(value, '%') - value);

                strbuf_add_bytes(b, value, n);
                value += n;
                if (!*value)
                        return;
                strbuf_add(b, "%%");
                value++;
        }
}

void escape_shell_word(StrBuf *b, const char *word) {
        size_t plain = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "_-+=./,:@%");

        if (*word && !word[plain]) {
                strbuf_add(b, word);
                return;
        }
        strbuf_addc(b, '\'');
        for (; *word; word++) {
                if (*word == '\'')
                        strbuf_add(b, "'\\'");
                strbuf_addc(b, *word);
        }
        strbuf_addc(b, '\'');
}
