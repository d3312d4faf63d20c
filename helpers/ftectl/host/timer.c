/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The way back by itself (host.h): a transient timer of systemd's starts fte-host-revert.service,
 * which runs "ftectl host revert". It outlives ftectl, the login and the network; a reboot, which
 * ends it, starts that service too.
 */

#include <stdio.h>

#include "base/log.h"
#include "base/run.h"
#include "bus.h"
#include "host/nginx.h"

#include "host.h"

#define TIMER   "fte-host-revert.timer"
#define MANAGER BUS_SYSTEMD ".Manager"

static int append_properties(sd_bus_message *m) {
        int r = sd_bus_message_open_container(m, 'a', "(sv)");

        if (r >= 0)
                r = sd_bus_message_append(
                        m, "(sv)", "Description", "s",
                        "Revert of the change of the host unless it is confirmed");
        if (r >= 0)
                r = sd_bus_message_append(m, "(sv)", "TimersMonotonic", "a(st)", 1, "OnActiveSec",
                                          (uint64_t) HOST_TRY_USEC);
        if (r >= 0)
                r = sd_bus_message_append(m, "(sv)", "AccuracyUSec", "t",
                                          (uint64_t) 100 * USEC_PER_MSEC);
        if (r >= 0)
                r = sd_bus_message_append(m, "(sv)", "RemainAfterElapse", "b", 0);
        if (r >= 0) /* "systemctl isolate" would take it away, and the way back with it */
                r = sd_bus_message_append(m, "(sv)", "IgnoreOnIsolate", "b", 1);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int start_timer(sd_bus *bus) {
        _cleanup_bus_message_ sd_bus_message *m = NULL;
        int r = sd_bus_message_new_method_call(bus, &m, BUS_SYSTEMD, BUS_MANAGER_PATH, MANAGER,
                                               "StartTransientUnit");

        if (r >= 0)
                r = sd_bus_message_append(m, "ss", TIMER, "fail");
        if (r >= 0)
                r = append_properties(m);
        if (r >= 0)
                r = sd_bus_message_append(m, "a(sa(sv))", 0);
        return r < 0 ? r : sd_bus_call(bus, m, 0, NULL, NULL);
}

/* Whether systemd has the timer running: what it was asked for is done a moment later. */
static bool timer_runs(sd_bus *bus) {
        for (unsigned i = 0; i < 500; i++) {
                _cleanup_bus_message_ sd_bus_message *m = NULL;
                _cleanup_free_ char *state = NULL;
                const char *object;

                if (sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, MANAGER, "GetUnit", NULL,
                                       &m, "s", TIMER) >= 0 &&
                    sd_bus_message_read(m, "o", &object) >= 0 &&
                    sd_bus_get_property_string(bus, BUS_SYSTEMD, object, BUS_SYSTEMD ".Unit",
                                               "ActiveState", NULL, &state) >= 0 &&
                    streq(state, "active"))
                        return true;
                usleep(20 * 1000);
        }
        return false;
}

/* What the timer is to start; without it the timer would be good for nothing. */
static bool service_is_there(sd_bus *bus) {
        _cleanup_bus_message_ sd_bus_message *m = NULL;
        _cleanup_free_ char *state = NULL;
        const char *object;

        return sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, MANAGER, "LoadUnit", NULL, &m,
                                  "s", "fte-host-revert.service") >= 0 &&
               sd_bus_message_read(m, "o", &object) >= 0 &&
               sd_bus_get_property_string(bus, BUS_SYSTEMD, object, BUS_SYSTEMD ".Unit",
                                          "LoadState", NULL, &state) >= 0 &&
               streq(state, "loaded");
}

int host_timer_arm(const char *root) {
        _cleanup_bus_ sd_bus *bus = NULL;
        int r;

        if (*root)
                return 0;
        r = bus_open(&bus);
        if (r < 0)
                return r;
        if (!service_is_there(bus))
                return -ENOENT;
        (void) host_timer_disarm(root); /* of a try that ended before it kept anything */
        r = start_timer(bus);
        return r < 0 ? r : timer_runs(bus) ? 0 : -EIO;
}

int host_timer_disarm(const char *root) {
        _cleanup_bus_ sd_bus *bus = NULL;
        int r = *root ? 0 : bus_open(&bus);

        if (r < 0 || *root)
                return r;
        r = sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, MANAGER, "StopUnit", NULL, NULL,
                               "ss", TIMER, "replace");
        for (unsigned i = 0; r >= 0 && i < 100; i++) {
                if (sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, MANAGER, "GetUnit", NULL,
                                       NULL, "s", TIMER) < 0)
                        break;
                usleep(10 * 1000);
        }
        return r;
}

/*
 * Whether what reads these files has begun already: at boot the revert comes before all of them,
 * but where it failed at first and is tried again they run with what was tried.
 */
static bool anything_reads(const char *root) {
        static const char *const units[] = { "ssh.service",       "sshd.service",
                                             "ssh.socket",        "sshd.socket",
                                             "ufw.service",       "nginx.service",
                                             "firewalld.service", "fte-firewall.service" };
        _cleanup_bus_ sd_bus *bus = NULL;

        if (*root || bus_open(&bus) < 0)
                return true;
        for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
                _cleanup_bus_message_ sd_bus_message *m = NULL;
                _cleanup_free_ char *state = NULL;
                const char *object;

                if (sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, MANAGER, "GetUnit", NULL,
                                       &m, "s", units[i]) >= 0 &&
                    sd_bus_message_read(m, "o", &object) >= 0 &&
                    sd_bus_get_property_string(bus, BUS_SYSTEMD, object, BUS_SYSTEMD ".Unit",
                                               "ActiveState", NULL, &state) >= 0 &&
                    !streq(state, "inactive") && !streq(state, "failed"))
                        return true;
        }
        return false;
}

static int reload_nginx(const char *root) {
        _cleanup_arena_ Arena arena = { 0 };
        Nginx nginx;
        int r = nginx_open(root, &arena, &nginx);

        return r == -ENOENT ? 0 : r < 0 ? r : nginx_reload(&nginx);
}

int host_revert_all(const char *root, const Kept *kept) {
        _cleanup_strbuf_ StrBuf problem = { 0 };
        int result = host_restore(root), r;

        if (kept->other_boot && getenv("INVOCATION_ID") && !anything_reads(root))
                return result;
        r = host_sshd_reload(root);
        if (r < 0)
                log_line(LOG_ERR, "sshd cannot be reloaded: %s", strerror(-r));
        result = result < 0 ? result : r;
        r = host_firewall_reload(root, kept->backend, &problem);
        if (r < 0)
                log_line(LOG_ERR, "the firewall is not what it was: %s", strbuf_text(&problem));
        result = result < 0 ? result : r;
        r = reload_nginx(root);
        if (r < 0)
                log_line(LOG_ERR, "nginx cannot be reloaded: %s", strerror(-r));
        return result < 0 ? result : r;
}
