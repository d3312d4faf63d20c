/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-alert-hook: what systemd runs when something happens to an agent. "record NAME" stores an
 * alert in the spool and is done in milliseconds, without a network and without waiting for anyone;
 * "deliver" becomes fte-alert-deliver, which sends what is there. A hook must never change what
 * becomes of the service: whatever happens, "record" exits with 0.
 */

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "alert/spool.h"
#include "base/exec.h"
#include "base/log.h"
#include "base/scope.h"
#include "config.h"
#include "record.h"

#define EXIT_USAGE 2

/* An agent's stop waits for us: better no alert than that. For the others nobody waits. */
#define SECONDS_MAX        5
#define SECONDS_FAILED_MAX 15

static const char usage[] =
        "Usage: fte-alert-hook record [OPTION]... NAME\n"
        "       fte-alert-hook deliver [OPTION]...\n"
        "record stores an alert about the agent NAME; systemd runs it from the agent's unit\n"
        "(ExecStartPost=, ExecStopPost=) and, with --failed, from fte-alert@.service.\n"
        "deliver sends the alerts that are stored; it becomes fte-alert-deliver.\n"
        "\n"
        "  --failed       the agent has failed for good\n"
        "  --overdue      a run of the job has not ended well in its time\n"
        "  --home=DIR     the agent is that of a person with this home, who runs this\n"
        "  --root=DIR     read the configuration below DIR, keep the user, ask systemd nothing: "
        "for tests\n"
        "  --spool=DIR    instead of " SPOOL_DIRECTORY ", or DIR/.local/state/fte-alert of a home\n"
        "  --journal=DIR  read the journal files in DIR\n"
        "  --help, --version\n"
        "\n"
        "Exit status: of record 0, or 2 on wrong usage; what could not be done is in the journal.\n"
        "fte-alert-hook(8) tells more.\n";

static int wrong_usage(const char *text) {
        log_line(LOG_ERR, "%s; see fte-alert-hook --help", text);
        return EXIT_USAGE;
}

/* As those of units, for a stub may have any, and fte-backup@NAME is told too; it becomes part of
 * paths. */
static bool name_is_valid(const char *name) {
        size_t n = 0;

        while (ascii_isalnum(name[n]) || (name[n] && strchr(":_.-@", name[n])))
                n++;
        return n > 0 && !name[n] && n < 240 && *name != '.' && *name != '-';
}

/* Async-signal-safe, and final. */
static void handle_alarm(int sig) {
        static const char text[] = "fte-alert-hook: gave up; what was not stored by now is lost\n";

        if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0) {
                /* Nowhere is left to say so. */
        }
        _exit(EXIT_SUCCESS);
}

/*
 * Options, not variables: Environment= of the agent could set those, and lead root astray by them.
 */
static bool parse_option(const char *word, RecordOptions *o, HookCaller *caller) {
        const struct {
                const char *name;
                const char **field;
        } rows[] = { { "--home=", &o->home },
                     { "--root=", &o->root },
                     { "--spool=", &o->spool },
                     { "--journal=", &o->journal } };

        if (streq(word, "--failed") || streq(word, "--overdue")) {
                *caller = streq(word, "--failed") ? HOOK_BY_ON_FAILURE : HOOK_BY_WATCH;
                return true;
        }
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const char *value = startswith(word, rows[i].name);

                if (value && *value == '/') {
                        *rows[i].field = value;
                        return true;
                }
        }
        return false;
}

static int run_record(char **args) {
        RecordOptions options = { 0 };
        Context context;
        HookCaller caller = HOOK_BY_UNIT;

        for (; *args && startswith(*args, "-"); args++)
                if (!parse_option(*args, &options, &caller))
                        return wrong_usage("an unknown option, or one without a full path");
        if (!args[0] || args[1])
                return wrong_usage("record wants the name of an agent");
        if (!name_is_valid(args[0]))
                return wrong_usage("that is no name of an agent");
        context_read(caller, &context);
        if (options.home && scope_enter_user(options.home) < 0)
                return wrong_usage("--home= wants the full path of a home directory");
        if (!options.spool)
                options.spool = scope->alert_spool;
        options.agent = args[0];
        umask(0077);
        signal(SIGALRM, handle_alarm);
        alarm(caller == HOOK_BY_UNIT ? SECONDS_MAX : SECONDS_FAILED_MAX);
        (void) record(&options, &context);
        return EXIT_SUCCESS;
}

/* It lies beside this program, also where that was only built and not installed. */
static int run_deliver(char **args) {
        _cleanup_strbuf_ StrBuf reason = { 0 };
        char self[4096], path[4200];
        ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
        char *slash;
        int r;

        if (n < 0)
                return EXIT_FAILURE;
        self[n] = 0;
        slash = strrchr(self, '/');
        snprintf(path, sizeof(path), "%.*s/fte-alert-deliver", slash ? (int) (slash - self) : 0,
                 self);
        args[-1] = path; /* in place of the verb: what is left are its options */
        r = exec_or_explain(args - 1, environ, &reason);
        log_line(LOG_ERR, "%s %s", path, strbuf_text(&reason));
        return r;
}

int main(int argc, char **argv) {
        const char *verb = argc > 1 ? argv[1] : "";

        log_open("fte-alert-hook", false);
        if (streq(verb, "--help"))
                return fputs(usage, stdout) < 0;
        if (streq(verb, "--version"))
                return puts("fte-alert-hook " FTE_VERSION) < 0;
        if (streq(verb, "record"))
                return run_record(argv + 2);
        if (streq(verb, "deliver"))
                return run_deliver(argv + 2);
        return wrong_usage("the verb is missing: record or deliver");
}
