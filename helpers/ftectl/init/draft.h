/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A configuration file that is being written: the lines that are set, and around them, as comments,
 * every other key with its default, made from the directive tables. Pure; writes no file.
 */

#include "config/directive.h"

typedef struct DraftLine {
        SectionId section;
        const char *key, *value;
        const char *comment; /* above it, or NULL */
        struct DraftLine *next;
} DraftLine;

typedef struct Draft {
        Arena *arena;
        const char *name; /* of the agent */
        const char *origin; /* a sentence for the head of the file, or NULL */
        DraftLine *first, **tail;
} Draft;

/*
 * Sets a key of our own sections. NULL, or why its parser refuses the value (static or in the
 * arena, without the value); then nothing is set.
 */
const char *draft_set(Draft *d, SectionId section, const char *key, const char *value);
/* The same for a line of [Unit] or [Service], which must be a key that may be passed through. */
const char *draft_pass(Draft *d, SectionId section, const char *key, const char *value);
/* Takes all lines of a key back. */
void draft_drop(Draft *d, SectionId section, const char *key);
/* A line as it is, such as an empty one to be filled in. */
void draft_add(Draft *d, const DraftLine *line);
/* The value of the last line of that key, or NULL. */
const char *draft_get(const Draft *d, SectionId section, const char *key);

/* The file's text. */
void draft_render(const Draft *d, StrBuf *b);

/* What a key has while nobody sets it, as it would be written; "" when that is nothing. */
void directive_default_text(const Directive *row, const char *name, StrBuf *b);

/* What a key has in an agent, as it would be written in a file; "" when that is nothing. */
void directive_value_text(const Directive *row, const Agent *a, StrBuf *b);
