/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The generic webhook: the JSON of document.c, posted, and signed when the agent has a
 * WebhookSecret=. The signature covers the time it was made, so that an old request cannot be
 * played again; fte-alert-deliver(8) says how to check it.
 */

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "channel.h"

/* HMAC-SHA256 over "TIME.BODY" with the key. */
static const char *signature(const ChannelInput *in, const StrBuf *body) {
        uint64_t now_sec = in->now_usec / USEC_PER_SEC;
        const char *key = in->extra->words[0];
        char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
        unsigned char mac[EVP_MAX_MD_SIZE];
        _cleanup_strbuf_ StrBuf b = { 0 };
        unsigned len = 0;

        strbuf_addf(&b, "%" PRIu64 ".", now_sec);
        strbuf_add_bytes(&b, strbuf_text(body), body->len);
        if (strbuf_check(&b) < 0 ||
            !HMAC(EVP_sha256(), key, (int) strlen(key), (const unsigned char *) b.text, b.len, mac,
                  &len))
                return NULL;
        for (unsigned i = 0; i < len; i++)
                snprintf(hex + 2 * i, 3, "%02x", mac[i]);
        return arena_printf(in->arena, "X-FTE-Signature: t=%" PRIu64 ",v1=%s", now_sec, hex);
}

int channel_webhook(const ChannelInput *in, Outgoing *ret) {
        int r = outgoing_json(in, in->secret->words[0], channel_document(in), ret);

        if (r < 0 || isempty(in->target->extra_path))
                return r;
        ret->headers[1] = signature(in, &ret->body);
        if (ret->headers[1])
                return 0;
        strbuf_done(&ret->body);
        return -ENOMEM;
}
