/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What systemd and the kernel's files say of the agents before anything is done, and the
 * daemon-reload. One call lists all units; since when each runs is read from /run, so a thousand
 * agents that are as they should be cost one question.
 */

#include "base/log.h"

#include "apply.h"

/* systemctl gives a daemon-reload twice the usual time of a call, too; a thousand units take a
 * second. */
#define RELOAD_TIMEOUT_USEC (180 * USEC_PER_SEC)

const char *apply_unit(Apply *a, const Target *t) {
        return arena_printf(&a->arena, "%s%s", t->name, t->is_timer ? ".timer" : ".service");
}

/*
 * The timer of a job that was removed, when somebody else has reloaded meanwhile: systemd lets it
 * fail then, for what it would start is gone.
 */
static bool is_left_over(const Target *t, const UnitRow *row) {
        return !t->has_file && streq(row->load, "not-found") && !streq(row->active, "inactive");
}

static int take_unit(void *userdata, const UnitRow *row) {
        bool is_timer = endswith(row->unit, ".timer");
        const char *end = endswith(row->unit, is_timer ? ".timer" : ".service");
        Apply *a = userdata;
        char name[256];
        Target *t;

        if (!end || (size_t) (end - row->unit) >= sizeof(name))
                return 0;
        memcpy(name, row->unit, (size_t) (end - row->unit));
        name[end - row->unit] = 0;
        t = apply_find(a, name);
        if (!t)
                return 0;
        if (is_timer && is_left_over(t, row))
                t->is_timer = true;
        if (t->is_timer != is_timer)
                return 0;
        t->load = arena_strdup(&a->arena, row->load);
        t->active = arena_strdup(&a->arena, row->active);
        t->sub = arena_strdup(&a->arena, row->sub);
        return t->load && t->active && t->sub ? 0 : -ENOMEM;
}

/* Below a root of its own there is no systemd to ask: what left a trace of a run runs. */
static void guess_unit(Target *t) {
        t->active = *t->run_id ? "active" : "inactive";
}

int apply_read_units(Apply *a) {
        int r = 0;

        for (size_t i = 0; i < a->n; i++) {
                Target *t = &a->targets[i];

                t->load = t->active = t->sub = "";
                t->run_usec = 0;
                *t->run_id = 0;
                if (run_find(a->root_fd, t->name, t->run_id, &t->run_usec))
                        t->env_usec = run_env_usec(a->root_fd, &t->agent, t->env_usec, t->run_usec);
                if (*a->args->root)
                        guess_unit(t);
        }
        if (!*a->args->root)
                r = bus_visit_units(a->bus, "*.service", take_unit, a);
        if (!*a->args->root && r >= 0)
                r = bus_visit_units(a->bus, "*.timer", take_unit, a);
        if (r < 0)
                log_line(LOG_ERR, "systemd does not answer: %s", strerror(-r));
        return r;
}

static int call_reload(sd_bus *bus, sd_bus_error *error) {
        _cleanup_bus_message_ sd_bus_message *call = NULL;
        int r = sd_bus_message_new_method_call(bus, &call, BUS_SYSTEMD, BUS_MANAGER_PATH,
                                               BUS_MANAGER, "Reload");

        return r < 0 ? r : sd_bus_call(bus, call, RELOAD_TIMEOUT_USEC, error, NULL);
}

/*
 * A reload that is on its way makes this one wait its turn. systemd that executes itself anew
 * instead closes the connection, and has read everything then, too.
 */
int apply_reload(Apply *a) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = call_reload(a->bus, &error);

        if (r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE) {
                bus_donep(&a->bus);
                a->bus = NULL;
                sd_bus_error_free(&error);
                error = SD_BUS_ERROR_NULL;
                r = bus_open(&a->bus);
                if (r >= 0)
                        r = call_reload(a->bus, &error);
        }
        if (r < 0)
                log_line(LOG_ERR, "daemon-reload: %s",
                         error.message ? error.message : strerror(-r));
        else
                a->is_reloaded = true;
        sd_bus_error_free(&error);
        return r;
}
