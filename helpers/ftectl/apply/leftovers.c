/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What systemd keeps although nothing makes it any more: timers of agents and of schedules that are
 * gone. Behind a daemon-reload they wait for a unit that is not there, or have failed over that,
 * which makes the whole system count as degraded until the next boot.
 */

#include "base/log.h"
#include "base/parse.h"

#include "apply.h"

typedef struct Leftover {
        const char *unit;
        bool has_failed;
} Leftover;

typedef struct Leftovers {
        Apply *apply;
        Leftover items[256]; /* more at the next apply */
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
            l->n == ARRAY_SIZE(l->items))
                return 0;
        name = agent_of(l->apply, row->unit);
        if (!name || (l->apply->args->n_words > 0 && !strv_contains(l->apply->args->words, name)))
                return 0;
        l->items[l->n] = (Leftover){ arena_strdup(&l->apply->arena, row->unit),
                                     streq(row->active, "failed") };
        if (!l->items[l->n].unit)
                return -ENOMEM;
        l->n++;
        return 0;
}

static void take_away(Apply *a, const Leftover *l) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = l->has_failed
                        ? sd_bus_call_method(a->bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_MANAGER,
                                             "ResetFailedUnit", &error, NULL, "s", l->unit)
                        : sd_bus_call_method(a->bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_MANAGER,
                                             "StopUnit", &error, NULL, "ss", l->unit, "replace");

        if (r < 0)
                log_line(LOG_WARNING, "%s is still there although nothing makes it any more: %s",
                         l->unit, error.message ? error.message : strerror(-r));
        sd_bus_error_free(&error);
}

int apply_stop_leftovers(Apply *a) {
        Leftovers l = { .apply = a };
        int r = bus_visit_units(a->bus, "fte-*@*.timer", take_timer, &l);

        for (size_t i = 0; i < l.n && r >= 0; i++)
                take_away(a, &l.items[i]);
        return r;
}
