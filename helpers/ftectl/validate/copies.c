/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Layer 4 of ftectl validate, on throw-away copies (validate/copy.h): what must hold of the agent's
 * settings and cannot be tried on the agent itself without hurting it.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/fsat.h"

#include "break.h"
#include "copy.h"
#include "flood.h"

#define EXIT_CONFIG 78
#define START_USEC  (30 * USEC_PER_SEC)
#define BACKUP_USEC (3600 * USEC_PER_SEC)

static void cannot(Subject *s, Finding *f, const char *what, int r) {
        if (break_interrupted())
                finding_skip(s, f, "interrupted");
        else
                finding_bad(s, f, "an end of the trial", "%s: %s", what, strerror(-r));
}

static const char *state_of(Subject *s, const UnitFacts *u) {
        return arena_printf(&s->arena, "%s, result %s, status %llu, %llu restarts", u->active,
                            u->result, (unsigned long long) u->main_status,
                            (unsigned long long) u->restarts);
}

/* ---- NFR-003 ---- */

void check_loop(Subject *s, Finding *f) {
        const Agent *a = &s->agent;
        bool restarts = a->restart_when == RESTART_ON_FAILURE || a->restart_when == RESTART_ALWAYS;
        uint64_t burst = a->restart_burst, began = clock_usec(CLOCK_MONOTONIC);
        UnitFacts u;
        Copy c;
        int r = copy_make(
                s, &(CopyOptions){ .word = "loop", .exec = "/bin/false", .restarts = true }, &c);

        if (r >= 0)
                r = copy_start(&c);
        /* An "active" on the way is the moment before the program ends. */
        for (bool over = false; r >= 0 && !over;) {
                r = copy_wait(&c, burst * (copy_delay_usec(a) + 3 * USEC_PER_SEC) + START_USEC, 0,
                              &u);
                over = r < 0 || streq(u.active, "failed") ||
                       clock_usec(CLOCK_MONOTONIC) - began > 180 * USEC_PER_SEC;
                if (!over && !break_wait(UINT64_MAX))
                        r = -EINTR;
        }
        if (r < 0)
                cannot(s, f, "a copy that ends at once", r);
        else if (!streq(u.active, "failed") ||
                 (restarts ? u.restarts > burst || u.restarts + 1 < burst : u.restarts > 0))
                finding_bad(s, f,
                            arena_printf(&s->arena, "failed after %llu starts",
                                         (unsigned long long) (restarts ? burst : 1)),
                            "a copy that ends at once: %s", state_of(s, &u));
        else
                finding_good(s, f, "a copy that ends at once: %s", state_of(s, &u));
        if (r >= 0 || r == -EINTR)
                copies_remove_all(s->run->bus);
}

/* ---- NFR-004, FS-2 ---- */

void check_flood(Subject *s, Finding *f) {
        static const char more[] = "[Environment]\nFile=none\nRequired=\n"
                                   "[Logging]\nMaxSize=64K\nKeep=3\nCompress=no\n";
        const char *exec =
                arena_printf(&s->arena, "/usr/bin/seq -f \"%s\" 1 %d", FLOOD_FORMAT, FLOOD_LINES);
        UnitFacts u = { 0 };
        FloodResult result;
        Copy c;
        int r;

        if (!*subject_log_file(s)) {
                finding_skip(s, f, "[Logging] File=none: journald.conf(5) bounds the log");
                return;
        }
        r = copy_make(s, &(CopyOptions){ .word = "flood", .exec = exec, .more = more }, &c);
        if (r >= 0)
                r = copy_start(&c);
        do
                r = r < 0 ? r : copy_wait(&c, START_USEC, 0, &u);
        while (r >= 0 && streq(u.active, "active") && break_wait(UINT64_MAX));
        if (r >= 0)
                r = flood_read(AT_FDCWD, arena_printf(&s->arena, "/var/log/%s", c.name), &result);
        if (r < 0 || break_interrupted())
                cannot(s, f, "a copy that floods its log", r);
        else if (result.problem)
                finding_bad(s, f,
                            "files of at most MaxSize=, Keep= of them, every line up to the last",
                            "%d lines written, then %s", FLOOD_LINES, result.problem);
        else
                finding_good(s, f,
                             "%d lines: %zu files of at most 64K, the last %zu lines without a gap",
                             FLOOD_LINES, result.files, result.lines);
        copies_remove_all(s->run->bus);
}

/* ---- SR-003 ---- */

typedef struct SecretCase {
        const char *what, *content; /* NULL: no file */
        mode_t mode;
        bool starts;
} SecretCase;

static int put_env(const SecretCase *k) {
        int fd, r = 0;

        if (unlink(BREAK_DIRECTORY "/env") < 0 && errno != ENOENT)
                return -errno;
        if (!k->content)
                return 0;
        fd = open(BREAK_DIRECTORY "/env", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  0600);
        if (fd < 0)
                return -errno;
        r = fd_write_all(fd, k->content, strlen(k->content));
        if (r >= 0 && fchmod(fd, k->mode) < 0)
                r = -errno;
        close(fd);
        return r;
}

static int try_env(Subject *s, Finding *f, const Copy *c, const SecretCase *k) {
        UnitFacts u = { 0 };
        int r = put_env(k);

        if (r >= 0)
                r = copy_start(c);
        if (r >= 0)
                r = copy_wait(c, START_USEC, 0, &u);
        if (r < 0)
                return r;
        if (k->starts
                    ? !streq(u.active, "active")
                    : !streq(u.active, "failed") || u.restarts > 0 || u.main_status != EXIT_CONFIG)
                finding_bad(s, f, k->starts ? "active" : "failed, status 78, without a restart",
                            "%s: %s", k->what, state_of(s, &u));
        copy_stop(c);
        return 0;
}

