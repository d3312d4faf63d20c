/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is told, counted and taken back: stories of an agent, second by second, with the actions that
 * each event must lead to; then the state's file, and what systemd's words become.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../helpers/alert-hook/context.h"
#include "../../helpers/alert-hook/decide.h"
#include "../../helpers/alert-hook/state.h"

#define START    (UINT64_C(1700000000) * USEC_PER_SEC)
#define COOLDOWN 300
#define HOLD     10

/*
 * A line of a story: "SECOND EVENT[/CAUSE] INVOCATION -> ACTIONS". Events: E ended badly, F failed, H
 * healthy, S stopped, and h healthy or e ended after the recovery was sent. Actions in the order in
 * which they must come, "-" for none:
 *   restart@11       a new alert, held until second 11; failure has none, so @0
 *   failure+3@0      which tells of 3 more
 *   ~failure@0       what was the restart alert becomes it
 *   ~repeated+2@300  the waiting summary says 2 now
 *   !restart         taken back
 *   recovery@20=5    after an outage of 5 s
 */
typedef struct Story {
        const char *title;
        const char *on; /* f, r, c: failure, restart, recovery */
        unsigned cooldown;
        const char *lines[16];
} Story;

static const Story stories[] = {
        { "a final failure at once is one alert", "frc", COOLDOWN,
          { "0 E 1 -> restart@1", "0 F 1 -> ~failure@0", NULL } },
        { "a restart and its recovery", "frc", COOLDOWN,
          { "0 E 1 -> restart@1", "5 H 2 -> recovery@15=5", "6 H 2 -> -", "100 S 2 -> -",
            "101 H 3 -> -" } },
        { "a recovery that does not last is taken back; then comes the summary, then the recovery",
          "frc", COOLDOWN,
          { "0 E 1 -> restart@1", "5 H 2 -> recovery@15=5", "8 E 2 -> repeated+1@300",
            "13 H 3 -> recovery@300=13", "20 E 3 -> ~repeated+2@300", "25 H 4 -> recovery@300=25" } },
        { "the same failure is counted, and told again after the cooldown", "frc", COOLDOWN,
          { "0 E 1 -> restart@1", "10 E 2 -> repeated+1@300", "20 E 3 -> ~repeated+2@300",
            "310 E 4 -> repeated+1@600", "700 E 5 -> repeated+1@900", "1300 E 6 -> restart@1301" } },
        { "another failure is told at once", "frc", COOLDOWN,
          { "0 E/a 1 -> restart@1", "10 E/b 2 -> restart@11", "20 E/a 3 -> repeated+1@300" } },
        { "a loop of restarts: the end tells how many there were", "frc", COOLDOWN,
          { "0 E 1 -> restart@1", "5 E 2 -> repeated+1@300", "10 E 3 -> ~repeated+2@300",
            "15 E 4 -> ~repeated+3@300", "20 F 4 -> failure+2@0 !repeated" } },
        { "a loop where the cause changes with the limit (systemd 254)", "frc", COOLDOWN,
          { "0 E/exit 1 -> restart@1", "5 E/exit 2 -> repeated+1@300",
            "5 F/limit 2 -> failure@0 !repeated", "100 H 3 -> recovery@110=100" } },
        { "somebody starts it by hand again and again", "frc", COOLDOWN,
          { "0 E 1 -> restart@1", "0 F 1 -> ~failure@0", "60 E 2 -> restart@61",
            "60 F 2 -> repeated+1@300 !restart", "120 E 3 -> restart@121",
            "120 F 3 -> ~repeated+2@300 !restart" } },
        { "the restart was told before the end came", "frc", COOLDOWN,
          { "0 E 1 -> restart@1", "9 F 1 -> ~failure@0" } },
        { "OnFailure= alone, as for a unit that could not even be loaded well", "frc", COOLDOWN,
          { "0 F - -> failure@0", "9 F - -> repeated+1@300" } },
        { "without cooldown everything is told", "frc", 0,
          { "0 E 1 -> restart@1", "1 E 2 -> restart@2", "2 E 3 -> restart@3", "2 F 3 -> ~failure@0" } },
        { "On=failure", "f", COOLDOWN,
          { "0 E 1 -> -", "5 E 2 -> -", "5 F 2 -> failure@0", "60 H 3 -> -" } },
        { "On=failure recovery: the outage began with the first bad end", "fc", COOLDOWN,
          { "0 E 1 -> -", "5 H 2 -> -", "50 E 2 -> -", "52 E 3 -> -", "55 F 3 -> failure@0",
            "60 H 4 -> recovery@70=10" } },
        { "On=restart: the end is not told", "r", COOLDOWN,
          { "0 E 1 -> restart@1", "1 F 1 -> -", "9 H 2 -> -" } },
        { "after a recovery that was sent a new outage begins", "frc", COOLDOWN,
          { "0 E/a 1 -> restart@1", "5 H 2 -> recovery@15=5", "40 e/b 2 -> restart@41",
            "45 H 3 -> recovery@55=5" } },
        { "a stop by hand ends the outage, and the recovery before it is told", "frc", COOLDOWN,
          { "0 E/a 1 -> restart@1", "5 H 2 -> recovery@15=5", "6 S 2 -> -", "20 E/b 3 -> restart@21",
            "30 H 4 -> recovery@40=10" } },
        { "the clock is set back: nothing is kept silent for it", "frc", COOLDOWN,
          { "1000 E 1 -> restart@1001", "1 E 2 -> restart@2", "2 H 3 -> recovery@12=?" } },
        { "a stop by hand does not end what was told: the next start does", "frc", COOLDOWN,
          { "0 E/a 1 -> restart@1", "5 S 2 -> -", "60 H 3 -> recovery@70=60", "90 S 3 -> -",
            "95 H 4 -> -" } },
};

