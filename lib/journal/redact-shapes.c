/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What looks like a secret although no env file holds it: keys with a known beginning, tokens
 * behind a known word, passwords in addresses, private keys. A row each; better one too many than
 * one too few. Part of redact.c.
 */

#include <strings.h>

#include "redact.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* A key that begins with a text and goes on with at least so many of these characters. */
typedef struct Beginning {
        const char *text;
        const char *set;
        size_t least;
} Beginning;

static const Beginning beginnings[] = {
        { "sk-", ALNUM "-_", 12 },
        { "sk_", ALNUM "_", 12 },
        { "pk_live_", ALNUM, 8 },
        { "rk_live_", ALNUM, 8 },
        { "whsec_", ALNUM "+/=", 8 },
        { "ghp_", ALNUM, 16 },
        { "gho_", ALNUM, 16 },
        { "ghu_", ALNUM, 16 },
        { "ghs_", ALNUM, 16 },
        { "ghr_", ALNUM, 16 },
        { "github_pat_", ALNUM "_", 16 },
        { "glpat-", ALNUM "-_", 12 },
        { "xoxa-", ALNUM "-", 8 },
        { "xoxb-", ALNUM "-", 8 },
        { "xoxp-", ALNUM "-", 8 },
        { "xoxr-", ALNUM "-", 8 },
        { "xoxs-", ALNUM "-", 8 },
        { "xapp-", ALNUM "-", 8 },
        { "AKIA", ALNUM, 12 },
        { "ASIA", ALNUM, 12 },
        { "AIza", ALNUM "-_", 30 },
        { "ya29.", ALNUM "-_.", 16 },
        { "hf_", ALNUM, 16 },
        { "npm_", ALNUM, 16 },
        { "pypi-", ALNUM "-_", 16 },
        { "eyJ", ALNUM "-_.=", 16 },
        { "SG.", ALNUM "-_.", 16 },
        { "AAAA", ALNUM "+/=", 40 },
        { "hooks.slack.com/services/", ALNUM "/", 8 },
        { "discord.com/api/webhooks/", ALNUM "/-_", 8 },
};

/* Words before a token: "Bearer x", "Authorization: Basic x". */
static const char *const schemes[] = { "bearer ", "basic ", "token ", "apikey ", "api-key " };

/* Names of values: "password=x", "\"api_key\": \"x\"", "DB_PASSWORD = 'x y'". */
static const char *const names[] = {
        "password",   "passwd",    "passphrase",  "pwd",        "secret",      "token",
        "api_key",    "apikey",    "api-key",     "access_key", "access-key",  "accesskey",
        "secret_key", "secretkey", "private_key", "credential", "credentials", "authorization",
        "auth",       "signature", "sig",         "dsn",        "cookie",
};

typedef struct Line {
        const char *s;
        size_t len;
        char *mask;
} Line;

static void mark(const Line *l, size_t from, size_t to) {
        memset(l->mask + from, 1, to - from);
}

static bool is_at(const Line *l, size_t i, const char *text) {
        size_t n = strlen(text);

        return l->len - i >= n && strncasecmp(l->s + i, text, n) == 0;
}

static bool is_word_char(char c) {
        return ascii_isalnum(c) || c == '_' || c == '-';
}

/* Whether nothing before i could make it the middle of a word. */
static bool begins_word(const Line *l, size_t i) {
        return i == 0 || !ascii_isalnum(l->s[i - 1]);
}

static void mark_beginnings(const Line *l, size_t i) {
        for (size_t k = 0; k < ARRAY_SIZE(beginnings); k++) {
                const Beginning *b = &beginnings[k];
                size_t n = strlen(b->text), more;

                if (l->len - i < n || memcmp(l->s + i, b->text, n) != 0)
                        continue;
                more = strspn(l->s + i + n, b->set);
                if (more >= b->least)
                        mark(l, i, i + n + more);
        }
}

