/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Jobs: which calendars are taken, as systemd 252 answers; what is an interval; what
 * systemd-analyze says read back; when a run is overdue; what fte-job keeps on disk.
 */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/tree.h"
#include "config/directive.h"
#include "job/due.h"

#define SEC USEC_PER_SEC

static const char *const good[] = {
        "daily",
        "Hourly",
        "hourly UTC",
        "semi-annually",
        "02:30",
        "0:0",
        "mon 1:0",
        "Monday 1:00",
        "Mon",
        "Mon,",
        "Mon-Fri",
        "Mon..Fri",
        "Mon,Wed..Fri 3:00",
        "Mon,Tue 1:0",
        "*:*",
        "*:*:*",
        "*:0/15",
        "1/2:00",
        "0/23:0",
        "1..5/2:00",
        "1:0/59",
        "1:5..5",
        "001:00",
        "00:00:1.5",
        "00:00:1.5..3",
        "1:0:59.999999",
        "1:0:0/0.5",
        "1:0:0.1/0.5",
        "00:00:*",
        "*-*",
        "*-*-*",
        "2024-02-31",
        "24-1-1",
        "70-1-1",
        "2..8-1",
        "*-2/3-*",
        "2024/2-1-1",
        "*-*-1..31/2",
        "02~03",
        "*-*~28",
        "*-*~1..7/2",
        "*-*-* *:*:*",
        "Mon *-*-* 0:0",
        "Mon..Fri *-*-* 02:30 Europe/Berlin",
        "Sat,Sun 00/6:00",
        "1:0 UTC",
};

static const char *const bad[] = {
        "",
        "nightly",
        "2am",
        "25:00",
        "UTC",
        "*",
        "12",
        "Mon 12",
        "24:00",
        "1:60",
        "1:00:60",
        "1:0:59.9999999",
        "1.5:0",
        "1:1.5",
        "*-*-1.5",
        "*/2:00",
        "*:*/5",
        "00:00:*/2",
        "1..:00",
        "5..1:00",
        ",1:00",
        "1,:00",
        "1,,2:00",
        "*,1:00",
        "*:0/90",
        "*:0/0",
        "*:59/1",
        "*:58/2",
        "1/23:0",
        "0/24:0",
        "*-13-1",
        "*-*-32",
        "*-*-0",
        "*-*~0",
        "*-*~29",
        "*-*~32",
        "*-*~1/3",
        "*-*~7..1/2",
        "1..31-1",
        "1-*-",
        "1969-1-1",
        "2200-1-1",
        "Mon..",
        "Mon,,Tue",
        "Fri..Mon",
        "Mon..Tue..Wed",
        "mond 1:0",
        "Mon, Tue 1:0",
        "Mon;1:0",
        "1:0 mon",
        "1:0 2024-1-1",
        "2024-1-1 1:0 Mon",
        "daily 02:00",
        "2024-1-1T1:0",
        "1 : 0",
        "1:0 2:0",
        "1:0  UTC",
        "1:0 ../x",
        "1:0\n2:0",
};

static void test_calendars(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                if (!calendar_is_valid(good[i]))
                        fail_msg("refused: %s", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                if (calendar_is_valid(bad[i]))
                        fail_msg("taken: %s", bad[i]);
}

static void test_intervals(void **state _unused_) {
        static const struct {
                const char *text;
                uint64_t usec;
        } rows[] = {
                { "15min", 900 * SEC }, { "1h 30min", 5400 * SEC },
                { "500ms", SEC / 2 },   { "daily", 0 },
                { "02:30", 0 },         { "5", 0 },
                { "infinity", 0 },      { NULL, 0 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                Agent a = { .kind = KIND_JOB, .schedule = rows[i].text };

                assert_int_equal(agent_interval_usec(&a), rows[i].usec);
        }
}

static void test_answers(void **state _unused_) {
        static const struct {
                const char *text;
                uint64_t usec;
        } rows[] = {
                { "    Next elapse: Wed 2023-11-15 02:30:00 CET\n"
                  "       (in UTC): Wed 2023-11-15 01:30:00 UTC\n",
                  UINT64_C(1700011800) * SEC },
                { "    Next elapse: Wed 2023-11-15 01:30:00 UTC\n", UINT64_C(1700011800) * SEC },
                { "    Next elapse: Wed 2023-11-15 01:30:00.500000 UTC\n",
                  UINT64_C(1700011800) * SEC },
                { "    Next elapse: never\n", 0 },
                { "    Next elapse: Wed 2023-11-15 02:30:00 CET\n", 0 },
                { "", 0 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                assert_int_equal(due_parse(rows[i].text), rows[i].usec);
        assert_int_not_equal(due_hash("daily"), due_hash("weekly"));
        assert_int_equal(due_hash("daily"), due_hash("daily"));
}

static void test_overdue(void **state _unused_) {
        static const struct {
                uint64_t due, told, boot, late, now;
                bool overdue;
        } rows[] = {
                { 100, 0, 10, 60, 99, false },  /* not due yet */
                { 100, 0, 10, 60, 160, false }, /* it still has its time */
                { 100, 0, 10, 60, 161, true },
                { 100, 100, 10, 60, 500, false }, /* told already */
                { 200, 100, 10, 60, 500, true },  /* the next one is not */
                { 100, 0, 450, 60, 500, false },  /* the machine was off */
                { 100, 0, 450, 60, 511, true },
                { 0, 0, 10, 60, 500, false }, /* the calendar has no next time */
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const JobWatch w = { .due_usec = rows[i].due, .told_usec = rows[i].told };
                const DueTimes t = { rows[i].now, rows[i].boot, rows[i].late };

                if (due_is_overdue(&w, &t) != rows[i].overdue)
                        fail_msg("row %zu", i);
        }
}

static void test_status(void **state _unused_) {
        char dir[] = "/tmp/fte-job.XXXXXX";
        JobRun run = { .success_usec = 1, .ended_usec = 2, .status = 3, .result = "exit-code" },
               run2;
        JobWatch watch = { 1, 2, 3, 4, 5 }, watch2;
        int fd;

        assert_non_null(mkdtemp(dir));
        fd = open(dir, O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(job_run_read(fd, "a", &run2), -ENOENT);
        assert_int_equal(job_run_write(fd, "a", &run), 0);
        assert_int_equal(job_watch_write(fd, "a", &watch), 0);
        assert_int_equal(job_run_read(fd, "a", &run2), 0);
        assert_int_equal(job_watch_read(fd, "a", &watch2), 0);
        assert_string_equal(run2.result, "exit-code");
        assert_int_equal(run2.success_usec, 1);
        assert_int_equal(run2.ended_usec, 2);
        assert_int_equal(run2.status, 3);
        assert_memory_equal(&watch, &watch2, sizeof(watch));
        close(fd);
        assert_int_equal(tree_remove(AT_FDCWD, dir), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_calendars), cmocka_unit_test(test_intervals),
                cmocka_unit_test(test_answers),   cmocka_unit_test(test_overdue),
                cmocka_unit_test(test_status),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
