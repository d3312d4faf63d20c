/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * validate/break.h. The lock is the directory below /run that also holds the files of copies, so a
 * reboot forgets all of it.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/fsat.h"
#include "base/log.h"
#include "config/alert-channel.h"

#include "break.h"
#include "copy.h"
#include "ftectl/shared/terminal.h"

#define LOOK_USEC (50 * USEC_PER_MSEC)

static volatile sig_atomic_t interrupted;
static int lock_fd = -EBADF;

static void on_signal(int signal_number _unused_) {
        interrupted = 1;
}

bool break_interrupted(void) {
        return interrupted;
}

bool break_wait(uint64_t deadline_usec) {
        const struct timespec pause = { .tv_nsec = LOOK_USEC * 1000 };

        if (interrupted || clock_usec(CLOCK_MONOTONIC) >= deadline_usec)
                return false;
        nanosleep(&pause, NULL);
        return !interrupted;
}

/* ---- before anything ---- */

int break_check(const Validation *v) {
        if (!GIVEN(v->args, DISRUPTIVE)) {
                if (!GIVEN(v->args, YES))
                        return 0;
                log_line(LOG_ERR, "--yes answers the questions of --disruptive; give both or none");
                return -EINVAL;
        }
        if (*v->args->root) {
                log_line(LOG_ERR,
                         "--disruptive works on the running system only, not below FTE_ROOT");
                return -EINVAL;
        }
        if (!GIVEN(v->args, YES) && !(isatty(STDIN_FILENO) && isatty(STDERR_FILENO))) {
                log_line(LOG_ERR,
                         "--disruptive asks before it breaks something, and there is no terminal; "
                         "add --yes when you mean it");
                return -EINVAL;
        }
        return 0;
}

static void catch_signals(void) {
        const struct sigaction action = { .sa_handler = on_signal };

        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        sigaction(SIGHUP, &action, NULL);
}

/* A run that only looks takes no lock, unless a run that was killed has left something. */
int break_open(Validation *v) {
        struct stat st;
        int r;

        if (*v->args->root)
                return 0;
        if (!GIVEN(v->args, DISRUPTIVE) && stat(BREAK_DIRECTORY, &st) < 0)
                return 0;
        if (mkdir(BREAK_DIRECTORY, 0711) < 0 && errno != EEXIST)
                return -errno;
        lock_fd = open(BREAK_DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        r = lock_fd < 0 ? -errno : fsat_lock(lock_fd, 0);
        if (r < 0 && !GIVEN(v->args, DISRUPTIVE))
                return 0;
        if (r < 0) {
                log_line(LOG_ERR, "%s",
                         r == -EAGAIN ? "another ftectl validate --disruptive is running; wait "
                                        "for its end"
                                      : strerror(-r));
                return r;
        }
        catch_signals();
        copies_remove_all(v->bus);
        return 0;
}

void break_close(Validation *v _unused_) {
        if (lock_fd < 0)
                return;
        rmdir(BREAK_DIRECTORY);
        close(lock_fd);
        lock_fd = -EBADF;
}

/* ---- each check ---- */

static const char *alert_note(const Subject *s) {
        bool any = false;

        for (size_t i = 0; i < n_alert_channels && !any; i++)
                any = alert_channel_is_set(&alert_channels[i], &s->agent);
        if (!any || !(s->agent.alert_on & (ALERT_RESTART | ALERT_RECOVERY)))
                return "";
        return " ([Alert] tells people of it)";
}

bool break_is_allowed(Subject *s, const Check *c) {
        const char *question = fill_template(s, c->question, NULL);
        bool real = c->layer == LAYER_RESILIENCE && !strstr(c->question, "copy of");
        char answer[16];

        if (GIVEN(s->run->args, YES))
                return true;
        progress_clear();
        fprintf(stderr, "%s%s%s %s%s? [y/N] ", c->id, c->also ? " " : "", c->also ? c->also : "",
                question, real ? alert_note(s) : "");
        fflush(stderr);
        return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

/* Also resets the count of starts, of which each kill uses up one. */
static void reset_start_limit(Subject *s) {
        const char *unit = arena_printf(&s->arena, "%s.service", s->name);

        if (unit && unit_is_active(s))
                unit_call(s->run->bus, "ResetFailedUnit", unit);
}

static bool was_active;

void break_begin(Subject *s) {
        was_active = unit_is_active(s);
        reset_start_limit(s);
}

/* After an interrupt it may still be on its way back. */
static void wait_for_agent(Subject *s) {
        uint64_t deadline = clock_usec(CLOCK_MONOTONIC) + s->agent.restart_delay_usec +
                            s->agent.start_timeout_usec;
        const struct timespec pause = { .tv_nsec = LOOK_USEC * 1000 };

        for (;;) {
                subject_read_unit(s);
                if (unit_is_active(s) || !was_active || streq(s->unit.active, "failed") ||
                    clock_usec(CLOCK_MONOTONIC) > deadline)
                        return;
                nanosleep(&pause, NULL);
        }
}

void break_end(Subject *s) {
        wait_for_agent(s);
        reset_start_limit(s);
        copies_remove_all(s->run->bus);
}
