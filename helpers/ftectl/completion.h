/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the completion of every shell asks of the tables; each shell's own is completion-SHELL.c.
 */

#include "base/strbuf.h"

#include "command.h"
#include "globals.h"

void completion_print_bash(StrBuf *b);
void completion_print_zsh(StrBuf *b);
void completion_print_fish(StrBuf *b);

/* Where there are so many words, the subcommand's own among them: what is offered for the next. */
typedef struct WordOffer {
        Offer offer;
        unsigned from, end; /* up to end - 1 words; MANY_WORDS: however many */
} WordOffer;

/* Fills ret and returns how many. The verbs of a subcommand are not among them. */
size_t completion_offers(const Command *c, WordOffer ret[static 2]);

/* "--list | --root | --timeout | -t": the options that take an argument, with between between them.
 */
void completion_add_taking(StrBuf *b, const char *between);
/* What stands between 'single quotes' of any shell: none of our texts may hold one, so it becomes a
 * backquote. */
void completion_add_text(StrBuf *b, const char *text);
/* "--timeout | -t" of one. */
void completion_add_option(StrBuf *b, const OptionRow *o, const char *between);

static inline bool takes(const Command *c, size_t option) {
        return c->options & UINT32_C(1) << option;
}

static inline size_t first_word_len(const Command *c) {
        return strcspn(c->name, " ");
}

/* Whether no row above has the same first word. */
static inline bool begins_family(size_t i) {
        size_t n = first_word_len(&commands[i]);

        return i == 0 || strncmp(commands[i - 1].name, commands[i].name, n) != 0 ||
               first_word_len(&commands[i - 1]) != n;
}

static inline bool is_family(const Command *c) {
        return c->name[first_word_len(c)] != 0;
}

static inline void add_first_word(StrBuf *b, const Command *c) {
        strbuf_add_bytes(b, c->name, first_word_len(c));
}

/* How many words the name has. */
static inline unsigned name_words(const Command *c) {
        return is_family(c) ? 2 : 1;
}
