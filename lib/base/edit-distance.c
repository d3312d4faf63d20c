/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The distance of edit-distance.h: the optimal string alignment, by the table that everyone uses
 * for it. Only ever called for words that are wrong, so it need not be fast.
 */

#include <ctype.h>
#include <limits.h>

#include "base/edit-distance.h"

unsigned edit_distance(const char *a, const char *b) {
        size_t n = strlen(a), m = strlen(b);
        unsigned d[EDIT_WORD_BYTES + 1][EDIT_WORD_BYTES + 1];

        if (n > EDIT_WORD_BYTES || m > EDIT_WORD_BYTES || n > m + 2 || m > n + 2)
                return UINT_MAX;
        for (size_t i = 0; i <= n; i++)
                for (size_t j = 0; j <= m; j++) {
                        unsigned best, cost;

                        if (i == 0 || j == 0) {
                                d[i][j] = (unsigned) (i + j);
                                continue;
                        }
                        cost = tolower((unsigned char) a[i - 1]) !=
                               tolower((unsigned char) b[j - 1]);
                        best = MIN(d[i - 1][j] + 1, d[i][j - 1] + 1);
                        best = MIN(best, d[i - 1][j - 1] + cost);
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                                best = MIN(best, d[i - 2][j - 2] + 1);
                        d[i][j] = best;
                }
        return d[n][m];
}

EditGuess edit_guess(const char *word) {
        return (EditGuess){ .word = word, .distance = 3 };
}

void edit_guess_try(EditGuess *g, const char *candidate) {
        unsigned d = edit_distance(g->word, candidate);

        if (d >= g->distance || d >= strlen(g->word))
                return;
        g->distance = d;
        g->best = candidate;
}
