/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * expand.h. The words that come out may hold secrets (that is what people use ${NAME} for), so no
 * message here repeats a word: it says which one by number, and names the variable.
 */

#include "base/env-file.h"
#include "expand.h"

typedef struct Expansion {
        Arena *arena;
        const ExpandEnv *env;
        StrBuf *problems;
        char **words;
        size_t n_words;
        unsigned number; /* of the word being expanded, from 1 */
} Expansion;

static void problem(Expansion *x, const char *text) {
        strbuf_addf(x->problems, "command, word %u: %s\n", x->number, text);
}

static const char *lookup(Expansion *x, const char *name, size_t len) {
        const char *value = x->env->lookup(x->env->env, name, len);

        if (!value)
                strbuf_addf(x->problems,
                            "command, word %u: %.*s has no value; set it in the env file, or write "
                            "$$ for a plain dollar sign\n",
                            x->number, (int) len, name);
        return value;
}

/* The array has room for a power of two of words, as it grows. */
static int add_word(Expansion *x, char *word) {
        size_t n = x->n_words;

        if (!word)
                return -ENOMEM;
        if (n == 0 || !(n & (n - 1))) {
                char **p = arena_new_n(x->arena, char *, n ? 2 * n : 1);

                if (!p)
                        return -ENOMEM;
                if (n)
                        memcpy(p, x->words, n * sizeof(char *));
                x->words = p;
        }
        x->words[x->n_words++] = word;
        return 0;
}

/* "${NAME}" at s: appends the value to b. Returns what follows. */
static const char *expand_braces(Expansion *x, const char *s, StrBuf *b) {
        const char *name = s + 2;
        size_t len = env_name_span(name, strlen(name));
        const char *value;

        if (len == 0 || name[len] != '}') {
                problem(x, "${ is not followed by a NAME and }; write $${ for plain text");
                return s + strlen(s);
        }
        value = lookup(x, name, len);
        if (value)
                strbuf_add(b, value);
        return name + len + 1;
}

/* Appends a word with ${NAME} and $$ replaced. */
static int expand_inside(Expansion *x, const char *s) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char *word;

        while (*s) {
                size_t n = strcspn(s, "$");

                strbuf_add_bytes(&b, s, n);
                s += n;
                if (s[0] == '$' && s[1] == '{')
                        s = expand_braces(x, s, &b);
                else if (*s) {
                        strbuf_addc(&b, '$');
                        s += s[1] == '$' ? 2 : 1;
                }
        }
        if (strbuf_check(&b) < 0)
                return -ENOMEM;
        word = arena_strndup(x->arena, strbuf_text(&b), b.len);
        return add_word(x, word);
}

/* Moves one word from *s to *out, terminated; false when a quote or backslash has no end. */
static bool split_word(const char **s, char **out) {
        char quote = 0;

        for (; **s; (*s)++) {
                char c = **s;

                if (!quote && strchr(" \t\n\r", c))
                        break;
                if (c == '\\') {
                        c = *++(*s);
                        if (!c)
                                return false;
                } else if (quote ? c == quote : c == '"' || c == '\'') {
                        quote = quote ? 0 : c;
                        continue;
                }
                *(*out)++ = c;
        }
        *(*out)++ = 0;
        return !quote;
}

/* Adds the words of value; -EINVAL when it cannot be split. */
static int add_split(Expansion *x, const char *value) {
        /* Each word is shorter than its source and what separates it from the next. */
        char *text = arena_alloc_text(x->arena, strlen(value) + 1);

        if (!text)
                return -ENOMEM;
        for (;;) {
                char *word = text;
                int r;

                value += strspn(value, " \t\n\r");
                if (!*value)
                        return 0;
                if (!split_word(&value, &text))
                        return -EINVAL;
                r = add_word(x, word);
                if (r < 0)
                        return r;
        }
}

/* "$NAME" as a word of its own: as many words as its value has. */
static int expand_whole(Expansion *x, const char *s) {
        size_t len = env_name_span(s + 1, strlen(s + 1));
        const char *value;
        int r;

        if (len == 0 || s[1 + len]) {
                problem(x, "a $ at the start of a word must be followed by a NAME and nothing "
                           "else; write ${NAME} to go on, or $$ for a plain dollar sign");
                return 0;
        }
        value = lookup(x, s + 1, len);
        r = value ? add_split(x, value) : 0;
        if (r != -EINVAL)
                return r;
        strbuf_addf(x->problems,
                    "command, word %u: the value of %.*s has a quote or backslash without an end; "
                    "write ${%.*s} to pass it whole\n",
                    x->number, (int) len, s + 1, (int) len, s + 1);
        return 0;
}

int expand_words(Arena *a, char *const *words, const ExpandEnv *env, StrBuf *problems,
                 char ***ret) {
        Expansion x = { .arena = a, .env = env, .problems = problems };
        int r;

        for (; *words; words++) {
                const char *w = *words;

                x.number++;
                if (w[0] == '$' && w[1] != '$' && w[1] != '{')
                        r = expand_whole(&x, w);
                else
                        r = expand_inside(&x, w);
                if (r < 0)
                        return r;
        }
        if (x.n_words == 0)
                strbuf_add(problems, "command: nothing is left of it, its variables are empty\n");
        r = add_word(&x, (char *) "");
        if (r < 0)
                return r;
        x.words[x.n_words - 1] = NULL;
        *ret = x.words;
        return 0;
}
