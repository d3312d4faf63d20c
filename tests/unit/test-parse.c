/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Scalars: tables of what goes in and comes out, and that a failure leaves the result alone.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/format.h"
#include "base/parse.h"

#define UNTOUCHED UINT64_C(0xDEADBEEF)
#define YEAR_USEC (365 * UINT64_C(86400) * USEC_PER_SEC)

typedef struct ScalarRow {
        const char *text;
        int r;
        uint64_t value;
} ScalarRow;

static void check_scalars(const ScalarRow *rows, size_t n, int (*parse)(const char *, uint64_t *)) {
        for (size_t i = 0; i < n; i++) {
                uint64_t v = UNTOUCHED;
                int r = parse(rows[i].text, &v);

                if (r != rows[i].r || v != (r < 0 ? UNTOUCHED : rows[i].value))
                        fail_msg("\"%s\": %d and %llu", rows[i].text, r, (unsigned long long) v);
        }
}

static const ScalarRow usec_rows[] = {
        { "10", 0, 10 * USEC_PER_SEC },
        { "10s", 0, 10 * USEC_PER_SEC },
        { "10 s", 0, 10 * USEC_PER_SEC },
        { " 10s ", 0, 10 * USEC_PER_SEC },
        { "2min 30s", 0, 150 * USEC_PER_SEC },
        { "2min30s", 0, 150 * USEC_PER_SEC },
        { "1h 1m 1s 1ms 1us", 0, UINT64_C(3661001001) },
        { "1.5s", 0, 1500000 },
        { "0.000001", 0, 1 },
        { "0.0000019", 0, 1 },
        { "1.5min", 0, 90 * USEC_PER_SEC },
        { "0", 0, 0 },
        { "0s", 0, 0 },
        { "3 days", 0, 3 * 86400 * USEC_PER_SEC },
        { "1w", 0, 7 * 86400 * USEC_PER_SEC },
        { "1week 2weeks", 0, 21 * 86400 * USEC_PER_SEC },
        { "1hr 1hour 2hours", 0, 4 * 3600 * USEC_PER_SEC },
        { "1sec 1second 2seconds", 0, 4 * USEC_PER_SEC },
        { "1msec 1usec", 0, 1001 },
        { "1minute 2minutes", 0, 180 * USEC_PER_SEC },
        { "infinity", 0, USEC_INFINITY },
        { "18446744073709551614us", 0, UINT64_MAX - 1 },
        { "18446744073709551615us", -ERANGE, 0 },
        { "18446744073709551616us", -ERANGE, 0 },
        { "99999999999999999999999", -ERANGE, 0 },
        { "18446744073709551614us 5us", -ERANGE, 0 },
        { "", -EINVAL, 0 },
        { " ", -EINVAL, 0 },
        { "s", -EINVAL, 0 },
        { "-1", -EINVAL, 0 },
        { "+1", -EINVAL, 0 },
        { "1.", -EINVAL, 0 },
        { ".5", -EINVAL, 0 },
        { "1,5", -EINVAL, 0 },
        { "1.5.5", -EINVAL, 0 },
        { "10S", -EINVAL, 0 },
        { "10sx", -EINVAL, 0 },
        { "10 x", -EINVAL, 0 },
        { "0x10", -EINVAL, 0 },
        { "1e3", -EINVAL, 0 },
        { "10s;", -EINVAL, 0 },
        { "infinity 1s", -EINVAL, 0 },
        { "Infinity", -EINVAL, 0 },
        { "10s\n", -EINVAL, 0 },
};

static void test_parse_usec(void **state) {
        check_scalars(usec_rows, ARRAY_SIZE(usec_rows), parse_usec);
}

static const ScalarRow bytes_rows[] = {
        { "0", 0, 0 },
        { "4096", 0, 4096 },
        { "1B", 0, 1 },
        { "100K", 0, 102400 },
        { "512M", 0, UINT64_C(512) << 20 },
        { "1.5G", 0, UINT64_C(1536) << 20 },
        { "1 G", 0, UINT64_C(1) << 30 },
        { "2T", 0, UINT64_C(2) << 40 },
        { "16383P", 0, UINT64_C(16383) << 50 },
        { "16384P", -ERANGE, 0 },
        { "18446744073709551615", 0, UINT64_MAX },
        { "18446744073709551616", -ERANGE, 0 },
        { "18446744073709551615.5K", -ERANGE, 0 },
        { "", -EINVAL, 0 },
        { "M", -EINVAL, 0 },
        { "512m", -EINVAL, 0 },
        { "512MB", -EINVAL, 0 },
        { "512 M ", -EINVAL, 0 },
        { " 512M", -EINVAL, 0 },
        { "-1", -EINVAL, 0 },
        { "1M 1K", -EINVAL, 0 },
        { "infinity", -EINVAL, 0 },
        { "50%", -EINVAL, 0 },
};

