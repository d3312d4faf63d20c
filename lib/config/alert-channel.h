/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The channels of [Alert], a row each: the key, the word by which an alert's target and a formatter
 * name it, and where in the model its settings are. The generator, the alert hook and ftectl walk
 * this table, so that a new channel is a key, a row here and a formatter.
 */

#include "config/model.h"

#define ALERT_CHANNELS_MAX 16

typedef enum ChannelArgument {
        CHANNEL_SECRET,  /* a file that holds the address and key */
        CHANNEL_LIST,    /* a target for each address */
        CHANNEL_COMMAND, /* the words of a command */
} ChannelArgument;

typedef struct AlertChannel {
        const char *name; /* "slack" */
        const char *key;  /* "Slack" */
        ChannelArgument argument;
        size_t offset;       /* in Agent: a path, or an array */
        size_t extra_offset; /* in Agent: the path of a second secret; 0: there is none */
} AlertChannel;

extern const AlertChannel alert_channels[];
extern const size_t n_alert_channels;

/* What the key holds; NULL when it is not set. Of a channel of the right kind only. */
const char *alert_channel_path(const AlertChannel *c, const Agent *a);
char **alert_channel_words(const AlertChannel *c, const Agent *a);
/* The second secret's path, or NULL. */
const char *alert_channel_extra_path(const AlertChannel *c, const Agent *a);
/* Whether the agent tells anybody by it. */
bool alert_channel_is_set(const AlertChannel *c, const Agent *a);
