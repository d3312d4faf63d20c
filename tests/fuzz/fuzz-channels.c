/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libFuzzer target of the channels: whatever alert the spool's reader lets through, and whatever a
 * secret file holds, each channel makes something valid of it or refuses it. The first byte says
 * how long the secret is that follows; the rest is the alert.
 */

#include "channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
        if (!holds)
                abort();
}

static void check_json(const StrBuf *body) {
        json_t *root = json_loadb(strbuf_text(body), body->len, JSON_REJECT_DUPLICATES, NULL);

        check(root);
        json_decref(root);
}

/* A header must be one line, and a mail's head ends where we say. */
static void check_outgoing(const Channel *c, const Outgoing *o) {
        for (const char *const *h = o->headers; *h; h++)
                check(!strpbrk(*h, "\r\n"));
        if (!streq(c->name, "email")) {
                check_json(&o->body);
                return;
        }
        check(strstr(o->body.text, "\nContent-Transfer-Encoding: quoted-printable"));
        for (const char *p = o->body.text; *p; p++)
                check((unsigned char) *p < 0x7f && (*p >= ' ' || strchr("\r\n\t", *p)));
}

static void try_channel(const Channel *c, ChannelInput *in) {
        Outgoing o = { 0 };
        int r;

        if (in->secret->n_words < c->words_min)
                return;
        r = c->format(in, &o);
        check(r == 0 || r == -EINVAL);
        if (r == 0)
                check_outgoing(c, &o);
        else
                check(!o.body.text);
        strbuf_done(&o.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const char *text = (const char *) data;
        size_t secret_len = size > 0 ? MIN((size_t) data[0], size - 1) : 0;
        _cleanup_arena_ Arena arena = { 0 };
        AlertTarget target = { .channel = "", .argument = "a@example.com", .extra_path = "/x" };
        Secret secret = { 0 };
        Summary summary;
        Alert a;
        ChannelInput in = {
                .alert = &a, .summary = &summary, .target = &target, .secret = &secret,
                .extra = &secret, .arena = &arena, .now_usec = 1,
        };

        if (size == 0 || secret_parse(text + 1, secret_len, &secret) < 0 ||
            alert_parse(text + 1 + secret_len, size - 1 - secret_len, &arena, &a, NULL) < 0)
                return 0;
        check(alert_clean(&a, &arena) == 0 && summary_make(&a, &arena, &summary) == 0);
        for (size_t i = 0; i < n_channels; i++)
                try_channel(&channels[i], &in);
        return 0;
}
