/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Layer 4 of ftectl validate, as far as it hits the agent itself: a killed main process, and a
 * memory hog within its limits. Nothing has to be put back: systemd starts the agent again, and
 * that is what is looked at.
 */

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/fsat.h"
#include "health-gate/report.h"

#include "break.h"
#include "ftectl/status/status.h"
#include "validate.h"

#define STEP_BYTES ((size_t) 4 * 1024 * 1024)
#define EXIT_FED   3 /* of the hog: it got more than the limit */

static const char *seconds(Subject *s, uint64_t usec) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        format_duration(&b, usec / USEC_PER_MSEC * USEC_PER_MSEC);
        return arena_strdup(&s->arena, strbuf_text(&b));
}

/* As fast as a start may be, behind the pause before it. */
static uint64_t back_usec(const Agent *a) {
        return a->restart_delay_usec + a->start_timeout_usec;
}

static bool never_restarts(Subject *s, Finding *f) {
        if (!unit_is_active(s)) {
                finding_skip(s, f, "it does not run");
                return true;
        }
        if (s->agent.restart_when == RESTART_NO)
                finding_skip(s, f, "[Restart] When=no: it is not to come back");
        return s->agent.restart_when == RESTART_NO;
}

/* Until the agent is active with another main process, and answers. */
static void wait_until_back(Subject *s, Finding *f, uint64_t began_usec, const char *what) {
        uint64_t most = back_usec(&s->agent), old = s->unit.main_pid, patience = most + most / 2;
        char text[REPORT_MAX_BYTES] = "";
        bool good = false;
        uint64_t took;

        do {
                subject_read_unit(s);
                good = unit_is_active(s) && s->unit.main_pid != old &&
                       (!s->agent.health_url || subject_probe(s, text));
        } while (!good && !streq(s->unit.active, "failed") && break_wait(began_usec + patience));
        took = clock_usec(CLOCK_MONOTONIC) - began_usec;
        if (break_interrupted())
                finding_skip(s, f, "interrupted");
        else if (!good)
                finding_bad(s, f,
                            arena_printf(&s->arena, "healthy again within %s", seconds(s, most)),
                            "%s, and after %s it is %s (%s) %s", what, seconds(s, took),
                            s->unit.active, s->unit.sub, text);
        else if (took > most)
                finding_bad(s, f,
                            arena_printf(&s->arena,
                                         "healthy again within %s (Delay= and StartTimeout=)",
                                         seconds(s, most)),
                            "%s, healthy again after %s", what, seconds(s, took));
        else
                finding_good(s, f, "%s, healthy again after %s, at most %s", what, seconds(s, took),
                             seconds(s, most));
}

/* ---- FR-002, FS-1 ---- */

void check_crash(Subject *s, Finding *f) {
        uint64_t began;
        int r;

        subject_read_unit(s);
        if (never_restarts(s, f))
                return;
        began = clock_usec(CLOCK_MONOTONIC);
        r = s->unit.main_pid > 1 && kill((pid_t) s->unit.main_pid, SIGKILL) == 0 ? 0 : -ESRCH;
        if (r < 0) {
                finding_bad(s, f, "a main process", "it has none");
                return;
        }
        wait_until_back(s, f, began, "killed");
}

/* ---- NFR-002, FS-3 ---- */

static uint64_t available_bytes(void) {
        char text[4096];
        const char *p;

        if (fsat_read(AT_FDCWD, "/proc/meminfo", text, sizeof(text)) <= 0)
                return 0;
        p = strstr(text, "MemAvailable:");
        return p ? strtoull(p + strlen("MemAvailable:"), NULL, 10) * 1024 : 0;
}

static void write_word(int dir_fd, const char *path, const char *word) {
        int fd = openat(dir_fd, path, O_WRONLY | O_CLOEXEC);

        if (fd < 0 || write(fd, word, strlen(word)) < 0)
                _exit(1);
        close(fd);
}

/*
 * In the agent's control group and as its user, so that all that limits the agent limits this. The
 * first that the kernel kills; ends with us; and stops by itself where no limit does.
 */
static void hog(const Subject *s, int cgroup_fd, uint64_t bytes) {
        pid_t parent = getppid();

        write_word(cgroup_fd, "cgroup.procs", "0");
        write_word(AT_FDCWD, "/proc/self/oom_score_adj", "1000");
        if (setgroups(0, NULL) < 0 || setresgid(s->gid, s->gid, s->gid) < 0 ||
            setresuid((uid_t) s->account->uid, (uid_t) s->account->uid, (uid_t) s->account->uid) <
                    0)
                _exit(1);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(1);
        for (uint64_t n = 0; n < bytes; n += STEP_BYTES) {
                char *p = mmap(NULL, STEP_BYTES, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

                if (p == MAP_FAILED)
                        _exit(1);
                memset(p, 1, STEP_BYTES);
        }
        _exit(EXIT_FED);
}

/* The status of waitpid(2), or negative errno. */
static int run_hog(const Subject *s, int cgroup_fd, uint64_t bytes) {
        pid_t pid = fork();
        int status;

        if (pid < 0)
                return -errno;
        if (pid == 0)
                hog(s, cgroup_fd, bytes);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
                else if (break_interrupted())
                        kill(pid, SIGKILL);
        return status;
}

static bool cannot_hog(Subject *s, Finding *f, int cgroup_fd, uint64_t bytes) {
        struct stat st;

        if (never_restarts(s, f))
                return true;
        if (s->agent.memory_bytes == BYTES_INFINITY)
                finding_skip(s, f, "[Limits] Memory=infinity: there is no limit");
        else if (cgroup_fd < 0 || fstatat(cgroup_fd, "memory.max", &st, 0) < 0)
                finding_skip(s, f, "this kernel has no memory control group (cgroup v2) for it");
        else if (available_bytes() < bytes + bytes / 4)
                finding_skip(s, f, "this host has too little free memory to try it safely");
        else
                return false;
        return true;
}

void check_hog(Subject *s, Finding *f) {
        uint64_t limit = s->agent.memory_bytes, bytes = limit + limit / 4 + 16 * STEP_BYTES, began;
        _cleanup_close_ int fd = -EBADF;
        int status;

        subject_read_unit(s);
        fd = *s->unit.control_group ? cgroup_open("", s->unit.control_group) : -ENOENT;
        if (cannot_hog(s, f, fd, bytes))
                return;
        began = clock_usec(CLOCK_MONOTONIC);
        status = run_hog(s, fd, bytes);
        if (status < 0 || (WIFEXITED(status) && WEXITSTATUS(status) != EXIT_FED))
                finding_bad(s, f, "a process of ours in its control group",
                            "it could not be started there");
        else if (WIFEXITED(status)) {
                finding_bad(s, f, "killed above the limit", "a process in it got %llu MiB",
                            (unsigned long long) (bytes >> 20));
                finding_fix(s, f, "systemctl daemon-reload && systemctl restart {name}", NULL);
        } else
                wait_until_back(s, f, began, "the hog was killed, and the agent restarted");
}
