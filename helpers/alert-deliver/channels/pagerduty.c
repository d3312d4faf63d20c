/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * PagerDuty: Events API v2. A failure triggers an incident, a recovery resolves it: both have the
 * same dedup_key. A summary may have 1,024 characters; the log lines go into the details.
 */

#include "channel.h"

#define EVENTS_URL "https://events.pagerduty.com/v2/enqueue"

static const TextStyle style = { NULL, TEXT_UTF16 };

static const char *const severities[_ALERT_KIND_MAX] = {
        [ALERT_KIND_FAILURE] = "critical", [ALERT_KIND_RESTART] = "warning",
        [ALERT_KIND_RECOVERY] = "info",    [ALERT_KIND_REPEATED] = "critical",
        [ALERT_KIND_TEST] = "info",
};

static json_t *details(const ChannelInput *in) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        json_t *object = json_object();

        for (size_t i = 0; i < in->summary->n_facts; i++)
                json_object_set_new(object, in->summary->facts[i].title,
                                    channel_text(in->summary->facts[i].value, &style, TEXT_LONG));
        text_add_lines(&b, in->alert->lines, &style, 32768);
        if (b.len > 0)
                json_object_set_new(object, "Log", json_string(strbuf_text(&b)));
        return object;
}

static json_t *payload(const ChannelInput *in) {
        const Alert *a = in->alert;
        const char *host = *a->host ? a->host : "unknown";
        const char *group = *a->environment ? a->environment : "default";
        json_t *object = json_pack("{s:o, s:o, s:s, s:o, s:o, s:s, s:o}", "summary",
                                   channel_text(in->summary->headline, &style, 1024), "source",
                                   channel_text(host, &style, 255), "severity",
                                   severities[a->kind], "component",
                                   channel_text(a->agent, &style, 255), "group",
                                   channel_text(group, &style, 255), "class",
                                   alert_kind_to_string(a->kind), "custom_details", details(in));

        if (*in->summary->time)
                json_object_set_new(object, "timestamp", json_string(in->summary->time));
        return object;
}

int channel_pagerduty(const ChannelInput *in, Outgoing *ret) {
        bool is_over = in->alert->kind == ALERT_KIND_RECOVERY;
        _cleanup_strbuf_ StrBuf key = { 0 };

        alert_dedup_key(in->alert, &key);
        if (in->alert->kind == ALERT_KIND_TEST)
                strbuf_add(&key, "/test"); /* no part of a real incident */
        return outgoing_json(in, EVENTS_URL,
                             json_pack("{s:s, s:s, s:o, s:o}", "routing_key",
                                       in->secret->words[0], "event_action",
                                       is_over ? "resolve" : "trigger", "dedup_key",
                                       channel_text(strbuf_text(&key), &style, 255), "payload",
                                       payload(in)),
                             ret);
}
