/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Microsoft Teams: an Adaptive Card for the workflow "when a Teams webhook request is received",
 * which took the place of the connectors. All text is in TextRuns, the one element without markup.
 * A message may have 28 KiB: the oldest log lines give way.
 */

#include "channel.h"

#define MESSAGE_MAX_BYTES ((size_t) 27 * 1024)
#define FACT_MAX          256 /* so that the head alone always fits */

static const TextStyle style = { NULL, TEXT_UTF16 };

static const char *const colors[_ALERT_KIND_MAX] = {
        [ALERT_KIND_FAILURE] = "Attention", [ALERT_KIND_RESTART] = "Warning",
        [ALERT_KIND_RECOVERY] = "Good",     [ALERT_KIND_REPEATED] = "Attention",
        [ALERT_KIND_TEST] = "Accent",
};

static json_t *run(const char *text, size_t max, bool bold) {
        return json_pack("{s:s, s:o, s:s}", "type", "TextRun", "text",
                         channel_text(text, &style, max), "weight", bold ? "Bolder" : "Default");
}

/* One line of the card. */
static void add_block(json_t *body, json_t *inlines) {
        json_array_append_new(body, json_pack("{s:s, s:s, s:o}", "type", "RichTextBlock",
                                              "spacing", "None", "inlines", inlines));
}

static void add_head(const ChannelInput *in, json_t *body) {
        const Summary *s = in->summary;
        json_t *headline = run(s->headline, FACT_MAX, true);

        json_object_set_new(headline, "size", json_string("Large"));
        json_object_set_new(headline, "color", json_string(colors[in->alert->kind]));
        add_block(body, json_pack("[o]", headline));
        if (*s->description)
                add_block(body, json_pack("[o]", run(s->description, FACT_MAX, false)));
        for (size_t i = 0; i < s->n_facts; i++)
                add_block(body, json_pack("[o, o, o]", run(s->facts[i].title, FACT_MAX, true),
                                          run(": ", FACT_MAX, false),
                                          run(s->facts[i].value, FACT_MAX, false)));
}

static void add_log(const ChannelInput *in, json_t *body, size_t max) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        text_add_lines(&b, in->alert->lines, &style, max);
        for (char *line = b.text, *end; line; line = end) {
                json_t *text;

                end = strchr(line, '\n');
                if (end)
                        *end++ = 0;
                text = run(*line ? line : " ", max, false);
                json_object_set_new(text, "fontType", json_string("Monospace"));
                add_block(body, json_pack("[o]", text));
        }
}

static json_t *message(const ChannelInput *in, size_t log_max) {
        json_t *body = json_array();

        add_head(in, body);
        add_log(in, body, log_max);
        return json_pack("{s:s, s:[{s:s, s:n, s:{s:s, s:s, s:s, s:{s:s}, s:o}}]}", "type",
                         "message", "attachments", "contentType",
                         "application/vnd.microsoft.card.adaptive", "contentUrl", "content",
                         "$schema", "http://adaptivecards.io/schemas/adaptive-card.json", "type",
                         "AdaptiveCard", "version", "1.4", "msteams", "width", "Full", "body",
                         body);
}

int channel_teams(const ChannelInput *in, Outgoing *ret) {
        /* Each line costs its frame, each odd character an escape: try until it fits. */
        for (size_t log_max = 16384;; log_max /= 2) {
                Outgoing o = { 0 };
                int r = outgoing_json(in, in->secret->words[0], message(in, log_max), &o);

                if (r < 0)
                        return r;
                if (o.body.len <= MESSAGE_MAX_BYTES || log_max < 256) {
                        *ret = o;
                        return 0;
                }
                strbuf_done(&o.body);
        }
}
