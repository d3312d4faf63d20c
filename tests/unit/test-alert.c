/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The text form of an alert: written and read back, and damaged in every way; headlines, keys.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "alert/alert.h"
#include "base/format.h"

#define ID "0123456789abcdef0123456789abcdef"
#define HEAD "alert=1\nid=" ID "\nkind=failure\nagent=bot\n"

static void set_all(Alert *a) {
        static char *lines[] = { (char *) "first", (char *) "", (char *) "\\ \n \x1b é", NULL };
        static AlertTarget targets[] = {
                { .channel = "slack", .argument = "", .path = "/etc/a b", .answer = "" },
                { .channel = "command", .argument = "/bin/x 'a b'", .state = TARGET_DEAD,
                  .attempts = 3, .next_usec = 7, .answer = "line\nbreak" },
                { .channel = "webhook", .argument = "", .path = "/w", .extra_path = "/s",
                  .state = TARGET_SENT, .answer = "200 OK" },
        };

        alert_init(a);
        memcpy(a->id, ID, sizeof(ID));
        a->kind = ALERT_KIND_RESTART;
        a->agent = "bot";
        a->unit = "bot.service";
        a->description = "A = b \\n";
        a->contact = "ops@example.com";
        a->host = "web1";
        a->environment = "production";
        a->invocation = ID;
        a->result = "exit-code";
        a->code = "exited";
        a->status = "78/CONFIG";
        a->smtp = "smtp://mail:25";
        a->time_usec = 1;
        a->uptime_usec = 2;
        a->outage_usec = 0;
        a->restarts = 0;
        a->memory_peak_bytes = UINT64_MAX - 1;
        a->repeated = 4;
        a->not_before_usec = 5;
        a->lines = lines;
        a->targets = targets;
        a->n_targets = ARRAY_SIZE(targets);
}

static void test_round_trip(void **state) {
        _cleanup_arena_ Arena arena = { 0 };
        _cleanup_strbuf_ StrBuf b = { 0 }, again = { 0 };
        Alert a, c;

        set_all(&a);
        alert_format(&a, &b);
        assert_int_equal(alert_parse(b.text, b.len, &arena, &c, NULL), 0);
        assert_string_equal(c.id, ID);
        assert_string_equal(c.description, "A = b \\n");
        assert_int_equal(c.restarts, 0);
        assert_int_equal(c.outage_usec, 0);
        assert_true(c.memory_peak_bytes == UINT64_MAX - 1);
        assert_string_equal(c.lines[1], "");
        assert_string_equal(c.lines[2], "\\ \n \x1b é");
        assert_null(c.lines[3]);
        assert_int_equal(c.n_targets, 3);
        assert_null(c.targets[1].path);
        assert_string_equal(c.targets[1].answer, "line\nbreak");
        assert_int_equal(c.targets[1].state, TARGET_DEAD);
        assert_string_equal(c.targets[2].extra_path, "/s");
        alert_format(&c, &again);
        assert_string_equal(again.text, b.text);
}

static void test_unknown(void **state) {
        _cleanup_arena_ Arena arena = { 0 };
        Alert a;

        assert_int_equal(alert_parse(HEAD "end\n", strlen(HEAD "end\n"), &arena, &a, NULL), 0);
        assert_string_equal(a.host, "");
        assert_true(a.uptime_usec == ALERT_UNKNOWN && a.restarts == ALERT_UNKNOWN);
        assert_int_equal(a.repeated, 0);
        assert_null(a.lines);
        assert_int_equal(a.n_targets, 0);
}

/* Every beginning of a good text is no good text. */
static void test_cut(void **state) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        Alert a, c;

        set_all(&a);
        alert_format(&a, &b);
        for (size_t len = 0; len < b.len; len++) {
                _cleanup_arena_ Arena arena = { 0 };
                char *copy = malloc(len + 1); /* so that reading beyond is seen */

                assert_non_null(copy);
                memcpy(copy, b.text, len);
                assert_int_equal(alert_parse(copy, len, &arena, &c, NULL), -EBADMSG);
                free(copy);
        }
}

typedef struct BadRow {
        const char *text;
        unsigned line;
} BadRow;

static const BadRow bad_rows[] = {
        { "", 0 },
        { "alert=2\nend\n", 1 },
        { "alert=1\nend\n", 2 }, /* nothing in it */
        { HEAD, 0 },
        { HEAD "end", 0 },
        { HEAD "end\n\n", 5 },
        { HEAD "end\nagent=x\n", 5 },
        { HEAD "\nend\n", 5 },
        { HEAD "=x\nend\n", 5 },
        { HEAD "nothing\nend\n", 5 },
        { HEAD "agent=twice\nend\n", 5 },
        { HEAD "kind=other\nend\n", 5 },
        { HEAD "host=\\q\nend\n", 5 },
        { HEAD "host=\\\nend\n", 5 },
        { HEAD "host=\\x0\nend\n", 5 },
        { HEAD "host=\\x00\nend\n", 5 },
        { HEAD "host=\x01\nend\n", 5 },
        { HEAD "host=\xff\nend\n", 5 },
        { HEAD "host=\\xff\nend\n", 5 },
        { HEAD "line=\r\nend\n", 5 },
        { HEAD "uptime=-1\nend\n", 5 },
        { HEAD "uptime=\nend\n", 5 },
        { HEAD "uptime=99999999999999999999\nend\n", 5 },
        { HEAD "target.path=/x\nend\n", 5 },
        { HEAD "target=\nend\n", 5 },
        { HEAD "target=slack\ntarget.state=lost\nend\n", 6 },
        { HEAD "target=slack\ntarget.path=/a\ntarget.path=/b\nend\n", 7 },
        { "alert=1\nid=xyz\n", 2 },
        { "alert=1\nid=" ID "0\nend\n", 2 },
};

