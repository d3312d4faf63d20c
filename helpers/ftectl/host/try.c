/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl host try: sshd, firewall and proxy at once, for two minutes. The order is what makes it
 * safe: first the way back is set up, then everything is kept, and only then is anything changed;
 * whenever this ends, the rest happens by itself.
 */

#include <stdio.h>

#include "base/log.h"
#include "bus.h"
#include "host/sshd-text.h"

#include "ftectl/shared/json.h"
#include "ftectl/shared/terminal.h"
#include "host.h"

#define SETTLE_MSEC_MAX (60 * 1000)

/* ---- what is waited for ---- */

/* Jobs of the units that were touched: a new login must meet the new sshd and firewall. */
static bool any_job(sd_bus *bus) {
        static const char *const units[] = { "ssh.service", "sshd.service", "nginx.service",
                                             "fte-proxy.service", "fte-firewall.service" };
        _cleanup_bus_message_ sd_bus_message *m = NULL;
        const char *unit;
        bool found = false;

        if (sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_SYSTEMD ".Manager",
                               "ListJobs", NULL, &m, "") < 0 ||
            sd_bus_message_enter_container(m, 'a', "(usssoo)") < 0)
                return false;
        while (!found &&
               sd_bus_message_read(m, "(usssoo)", NULL, &unit, NULL, NULL, NULL, NULL) > 0)
                for (size_t i = 0; i < ARRAY_SIZE(units) && !found; i++)
                        found = streq(unit, units[i]);
        return found;
}

static void settle(sd_bus *bus) {
        for (unsigned waited = 0; bus && waited < SETTLE_MSEC_MAX && any_job(bus); waited += 50)
                usleep(50 * 1000);
}

/* ---- the parts ---- */

static int apply_ssh(const HostPlan *p, StrBuf *problem) {
        for (const HostChange *c = p->changes; c; c = c->next) {
                int r;

                if (!streq(c->path, SSHD_FILE))
                        continue;
                r = host_write(p->root, c->path, c->new);
                if (r == -ENOENT)
                        strbuf_add(
                                problem,
                                "there is no directory /etc/ssh/sshd_config.d; make it and write "
                                "\"Include /etc/ssh/sshd_config.d/*.conf\" at the top of "
                                "/etc/ssh/sshd_config");
                else if (r < 0)
                        strbuf_addf(problem, "%s: %s", c->path, strerror(-r));
                if (r < 0)
                        return r;
                if (p->has_ssh && !host_sshd_is_good(p, problem))
                        return -EINVAL;
                r = host_sshd_reload(p->root);
                if (r < 0)
                        strbuf_addf(problem, "sshd cannot be reloaded: %s", strerror(-r));
                return r;
        }
        return 0;
}

static int apply_firewall(const HostPlan *p, StrBuf *problem) {
        int r = 0;

        for (const HostChange *c = p->changes; c && r == 0; c = c->next)
                if (startswith(c->path, HOST_DIR "/"))
                        r = host_write(p->root, c->path, c->new);
        if (r < 0)
                strbuf_addf(problem, "its rules cannot be written: %s", strerror(-r));
        return r < 0 ? r : host_firewall_apply(p, problem);
}

/* fte-proxy does it, and what it refuses it says itself: the others stay, and nobody is locked out.
 */
static int apply_proxy(const HostPlan *p, sd_bus *bus) {
        int r;

        if (!p->has_proxy || !bus)
                return 0;
        r = sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_SYSTEMD ".Manager",
                               "StartUnit", NULL, NULL, "ss", "fte-proxy.service", "replace");
        return MIN(r, 0);
}

static int apply(const HostPlan *p) {
        _cleanup_strbuf_ StrBuf problem = { 0 };
        _cleanup_bus_ sd_bus *bus = NULL;
        const char *part = "sshd";
        int r = *p->root ? 0 : bus_open(&bus);

        if (r == 0)
                r = apply_ssh(p, &problem);
        if (r == 0) {
                part = "firewall";
                r = apply_firewall(p, &problem);
        }
        if (r == 0) {
                part = "proxy";
                r = apply_proxy(p, bus);
        }
        settle(bus);
        if (r == 0)
                r = host_keep_applied(p->root);
        if (r < 0)
                log_line(LOG_ERR, "%s: %s", part,
                         problem.len > 0 ? strbuf_text(&problem) : strerror(-r));
        return r;
}

/* ---- all of it ---- */

