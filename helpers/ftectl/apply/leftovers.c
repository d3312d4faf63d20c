/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What systemd goes on with although nothing makes it any more: timers of agents that are gone, or
 * of schedules. A daemon-reload forgets their files and lets them tick until the next boot.
 */

#include "base/log.h"
#include "base/parse.h"

#include "apply.h"

typedef struct Leftovers {
        Apply *apply;
        char *units[256];
        size_t n;
} Leftovers;

/* "fte-backup@bot.timer" to "bot". */
static const char *agent_of(Apply *a, const char *unit) {
        const char *at = strchr(unit, '@'), *end = endswith(unit, ".timer");

        return at && end && at < end ? arena_strndup(&a->arena, at + 1, (size_t) (end - at - 1))
                                     : NULL;
}

/* Not while its file is there, and not of an agent that nobody has named. */
static int take_timer(void *userdata, const UnitRow *row) {
        Leftovers *l = userdata;
        const char *name;

        if (!streq(row->load, "not-found") || streq(row->active, "inactive") ||
            l->n == ARRAY_SIZE(l->units))
                return 0;
        name = agent_of(l->apply, row->unit);
        if (!name || (l->apply->args->n_words > 0 && !strv_contains(l->apply->args->words, name)))
                return 0;
        l->units[l->n] = arena_strdup(&l->apply->arena, row->unit);
        if (!l->units[l->n])
                return -ENOMEM;
        l->n++;
        return 0;
}

int apply_stop_leftovers(Apply *a) {
        Leftovers l = { .apply = a };
        int r = bus_visit_units(a->bus, "fte-*@*.timer", take_timer, &l);

        for (size_t i = 0; i < l.n && r >= 0; i++) {
                sd_bus_error error = SD_BUS_ERROR_NULL;

                r = sd_bus_call_method(a->bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_MANAGER,
                                       "StopUnit", &error, NULL, "ss", l.units[i], "replace");
                if (r < 0)
                        log_line(LOG_WARNING, "%s goes on although nothing makes it any more: %s",
                                 l.units[i], error.message ? error.message : strerror(-r));
                else
                        log_line(LOG_NOTICE, "%s: stopped, because nothing makes it any more",
                                 l.units[i]);
                sd_bus_error_free(&error);
                r = 0;
        }
        return r;
}