static void test_parse_bytes(void **state) {
        check_scalars(bytes_rows, ARRAY_SIZE(bytes_rows), parse_bytes);
}

static int parse_uint_200(const char *s, uint64_t *ret) {
        return parse_uint(s, 200, ret);
}

static const ScalarRow uint_rows[] = {
        { "0", 0, 0 },
        { "200", 0, 200 },
        { "007", 0, 7 },
        { "201", -ERANGE, 0 },
        { "2000", -ERANGE, 0 },
        { "", -EINVAL, 0 },
        { "1x", -EINVAL, 0 },
        { " 1", -EINVAL, 0 },
        { "1 ", -EINVAL, 0 },
        { "-1", -EINVAL, 0 },
        { "+1", -EINVAL, 0 },
        { "0x1", -EINVAL, 0 },
        { "99999999999999999999999999", -ERANGE, 0 },
};

static void test_parse_uint(void **state) {
        check_scalars(uint_rows, ARRAY_SIZE(uint_rows), parse_uint_200);
}

static void test_parse_uint_small_max(void **state) {
        uint64_t v = UNTOUCHED;

        assert_int_equal(parse_uint("9", 5, &v), -ERANGE);
        assert_int_equal(parse_uint("5", 5, &v), 0);
        assert_int_equal(v, 5);
        assert_int_equal(parse_uint("0", 0, &v), 0);
        assert_int_equal(parse_uint("1", 0, &v), -ERANGE);
}

static int parse_percent_wide(const char *s, uint64_t *ret) {
        unsigned v;
        int r = parse_percent(s, &v);

        if (r == 0)
                *ret = v;
        return r;
}

static const ScalarRow percent_rows[] = {
        { "0%", 0, 0 },         { "80%", 0, 80 },
        { "150%", 0, 150 },     { "80", -EINVAL, 0 },
        { "80 %", -EINVAL, 0 }, { "80.5%", -EINVAL, 0 },
        { "%", -EINVAL, 0 },    { "80%%", -EINVAL, 0 },
        { "-1%", -EINVAL, 0 },  { "99999999%", -ERANGE, 0 },
};

static void test_parse_percent(void **state) {
        check_scalars(percent_rows, ARRAY_SIZE(percent_rows), parse_percent_wide);
}

static void test_parse_boolean(void **state) {
        static const char *const yes[] = { "yes", "YES", "true", "on", "On", "1", "y", "t" };
        static const char *const no[] = { "no", "False", "off", "0", "n", "F" };
        static const char *const bad[] = { "", "maybe", "yes ", " no", "10", "ye", "truee" };
        bool b;

        for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
                b = false;
                assert_int_equal(parse_boolean(yes[i], &b), 0);
                assert_true(b);
        }
        for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
                b = true;
                assert_int_equal(parse_boolean(no[i], &b), 0);
                assert_false(b);
        }
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                b = true;
                assert_int_equal(parse_boolean(bad[i], &b), -EINVAL);
                assert_true(b);
        }
}

static void test_format(void **state) {
        static const struct {
                uint64_t usec;
                const char *text;
        } rows[] = { { 0, "0s" },
                     { 10 * USEC_PER_SEC, "10s" },
                     { 2500000, "2500ms" },
                     { 1, "1us" },
                     { 1500, "1500us" },
                     { USEC_INFINITY, "infinity" },
                     { YEAR_USEC, "31536000s" } };
        static const struct {
                uint64_t bytes;
                const char *text;
        } sizes[] = { { 0, "0" },
                      { 4097, "4097" },
                      { UINT64_C(512) << 20, "512M" },
                      { 1024, "1K" },
                      { UINT64_C(5000) << 40, "5000T" },
                      { UINT64_MAX, "infinity" } };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };
                uint64_t back;

                format_usec(&b, rows[i].usec);
                assert_string_equal(strbuf_text(&b), rows[i].text);
                assert_int_equal(parse_usec(b.text, &back), 0);
                assert_true(back == rows[i].usec);
        }
        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                format_bytes(&b, sizes[i].bytes);
                assert_string_equal(strbuf_text(&b), sizes[i].text);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse_usec),    cmocka_unit_test(test_parse_bytes),
                cmocka_unit_test(test_parse_uint),    cmocka_unit_test(test_parse_uint_small_max),
                cmocka_unit_test(test_parse_percent), cmocka_unit_test(test_parse_boolean),
                cmocka_unit_test(test_format),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