/*
 * The end of a value that begins at i: of a quoted one its quote, else white space or a separator.
 */
static size_t value_end(const Line *l, size_t i, const char *stops) {
        return i + strcspn(l->s + i, stops);
}

static void mark_schemes(const Line *l, size_t i) {
        for (size_t k = 0; k < ARRAY_SIZE(schemes); k++) {
                size_t from = i + strlen(schemes[k]), to;

                if (!is_at(l, i, schemes[k]))
                        continue;
                from += strspn(l->s + from, " ");
                to = value_end(l, from, " \"',;");
                if (to - from >= 8) /* "basic setup" is no secret */
                        mark(l, from, to);
        }
}

/* Behind a name: quotes and blanks, one of : and =, then the value. 0 when there is none. */
static size_t value_start(const Line *l, size_t i) {
        i += strspn(l->s + i, "\\\"' ]");
        if (l->s[i] != ':' && l->s[i] != '=')
                return 0;
        i += strspn(l->s + i, ":=>");
        return i + strspn(l->s + i, " ");
}

static void mark_value(const Line *l, size_t i) {
        size_t escape = l->s[i] == '\\' ? 1 : 0; /* JSON within JSON: \"x\" */
        char quote = l->s[i + escape];
        const char *word = "";

        if (quote == '"' || quote == '\'') {
                const char stops[] = { quote, 0 };

                i += escape + 1;
                mark(l, i, value_end(l, i, stops));
                return;
        }
        /* "Authorization: Bearer x": the scheme is no secret, and what follows it is. */
        for (size_t k = 0; k < ARRAY_SIZE(schemes) && !*word; k++)
                if (is_at(l, i, schemes[k]))
                        word = schemes[k];
        i += strlen(word);
        mark(l, i, value_end(l, i, " \"',;&)}]"));
}

static void mark_names(const Line *l, size_t i) {
        for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
                size_t end = i + strlen(names[k]), start;

                if (!is_at(l, i, names[k]) || (strlen(names[k]) < 5 && !begins_word(l, i)))
                        continue;
                end += strspn(l->s + end, "0123456789");
                if (is_word_char(l->s[end])) /* "tokens: 512", "author: x", "token_count=3" */
                        continue;
                start = value_start(l, end);
                if (start > 0)
                        mark_value(l, start);
        }
}

/* scheme://user:password@host. A password may hold what it should not: the last @ of the word ends
 * it. */
static void mark_address(const Line *l, size_t i) {
        size_t from, end, at = 0;

        if (!is_at(l, i, "://"))
                return;
        from = i + 3;
        end = value_end(l, from, " \"'<>");
        for (size_t k = from; k < end; k++)
                if (l->s[k] == '@')
                        at = k;
        if (at == 0)
                return;
        for (size_t k = from; k < at; k++)
                if (l->s[k] == ':') {
                        mark(l, k + 1, at);
                        return;
                }
        mark(l, from, at); /* a token alone: https://TOKEN@host */
}

/* The line of a key in PEM: nothing but Base64, and long. */
static void mark_base64(const Line *l) {
        size_t from = strspn(l->s, " "), n = strspn(l->s + from, ALNUM "+/=");

        if (n >= 60 && !l->s[from + n + strspn(l->s + from + n, " ")])
                mark(l, from, from + n);
}

void redact_shapes(const char *line, size_t len, char *mask) {
        Line l = { line, len, mask };
        const char *pem = strstr(line, "PRIVATE KEY-----");

        if (pem) {
                size_t from = (size_t) (pem - line) + strlen("PRIVATE KEY-----");

                mark(&l, from, len);
        }
        mark_base64(&l);
        for (size_t i = 0; i < len; i++) {
                mark_address(&l, i);
                mark_names(&l, i);
                if (!begins_word(&l, i))
                        continue;
                mark_beginnings(&l, i);
                mark_schemes(&l, i);
        }
}