static void test_damaged(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(bad_rows); i++) {
                _cleanup_arena_ Arena arena = { 0 };
                unsigned line = 1000;
                Alert a;
                int r = alert_parse(bad_rows[i].text, strlen(bad_rows[i].text), &arena, &a, &line);

                if (r != -EBADMSG || line != bad_rows[i].line)
                        fail_msg("row %zu: %d, line %u", i, r, line);
        }
}

static void test_limits(void **state) {
        _cleanup_arena_ Arena arena = { 0 };
        _cleanup_strbuf_ StrBuf b = { 0 };
        Alert a;

        strbuf_add(&b, HEAD);
        for (int i = 0; i < ALERT_LINES_MAX; i++)
                strbuf_add(&b, "line=x\n");
        for (int i = 0; i < ALERT_TARGETS_MAX; i++)
                strbuf_add(&b, "target=x\n");
        strbuf_add(&b, "new_key=1\ntarget.new=2\nend\n"); /* of a later version */
        assert_int_equal(alert_parse(b.text, b.len, &arena, &a, NULL), 0);
        assert_int_equal(a.n_targets, ALERT_TARGETS_MAX);
        b.len -= strlen("end\n");
        strbuf_add(&b, "target=x\nend\n");
        assert_int_equal(alert_parse(b.text, b.len, &arena, &a, NULL), -EBADMSG);
        strbuf_reset(&b);
        strbuf_add(&b, HEAD);
        while (b.len <= ALERT_MAX_BYTES)
                strbuf_add(&b, "new=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
        assert_int_equal(alert_parse(b.text, b.len, &arena, &a, NULL), -EFBIG);
}

static void test_headline(void **state) {
        static const struct {
                AlertKind kind;
                const char *result, *code, *status, *wanted;
                uint64_t repeated, outage_usec;
        } rows[] = {
                { ALERT_KIND_FAILURE, "exit-code", "exited", "1/FAILURE",
                  "bot failed: exit-code (exited, 1/FAILURE)", 0, 0 },
                { ALERT_KIND_FAILURE, "oom-kill", "", "", "bot failed: oom-kill", 0, 0 },
                { ALERT_KIND_FAILURE, "", "", "", "bot failed", 0, 0 },
                { ALERT_KIND_FAILURE, "", "killed", "9/KILL", "bot failed: (killed, 9/KILL)", 0, 0 },
                { ALERT_KIND_RESTART, "watchdog", "", "",
                  "bot is being restarted: watchdog, and 1 more time", 1, 0 },
                { ALERT_KIND_RECOVERY, "", "", "", "bot has recovered after 2min 5s", 0,
                  125 * USEC_PER_SEC },
                { ALERT_KIND_RECOVERY, "", "", "", "bot has recovered", 0, ALERT_UNKNOWN },
                { ALERT_KIND_REPEATED, "signal", "", "", "bot failed 7 more times: signal", 7, 0 },
                { ALERT_KIND_TEST, "x", "", "", "bot: a test alert", 0, 0 },
                { ALERT_KIND_FAILURE, "a\r\nBcc: x", "", "", "bot failed: a  Bcc: x", 0, 0 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };
                Alert a;

                alert_init(&a);
                a.kind = rows[i].kind;
                a.agent = "bot";
                a.result = rows[i].result;
                a.code = rows[i].code;
                a.status = rows[i].status;
                a.repeated = rows[i].repeated;
                a.outage_usec = rows[i].outage_usec;
                alert_headline(&a, &b);
                assert_string_equal(strbuf_text(&b), rows[i].wanted);
        }
}

static void test_keys(void **state) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char id[24], other[24];
        Alert a;

        alert_init(&a);
        a.agent = "bot";
        a.host = "web1";
        alert_dedup_key(&a, &b);
        assert_string_equal(b.text, "fte/web1/bot");
        alert_credential_id("", id); /* FNV's own test vectors */
        assert_string_equal(id, "alert-cbf29ce484222325");
        alert_credential_id("foobar", id);
        assert_string_equal(id, "alert-85944171f73967e8");
        alert_credential_id("/etc/fte/slack", id);
        alert_credential_id("/etc/fte/slacl", other);
        assert_string_not_equal(id, other);
}

static void test_duration(void **state) {
        static const struct {
                uint64_t usec;
                const char *wanted;
        } rows[] = {
                { 0, "0ms" }, { 999999, "999ms" }, { 4250000, "4.2s" }, { 12900000, "12s" },
                { 60 * USEC_PER_SEC, "1min" }, { 192 * USEC_PER_SEC, "3min 12s" },
                { 7505 * USEC_PER_SEC, "2h 5min" }, { 90000 * USEC_PER_SEC, "1d 1h" },
                { 86430 * USEC_PER_SEC, "1d" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                format_duration(&b, rows[i].usec);
                assert_string_equal(b.text, rows[i].wanted);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_round_trip), cmocka_unit_test(test_unknown),
                cmocka_unit_test(test_cut),        cmocka_unit_test(test_damaged),
                cmocka_unit_test(test_limits),     cmocka_unit_test(test_headline),
                cmocka_unit_test(test_keys),       cmocka_unit_test(test_duration),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
