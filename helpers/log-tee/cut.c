/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The decisions of cut.h. Called for every piece of output, so they look at no more of it than the
 * last line end.
 */

#include "cut.h"

bool fill_may_move_line(const Fill *fill) {
        return fill->size_bytes - fill->line_start <= MOVED_LINE_BYTES_MAX;
}

Cut cut_find(const Fill *fill, uint64_t limit_bytes, const char *data, size_t len) {
        uint64_t room_bytes = limit_bytes > fill->size_bytes ? limit_bytes - fill->size_bytes : 0;
        const char *end;

        if (len <= room_bytes)
                return (Cut){ .append_bytes = len };
        end = memrchr(data, '\n', (size_t) room_bytes);
        if (end)
                return (Cut){ .append_bytes = (size_t) (end - data) + 1, .rotate = true };
        if (fill->line_start > 0 && fill_may_move_line(fill))
                return (Cut){ .rotate = true };
        /* A line that is longer than a file may be, or too long to be moved. */
        return (Cut){ .append_bytes = (size_t) room_bytes, .rotate = true };
}

void fill_append(Fill *fill, const char *data, size_t len) {
        const char *end = memrchr(data, '\n', len);

        if (end)
                fill->line_start = fill->size_bytes + (uint64_t) (end - data) + 1;
        fill->size_bytes += len;
}

/* Not by snprintf(), which takes a page of the stack more than all the rest of a rotation. */
void rotated_name(char buf[static NAME_MAX + 1], const char *name, unsigned number,
                  RotatedKind kind) {
        char digits[12] = "", *first = digits + sizeof(digits) - 1;

        do
                *--first = (char) ('0' + number % 10);
        while (number /= 10);
        stpcpy(stpcpy(stpcpy(stpcpy(buf, name), "."), first), kind == ROTATED_ZSTD ? ".zst" : "");
}

void rotated_temporary(char buf[static NAME_MAX + 1], const char *name) {
        stpcpy(stpcpy(buf, name), ".zst.tmp");
}

bool number_set_has(const NumberSet *set, unsigned number) {
        return set->bits[number / 8] & 1 << number % 8;
}

static void number_set_put(NumberSet *set, unsigned number, bool has) {
        uint8_t bit = (uint8_t) (1 << number % 8), *byte = &set->bits[number / 8];

        *byte = (uint8_t) (has ? *byte | bit : *byte & ~bit);
}

void number_set_add(NumberSet *set, unsigned number) {
        number_set_put(set, number, true);
}

void number_set_move_up(NumberSet *set, unsigned gap) {
        for (unsigned n = gap; n > 1; n--)
                number_set_put(set, n, number_set_has(set, n - 1));
        number_set_put(set, 1, false);
}
