/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * diff.h by the longest common subsequence: a table of lengths, walked from its first corner. What
 * both texts begin and end with is left out of the table.
 */

#include "diff.h"

#define CONTEXT 3

typedef struct Line {
        const char *text;
        size_t len;
} Line;

typedef struct Lines {
        Line *items;
        size_t n;
} Lines;

typedef struct Edit {
        char kind; /* ' ', '-' or '+' */
        Line line;
} Edit;

static int split(const char *text, Lines *ret) {
        size_t n = 0, size = 1;

        for (const char *p = text; *p; p++)
                size += *p == '\n';
        ret->items = calloc(size, sizeof(Line));
        if (!ret->items)
                return -ENOMEM;
        while (*text) {
                size_t len = strcspn(text, "\n");

                ret->items[n++] = (Line){ text, len };
                text += len + (text[len] == '\n');
        }
        ret->n = n;
        return 0;
}

static bool same(const Line *a, const Line *b) {
        return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* lengths[i][j]: of the longest common subsequence of a from i on and b from j on. */
static void fill(const Line *a, size_t n, const Line *b, size_t m, uint16_t *lengths) {
        size_t row = m + 1;

        for (size_t i = n; i-- > 0;)
                for (size_t j = m; j-- > 0;) {
                        uint16_t *at = &lengths[i * row + j];

                        *at = same(&a[i], &b[j]) ? (uint16_t) (at[row + 1] + 1)
                                                 : MAX(at[row], at[1]);
                }
}

/* Writes the edits for the middle part, and returns how many. */
static size_t walk(const Line *a, size_t n, const Line *b, size_t m, const uint16_t *lengths,
                   Edit *edits) {
        size_t row = m + 1, i = 0, j = 0, k = 0;

        while (i < n || j < m) {
                if (i < n && j < m && same(&a[i], &b[j])) {
                        edits[k++] = (Edit){ ' ', a[i] };
                        i++, j++;
                } else if (i < n &&
                           (j == m || lengths[(i + 1) * row + j] >= lengths[i * row + j + 1]))
                        edits[k++] = (Edit){ '-', a[i++] };
                else
                        edits[k++] = (Edit){ '+', b[j++] };
        }
        return k;
}

static int make_edits(const Lines *a, const Lines *b, Edit *edits, size_t *ret_n) {
        _cleanup_free_ uint16_t *lengths = NULL;
        size_t head = 0, tail = 0, n, m, k = 0;

        while (head < a->n && head < b->n && same(&a->items[head], &b->items[head]))
                head++;
        while (tail < a->n - head && tail < b->n - head &&
               same(&a->items[a->n - 1 - tail], &b->items[b->n - 1 - tail]))
                tail++;
        n = a->n - head - tail;
        m = b->n - head - tail;
        if (n > DIFF_LINES_MAX || m > DIFF_LINES_MAX)
                return -EFBIG;
        lengths = calloc((n + 1) * (m + 1), sizeof(*lengths));
        if (!lengths)
                return -ENOMEM;
        fill(a->items + head, n, b->items + head, m, lengths);
        for (size_t i = 0; i < head; i++)
                edits[k++] = (Edit){ ' ', a->items[i] };
        k += walk(a->items + head, n, b->items + head, m, lengths, edits + k);
        for (size_t i = a->n - tail; i < a->n; i++)
                edits[k++] = (Edit){ ' ', a->items[i] };
        *ret_n = k;
        return 0;
}

/* ---- hunks ---- */

/* Whether an edit within the context of i is a change. */
static bool is_near_change(const Edit *edits, size_t n, size_t i) {
        size_t end = MIN(n, i + CONTEXT + 1);

        for (size_t k = i > CONTEXT ? i - CONTEXT : 0; k < end; k++)
                if (edits[k].kind != ' ')
                        return true;
        return false;
}

typedef struct Position {
        size_t old, new; /* lines before it */
} Position;

static void advance(Position *p, char kind) {
        p->old += kind != '+';
        p->new += kind != '-';
}

static void add_header(StrBuf *b, Position from, Position to) {
        size_t n_old = to.old - from.old, n_new = to.new - from.new;

        strbuf_addf(b, "@@ -%zu,%zu +%zu,%zu @@\n", from.old + (n_old > 0), n_old,
                    from.new + (n_new > 0), n_new);
}

static void add_hunks(const Edit *edits, size_t n, StrBuf *b) {
        Position at = { 0, 0 };

        for (size_t i = 0, end; i < n; i = end) {
                Position from = at;

                end = i;
                if (!is_near_change(edits, n, i)) {
                        advance(&at, edits[end++].kind);
                        continue;
                }
                while (end < n && is_near_change(edits, n, end))
                        advance(&at, edits[end++].kind);
                add_header(b, from, at);
                for (size_t k = i; k < end; k++) {
                        strbuf_addc(b, edits[k].kind);
                        strbuf_add_bytes(b, edits[k].line.text, edits[k].line.len);
                        strbuf_addc(b, '\n');
                }
        }
}

int diff_unified(const char *old, const char *new, StrBuf *b) {
        _cleanup_free_ Line *a_items = NULL, *b_items = NULL;
        _cleanup_free_ Edit *edits = NULL;
        Lines x = { 0 }, y = { 0 };
        size_t n = 0;
        int r;

        r = split(old, &x);
        a_items = x.items;
        if (r == 0)
                r = split(new, &y);
        b_items = y.items;
        if (r < 0)
                return r;
        edits = calloc(x.n + y.n + 1, sizeof(*edits));
        if (!edits)
                return -ENOMEM;
        r = make_edits(&x, &y, edits, &n);
        if (r == 0)
                add_hunks(edits, n, b);
        return r < 0 ? r : strbuf_check(b);
}