static void format_action(const Action *a, StrBuf *b) {
        const char *kind = alert_kind_to_string(a->kind);

        if (b->len > 0)
                strbuf_addc(b, ' ');
        if (a->type == ACTION_WITHDRAW) {
                strbuf_addf(b, "!%.*s", (int) strcspn(a->name, "."), a->name);
                return;
        }
        strbuf_addf(b, "%s%s", a->type == ACTION_AMEND ? "~" : "", kind);
        if (a->repeated > 0)
                strbuf_addf(b, "+%u", (unsigned) a->repeated);
        strbuf_addf(b, "@%u", a->not_before_usec == 0
                                      ? 0
                                      : (unsigned) ((a->not_before_usec - START) / USEC_PER_SEC));
        if (a->kind == ALERT_KIND_RECOVERY && a->outage_usec == ALERT_UNKNOWN)
                strbuf_add(b, "=?");
        else if (a->kind == ALERT_KIND_RECOVERY)
                strbuf_addf(b, "=%u", (unsigned) (a->outage_usec / USEC_PER_SEC));
}

/* As the spool would; the name says what it is. */
static void store(const Action *a, unsigned n) {
        if (!a->ret_name)
                return;
        if (a->type == ACTION_AMEND)
                strcpy(a->ret_name, a->name);
        else
                snprintf(a->ret_name, SPOOL_NAME_BYTES, "%s.%u", alert_kind_to_string(a->kind), n);
}

static void play(const Story *story, State *s, unsigned n) {
        _cleanup_strbuf_ StrBuf seen = { 0 };
        Action actions[DECIDE_ACTIONS_MAX];
        char event[64], invocation[8];
        const char *line = story->lines[n], *wanted = strstr(line, "-> ") + 3;
        unsigned second;
        size_t k;
        Event e;

        assert_int_equal(sscanf(line, "%u %63s %7s", &second, event, invocation), 3);
        e = (Event){
                .type = strchr("Ee", *event) ? HOOK_ENDED
                        : *event == 'F'      ? HOOK_FAILED
                        : *event == 'S'      ? HOOK_STOPPED
                                             : HOOK_HEALTHY,
                .invocation = streq(invocation, "-") ? "" : invocation,
                .cause = event[1] ? event + 2 : "x",
                .now_usec = START + second * USEC_PER_SEC,
                .cooldown_usec = story->cooldown * USEC_PER_SEC,
                .hold_usec = HOLD * USEC_PER_SEC,
                .tell_failure = strchr(story->on, 'f'),
                .tell_restart = strchr(story->on, 'r'),
                .tell_recovery = strchr(story->on, 'c'),
                .recovery_told = *event == 'e',
        };
        k = decide(s, &e, actions);
        assert_true(k <= DECIDE_ACTIONS_MAX);
        for (size_t i = 0; i < k; i++) {
                format_action(&actions[i], &seen);
                store(&actions[i], n);
        }
        if (!streq(k > 0 ? seen.text : "-", wanted))
                fail_msg("%s: %s\n  seen: %s", story->title, line, strbuf_text(&seen));
}

