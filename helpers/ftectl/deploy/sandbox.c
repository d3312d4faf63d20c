/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs a program in the sandbox of a deployment: a transient unit of systemd, which ends with all
 * its processes when its time is over, when the disk gets full, or when somebody presses Ctrl-C.
 */

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "base/log.h"
#include "ftectl/shared/terminal.h"

#include "deploy.h"

#define TICK_MSEC 200
#define STOP_USEC (20 * USEC_PER_SEC)

#define ASK_TRIES      50
#define ASK_PAUSE_USEC (200 * USEC_PER_MSEC)

/* ---- starting ---- */

static int add_exec(sd_bus_message *m, const char *const *argv) {
        int r = sd_bus_message_open_container(m, 'r', "sv");

        if (r >= 0)
                r = sd_bus_message_append(m, "s", "ExecStart");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', "a(sasb)");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "(sasb)");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'r', "sasb");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", argv[0]);
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **) argv);
        if (r >= 0)
                r = sd_bus_message_append(m, "b", 0);
        for (unsigned i = 0; i < 4 && r >= 0; i++)
                r = sd_bus_message_close_container(m);
        return r;
}

static int add_properties(const Sandbox *s, sd_bus_message *m, int out_fd) {
        const char *text =
                arena_printf(&s->deploy->arena, "%s of a release of %s", s->word, s->deploy->name);
        int r = sd_bus_message_append(m, "(sv)(sv)(sv)(sv)", "Description", "s", text, "Type", "s",
                                      "oneshot", "StandardOutputFileDescriptor", "h", out_fd,
                                      "StandardErrorFileDescriptor", "h", out_fd);

        if (r >= 0 && s->stdin_fd >= 0)
                r = sd_bus_message_append(m, "(sv)", "StandardInputFileDescriptor", "h",
                                          s->stdin_fd);
        return r < 0 ? r : add_exec(m, s->argv);
}

static int start(Sandbox *s, const char *unit, int out_fd, const char **ret_job) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_bus_message_ sd_bus_message *call = NULL, *reply = NULL;
        sd_bus *bus = s->deploy->bus;
        const char *job;
        int r = sd_bus_message_new_method_call(bus, &call, BUS_SYSTEMD, BUS_MANAGER_PATH,
                                               BUS_MANAGER, "StartTransientUnit");

        if (r >= 0)
                r = sd_bus_message_append(call, "ss", unit, "fail");
        if (r >= 0)
                r = sd_bus_message_open_container(call, 'a', "(sv)");
        if (r >= 0)
                r = add_properties(s, call, out_fd);
        if (r >= 0)
                r = sd_bus_message_close_container(call);
        if (r >= 0)
                r = sd_bus_message_append(call, "a(sa(sv))", 0);
        if (r >= 0)
                r = sd_bus_call(bus, call, 0, &error, &reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "o", &job);
        if (r < 0) {
                log_line(LOG_ERR, "%s: systemd does not start it: %s", unit,
                         error.message ? error.message : strerror(-r));
                return r;
        }
        *ret_job = arena_strdup(&s->deploy->arena, job);
        return *ret_job ? 0 : -ENOMEM;
}

/* ---- asking ---- */

static int call_unit(sd_bus *bus, const char *method, const char *unit) {
        bool with_mode = streq(method, "StopUnit");

        return with_mode ? sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_MANAGER,
                                              method, NULL, NULL, "ss", unit, "replace")
                         : sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_MANAGER,
                                              method, NULL, NULL, "s", unit);
}

/*
 * "systemctl daemon-reexec", which every upgrade of systemd does, ends the connection. No answer is
 * no answer: what was not seen to end well has not.
 */
static int read_state(Deploy *d, const char *unit, const char *property, char **ret) {
        const char *interface = streq(property, "Result") ? BUS_SERVICE : BUS_UNIT;

        for (unsigned i = 0;; i++) {
                int r = d->bus ? bus_unit_string(d->bus, unit, interface, property, ret)
                               : -ENOTCONN;

                if (r >= 0 || i == ASK_TRIES)
                        return r;
                usleep(ASK_PAUSE_USEC);
                bus_donep(&d->bus);
                d->bus = NULL;
                (void) bus_open(&d->bus);
        }
}

static bool is_at_rest(const char *state) {
        return streq(state, "inactive") || streq(state, "failed");
}

/* With all of its processes: -EBUSY when some are left. */
static int stop(Deploy *d, const char *unit) {
        int r = -EBUSY;

        for (uint64_t waited = 0; waited < STOP_USEC && r != 0; waited += 50 * USEC_PER_MSEC) {
                _cleanup_free_ char *state = NULL;

                if (waited > 0)
                        usleep(50 * USEC_PER_MSEC);
                if (read_state(d, unit, "ActiveState", &state) < 0)
                        return -EIO;
                r = is_at_rest(state) ? 0 : -EBUSY;
                if (r < 0 && !streq(state, "deactivating"))
                        (void) call_unit(d->bus, "StopUnit", unit);
        }
        if (r == 0)
                (void) call_unit(d->bus, "ResetFailedUnit", unit);
        return r;
}

void build_stop_leftovers(Deploy *d) {
        static const char *const words[] = { "build", "check" };

        for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
                (void) stop(d, sandbox_unit(d, words[i]));
                sandbox_remove(d, words[i]);
        }
}

