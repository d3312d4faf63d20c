/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The directive table as a table: every row is reachable, its field lies in its struct, sections
 * stand together; guesses; and the values that are computed from others.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "config/alert-channel.h"
#include "config/directive.h"

static void test_rows(void **state _unused_) {
        for (size_t i = 0; i < n_directives; i++) {
                const Directive *d = &directives[i];
                size_t first, end = directive_range(d->section, &first);

                assert_ptr_equal(directive_find(d->section, d->key), d);
                assert_true(i >= first && i < end);
                assert_true(d->offset + d->size_bytes <=
                            (d->section >= SECTION_HOST ? sizeof(Host) : sizeof(Agent)));
                assert_true(d->max == 0 || d->min <= d->max);
                for (size_t j = first; j < end; j++)
                        assert_int_equal(directives[j].section, d->section);
                for (size_t j = 0; j < i; j++)
                        if (directives[j].section < SECTION_HOST && d->section < SECTION_HOST)
                                assert_int_not_equal(directives[j].offset, d->offset);
        }
        assert_null(directive_find(SECTION_AGENT, "exec"));
        assert_null(directive_find(SECTION_LIMITS, "Exec"));
}

/* Each secret and each way of [Alert] is in the table of channels, at the place its key fills. */
static void test_alert_channels(void **state _unused_) {
        size_t i, end;

        for (end = directive_range(SECTION_ALERT, &i); i < end; i++) {
                const Directive *d = &directives[i];
                bool is_way = d->parse == parse_secret_path || d->parse == parse_emails ||
                              d->parse == parse_exec;
                size_t found = 0;

                for (size_t k = 0; k < n_alert_channels; k++) {
                        const AlertChannel *c = &alert_channels[k];

                        found += c->offset == d->offset || c->extra_offset == d->offset;
                        if (c->offset != d->offset)
                                continue;
                        assert_string_equal(c->key, d->key);
                        assert_int_equal(c->argument == CHANNEL_SECRET,
                                         d->parse == parse_secret_path);
                }
                assert_int_equal(found, is_way);
        }
}

static void test_sections(void **state _unused_) {
        for (SectionId i = 0; i < _SECTION_MAX; i++)
                assert_int_equal(section_from_string(section_to_string(i)), i);
        assert_int_equal(section_from_string("agent"), _SECTION_INVALID);
}

static void test_guess(void **state _unused_) {
        assert_string_equal(directive_guess(SECTION_AGENT, "Exce"), "Exec");
        assert_string_equal(directive_guess(SECTION_AGENT, "exec"), "Exec");
        assert_string_equal(directive_guess(SECTION_LIMITS, "Memroy"), "Memory");
        assert_string_equal(directive_guess(SECTION_HEALTH, "ExpectedStatus"), "ExpectStatus");
        assert_null(directive_guess(SECTION_LIMITS, "Swap"));
        assert_null(directive_guess(SECTION_AGENT, "ThisIsNothingLikeAnyKeyThereIs"));
        assert_null(directive_guess(SECTION_UNIT, "After"));
}

static void test_computed(void **state _unused_) {
        Host host;
        Agent *a = &host.defaults;

        host_init(&host);
        /* 5 rounds of 10s + 10s + 5s + 1s, and a tenth more. */
        assert_int_equal(agent_window_usec(a), 143 * USEC_PER_SEC);
        a->restart_max_delay_usec = 60 * USEC_PER_SEC;
        /* The pauses grow by the fourth root of 12: 5, 9.3, 17.3, 32.2 and 60 s. */
        assert_int_equal(agent_window_usec(a), 252 * USEC_PER_SEC);
        a->restart_delay_usec = USEC_PER_SEC;
        a->restart_max_delay_usec = 3600 * USEC_PER_SEC;
        a->restart_burst = 1000;
        assert_in_range(agent_window_usec(a) / USEC_PER_SEC, 23100 + 450000, 23100 + 500000);
        a->restart_burst = 1;
        assert_int_equal(agent_restart_steps(a), 1);
        assert_int_equal(agent_window_usec(a), 25 * USEC_PER_SEC);
        a->restart_window_usec = 500 * USEC_PER_SEC;
        assert_int_equal(agent_window_usec(a), 500 * USEC_PER_SEC);

        assert_int_equal(agent_notify(a), NOTIFY_NONE);
        assert_int_equal(agent_watchdog_usec(a), 0);
        a->health_url = "http://127.0.0.1/";
        assert_int_equal(agent_notify(a), NOTIFY_PROBE);
        assert_int_equal(agent_watchdog_usec(a), 46 * USEC_PER_SEC);
        a->notify = NOTIFY_NATIVE;
        a->watchdog_usec = 7 * USEC_PER_SEC;
        assert_int_equal(agent_watchdog_usec(a), 7 * USEC_PER_SEC);
}

/* Messages about a value must not hold it, whichever parser refuses it. */
static void test_no_value_in_messages(void **state _unused_) {
        for (size_t i = 0; i < n_directives; i++) {
                const Directive *d = &directives[i];
                char text[256];
                Arena arena = { 0 };
                Problems problems = { .arena = &arena };
                Host host;

                host_init(&host);
                snprintf(text, sizeof(text), "[%s]\n%s=SECRETVALUE \"SECRETVALUE\n",
                         section_to_string(d->section), d->key);
                assert_int_equal(directive_read(&(DirectiveTarget){ .host = &host, .file = "f" },
                                                text, strlen(text), &problems), 0);
                for (const Problem *p = problems.first; p; p = p->next)
                        assert_null(strstr(p->message, "SECRETVALUE"));
                arena_done(&arena);
        }
}

int main(void) {
        /* As below a root of one's own, where growing delays are served. */
        setenv("FTE_ROOT", "/nonexistent", 1);
        setenv("FTE_MIN_SYSTEMD", "254", 1);
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows), cmocka_unit_test(test_alert_channels),     cmocka_unit_test(test_sections),
                cmocka_unit_test(test_guess),    cmocka_unit_test(test_computed),
                cmocka_unit_test(test_no_value_in_messages),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
