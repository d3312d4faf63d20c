/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * "Did you mean": how far apart two words are, and which of many is nearest. Letter case does not
 * count. Knows nothing of what the words mean.
 */

#include "base/macro.h"

#define EDIT_WORD_BYTES 40

/*
 * The number of edits (insert, remove, replace, swap neighbours) from a to b; UINT_MAX when the
 * lengths say that it is more than 2, or a word is longer than EDIT_WORD_BYTES.
 */
unsigned edit_distance(const char *a, const char *b);

/* The search for the word that was meant: begin with edit_guess(), try every word there is. */
typedef struct EditGuess {
        const char *word;
        unsigned distance;
        const char *best; /* at most two edits away, the first of the nearest; NULL: none is */
} EditGuess;

EditGuess edit_guess(const char *word);
void edit_guess_try(EditGuess *g, const char *candidate);
