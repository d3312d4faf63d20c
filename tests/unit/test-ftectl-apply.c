/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parts of ftectl apply that decide: by states and times, by fingerprints, by groups of files.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "ftectl/apply/apply.h"

/* ---- what is to be done ---- */

#define ID "0123456789abcdef0123456789abcdef"

enum {
        RELOAD = 1000, /* when systemd last loaded its units */
        OLD = 500,     /* runs that began before and after that */
        YOUNG = 1500,
};

static const struct {
        const char *title;
        const char *active, *sub;
        bool enabled, has_file, was_applied, forced;
        uint64_t planned, loaded, full, noted; /* noted 0: there is no note of the run */
        uint64_t run, newest, env, content;
        Action action;
        Why why;
} decisions[] = {
        { "new", "", "", true, true, false, false, 1, 0, 1, 0, 0, 900, 0, 0, ACTION_START, WHY_NEW },
        { "new, not enabled", "", "", false, true, false, false, 1, 0, 1, 0, 0, 900, 0, 0, ACTION_NONE, WHY_DISABLED },
        { "stopped", "inactive", "dead", true, true, true, false, 1, 1, 1, 0, 0, 900, 0, 0, ACTION_START, WHY_DOWN },
        { "its file came back", "", "", true, true, true, false, 1, 0, 1, 0, 0, 900, 0, 0, ACTION_START, WHY_DOWN },
        { "failed", "failed", "failed", true, true, true, false, 1, 1, 1, 0, 0, 900, 0, 0, ACTION_START, WHY_FAILED },
        { "failed, not enabled", "failed", "failed", false, true, true, false, 1, 1, 1, 0, 0, 900, 0, 0, ACTION_NONE, WHY_DISABLED },
        { "runs", "active", "running", true, true, true, false, 1, 1, 1, 0, YOUNG, 900, 900, 900, ACTION_NONE, WHY_UNCHANGED },
        { "runs, not enabled", "active", "running", false, true, true, false, 2, 1, 2, 0, YOUNG, 900, 0, 0, ACTION_RESTART, WHY_CONFIG },
        { "other files", "active", "running", true, true, true, false, 2, 1, 2, 0, YOUNG, 2000, 0, 0, ACTION_RESTART, WHY_CONFIG },
        { "touched since the start", "active", "running", true, true, true, false, 1, 1, 1, 0, YOUNG, 2000, 0, 0, ACTION_NONE, WHY_UNCHANGED },
        { "old, and the files are older", "active", "running", true, true, true, false, 1, 1, 1, 0, OLD, 400, 400, 400, ACTION_NONE, WHY_UNCHANGED },
        { "old, and a file is newer", "active", "running", true, true, true, false, 1, 1, 1, 0, OLD, 600, 0, 0, ACTION_RESTART, WHY_NEWER },
        { "old, and a plugin is newer", "active", "running", true, true, true, false, 1, 1, 1, 0, OLD, 400, 0, 600, ACTION_RESTART, WHY_NEWER },
        { "a plugin not loaded yet", "active", "running", true, true, true, false, 1, 1, 1, 0, YOUNG, 400, 0, 1200, ACTION_RESTART, WHY_CONTENT },
        { "noted, the same", "active", "running", true, true, true, false, 1, 1, 7, 7, OLD, 600, 0, 600, ACTION_NONE, WHY_UNCHANGED },
        { "noted, other content", "active", "running", true, true, true, false, 1, 1, 8, 7, OLD, 400, 0, 400, ACTION_RESTART, WHY_CONTENT },
        { "changed and back", "active", "running", true, true, true, false, 1, 2, 7, 7, OLD, 600, 0, 0, ACTION_NONE, WHY_UNCHANGED },
        { "env file", "active", "running", true, true, true, false, 1, 1, 7, 7, OLD, 400, 600, 0, ACTION_RESTART, WHY_ENV },
        { "env file, not noted", "active", "running", true, true, true, false, 1, 1, 1, 0, YOUNG, 400, 1501, 0, ACTION_RESTART, WHY_ENV },
        { "env file older", "active", "running", true, true, true, false, 1, 1, 1, 0, YOUNG, 400, 1499, 0, ACTION_NONE, WHY_UNCHANGED },
        { "starts", "activating", "start", true, true, true, false, 1, 1, 1, 0, YOUNG, 400, 0, 0, ACTION_START, WHY_DOWN },
        { "starts with something old", "activating", "start", true, true, true, false, 2, 1, 2, 0, YOUNG, 400, 0, 0, ACTION_RESTART, WHY_CONFIG },
        { "fails again and again", "activating", "auto-restart", true, true, true, false, 1, 1, 1, 0, YOUNG, 400, 0, 0, ACTION_RESTART, WHY_RETRYING },
        { "the same from 254 on", "activating", "auto-restart-queued", true, true, true, false, 1, 1, 1, 0, YOUNG, 400, 0, 0, ACTION_RESTART, WHY_RETRYING },
        { "gone, runs", "active", "running", false, false, true, false, 0, 1, 0, 0, YOUNG, 0, 0, 0, ACTION_STOP, WHY_GONE },
        { "gone, failed", "failed", "failed", false, false, true, false, 0, 1, 0, 0, 0, 0, 0, 0, ACTION_STOP, WHY_GONE },
        { "gone", "", "", false, false, true, false, 0, 0, 0, 0, 0, 0, 0, 0, ACTION_NONE, WHY_GONE },
        { "put back, tried again", "activating", "auto-restart", true, true, true, true, 1, 1, 1, 0, YOUNG, 0, 0, 0, ACTION_RESTART, WHY_PUT_BACK },
        { "put back, failed", "failed", "failed", true, true, true, true, 1, 1, 1, 0, 0, 0, 0, 0, ACTION_START, WHY_PUT_BACK },
};

