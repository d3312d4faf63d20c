/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From the table of channels to the targets of an alert (alert-targets.h). Reads no file: a target
 * names the one that holds its secret.
 */

#include "base/escape.h"
#include "config/alert-channel.h"
#include "config/alert-targets.h"

static AlertTarget *add_target(Alert *a, const AlertChannel *c, const Agent *agent) {
        AlertTarget *t = &a->targets[a->n_targets++];

        *t = (AlertTarget){ .channel = c->name, .argument = "", .answer = "" };
        t->path = alert_channel_path(c, agent);
        t->extra_path = alert_channel_extra_path(c, agent);
        return t;
}

static const char *join_words(Arena *arena, char *const *words) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        for (size_t i = 0; words[i]; i++) {
                if (i > 0)
                        strbuf_addc(&b, ' ');
                escape_word(&b, words[i], 0);
        }
        return strbuf_check(&b) < 0 ? NULL : arena_strndup(arena, strbuf_text(&b), b.len);
}

int alert_targets(const Agent *agent, Arena *arena, Alert *alert) {
        alert->targets = arena_new_n(arena, AlertTarget, ALERT_TARGETS_MAX);
        if (!alert->targets)
                return -ENOMEM;
        for (size_t i = 0; i < n_alert_channels; i++) {
                const AlertChannel *c = &alert_channels[i];
                char **words = alert_channel_words(c, agent);

                if (!alert_channel_is_set(c, agent))
                        continue;
                if (c->argument == CHANNEL_LIST)
                        for (; *words && alert->n_targets + 2 < ALERT_TARGETS_MAX; words++)
                                add_target(alert, c, agent)->argument = *words;
                else {
                        AlertTarget *t = add_target(alert, c, agent);

                        if (c->argument == CHANNEL_COMMAND)
                                t->argument = join_words(arena, words);
                        if (!t->argument)
                                return -ENOMEM;
                }
        }
        return 0;
}
