/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Telegram: a bot's sendMessage. The text has no markup at all; entities say by offset and length
 * (in UTF-16 units) what is bold and what is code, so no character needs escaping. A message may
 * have 4,096 characters.
 */

#include "channel.h"

#define MESSAGE_MAX_UNITS 4096

static const TextStyle style = { NULL, TEXT_UTF16 };

static json_t *entity(const char *type, size_t offset, size_t length) {
        return json_pack("{s:s, s:I, s:I}", "type", type, "offset", (json_int_t) offset, "length",
                         (json_int_t) length);
}

/* Part of a URL's path, so nothing that would lead elsewhere: digits, a colon, base64url. */
static bool token_is_valid(const char *s) {
        for (; *s; s++)
                if (!ascii_isalnum(*s) && !strchr(":_-", *s))
                        return false;
        return true;
}

int channel_telegram(const ChannelInput *in, Outgoing *ret) {
        const char *token = in->secret->words[0], *chat = in->secret->words[1];
        const Summary *s = in->summary;
        _cleanup_strbuf_ StrBuf b = { 0 };
        json_t *entities = json_array();
        size_t units;

        if (!token_is_valid(token)) {
                json_decref(entities);
                return -EINVAL;
        }
        units = text_add(&b, s->headline, &style, TEXT_LONG);
        json_array_append_new(entities, entity("bold", 0, units));
        if (*s->description) {
                strbuf_addc(&b, '\n');
                text_add(&b, s->description, &style, 300);
        }
        for (size_t i = 0; i < s->n_facts; i++) {
                strbuf_addf(&b, "\n%s: ", s->facts[i].title);
                text_add(&b, s->facts[i].value, &style, 150);
        }
        if (in->alert->lines && *in->alert->lines) {
                size_t offset;

                strbuf_addc(&b, '\n');
                offset = text_units(strbuf_text(&b), TEXT_UTF16);
                units = text_add_lines(&b, in->alert->lines, &style, MESSAGE_MAX_UNITS - offset);
                json_array_append_new(entities, entity("pre", offset, units));
        }
        return outgoing_json(in,
                             arena_printf(in->arena, "https://api.telegram.org/bot%s/sendMessage",
                                          token),
                             json_pack("{s:s, s:s, s:o, s:{s:b}}", "chat_id", chat, "text",
                                       strbuf_text(&b), "entities", entities,
                                       "link_preview_options", "is_disabled", 1),
                             ret);
}