void check_secrets(Subject *s, Finding *f) {
        static const SecretCase cases[] = {
                { "a good file", "CHECK_KEY=good-value\n", 0600, true },
                { "mode 0644", "CHECK_KEY=good-value\n", 0644, false },
                { "no file", NULL, 0, false },
                { "a missing key", "OTHER_KEY=good-value\n", 0600, false },
        };
        const CopyOptions options = {
                .word = "secrets",
                .exec = "/bin/sleep infinity",
                .more = "[Environment]\nFile=" BREAK_DIRECTORY
                        "/env\nRequired=\nRequired=CHECK_KEY\n",
                .restarts = true,
        };
        Copy c;
        int r = copy_make(s, &options, &c);

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(cases); i++)
                r = break_interrupted() ? -EINTR : try_env(s, f, &c, &cases[i]);
        if (r < 0)
                cannot(s, f, "a copy with env files of its own", r);
        else if (f->verdict == VERDICT_NOT_RUN)
                finding_good(
                        s, f,
                        "mode 0644, no file, a missing key: each failed with 78 and no restart");
        copies_remove_all(s->run->bus);
}

/* ---- FS-4 ---- */

/*
 * Proves that nothing between systemd and the agent's program needs a network, at a start and at a
 * restart. What the program itself does without one only the program can show.
 */
void check_network(Subject *s, Finding *f) {
        const CopyOptions options = {
                .word = "network",
                .exec = "/bin/sleep infinity",
                .more = "[Environment]\nFile=none\nRequired=\n[Service]\nPrivateNetwork=yes\n",
                .restarts = true,
        };
        UnitFacts u = { 0 };
        uint64_t pid = 0;
        Copy c;
        int r = copy_make(s, &options, &c);

        if (r >= 0)
                r = copy_start(&c);
        if (r >= 0)
                r = copy_wait(&c, START_USEC, 0, &u);
        if (r >= 0 && streq(u.active, "active") && u.main_pid > 1) {
                pid = u.main_pid;
                r = kill((pid_t) pid, SIGKILL) < 0 ? -errno : copy_wait(&c, START_USEC, pid, &u);
        }
        if (r < 0)
                cannot(s, f, "a copy without a network", r);
        else if (pid == 0 || (s->agent.restart_when != RESTART_NO && !streq(u.active, "active")))
                finding_bad(s, f, "active, and active again after a kill", "without a network: %s",
                            state_of(s, &u));
        else
                finding_good(s, f, "a copy without a network started, and again after a kill");
        copies_remove_all(s->run->bus);
}

/* ---- FS-5 ---- */

void check_bad_configuration(Subject *s, Finding *f) {
        const CopyOptions options = { .word = "fault",
                                      .exec = "/bin/sleep infinity",
                                      .restarts = true,
                                      .fragment = "[Limits]\nMemory=lots\nNonsense=1\n" };
        uint64_t pid, invocation_of = 0;
        UnitFacts u = { 0 };
        bool was_active;
        Copy c;
        int r;

        subject_read_unit(s);
        was_active = unit_is_active(s); /* one that is not comes and goes by itself */
        pid = s->unit.main_pid;
        invocation_of = s->unit.active_mono_usec;
        r = copy_make(s, &options, &c);
        if (r >= 0)
                r = copy_start(&c);
        if (r >= 0)
                r = copy_wait(&c, START_USEC, 0, &u);
        subject_read_unit(s);
        if (r < 0) {
                cannot(s, f, "a copy with an error in a fragment", r);
        } else if (!streq(u.active, "failed") || u.main_status != EXIT_CONFIG || u.restarts > 0)
                finding_bad(s, f, "failed, status 78, without a restart",
                            "a copy with an error: %s", state_of(s, &u));
        else if (was_active &&
                 (s->unit.main_pid != pid || s->unit.active_mono_usec != invocation_of))
                finding_bad(s, f, "the agent goes on", "%s was restarted meanwhile", s->name);
        else
                finding_good(s, f, "a copy with an error failed with 78; %s %s", s->name,
                             was_active ? "went on" : "did not run, so was not disturbed");
        copies_remove_all(s->run->bus);
}

/* ---- OR-003 ---- */

static int run_job(Subject *s, const char *unit, UnitFacts *ret) {
        Copy c = { .subject = s, .name = s->name, .unit = unit };
        int r = copy_start(&c);

        return r < 0 ? r : copy_wait(&c, BACKUP_USEC, 0, ret);
}

/* Restored into a directory of its own and compared, by the unit that does so every week. */
void check_restore(Subject *s, Finding *f) {
        static const char *const units[] = { "fte-backup@%s.service",
                                             "fte-backup-verify@%s.service" };

        if (finding_no_backups(s, f))
                return;
        for (size_t i = 0; i < ARRAY_SIZE(units) && f->verdict == VERDICT_NOT_RUN; i++) {
                const char *at = strstr(units[i], "%s");
                const char *unit = arena_printf(&s->arena, "%.*s%s%s", (int) (at - units[i]),
                                                units[i], s->name, at + 2);
                UnitFacts u = { .result = "", .active = "" };
                int r = unit ? run_job(s, unit, &u) : -ENOMEM;

                if (r < 0)
                        cannot(s, f, unit, r);
                else if (!streq(u.result, "success") || streq(u.active, "failed")) {
                        finding_bad(s, f, "success", "%s: %s", unit, state_of(s, &u));
                        finding_fix(s, f, "journalctl -u {1} --no-pager -n 20", unit);
                }
        }
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "backed up, restored into a directory of its own, and compared");
}
