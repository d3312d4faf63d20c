/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the completion of every shell asks of the tables, for completion.c and completion-fish.c.
 */

#include "base/strbuf.h"

#include "command.h"

typedef struct CompletionWords {
        const char *list; /* of --list=, or NULL */
        bool files;
} CompletionWords;

extern const CompletionWords completion_words[]; /* by WordKind */

void completion_print_fish(StrBuf *b);

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

/* Behind how many words, the name among them, nothing of the list comes any more; MANY_WORDS:
 * never. */
static inline unsigned list_end(const Command *c) {
        return c->verbs                     ? name_words(c) + 1
               : c->max_words == MANY_WORDS ? MANY_WORDS
                                            : name_words(c) + c->max_words;
}