static bool is_refused(const HostPlan *p) {
        for (const HostText *t = p->refusals; t; t = t->next)
                log_line(LOG_ERR, "%s", t->text);
        if (p->refusals)
                log_line(LOG_ERR, "refused, and nothing was changed");
        return p->refusals != NULL;
}

/* The timer goes first: it finds nothing to do when this ends before the manifest is there. */
static int prepare(HostPlan *p, uint64_t *ret_until) {
        uint64_t until;
        int r = host_timer_arm(p->root);

        if (r < 0) {
                log_line(LOG_ERR,
                         "refused, and nothing was changed: the timer that takes it back cannot be "
                         "set up: %s",
                         strerror(-r));
                (void) host_timer_disarm(p->root);
                return r;
        }
        until = now_usec() + HOST_TRY_USEC;
        r = host_keep(p, until);
        if (r < 0) {
                log_line(LOG_ERR,
                         "refused, and nothing was changed: how it is now cannot be kept "
                         "in " HOST_DIR ": %s",
                         r == -EINVAL ? "a file to be changed is a link or a directory"
                                      : strerror(-r));
                (void) host_timer_disarm(p->root);
                return r;
        }
        *ret_until = until;
        return 0;
}

static int take_back(const HostPlan *p) {
        Kept kept;
        char outcome[64];
        int r = host_kept(p->root, &kept);

        if (r == 0)
                r = host_revert_all(p->root, &kept);
        if (r < 0) {
                log_line(LOG_ERR, "not all could be put back; \"ftectl host revert\" tries again, "
                                  "and so does the timer");
                return r;
        }
        snprintf(outcome, sizeof(outcome), "failed %llu\n", (unsigned long long) now_usec());
        (void) host_forget(p->root, outcome);
        (void) host_timer_disarm(p->root);
        log_line(LOG_ERR, "everything is as it was before");
        return 0;
}

static int tell(const Arguments *a, uint64_t until, size_t n) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (GIVEN(a, JSON))
                return json_print(json_pack("{s:b, s:o, s:o}", "applied", n > 0, "until",
                                            n > 0 ? json_time(until) : json_null(), "changes",
                                            json_integer((json_int_t) n)));
        if (n == 0)
                return puts("Nothing is to be changed.") < 0 ? -EIO : 0;
        show_time(&b, until);
        printf("Applied: %zu changes, until %s.\n"
               "Next: leave this login open, log in once more in another window, and run there:\n"
               "  ftectl host confirm\n"
               "Otherwise everything is put back by itself; \"ftectl host revert\" does it now.\n",
               n, strbuf_text(&b));
        return 0;
}

static int try_locked(const Arguments *a, HostPlan *p) {
        uint64_t until = 0;
        Kept kept;

        if (host_kept(a->root, &kept) == 0) {
                log_line(LOG_ERR, "refused: another try waits for its confirmation; run \"ftectl "
                                  "host confirm\" or "
                                  "\"ftectl host revert\" first");
                return EXIT_BAD;
        }
        if (host_plan_make(p, a->root) < 0)
                return EXIT_CANNOT;
        if (is_refused(p))
                return EXIT_BAD;
        if (host_plan_size(p) == 0)
                return tell(a, 0, 0) < 0 ? EXIT_CANNOT : EXIT_GOOD;
        for (const HostText *t = p->warnings; t; t = t->next)
                log_line(LOG_WARNING, "warning: %s", t->text);
        if (prepare(p, &until) < 0)
                return EXIT_BAD;
        if (apply(p) < 0) {
                (void) take_back(p);
                return EXIT_BAD;
        }
        return tell(a, until, host_plan_size(p)) < 0 ? EXIT_CANNOT : EXIT_GOOD;
}

int command_host_try(const Arguments *a) {
        _cleanup_close_ int lock = host_lock(a->root);
        HostPlan p = { .config = { .root_fd = -EBADF } };
        int r;

        if (lock < 0) {
                log_line(LOG_ERR, lock == -EAGAIN
                                          ? "another \"ftectl host\" is at work; wait for it"
                                          : "refused: " HOST_DIR
                                            " cannot be written to, so nothing could be "
                                            "put back");
                return lock == -EAGAIN ? EXIT_BAD : EXIT_CANNOT;
        }
        for (size_t i = 0; i < CONFIG_DIRS_MAX; i++)
                p.config.dir_fds[i] = p.config.overlay_fds[i] = -EBADF;
        r = try_locked(a, &p);
        host_plan_done(&p);
        return r;
}
