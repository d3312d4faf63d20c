/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Discord: a webhook with one embed. Limits (Discord's documentation of embeds): title 256
 * characters, description 4,096, a field 1,024, 6,000 in all. allowed_mentions keeps "@everyone" in
 * a log line from calling everyone.
 */

#include "channel.h"

static const TextEscape markdown_escapes[] = {
        { '\\', "\\\\" }, { '*', "\\*" }, { '_', "\\_" }, { '~', "\\~" }, { '`', "\\`" },
        { '|', "\\|" },   { '>', "\\>" }, { '<', "\\<" }, { '[', "\\[" }, { '#', "\\#" },
        { '@', "@\u200b" }, { 0 },
};
static const TextEscape code_escapes[] = { { '`', "`\u200b" }, { 0 } };
static const TextStyle markdown = { markdown_escapes, TEXT_UTF16 };
static const TextStyle code = { code_escapes, TEXT_UTF16 };

static const int colors[_ALERT_KIND_MAX] = {
        [ALERT_KIND_FAILURE] = 0xD93025, [ALERT_KIND_RESTART] = 0xF29900,
        [ALERT_KIND_RECOVERY] = 0x188038, [ALERT_KIND_REPEATED] = 0xD93025,
        [ALERT_KIND_TEST] = 0x1A73E8,
};

static json_t *fields(const Summary *s) {
        json_t *array = json_array();

        for (size_t i = 0; i < s->n_facts; i++)
                json_array_append_new(array, json_pack("{s:s, s:o, s:b}", "name",
                                                       s->facts[i].title, "value",
                                                       channel_text(s->facts[i].value, &markdown,
                                                                    256),
                                                       "inline", 1));
        return array;
}

int channel_discord(const ChannelInput *in, Outgoing *ret) {
        const Summary *s = in->summary;
        _cleanup_strbuf_ StrBuf b = { 0 };
        json_t *embed;

        text_add(&b, s->description, &markdown, 300);
        if (in->alert->lines && *in->alert->lines) {
                strbuf_add(&b, b.len > 0 ? "\n```\n" : "```\n");
                /* With title and fields this stays below 6,000. */
                text_add_lines(&b, in->alert->lines, &code, 2500);
                strbuf_add(&b, "\n```");
        }
        embed = json_pack("{s:o, s:s, s:i, s:o}", "title",
                          channel_text(s->headline, &markdown, 256), "description",
                          strbuf_text(&b), "color", colors[in->alert->kind], "fields", fields(s));
        if (embed && *s->time)
                json_object_set_new(embed, "timestamp", json_string(s->time));
        return outgoing_json(in, in->secret->words[0],
                             json_pack("{s:[o], s:{s:[]}}", "embeds", embed, "allowed_mentions",
                                       "parse"),
                             ret);
}