static void test_decide(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(decisions); i++) {
                Apply a = { .reload_usec = RELOAD };
                Target t = {
                        .name = "bot", .is_wanted = true,
                        .active = decisions[i].active, .sub = decisions[i].sub,
                        .is_enabled = decisions[i].enabled, .has_file = decisions[i].has_file,
                        .was_applied = decisions[i].was_applied, .is_forced = decisions[i].forced,
                        .planned = { decisions[i].planned, decisions[i].full, decisions[i].content },
                        .loaded = { decisions[i].loaded, 0, 0 },
                        .newest_usec = decisions[i].newest, .env_usec = decisions[i].env,
                        .run_id = ID, .run_usec = decisions[i].run,
                };

                if (decisions[i].noted > 0)
                        assert_int_equal(running_note(&a.running, "bot", ID, decisions[i].noted), 0);
                apply_decide(&a, &t);
                if (t.todo != decisions[i].action || t.now.why != decisions[i].why)
                        fail_msg("%s: action %d, why %d", decisions[i].title, t.todo, t.now.why);
                running_done(&a.running);
        }
}

/* In the round after files were put back: what failed and has nothing to go back to is left alone. */
static void test_decide_again(void **state _unused_) {
        Apply a = { .reload_usec = RELOAD, .round = 1 };
        Target t = {
                .name = "bot", .is_wanted = true, .active = "failed", .sub = "failed",
                .is_enabled = true, .has_file = true, .planned = { 1, 1, 0 }, .loaded = { 1, 0, 0 },
                .now = { .action = ACTION_START, .why = WHY_NEW, .outcome = OUTCOME_FAILED },
        };

        apply_decide(&a, &t);
        assert_int_equal(t.todo, ACTION_NONE);
        assert_int_equal(t.now.outcome, OUTCOME_FAILED);
        t.is_forced = true;
        apply_decide(&a, &t);
        assert_int_equal(t.todo, ACTION_START);
        assert_true(t.was_retried);
        assert_int_equal(t.first.why, WHY_NEW);
        assert_int_equal(t.first.outcome, OUTCOME_FAILED);

        t = (Target){ .name = "well", .is_wanted = true, .active = "active", .sub = "running",
                      .is_enabled = true, .has_file = true, .planned = { 1, 1, 0 }, .loaded = { 1, 0, 0 },
                      .run_usec = YOUNG,
                      .now = { .action = ACTION_RESTART, .why = WHY_CONFIG, .outcome = OUTCOME_WELL } };
        apply_decide(&a, &t);
        assert_int_equal(t.todo, ACTION_NONE);
        assert_int_equal(t.now.outcome, OUTCOME_WELL);
        assert_false(t.was_retried);
}

