/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of alert-channel.h, in the order of fte.conf(5).
 */

#include "config/alert-channel.h"

#define AT(field) offsetof(Agent, field)

const AlertChannel alert_channels[] = {
        { "slack", "Slack", CHANNEL_SECRET, AT(alert_slack), 0 },
        { "discord", "Discord", CHANNEL_SECRET, AT(alert_discord), 0 },
        { "teams", "Teams", CHANNEL_SECRET, AT(alert_teams), 0 },
        { "telegram", "Telegram", CHANNEL_SECRET, AT(alert_telegram), 0 },
        { "pagerduty", "PagerDuty", CHANNEL_SECRET, AT(alert_pagerduty), 0 },
        { "ntfy", "Ntfy", CHANNEL_SECRET, AT(alert_ntfy), 0 },
        { "webhook", "Webhook", CHANNEL_SECRET, AT(alert_webhook), AT(alert_webhook_secret) },
        { "email", "Email", CHANNEL_LIST, AT(alert_email), AT(alert_smtp_login) },
        { "command", "Command", CHANNEL_COMMAND, AT(alert_command), 0 },
};

const size_t n_alert_channels = ARRAY_SIZE(alert_channels);
_Static_assert(ARRAY_SIZE(alert_channels) <= ALERT_CHANNELS_MAX, "raise ALERT_CHANNELS_MAX");

static const void *field(const Agent *a, size_t offset) {
        return (const char *) a + offset;
}

const char *alert_channel_path(const AlertChannel *c, const Agent *a) {
        return c->argument == CHANNEL_SECRET ? *(const char *const *) field(a, c->offset) : NULL;
}

char **alert_channel_words(const AlertChannel *c, const Agent *a) {
        return c->argument != CHANNEL_SECRET ? *(char **const *) field(a, c->offset) : NULL;
}

const char *alert_channel_extra_path(const AlertChannel *c, const Agent *a) {
        return c->extra_offset > 0 ? *(const char *const *) field(a, c->extra_offset) : NULL;
}

bool alert_channel_is_set(const AlertChannel *c, const Agent *a) {
        char **words = alert_channel_words(c, a);

        return alert_channel_path(c, a) || (words && *words);
}
