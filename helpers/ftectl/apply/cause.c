/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Why an agent did not start, for ftectl apply: systemd's result in words, and the last lines of
 * the run. Only asked for agents that failed.
 */

#include <stdio.h>

#include "base/format.h"

#include "apply.h"

#define LINES_MAX 15

typedef struct Cause {
        Apply *apply;
        Target *target;
        const char *object;
        char *result;
        int32_t code, status; /* as of waitid(2) */
} Cause;

static void ask(Cause *c) {
        sd_bus *bus = c->apply->bus;

        (void) sd_bus_get_property_string(bus, BUS_SYSTEMD, c->object, BUS_SERVICE, "Result", NULL,
                                          &c->result);
        (void) sd_bus_get_property_trivial(bus, BUS_SYSTEMD, c->object, BUS_SERVICE, "ExecMainCode",
                                           NULL, 'i', &c->code);
        (void) sd_bus_get_property_trivial(bus, BUS_SYSTEMD, c->object, BUS_SERVICE,
                                           "ExecMainStatus", NULL, 'i', &c->status);
}

/* Exit statuses that are the chain's or systemd's own (systemd.exec(5)). */
static const struct {
        int status;
        const char *text;
} statuses[] = {
        { 78, "the check before the start refused it" },
        { 126, "its program cannot be executed" },
        { 127, "its program was not found" },
        { 203, "its program could not be executed" },
        { 217, "its user does not exist" },
        { 226, "its sandbox could not be set up" },
        { 243, "its credentials could not be read" },
};

/* Its program was not even tried: what a plugin or a drop-in runs before it has failed. */
static void describe_before(StrBuf *b) {
        strbuf_add(b, "a command that a plugin or drop-in runs before it (ExecStartPre=) failed");
}

static void describe_exit(const Cause *c, StrBuf *b) {
        if (c->code == 0) {
                describe_before(b);
                return;
        }
        strbuf_addf(b, "it ended with exit status %d", c->status);
        for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
                if (statuses[i].status == c->status)
                        strbuf_addf(b, ": %s", statuses[i].text);
}

static void describe_signal(const Cause *c, StrBuf *b) {
        const char *name = sigabbrev_np(c->status);

        if (c->code == 0) {
                describe_before(b);
                return;
        }
        strbuf_addf(b, "it was killed by signal %d%s%s", c->status, name ? "/SIG" : "",
                    name ? name : "");
}

static void describe_timeout(const Cause *c, StrBuf *b) {
        strbuf_add(b, "it was not healthy within StartTimeout=");
        format_usec(b, c->target->agent.start_timeout_usec);
        if (*c->target->status_text) {
                strbuf_add(b, "; the last probe: ");
                strbuf_add(b, c->target->status_text);
        }
}

static void describe_memory(const Cause *c _unused_, StrBuf *b) {
        strbuf_add(b, "it was killed because it took more memory than Memory= allows");
}

static void describe_watchdog(const Cause *c _unused_, StrBuf *b) {
        strbuf_add(b, "its health probes failed, so it was killed");
}

static void describe_protocol(const Cause *c _unused_, StrBuf *b) {
        strbuf_add(b, "it ended before it was healthy");
}

static void describe_limit(const Cause *c _unused_, StrBuf *b) {
        strbuf_add(b, "it failed too often, and systemd has given it up");
}

static const struct {
        const char *result;
        void (*describe)(const Cause *c, StrBuf *b);
} results[] = {
        { "exit-code", describe_exit },    { "signal", describe_signal },
        { "core-dump", describe_signal },  { "timeout", describe_timeout },
        { "oom-kill", describe_memory },   { "watchdog", describe_watchdog },
        { "protocol", describe_protocol }, { "start-limit-hit", describe_limit },
};

static void describe(const Cause *c, StrBuf *b) {
        for (size_t i = 0; c->result && i < ARRAY_SIZE(results); i++)
                if (streq(results[i].result, c->result)) {
                        results[i].describe(c, b);
                        return;
                }
        if (c->result && streq(c->result, "success"))
                strbuf_add(b, "it ended by itself");
        else
                strbuf_addf(b, "systemd says: %s", c->result ? c->result : "nothing");
}

void apply_explain(Apply *a, Target *t) {
        const LogLinesQuery query = { .root = a->args->root, .agent = &t->agent, .n = LINES_MAX };
        _cleanup_free_ char *object = NULL;
        _cleanup_strbuf_ StrBuf b = { 0 };
        Cause c = { .apply = a, .target = t };

        if (!t->now.cause &&
            sd_bus_path_encode(BUS_MANAGER_PATH "/unit",
                               arena_printf(&a->arena, "%s.service", t->name), &object) >= 0) {
                c.object = object;
                ask(&c);
                describe(&c, &b);
                t->now.cause = arena_strdup(&a->arena, strbuf_text(&b));
                free(c.result);
        }
        if (!t->now.cause)
                t->now.cause = "";
        (void) log_lines_read(&query, &a->arena, &t->now.log);
}
