/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Slack: an incoming webhook, Block Kit. The text beside the blocks is what a notification shows.
 * Limits (Slack's block reference): header 150 characters, section 3,000, a field 2,000, 10 fields.
 */

#include "channel.h"

/* The first three make text of "<!channel>"; the last would end the code block. */
static const TextEscape escapes[] = {
        { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '`', "`\u200b" }, { 0 },
};
static const TextStyle style = { escapes, TEXT_UTF16 };

#define FIELDS_MAX 10

static json_t *fields(const Summary *s) {
        json_t *array = json_array();

        for (size_t i = 0; i < MIN(s->n_facts, (size_t) FIELDS_MAX); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                strbuf_addf(&b, "*%s*\n", s->facts[i].title);
                text_add(&b, s->facts[i].value, &style, TEXT_LONG);
                json_array_append_new(array, json_pack("{s:s, s:s}", "type", "mrkdwn", "text",
                                                       strbuf_text(&b)));
        }
        return array;
}

static json_t *section(const char *text) {
        return json_pack("{s:s, s:{s:s, s:s}}", "type", "section", "text", "type", "mrkdwn",
                         "text", text);
}

int channel_slack(const ChannelInput *in, Outgoing *ret) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        json_t *blocks = json_array();

        json_array_append_new(blocks, json_pack("{s:s, s:{s:s, s:o, s:b}}", "type", "header",
                                                "text", "type", "plain_text", "text",
                                                channel_text(in->summary->headline, &style, 150),
                                                "emoji", 0));
        if (*in->summary->description) {
                text_add(&b, in->summary->description, &style, TEXT_LONG);
                json_array_append_new(blocks, section(strbuf_text(&b)));
                strbuf_reset(&b);
        }
        json_array_append_new(blocks, json_pack("{s:s, s:o}", "type", "section", "fields",
                                                fields(in->summary)));
        if (in->alert->lines && *in->alert->lines) {
                strbuf_add(&b, "```\n");
                text_add_lines(&b, in->alert->lines, &style, 3000 - 8);
                strbuf_add(&b, "\n```");
                json_array_append_new(blocks, section(strbuf_text(&b)));
        }
        return outgoing_json(in, in->secret->words[0],
                             json_pack("{s:o, s:o}", "text",
                                       channel_text(in->summary->headline, &style, TEXT_LONG),
                                       "blocks", blocks),
                             ret);
}
