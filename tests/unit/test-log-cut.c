/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The pure parts of the log tee: where output is cut into files, and what old files are called.
 * A row of the table is one decision; the last test plays whole logs through them, in memory.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../helpers/log-tee/cut.h"

typedef struct CutRow {
        const char *title;
        uint64_t size_bytes, line_start, limit_bytes;
        const char *data;
        size_t append_bytes;
        bool rotate;
} CutRow;

static const CutRow cut_rows[] = {
        { "all fits", 10, 10, 100, "a\nb\n", 4, false },
        { "fits exactly", 96, 96, 100, "a\nb\n", 4, false },
        { "no line end, fits", 10, 10, 100, "abc", 3, false },
        { "a byte too many", 97, 97, 100, "a\nb\n", 2, true },
        { "only the first line fits", 94, 94, 100, "a\nbcdefgh\n", 2, true },
        { "no line fits", 98, 98, 100, "abc\n", 0, true },
        { "full", 100, 100, 100, "a\n", 0, true },
        { "over the limit already", 150, 150, 100, "a\n", 0, true },
        { "an open line's end fits", 90, 80, 100, "abc\nabcdefghijkl\n", 4, true },
        { "an open line does not fit", 90, 80, 100, "abcdefghijklm\n", 0, true },
        { "an open line that is all there is", 90, 0, 100, "abcdefghijklm\n", 10, true },
        { "the same, full", 100, 0, 100, "abc\n", 0, true },
        { "its end fits", 98, 0, 100, "a\nbc\n", 2, true },
        { "a line that is too long, first in its file", 0, 0, 4, "abcdefg\n", 4, true },
        { "a line that is too long, after others", 2, 2, 4, "abcdefg\n", 0, true },
        { "just the line end fits", 99, 90, 100, "\nabc\n", 1, true },
        { "a limit above 4 GiB", UINT64_C(1) << 40, UINT64_C(1) << 40, (UINT64_C(1) << 40) + 2,
          "a\nb\n", 2, true },
};

static void test_cut(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(cut_rows); i++) {
                const CutRow *row = &cut_rows[i];
                Fill fill = { row->size_bytes, row->line_start };
                Cut cut = cut_find(&fill, row->limit_bytes, row->data, strlen(row->data));

                if (cut.append_bytes != row->append_bytes || cut.rotate != row->rotate)
                        fail_msg("%s: %zu bytes, %s", row->title, cut.append_bytes,
                                 cut.rotate ? "rotate" : "go on");
        }
}

static void test_fill(void **state) {
        Fill fill = { 0 };

        fill_append(&fill, "abc", 3);
        assert_int_equal(fill.size_bytes, 3);
        assert_int_equal(fill.line_start, 0);
        fill_append(&fill, "d\ne\nf", 5);
        assert_int_equal(fill.size_bytes, 8);
        assert_int_equal(fill.line_start, 7);
        fill_append(&fill, "\n", 1);
        assert_int_equal(fill.line_start, 9);
        fill_append(&fill, "", 0);
        assert_int_equal(fill.size_bytes, 9);
}

static void test_names(void **state) {
        char name[NAME_MAX + 1], longest[LOG_NAME_BYTES_MAX + 1];

        rotated_name(name, "app.log", 1, ROTATED_PLAIN);
        assert_string_equal(name, "app.log.1");
        rotated_name(name, "app.log", 1000, ROTATED_ZSTD);
        assert_string_equal(name, "app.log.1000.zst");
        rotated_temporary(name, "app.log");
        assert_string_equal(name, "app.log.zst.tmp");
        memset(longest, 'x', sizeof(longest) - 1);
        longest[sizeof(longest) - 1] = 0;
        rotated_name(name, longest, 1000, ROTATED_ZSTD);
        assert_true(endswith(name, "x.1000.zst") != NULL);
}

/* ---- whole logs ---- */

#define LOG_BYTES 20000

typedef struct Player {
        char text[LOG_BYTES];   /* all files, one after the other */
        size_t ends[LOG_BYTES]; /* where each but the last one ends */
        size_t n_ends, len;
        Fill fill;
} Player;

/* What log-file.c does with a decision; the open line's bytes just belong to the next file. */
static void play(Player *p, uint64_t limit_bytes, const char *data, size_t len) {
        while (len > 0) {
                Cut cut = cut_find(&p->fill, limit_bytes, data, len);
                size_t open_bytes = 0;

                memcpy(p->text + p->len, data, cut.append_bytes);
                p->len += cut.append_bytes;
                fill_append(&p->fill, data, cut.append_bytes);
                data += cut.append_bytes;
                len -= cut.append_bytes;
                assert_true(p->fill.size_bytes <= limit_bytes);
                if (!cut.rotate)
                        continue;
                if (p->fill.line_start > 0)
                        open_bytes = (size_t) (p->fill.size_bytes - p->fill.line_start);
                assert_true(p->n_ends < LOG_BYTES);
                p->ends[p->n_ends++] = p->len - open_bytes;
                p->fill = (Fill){ .size_bytes = open_bytes };
        }
}

static void check_files(const Player *p, const char *text, uint64_t limit_bytes) {
        size_t start = 0;

        assert_memory_equal(p->text, text, LOG_BYTES);
        for (size_t i = 0; i < p->n_ends; i++) {
                size_t end = p->ends[i];
                const char *next = memchr(text + end, '\n', LOG_BYTES - end);

                assert_true(end > start && end - start <= limit_bytes);
                if (text[end - 1] != '\n') /* then it is all one line that is too long */
                        assert_null(memchr(text + start, '\n', end - start));
                else if (next && (size_t) (next + 1 - text) - start <= limit_bytes)
                        fail_msg("file %zu ends though the next line fits", i);
                start = end;
        }
}

static unsigned long next_random(unsigned long *seed) {
        *seed = *seed * 6364136223846793005UL + 1442695040888963407UL;
        return *seed >> 33;
}

static void test_whole_logs(void **state) {
        static char text[LOG_BYTES];
        static Player p;

        for (unsigned long seed = 1; seed < 400; seed++) {
                unsigned long s = seed, line_max = 2 + next_random(&s) % 200;
                uint64_t limit_bytes = 1 + next_random(&s) % 300;

                for (size_t i = 0; i < LOG_BYTES; i++)
                        text[i] = next_random(&s) % line_max == 0 ? '\n' : (char) ('a' + i % 26);
                p.n_ends = p.len = 0;
                p.fill = (Fill){ 0 };
                for (size_t done = 0, n; done < LOG_BYTES; done += n) {
                        n = MIN(1 + next_random(&s) % 500, LOG_BYTES - done);
                        play(&p, limit_bytes, text + done, n);
                }
                check_files(&p, text, limit_bytes);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cut),
                cmocka_unit_test(test_fill),
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_whole_logs),
        };

        return cmocka_run_group_tests_name("log-cut", tests, NULL, NULL);
}
