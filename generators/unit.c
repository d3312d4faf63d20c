/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Rendering of unit lines (unit.h). Every value passes through escape.c on its way, here and
 * nowhere else. Must stay cheap: this runs for each agent at every daemon-reload.
 */

#include <stdio.h>

#include "unit.h"
#include "base/format.h"
#include "config/instance.h"

void unit_reset(Unit *u) {
        strbuf_reset(&u->unit);
        strbuf_reset(&u->service);
        strbuf_reset(&u->late_unit);
        strbuf_reset(&u->late_service);
        strbuf_reset(&u->chain);
        strbuf_reset(&u->option);
        strbuf_reset(&u->text);
        u->chain_expands = false;
}

void unit_done(Unit *u) {
        strbuf_done(&u->unit);
        strbuf_done(&u->service);
        strbuf_done(&u->late_unit);
        strbuf_done(&u->late_service);
        strbuf_done(&u->chain);
        strbuf_done(&u->option);
        strbuf_done(&u->text);
}

void unit_release_specifiers(StrBuf *b) {
        for (char *p = b->text; p && *p; p++)
                if (p[0] == SPECIFIER_BYTE && (p[1] == 'i' || p[1] == 'I'))
                        *p = '%';
}

/* The part of a path that tells files apart: "fte.conf", "a.conf.d/10-x.conf". */
static void add_short_name(StrBuf *b, const Agent *a, const char *file) {
        const char *fte;

        if (file == a->place.file && !a->instance) { /* nearly always */
                strbuf_add(b, a->name);
                strbuf_add(b, ".conf:");
                return;
        }
        fte = strstr(file, "/fte/");
        strbuf_add(b, fte ? fte + strlen("/fte/") : file);
        strbuf_addc(b, ':');
}

/* The same for every agent, so it is put together once. */
static void comment_defaults(StrBuf *b, SectionId section) {
        static struct {
                char text[32];
                size_t len;
        } comments[_SECTION_MAX];

        if (comments[section].len == 0)
                comments[section].len =
                        (size_t) snprintf(comments[section].text, sizeof(comments[section].text),
                                          "# [%s] defaults\n", section_to_string(section));
        strbuf_add_bytes(b, comments[section].text, comments[section].len);
}

void unit_comment(StrBuf *b, const Agent *a, SectionId section) {
        unsigned left = a->n_set[section];
        const char *file = NULL;
        size_t i;

        if (left == 0) { /* nearly always */
                comment_defaults(b, section);
                return;
        }
        strbuf_add(b, "# [");
        strbuf_add(b, section_to_string(section));
        strbuf_add(b, "] ");
        for (directive_range(section, &i); left > 0; i++) {
                Place p = a->places[i];

                if (!p.file)
                        continue;
                left--;
                if (p.file == file)
                        strbuf_add(b, ", :");
                else {
                        strbuf_add(b, file ? ", " : "");
                        add_short_name(b, a, p.file);
                }
                file = p.file;
                strbuf_add_uint(b, p.line);
                strbuf_addc(b, ' ');
                strbuf_add(b, directives[i].key);
        }
        strbuf_addc(b, '\n');
}

void unit_add_value(StrBuf *b, const char *key, const char *value) {
        strbuf_add(b, key);
        escape_value(b, value);
        strbuf_addc(b, '\n');
}

void unit_add_usec(StrBuf *b, const char *key, uint64_t usec) {
        strbuf_add(b, key);
        format_usec(b, usec);
        strbuf_addc(b, '\n');
}

void unit_add_uint(StrBuf *b, const char *key, uint64_t n) {
        strbuf_add(b, key);
        if (n == UINT64_MAX)
                strbuf_add(b, "infinity");
        else
                strbuf_add_uint(b, n);
        strbuf_addc(b, '\n');
}

void unit_add_bytes(StrBuf *b, const char *key, uint64_t bytes) {
        strbuf_add(b, key);
        format_bytes(b, bytes);
        strbuf_addc(b, '\n');
}

void unit_add_list(StrBuf *b, const char *key, char *const *words) {
        if (!words || !*words)
                return;
        strbuf_add(b, key);
        for (size_t i = 0; words[i]; i++) {
                if (i > 0)
                        strbuf_addc(b, ' ');
                escape_value(b, words[i]);
        }
        strbuf_addc(b, '\n');
}

/* ---- the command chain ---- */

#define CHAIN_ESCAPES (ESCAPE_PERCENT | ESCAPE_DOLLAR)

/* A word that is to arrive as it is: behind the precheck every $ must be doubled for it too. */
static void chain_literal(Unit *u, const char *word) {
        if (u->chain.len > 0)
                strbuf_addc(&u->chain, ' ');
        if (!u->chain_expands || !strchr(word, '$')) {
                escape_word(&u->chain, word, CHAIN_ESCAPES);
                return;
        }
        strbuf_reset(&u->text);
        for (; *word; word++) {
                strbuf_addc(&u->text, *word);
                if (*word == '$')
                        strbuf_addc(&u->text, '$');
        }
        u->chain.failed = u->chain.failed || u->text.failed;
        escape_word(&u->chain, strbuf_text(&u->text), CHAIN_ESCAPES);
}

void unit_chain_program(Unit *u, const char *path) {
        if (u->chain.len > 0)
                strbuf_addc(&u->chain, ' ');
        strbuf_add(&u->chain, path);
}

void unit_chain_option(Unit *u, const char *option, const char *value) {
        size_t plain = escape_plain_length(value);

        if (plain > 0) { /* nearly always */
                strbuf_addc(&u->chain, ' ');
                strbuf_add(&u->chain, option);
                strbuf_add_bytes(&u->chain, value, plain);
                return;
        }
        strbuf_reset(&u->option);
        strbuf_add(&u->option, option);
        strbuf_add(&u->option, value);
        u->chain.failed = u->chain.failed || u->option.failed;
        chain_literal(u, strbuf_text(&u->option));
}

void unit_chain_option_uint(Unit *u, const char *option, uint64_t n) {
        strbuf_addc(&u->chain, ' ');
        strbuf_add(&u->chain, option);
        strbuf_add_uint(&u->chain, n);
}

/* Seconds with as many decimals as are needed: "10", "0.25". */
void unit_chain_option_usec(Unit *u, const char *option, uint64_t usec) {
        uint64_t fraction = usec % USEC_PER_SEC;

        unit_chain_option_uint(u, option, usec / USEC_PER_SEC);
        if (fraction == 0)
                return;
        strbuf_addc(&u->chain, '.');
        for (uint64_t scale = USEC_PER_SEC / 10; fraction > 0; scale /= 10) {
                strbuf_addc(&u->chain, (char) ('0' + fraction / scale));
                fraction %= scale;
        }
}

void unit_chain_next(Unit *u) {
        strbuf_add(&u->chain, " --");
        u->chain_expands = true; /* the precheck is the first of the chain */
}

void unit_chain_words(Unit *u, char *const *words) {
        for (; words && *words; words++) {
                strbuf_addc(&u->chain, ' ');
                escape_word(&u->chain, *words, CHAIN_ESCAPES);
        }
}
