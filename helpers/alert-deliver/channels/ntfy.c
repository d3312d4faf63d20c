/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ntfy: a message published as JSON, which goes to the server's root and names the topic (in
 * headers, a title could hold ASCII only). A message may have 4,096 bytes; a longer one would
 * become an attachment.
 */

#include "channel.h"

#define MESSAGE_MAX_BYTES 4096

static const TextStyle style = { NULL, TEXT_BYTES };

static const struct {
        int priority;
        const char *tag; /* ntfy shows it as an emoji */
} looks[_ALERT_KIND_MAX] = {
        [ALERT_KIND_FAILURE] = { 5, "rotating_light" },
        [ALERT_KIND_RESTART] = { 4, "warning" },
        [ALERT_KIND_RECOVERY] = { 3, "white_check_mark" },
        [ALERT_KIND_REPEATED] = { 5, "rotating_light" },
        [ALERT_KIND_TEST] = { 3, "test_tube" },
};

/* Splits https://ntfy.sh/TOPIC into the server's root and the topic. */
static int split_url(const ChannelInput *in, const char **ret_root, const char **ret_topic) {
        const char *url = in->secret->words[0], *host = strstr(url, "://"), *slash;

        slash = host ? strrchr(host + 3, '/') : NULL;
        if (!slash || !slash[1] || strpbrk(slash, "?#"))
                return -EINVAL;
        *ret_topic = slash + 1;
        *ret_root = arena_strndup(in->arena, url, (size_t) (slash + 1 - url));
        return *ret_root ? 0 : -ENOMEM;
}

static void add_message(const ChannelInput *in, StrBuf *b) {
        const Summary *s = in->summary;

        text_add(b, s->description, &style, 300);
        for (size_t i = 0; i < s->n_facts; i++) {
                strbuf_addf(b, "%s%s: ", b->len > 0 ? "\n" : "", s->facts[i].title);
                text_add(b, s->facts[i].value, &style, 200);
        }
        if (in->alert->lines && *in->alert->lines) {
                strbuf_add(b, "\n\n");
                text_add_lines(b, in->alert->lines, &style, MESSAGE_MAX_BYTES - b->len);
        }
}

int channel_ntfy(const ChannelInput *in, Outgoing *ret) {
        const char *root, *topic;
        _cleanup_strbuf_ StrBuf b = { 0 };
        int r = split_url(in, &root, &topic);

        if (r < 0)
                return r;
        add_message(in, &b);
        r = outgoing_json(in, root,
                          json_pack("{s:s, s:o, s:s, s:i, s:[s]}", "topic", topic, "title",
                                    channel_text(in->summary->headline, &style, 250), "message",
                                    strbuf_text(&b), "priority", looks[in->alert->kind].priority,
                                    "tags", looks[in->alert->kind].tag),
                          ret);
        if (r == 0 && in->secret->n_words > 1) {
                ret->headers[1] = arena_printf(in->arena, "Authorization: Bearer %s",
                                               in->secret->words[1]);
                if (!ret->headers[1]) {
                        strbuf_done(&ret->body);
                        return -ENOMEM;
                }
        }
        return r;
}
