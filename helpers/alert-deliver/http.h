/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One HTTP POST or SMTP mail at a time by libcurl. Owns the policy of connections: TLS verified, no
 * redirects, no proxies, limits of time and size. Never shows a URL: libcurl's own messages can
 * hold one, so they are not used.
 */

#include <curl/curl.h>

#include "channel.h"
#include "outcome.h"

#define REPLY_MAX_BYTES ((size_t) 64 * 1024)

typedef struct Transfer {
        CURL *easy; /* NULL while none is under way */
        struct curl_slist *headers, *recipients;
        const Outgoing *outgoing; /* outlives the transfer */
        size_t sent_bytes;        /* of a mail's body */
        StrBuf reply;
        bool refused; /* by the mail server */
} Transfer;

typedef struct HttpOptions {
        uint64_t timeout_usec;
        const char *ca_file;  /* NULL: the system's */
        const char *alert_id;
} HttpOptions;

/* https:// anywhere, http:// on this host only; smtps:// and smtp://. Otherwise -EINVAL. */
int http_check_url(const char *url);

/* 0, -ENOMEM, or -EIO when libcurl cannot do it. */
int transfer_start(Transfer *t, CURLM *multi, const Outgoing *outgoing, const HttpOptions *options);

/* code is what libcurl says of the transfer that has ended. */
void transfer_judge(const Transfer *t, CURLcode code, Outcome *ret);

/* Ends it, whatever state it is in. */
void transfer_end(Transfer *t, CURLM *multi);
