/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the tests of the channels share: an alert with everything in it, and one channel's form of
 * it. Secrets are set in place, without credentials.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "channel.h"

#define CASE_ID "0123456789abcdef0123456789abcdef"

typedef struct ChannelCase {
        Arena arena;
        Alert alert;
        AlertTarget target;
        Summary summary;
        Secret secret, extra;
        Outgoing out;
} ChannelCase;

/* secret is what the file holds, or NULL; the alert may be changed before case_format(). */
static inline void case_init(ChannelCase *c, const char *secret) {
        static char *lines[] = { (char *) "Traceback:", (char *) "  <ValueError> & `x`", NULL };

        *c = (ChannelCase){ 0 };
        alert_init(&c->alert);
        memcpy(c->alert.id, CASE_ID, sizeof(CASE_ID));
        c->alert.kind = ALERT_KIND_FAILURE;
        c->alert.agent = "support-bot";
        c->alert.unit = "support-bot.service";
        c->alert.description = "Support *desk*";
        c->alert.contact = "ops@example.com";
        c->alert.host = "web1";
        c->alert.environment = "production";
        c->alert.invocation = "00000000000000000000000000000001";
        c->alert.result = "exit-code";
        c->alert.code = "exited";
        c->alert.status = "1/FAILURE";
        c->alert.time_usec = UINT64_C(1769847300000000);
        c->alert.uptime_usec = 192 * USEC_PER_SEC;
        c->alert.restarts = 4;
        c->alert.memory_peak_bytes = 96 * 1024 * 1024;
        c->alert.lines = lines;
        c->target = (AlertTarget){ .channel = "", .argument = "", .answer = "" };
        if (secret)
                assert_int_equal(secret_parse(secret, strlen(secret), &c->secret), 0);
}

static inline int case_try(ChannelCase *c, const char *channel) {
        const ChannelInput in = {
                .alert = &c->alert,
                .summary = &c->summary,
                .target = &c->target,
                .secret = &c->secret,
                .extra = &c->extra,
                .arena = &c->arena,
                .now_usec = UINT64_C(1769847301000000),
        };

        assert_int_equal(alert_clean(&c->alert, &c->arena), 0);
        assert_int_equal(summary_make(&c->alert, &c->arena, &c->summary), 0);
        return channel_find(channel)->format(&in, &c->out);
}

static inline const char *case_format(ChannelCase *c, const char *channel) {
        assert_int_equal(case_try(c, channel), 0);
        return strbuf_text(&c->out.body);
}

static inline void case_done(ChannelCase *c) {
        strbuf_done(&c->out.body);
        arena_done(&c->arena);
}
