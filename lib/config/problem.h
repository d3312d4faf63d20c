/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is wrong with a configuration, all of it: a list of file, line, section, key and message.
 * Messages never repeat a value: it could be a secret or a command. Lives in an arena.
 */

#include "base/arena.h"
#include "base/strbuf.h"

/* A place in a file. line 0 means the file as a whole. */
typedef struct Place {
        const char *file;
        unsigned line;
} Place;

typedef struct Problem {
        Place place;
        const char *section; /* or NULL */
        const char *key;     /* or NULL */
        const char *message;
        struct Problem *next;
} Problem;

typedef struct Problems {
        Arena *arena; /* set by the owner; strings are copied into it */
        Problem *first, **tail;
        size_t n;
        bool lost; /* a problem could not be stored: memory is out */
} Problems;

/* section and key may be NULL. They, and place.file, must live as long as the list. */
void problems_add(Problems *p, Place place, const char *section, const char *key,
                  const char *format, ...) _printf_(5, 6);

/* "/etc/fte/a.conf:12: [Section] Key: message", without a newline. */
void problem_format(const Problem *p, StrBuf *b);

static inline bool problems_any(const Problems *p) {
        return p->n > 0 || p->lost;
}

/* Empties the list; its memory goes with the arena. */
static inline void problems_reset(Problems *p) {
        *p = (Problems){ .arena = p->arena };
}