/* ---- fingerprints ---- */

static uint64_t print(const char *text) {
        return fingerprint_text("a.service", text, strlen(text));
}

static void test_fingerprint(void **state _unused_) {
        uint64_t base = print("[Unit]\nA=1\n");

        assert_true(print("# generated\n\n[Unit]\n; x\n#[Limits] a.conf:3\nA=1\n") == base);
        assert_true(print("[Unit]\nA=1") == base);
        assert_true(print("[Unit]\nA=2\n") != base);
        assert_true(print("[Unit]\nA=1\nA=1\n") != base);
        assert_true(print("[Unit]\n A=1\n") != base);
        assert_true(print("[Unit]\nA=1 # x\n") != base);
        assert_true(fingerprint_text("b.service", "[Unit]\nA=1\n", 11) != base);
}

/* Only the service and its drop-ins, for that is what fingerprint_loaded() can see. */
static void test_fingerprint_of_a_plan(void **state _unused_) {
        _cleanup_(fingerprinter_done) Fingerprinter f = { .root_fd = -EBADF };
        _cleanup_strbuf_ StrBuf b = { 0 };
        Fingerprint alone, more;
        Plan p = { 0 };

        assert_int_equal(fingerprinter_open(&f, "/"), 0);
        strbuf_add(&b, "[Unit]\nA=1\n");
        plan_begin_group(&p);
        plan_add_file(&p, PLAN_UNIT, "a.service", &b);
        fingerprint_planned(&f, &p, "a", &alone);
        assert_true(alone.rendered != 0);
        plan_add_file(&p, PLAN_UNIT, "fte-x@a.timer", &b);
        plan_add_file(&p, PLAN_DROPIN, "fte-x@a.service.d/50-agent.conf", &b);
        plan_add_link(&p, PLAN_INSTALL, "multi-user.target.wants/a.service", "../a.service");
        fingerprint_planned(&f, &p, "a", &more);
        assert_true(more.rendered == alone.rendered);
        assert_true(more.full == alone.full);
        plan_add_file(&p, PLAN_DROPIN, "a.service.d/50-x.conf", &b);
        fingerprint_planned(&f, &p, "a", &more);
        assert_true(more.rendered != alone.rendered);
        plan_done(&p);
}

/* ---- files ---- */

static const struct {
        const char *path, *group;
} groups[] = {
        { "bot.conf", "bot" },
        { "fte.conf", "fte" },
        { "bot.conf.d/10-x.conf", "bot" },
        { "environments/prod/bot.conf", "bot" },
        { "plugins/gpu.conf", "plugins/gpu.conf" },
        { "slack", NULL },
        { "other/bot.conf", NULL },
};

static void test_groups(void **state _unused_) {
        _cleanup_arena_ Arena arena = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
                if (!streq_ptr(file_set_group_of(groups[i].path, &arena), groups[i].group))
                        fail_msg("%s", groups[i].path);
}

/* ---- notes of runs ---- */

static void test_notes(void **state _unused_) {
        static const char *const names[] = { "m", "a", "z", "b", "y" };
        Running r = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                assert_int_equal(running_note(&r, names[i], ID, i + 1), 0);
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                assert_int_equal(running_find(&r, names[i], ID)->full, i + 1);
        assert_null(running_find(&r, "a", "00000000000000000000000000000000"));
        assert_null(running_find(&r, "c", ID));
        r.changed = false;
        assert_int_equal(running_note(&r, "a", ID, 2), 0);
        assert_false(r.changed);
        assert_int_equal(running_note(&r, "a", "", 0), 0);
        assert_true(r.changed);
        assert_null(running_find(&r, "a", ID));
        assert_int_equal(r.n, 4);
        running_done(&r);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_decide), cmocka_unit_test(test_decide_again),
                cmocka_unit_test(test_fingerprint), cmocka_unit_test(test_fingerprint_of_a_plan),
                cmocka_unit_test(test_groups), cmocka_unit_test(test_notes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