/* The state goes through its file between events, as it does in life. */
static void test_stories(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
                State s = { 0 };

                for (unsigned n = 0; stories[i].lines[n]; n++) {
                        _cleanup_strbuf_ StrBuf b = { 0 };

                        play(&stories[i], &s, n);
                        state_format(&s, &b);
                        assert_true(b.len < STATE_BYTES_MAX);
                        memset(&s, 0xff, sizeof(s));
                        assert_int_equal(state_parse(b.text, &s), 0);
                }
        }
}

/* However many and whatever failures: the alerts that wait are few, and the arrays hold. */
static void test_bounded(void **state) {
        State s = { 0 };
        size_t waiting = 0;

        for (unsigned i = 0; i < 1000; i++) {
                Action actions[DECIDE_ACTIONS_MAX];
                char invocation[33], cause[16];
                size_t k;

                snprintf(invocation, sizeof(invocation), "%032x", i / 2);
                snprintf(cause, sizeof(cause), "c%u", i % 3);
                k = decide(&s,
                           &(Event){ .type = i % 7 == 6 ? HOOK_FAILED : HOOK_ENDED,
                                     .invocation = invocation,
                                     .cause = cause,
                                     .now_usec = START + i * 60000,
                                     .cooldown_usec = COOLDOWN * USEC_PER_SEC,
                                     .tell_failure = true,
                                     .tell_restart = true },
                           actions);
                assert_true(k <= DECIDE_ACTIONS_MAX && s.n_told <= CAUSES_MAX);
                for (size_t n = 0; n < k; n++) {
                        waiting += actions[n].type == ACTION_ADD;
                        waiting -= actions[n].type == ACTION_WITHDRAW;
                        store(&actions[n], i);
                }
        }
        assert_true(waiting <= 2 * 6); /* each cause and kind: told once, and a summary */
}

static void test_many_causes(void **state) {
        State s = { 0 };

        for (unsigned i = 0; i < 100; i++) {
                Action actions[DECIDE_ACTIONS_MAX];
                char cause[200];

                snprintf(cause, sizeof(cause), "%u-%0150u", i, i);
                assert_int_equal(decide(&s,
                                        &(Event){ .type = HOOK_FAILED,
                                                  .invocation = "",
                                                  .cause = cause,
                                                  .now_usec = START + i,
                                                  .cooldown_usec = COOLDOWN * USEC_PER_SEC,
                                                  .tell_failure = true },
                                        actions),
                                 1);
                assert_int_equal(actions[0].kind, i < CAUSES_MAX ? ALERT_KIND_FAILURE
                                                                 : ALERT_KIND_REPEATED);
        }
        assert_int_equal(s.n_told, CAUSES_MAX);
        assert_int_equal(s.told[0].count, 100 - CAUSES_MAX);
}

static void test_state_damaged(void **state) {
        static const char *const texts[] = {
                "", "state=2\nend\n", "state=1\n", "state=1\noutage 1\nend\n",
                "state=1\noutage x 1\nend\n", "state=1\nother 1\nend\n", "state=1\n\nend\n",
                "state=1\ntold failure a 1 2\nend\n", "state=1\ntold other a 1 2 -\nend\n",
                "state=1\nrestart - 000000000000000000000000000000000000000000000000\nend\n",
                "state=1\ntold failure a 1 2 -\ntold failure a 1 2 -\ntold failure a 1 2 -\n"
                "told failure a 1 2 -\ntold failure a 1 2 -\ntold failure a 1 2 -\n"
                "told failure a 1 2 -\ntold failure a 1 2 -\ntold failure a 1 2 -\nend\n",
        };

        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                char text[1024];
                State s = { .n_told = 7 };

                strcpy(text, texts[i]);
                assert_int_equal(state_parse(text, &s), -EBADMSG);
                assert_int_equal(s.n_told, 7);
        }
}

static void test_status_names(void **state) {
        static const char *const rows[][3] = {
                { "exited", "78", "78/CONFIG" },   { "exited", "1", "1/FAILURE" },
                { "exited", "42", "42" },          { "exited", "243", "243/CREDENTIALS" },
                { "killed", "ABRT", "6/ABRT" },    { "killed", "9", "9/KILL" },
                { "dumped", "SEGV", "11/SEGV" },   { "killed", "NOTHING", "NOTHING" },
                { "killed", "RTMIN+3", "RTMIN+3" }, { "exited", "", "" }, { "", "", "" },
                { "exited", "-1", "-1" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                context_status_name(rows[i][0], rows[i][1], &b);
                assert_string_equal(strbuf_text(&b), rows[i][2]);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_stories),       cmocka_unit_test(test_bounded),
                cmocka_unit_test(test_many_causes),   cmocka_unit_test(test_state_damaged),
                cmocka_unit_test(test_status_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