/* ---- until it is over ---- */

/* A job that is over is unknown to systemd. Only asked of a unit that does not run. */
static bool is_unknown(sd_bus *bus, const char *job) {
        _cleanup_free_ char *state = NULL;

        return sd_bus_get_property_string(bus, BUS_SYSTEMD, job, BUS_SYSTEMD ".Job", "State", NULL,
                                          &state) < 0;
}

/* Of a unit that stays active when its program has ended well (RemainAfterExit=). */
static bool is_over(Sandbox *s, const char *unit, const char *job) {
        _cleanup_free_ char *state = NULL;

        if (read_state(s->deploy, unit, "ActiveState", &state) < 0)
                return true;
        if (streq(state, "inactive"))
                return is_unknown(s->deploy->bus, job);
        return streq(state, "active") || streq(state, "failed");
}

/* 0 when the job is over, EXIT_BAD when it was ended for a cause, -EINTR. */
static int wait_for(Sandbox *s, const char *unit, const char *job, int fd) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        int open = 1;

        for (;;) {
                apply_signals(true);
                (void) poll(&p, open ? 1 : 0, TICK_MSEC);
                apply_signals(false);
                if (apply_interrupted)
                        return -EINTR;
                if (open)
                        open = sandbox_take_output(s, fd);
                sandbox_show_progress(s);
                if (!deploy_has_room(s->deploy, 0)) {
                        s->cause = "the disk of /opt became nearly full, so it was ended";
                        return EXIT_BAD;
                }
                if (is_over(s, unit, job))
                        return 0;
        }
}

/* ---- what came of it ---- */

static const char *describe(Sandbox *s, const char *result) {
        static const char *const rows[][2] = {
                { "timeout", "it took longer than Timeout= of [Deploy] allows" },
                { "oom-kill", "it took more memory than Memory= of [Deploy] allows" },
                { "signal", "it was killed" },
                { "core-dump", "it crashed" },
        };
        /* Of systemd, before the program; see systemd.exec(5). */
        static const struct {
                int status;
                const char *text;
        } statuses[] = {
                { 203,
                  "its program cannot be executed: is it there, at that path, and executable?" },
                { 226, "its sandbox cannot be set up: is there a path in [Sandbox] that does not "
                       "exist?" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (streq(rows[i][0], result))
                        return rows[i][1];
        for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
                if (statuses[i].status == s->status)
                        return statuses[i].text;
        return arena_printf(&s->deploy->arena, "it ended with status %d", s->status);
}

static int judge(Sandbox *s, const char *unit) {
        _cleanup_free_ char *result = NULL, *state = NULL, *object = NULL;
        int32_t code = 0, status = 0;
        sd_bus *bus;

        s->status = -1;
        if (read_state(s->deploy, unit, "ActiveState", &state) < 0 ||
            read_state(s->deploy, unit, "Result", &result) < 0) {
                s->cause = "systemd does not answer, so nobody knows how it ended";
                return EXIT_BAD;
        }
        if (streq(state, "active") && streq(result, "success"))
                return 0;
        bus = s->deploy->bus;
        if (streq(result, "success")) { /* somebody has stopped the unit */
                s->cause = "it was stopped";
                return EXIT_BAD;
        }
        if (sd_bus_path_encode(BUS_MANAGER_PATH "/unit", unit, &object) >= 0) {
                (void) sd_bus_get_property_trivial(bus, BUS_SYSTEMD, object, BUS_SERVICE,
                                                   "ExecMainCode", NULL, 'i', &code);
                (void) sd_bus_get_property_trivial(bus, BUS_SYSTEMD, object, BUS_SERVICE,
                                                   "ExecMainStatus", NULL, 'i', &status);
        }
        s->status = code == 1 /* CLD_EXITED */ ? status : -1;
        s->cause = describe(s, result);
        return EXIT_BAD;
}

static void drain(Sandbox *s, int fd) {
        for (unsigned i = 0; i < 10 && sandbox_take_output(s, fd) > 0; i++)
                usleep(20 * USEC_PER_MSEC);
}

int sandbox_run(Sandbox *s) {
        const char *unit = sandbox_unit(s->deploy, s->word), *job;
        int fds[2], r = sandbox_write(s);

        if (r < 0) {
                log_line(LOG_ERR, "%s: its sandbox cannot be written: %s", unit, strerror(-r));
                return r;
        }
        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        (void) fcntl(fds[0], F_SETFL, O_NONBLOCK);
        s->begun_usec = now_usec();
        s->is_news = true;
        r = start(s, unit, fds[1], &job);
        close(fds[1]);
        if (r == 0) {
                r = wait_for(s, unit, job, fds[0]);
                if (r == 0)
                        r = judge(s, unit);
                if (stop(s->deploy, unit) < 0 && r == 0) {
                        s->cause = "its processes do not end";
                        r = EXIT_BAD;
                }
                drain(s, fds[0]);
        }
        progress_clear();
        close(fds[0]);
        sandbox_remove(s->deploy, s->word);
        return r;
}

void sandbox_done(Sandbox *s) {
        strbuf_done(&s->tail);
        strbuf_done(&s->pending);
        strbuf_done(&s->newest);
}
