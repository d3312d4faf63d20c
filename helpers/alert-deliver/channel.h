/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A channel turns an alert into something to send. It is one row in channels.c and one file in
 * channels/, and it is pure: it opens, sends and logs nothing, and keeps nothing between calls.
 * What it makes is sent by http.c, mail.c or process.c, which know of no channel.
 */

#include <jansson.h>

#include "secret.h"
#include "summary.h"
#include "text.h"

/* What a channel is given. All texts are clean (alert_clean()). */
typedef struct ChannelInput {
        const Alert *alert;
        const Summary *summary;
        const AlertTarget *target;
        const Secret *secret; /* what target->path holds, as words; none when it has no path */
        const Secret *extra;  /* what target->extra_path holds */
        Arena *arena;
        uint64_t now_usec;    /* CLOCK_REALTIME */
} ChannelInput;

typedef enum OutgoingKind {
        OUTGOING_HTTP, /* a POST */
        OUTGOING_SMTP,
        OUTGOING_PROCESS,
} OutgoingKind;

#define OUTGOING_HEADERS_MAX 4

/* What a channel makes; texts live in the arena of the input, body is the receiver's to free. */
typedef struct Outgoing {
        OutgoingKind kind;
        const char *url;
        const char *headers[OUTGOING_HEADERS_MAX + 1]; /* besides those that every request has */
        const char *sender, *recipient;                /* of a mail's envelope */
        const char *user, *password;                   /* at the mail server, or NULL */
        char **argv, **envp;                           /* of a process, which reads body */
        bool shows_output; /* of a process that knows no secret: its last line is the answer */
        StrBuf body;
} Outgoing;

typedef struct Channel {
        const char *name; /* AlertTarget.channel */
        const char *key;  /* in [Alert], for messages */
        size_t words_min, words_max; /* that its secret has; 0 when it has none */
        const char *wanted;          /* what the secret file must hold, for people */
        size_t extra_min, extra_max; /* of the second secret, when the alert names one */
        const char *extra_key, *extra_wanted;
        /*
         * 0, or with ret untouched -ENOMEM, or -EINVAL: what the secret holds, or the argument,
         * cannot be used.
         */
        int (*format)(const ChannelInput *in, Outgoing *ret);
} Channel;

extern const Channel channels[];
extern const size_t n_channels;

/* NULL when there is none of the name. */
const Channel *channel_find(const char *name);

/* For channels that post JSON: url with the document, which is released. */
int outgoing_json(const ChannelInput *in, const char *url, json_t *document, Outgoing *ret);

/* JSON text, cut and escaped by style. NULL when memory is out, which json_pack() passes on. */
json_t *channel_text(const char *s, const TextStyle *style, size_t max);

/* The documented JSON of an alert (fte-alert-deliver(8)), for webhook and command. */
json_t *channel_document(const ChannelInput *in);

#define CHANNEL(x) int channel_##x(const ChannelInput *in, Outgoing *ret)
CHANNEL(slack);
CHANNEL(discord);
CHANNEL(teams);
CHANNEL(telegram);
CHANNEL(pagerduty);
CHANNEL(ntfy);
CHANNEL(webhook);
CHANNEL(email);
CHANNEL(command);
#undef CHANNEL
