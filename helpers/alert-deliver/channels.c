/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of all channels, and what several of them share. A new channel is a row here, a file in
 * channels/, and a key in [Alert] (lib/config/directives.c).
 */

#include "channel.h"

/* clang-format off */
const Channel channels[] = {
        { "slack",     "Slack",     1, 1, "the URL of a webhook", .format = channel_slack },
        { "discord",   "Discord",   1, 1, "the URL of a webhook", .format = channel_discord },
        { "teams",     "Teams",     1, 1, "the URL of a webhook", .format = channel_teams },
        { "telegram",  "Telegram",  2, 2, "TOKEN CHAT_ID",        .format = channel_telegram },
        { "pagerduty", "PagerDuty", 1, 1, "a routing key",        .format = channel_pagerduty },
        { "ntfy",      "Ntfy",      1, 2, "URL [TOKEN]",          .format = channel_ntfy },
        { "webhook",   "Webhook",   1, 1, "a URL",                .format = channel_webhook,
          .extra_min = 1, .extra_max = 1, .extra_key = "WebhookSecret", .extra_wanted = "a key" },
        { "email",     "Email",     0, 0, NULL,                   .format = channel_email,
          .extra_min = 2, .extra_max = 3, .extra_key = "SMTPLogin",
          .extra_wanted = "USER PASSWORD [SENDER]" },
        { "command",   "Command",   0, 0, NULL,                   .format = channel_command },
};
/* clang-format on */

const size_t n_channels = ARRAY_SIZE(channels);

const Channel *channel_find(const char *name) {
        for (size_t i = 0; i < n_channels; i++)
                if (streq(channels[i].name, name))
                        return &channels[i];
        return NULL;
}

json_t *channel_text(const char *s, const TextStyle *style, size_t max) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        text_add(&b, s, style, max);
        return strbuf_check(&b) < 0 ? NULL : json_stringn(strbuf_text(&b), b.len);
}

static int add_json(const char *text, size_t len, void *b) {
        strbuf_add_bytes(b, text, len);
        return 0;
}

int outgoing_json(const ChannelInput *in, const char *url, json_t *document, Outgoing *ret) {
        Outgoing o = { .kind = OUTGOING_HTTP, .url = url };

        if (!document)
                return -ENOMEM;
        json_dump_callback(document, add_json, &o.body, JSON_COMPACT);
        json_decref(document);
        if (!url || strbuf_check(&o.body) < 0) {
                strbuf_done(&o.body);
                return -ENOMEM;
        }
        o.headers[0] = "Content-Type: application/json";
        *ret = o;
        return 0;
}
