/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl apply: makes what runs be what the files say, and nothing else than what changed. This
 * file has the order of things: judge, decide, ask, reload, start and stop, and where an agent does
 * not get healthy, the way back. Each of these is in a file of its own.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/edit-distance.h"
#include "base/fsat.h"
#include "base/log.h"
#include "base/parse.h"

#include "apply.h"
#include "config/instance.h"
#include "ftectl/apply/put-back.h"

#define LOCK_WAIT_USEC (60 * USEC_PER_SEC)

/* ---- before anything is touched ---- */

static int check_place(const Arguments *a) {
        if (GIVEN(a, DRY_RUN))
                return 0;
        if (*a->root) {
                log_line(LOG_ERR,
                         "agents are started on the running system only; below %s there is "
                         "--dry-run",
                         a->root);
                return -EINVAL;
        }
        if (access("/run/systemd/system", F_OK) < 0) {
                log_line(LOG_ERR,
                         "systemd does not run here, so there is nothing to apply the files to; "
                         "ftectl lint judges them");
                return -ENOENT;
        }
        return 0;
}

static int parse_timeout(Apply *a) {
        const char *text = VALUE(a->args, TIMEOUT);

        a->timeout_usec = UINT64_MAX;
        if (!text)
                return 0;
        if (parse_usec(text, &a->timeout_usec) == 0 && a->timeout_usec > 0)
                return 0;
        log_line(LOG_ERR, "--timeout: must be a time such as 20s or 2min");
        return -EINVAL;
}

static int complain(const Apply *a, const char *path, int error) {
        log_line(LOG_ERR, "%s%s: %s", a->args->root, path, strerror(-error));
        return error;
}

int apply_open(Apply *a) {
        bool change = !GIVEN(a->args, DRY_RUN);
        int r;

        a->root_fd = fsat_open_dir(AT_FDCWD, *a->args->root ? a->args->root : "/");
        if (a->root_fd < 0)
                return complain(a, "/", a->root_fd);
        a->etc_fd = fsat_open_dir(a->root_fd, "etc/fte");
        if (a->etc_fd < 0 && a->etc_fd != -ENOENT)
                return complain(a, "/etc/fte", a->etc_fd);
        r = applied_open(&a->applied, a->args->root, change);
        if (r < 0 && GIVEN(a->args, NO_ROLLBACK))
                log_line(LOG_WARNING, APPLIED_DIRECTORY ": %s; what is applied now is not kept",
                         strerror(-r));
        else if (r < 0) {
                log_line(LOG_ERR,
                         APPLIED_DIRECTORY ": %s; what is applied could not be kept, nor put back "
                                           "later; --no-rollback goes on without it",
                         strerror(-r));
                return r;
        }
        r = running_read(&a->running, a->root_fd);
        return r < 0 ? complain(a, "/run/fte/running", r) : 0;
}

/* What an apply that was killed, or a power cut, has left half done. */
static int resume(Apply *a) {
        const char *directory = NULL;
        int r = GIVEN(a->args, DRY_RUN)
                        ? 0
                        : restore_resume(a->root_fd, a->etc_fd, &a->arena, &directory);

        if (r > 0)
                log_line(LOG_NOTICE,
                         "an apply was interrupted while it put files back, and that is finished "
                         "now; the edit that had failed is in %s/rejected",
                         directory);
        else if (r < 0)
                log_line(
                        LOG_ERR,
                        "an apply was interrupted while it put files back, and that cannot be "
                        "finished: %s; compare %s with /etc/fte, correct that by hand, then remove "
                        "the link /var/lib/fte/putting-back",
                        strerror(-r), directory ? directory : "/var/lib/fte/putting-back");
        return MIN(r, 0);
}

static bool has_instances(const Apply *a, const char *template) {
        for (size_t i = 0; i < a->n && name_is_template(template); i++)
                if (startswith(a->targets[i].name, template))
                        return true;
        return name_is_template(template) && file_set_has_group(&a->files, template);
}

/* A name that neither a file nor anything that was applied has. */
static int check_names(Apply *a) {
        int r = 0;

        for (size_t i = 0; i < a->args->n_words; i++) {
                const char *name = a->args->words[i];
                EditGuess g = edit_guess(name);

                if (apply_find(a, name) || has_instances(a, name))
                        continue;
                if (name_instance(name) &&
                    file_set_has_group(&a->files, name_template(name, &a->arena))) {
                        log_line(LOG_ERR,
                                 "%s is in no Instances= and does not run; start it by "
                                 "\"systemctl start %s\"; nothing was touched",
                                 name, name);
                        r = -ENOENT;
                        continue;
                }
                if (strchr(name, '/') || endswith(name, ".conf")) {
                        log_line(LOG_ERR,
                                 "%s: name the agent and not its file; nothing was touched", name);
                        r = -EINVAL;
                        continue;
                }
                for (size_t k = 0; k < a->n; k++)
                        edit_guess_try(&g, a->targets[k].name);
                log_line(LOG_ERR, "there is no %s.conf in /etc/fte%s%s%s; nothing was touched",
                         name, g.best ? "; did you mean " : "", g.best ? g.best : "",
                         g.best ? "?" : "");
                r = -ENOENT;
        }
        return r;
}

/* 0, EXIT_BAD for errors in the files, or negative errno. */
static int judge(Apply *a) {
        int r = apply_plan(a);

        if (r < 0)
                return complain(a, "/", r);
        if (r > 0) {
                log_line(LOG_ERR, "%s: %d error%s in the files, so nothing %s", "not applied", r,
                         r == 1 ? "" : "s", a->round > 0 ? "more is done" : "was touched");
                return EXIT_BAD;
        }
        return check_names(a);
}

