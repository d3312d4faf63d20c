/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * nginx after ftectl apply: an edit of [Proxy] need not restart the agent, so nothing else would
 * have it read. fte-proxy(8) does it for all agents, and reloads nginx only if anything is
 * different.
 */

#include <fcntl.h>

#include "base/log.h"

#include "apply.h"

#define UNIT      "fte-proxy.service"
#define WAIT_USEC (6 * 60 * USEC_PER_SEC) /* its own time, and some */
#define STEP_USEC (20 * USEC_PER_MSEC)

/* An agent has a [Proxy], or one had: its block is to go. */
static bool is_wanted(const Apply *a) {
        for (size_t i = 0; i < a->n; i++)
                if (a->targets[i].has_proxy)
                        return true;
        return faccessat(a->root_fd, "var/lib/fte/proxy/current", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Those of the agents that this apply is not about are told of, and are not its failure. */
static bool is_of_wanted(const Apply *a) {
        for (size_t i = 0; i < a->n; i++)
                if (a->targets[i].is_wanted && a->targets[i].has_proxy)
                        return true;
        return a->args->n_words == 0;
}

/* A job that is over is unknown to systemd. */
static bool is_over(sd_bus *bus, const char *job) {
        _cleanup_free_ char *state = NULL;

        return sd_bus_get_property_string(bus, BUS_SYSTEMD, job, BUS_SYSTEMD ".Job", "State", NULL,
                                          &state) < 0;
}

static bool wait_until(bool (*condition)(sd_bus *bus, const char *job), sd_bus *bus,
                       const char *job) {
        for (uint64_t waited = 0; waited < WAIT_USEC && !apply_interrupted; waited += STEP_USEC) {
                if (condition(bus, job))
                        return true;
                apply_signals(true);
                usleep(STEP_USEC);
                apply_signals(false);
        }
        return false;
}

static bool property_begins(sd_bus *bus, const char *interface, const char *name,
                            const char *text) {
        _cleanup_bus_message_ sd_bus_message *m = NULL;
        _cleanup_free_ char *value = NULL;
        const char *object;

        return sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_MANAGER, "LoadUnit", NULL,
                                  &m, "s", UNIT) >= 0 &&
               sd_bus_message_read(m, "o", &object) >= 0 &&
               sd_bus_get_property_string(bus, BUS_SYSTEMD, object, interface, name, NULL,
                                          &value) >= 0 &&
               startswith(value, text);
}

/*
 * Whoever starts it while it runs gets that run, which may have read the files before the edit; and
 * its result is told anew when another run begins. So it must not run before, nor after.
 */
static bool is_idle(sd_bus *bus, const char *unused _unused_) {
        return !property_begins(bus, BUS_SYSTEMD ".Unit", "SubState", "start");
}

static bool ended_well(sd_bus *bus) {
        return property_begins(bus, BUS_SYSTEMD ".Service", "Result", "success");
}

static bool run(sd_bus *bus) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_bus_message_ sd_bus_message *m = NULL;
        const char *job;

        if (!wait_until(is_idle, bus, NULL))
                return false;
        if (sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_MANAGER, "StartUnit", &error,
                               &m, "ss", UNIT, "replace") < 0 ||
            sd_bus_message_read(m, "o", &job) < 0) {
                log_line(LOG_ERR, UNIT ": %s",
                         error.message ? error.message : "systemd refuses it");
                return false;
        }
        return wait_until(is_over, bus, job) && wait_until(is_idle, bus, NULL) && ended_well(bus);
}

void apply_proxy(Apply *a) {
        a->proxy_is_bad = false;
        if (!is_wanted(a) || apply_interrupted || run(a->bus) || apply_interrupted)
                return;
        a->proxy_is_bad = is_of_wanted(a);
        log_line(a->proxy_is_bad ? LOG_ERR : LOG_WARNING,
                 "nginx does not have all that [Proxy] says; what is wrong is told by: "
                 "journalctl -u fte-proxy -n 20");
}
