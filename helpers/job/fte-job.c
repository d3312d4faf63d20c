/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-job: what systemd's timers do not remember of an agent with Kind=job. "ended NAME" notes how
 * a run ended, from ExecStopPost= of the job; "watch" looks which jobs are overdue, from
 * fte-job-watch.service every few minutes. Neither stays, and neither starts a job.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fsat.h"
#include "base/job-status.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/scope.h"
#include "base/tree.h"
#include "config.h"
#include "config/validate.h"
#include "watch.h"

#define EXIT_USAGE 2

static const char usage[] =
        "Usage: fte-job ended [OPTION]... NAME\n"
        "       fte-job watch [OPTION]...\n"
        "ended notes how a run of the job NAME ended; systemd runs it from the job's unit\n"
        "(ExecStopPost=). watch has an alert recorded for each job that is overdue, once.\n"
        "\n"
        "  --home=DIR   the jobs are those of a person with this home, who runs this\n"
        "  --root=DIR   of watch: read the configuration below DIR: for tests\n"
        "  --state=DIR  instead of " JOB_STATE_DIRECTORY ", or DIR/.local/state/fte-job of a home\n"
        "  --hook=PATH  of watch: run this instead of fte-alert-hook: for tests\n"
        "  --help, --version\n"
        "\n"
        "Exit status: 0; 1 when something could not be read or written; 2 on wrong usage.\n"
        "fte-job(8) tells more.\n";

static int wrong_usage(const char *text) {
        log_line(LOG_ERR, "%s; see fte-job --help", text);
        return EXIT_USAGE;
}

static const char *variable(const char *name) {
        const char *value = getenv(name);

        return value ? value : "";
}

/*
 * systemd calls it a success as well when somebody has stopped the run by SIGTERM; done is it only
 * when the program itself has ended with 0.
 */
static void fill(JobRun *run) {
        const char *result = variable("SERVICE_RESULT");
        bool exited = streq(variable("EXIT_CODE"), "exited");
        uint64_t status = 0;

        run->ended_usec = clock_usec(CLOCK_REALTIME);
        if (exited)
                (void) parse_uint(variable("EXIT_STATUS"), 255, &status);
        run->status = status;
        if (streq(result, "success") && exited && status == 0)
                run->success_usec = run->ended_usec;
        else if (streq(result, "success"))
                result = "stopped";
        snprintf(run->result, sizeof(run->result), "%s", result);
}

static int run_ended(const WatchOptions *o, const char *agent) {
        _cleanup_close_ int fd = -EBADF;
        JobRun run = { 0 };
        int r;

        if (!agent_name_is_good(agent))
                return wrong_usage("that is no name of an agent");
        if (isempty(getenv("SERVICE_RESULT")))
                return wrong_usage(
                        "$SERVICE_RESULT is missing: only systemd can say how a run ended");
        r = tree_make_parents(AT_FDCWD, o->state);
        if (r >= 0)
                r = fd = tree_open_dir(AT_FDCWD, o->state, 0755);
        if (fd >= 0) {
                (void) job_run_read(fd, agent, &run);
                fill(&run);
                r = job_run_write(fd, agent, &run);
        }
        if (r < 0)
                log_line(LOG_ERR, "%s/%s.run: %s", o->state, agent, strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* It lies beside this program, also where that was only built and not installed. */
static const char *find_hook(char *buf, size_t size_bytes) {
        char self[4096];
        ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
        char *slash;

        if (n < 0)
                return FTE_LIBEXECDIR "/fte-alert-hook";
        self[n] = 0;
        slash = strrchr(self, '/');
        snprintf(buf, size_bytes, "%.*s/fte-alert-hook", slash ? (int) (slash - self) : 0, self);
        return buf;
}

static bool parse_option(const char *word, WatchOptions *o) {
        const struct {
                const char *name;
                const char **field;
        } rows[] = { { "--home=", &o->home },
                     { "--root=", &o->root },
                     { "--state=", &o->state },
                     { "--hook=", &o->hook } };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const char *value = startswith(word, rows[i].name);

                if (value && *value == '/') {
                        *rows[i].field = value;
                        return true;
                }
        }
        return false;
}

int main(int argc, char **argv) {
        char hook[4200];
        WatchOptions o = { .root = "" };
        const char *verb = argc > 1 ? argv[1] : "";
        char **args = argv + MIN(argc, 2);

        log_open("fte-job", false);
        if (streq(verb, "--help"))
                return fputs(usage, stdout) < 0;
        if (streq(verb, "--version"))
                return puts("fte-job " FTE_VERSION) < 0;
        umask(0022);
        o.hook = find_hook(hook, sizeof(hook));
        for (; *args && startswith(*args, "-"); args++)
                if (!parse_option(*args, &o))
                        return wrong_usage("an unknown option, or one without a full path");
        if (o.home && scope_enter_user(o.home) < 0)
                return wrong_usage("--home= wants the full path of a home directory");
        if (!o.state)
                o.state = scope->job_state;
        if (streq(verb, "ended"))
                return args[0] && !args[1] ? run_ended(&o, args[0])
                                           : wrong_usage("ended wants the name of a job");
        if (streq(verb, "watch"))
                return args[0]              ? wrong_usage("watch wants no name")
                       : watch_look(&o) < 0 ? EXIT_FAILURE
                                            : EXIT_SUCCESS;
        return wrong_usage("the verb is missing: ended or watch");
}