/* ---- a round ---- */

static int look_and_decide(Apply *a) {
        int r = apply_read_units(a);

        for (size_t i = 0; i < a->n && r >= 0; i++)
                apply_decide(a, &a->targets[i]);
        return r;
}

/* What was decided is not what was done, whatever comes between. */
static void note_nothing_begun(Apply *a) {
        for (size_t i = 0; i < a->n; i++)
                if (a->targets[i].todo != ACTION_NONE)
                        a->targets[i].now.outcome = OUTCOME_NOT_BEGUN;
}

static int carry_out(Apply *a) {
        int r = 0;

        note_nothing_begun(a);
        if (apply_needs_reload(a)) {
                (void) apply_note_loaded(a);
                r = apply_reload(a);
                if (r >= 0 && !apply_is_loaded(a)) {
                        log_line(
                                LOG_ERR,
                                "systemd has loaded something else than what was judged: the files "
                                "were changed meanwhile, or the generator failed (see \"journalctl "
                                "-k -g fte\"); nothing was started or stopped, run it again");
                        r = -EBUSY;
                }
        }
        if (r >= 0)
                r = apply_run_jobs(a);
        if (r >= 0)
                r = apply_stop_leftovers(a);
        if (r >= 0)
                apply_proxy(a);
        if (r >= 0)
                (void) apply_note_runs(a);
        return r;
}

/* First the files of what failed; where that does not help, fte.conf. */
static int go_back(Apply *a) {
        for (int host = 0; host <= 1 && !apply_interrupted; host++) {
                int r;

                if (!apply_put_back(a, host))
                        continue;
                a->round++;
                r = judge(a);
                if (r == 0)
                        r = look_and_decide(a);
                if (r == 0)
                        r = carry_out(a);
                if (r != 0)
                        return r;
        }
        return 0;
}

/* ---- the whole ---- */

static void on_signal(int signal _unused_) {
        apply_interrupted = 1;
}

void apply_signals(bool take) {
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        sigprocmask(take ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

/* A connection to this host that breaks must not leave agents down half-way. */
void apply_take_signals(void) {
        struct sigaction stop = { .sa_handler = on_signal }, ignored = { .sa_handler = SIG_IGN };

        sigaction(SIGINT, &stop, NULL);
        sigaction(SIGTERM, &stop, NULL);
        sigaction(SIGHUP, &ignored, NULL);
        sigaction(SIGPIPE, &ignored, NULL);
        apply_signals(false);
}

static int change(Apply *a) {
        int r = apply_ask(a);

        if (r < 0)
                return EXIT_CANNOT;
        apply_take_signals();
        r = carry_out(a);
        if (r < 0 && !a->is_reloaded && apply_needs_reload(a))
                return EXIT_CANNOT; /* nothing was touched */
        if (r >= 0 && !GIVEN(a->args, NO_ROLLBACK))
                r = go_back(a);
        if (r >= 0 && a->applied.dir_fd >= 0 && apply_keep(a) < 0)
                r = -EIO;
        a->is_broken = r != 0;
        apply_show_result(a);
        return apply_is_bad(a) ? EXIT_BAD : EXIT_GOOD;
}

static int run(Apply *a) {
        int r = apply_open(a);

        if (r >= 0)
                r = resume(a);
        if (r >= 0)
                r = judge(a);
        if (r == EXIT_BAD && a->report.findings)
                (void) json_print(apply_to_json(a));
        if (r != 0)
                return r == EXIT_BAD ? EXIT_BAD : EXIT_CANNOT;
        if (!*a->args->root && (r = bus_open(&a->bus)) < 0) {
                log_line(LOG_ERR, "systemd does not answer: %s; nothing was touched", strerror(-r));
                return EXIT_CANNOT;
        }
        if (look_and_decide(a) < 0)
                return EXIT_CANNOT;
        if (!GIVEN(a->args, DRY_RUN))
                return change(a);
        apply_show_plan(a);
        return EXIT_GOOD;
}

void apply_close(Apply *a) {
        bus_donep(&a->bus);
        json_decref(a->report.findings);
        report_done(&a->report);
        file_set_done(&a->files);
        file_set_done(&a->edit);
        applied_close(&a->applied);
        running_done(&a->running);
        free(a->targets);
        closep(&a->etc_fd);
        closep(&a->root_fd);
        arena_done(&a->arena);
}

int command_apply(const Arguments *args) {
        _cleanup_(apply_close) Apply a = {
                .args = args,
                .root_fd = -EBADF,
                .etc_fd = -EBADF,
                .applied = APPLIED_CLOSED,
        };
        _cleanup_close_ int lock_fd = -EBADF;

        a.report = (Report){
                .root = args->root,
                .out = stderr,
                .findings = GIVEN(args, JSON) ? json_array() : NULL,
        };
        if (parse_timeout(&a) < 0 || check_place(args) < 0)
                return EXIT_CANNOT;
        if (!GIVEN(args, DRY_RUN))
                lock_fd = apply_lock(args->root,
                                     GIVEN(args, TIMEOUT) ? a.timeout_usec : LOCK_WAIT_USEC);
        if (!GIVEN(args, DRY_RUN) && lock_fd < 0)
                return EXIT_CANNOT;
        return run(&a);
}
