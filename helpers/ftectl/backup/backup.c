/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl backup and restore: the words of a person for fte-backup, which does the work. A backup is
 * made by the agent's own service, as at night: with its sandbox, its keys and its alert.
 */

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/run.h"
#include "base/show.h"
#include "bus/bus.h"
#include "config.h"
#include "config/validate.h"

#include "ftectl/arguments.h"
#include "ftectl/shared/json.h"
#include "ftectl/shared/terminal.h"

#define HELPER      FTE_LIBEXECDIR "/fte-backup"
#define BACKUP_USEC (48 * 3600 * USEC_PER_SEC)
#define WORDS_BYTES 4200
#define SHOWN_BYTES 70

static int status_to_exit(int status) {
        return status == 0 ? EXIT_GOOD : status == 2 || status >= 126 ? EXIT_CANNOT : EXIT_BAD;
}

static const char *status_to_word(int status) {
        static const char *const words[] = { "good", "failed", "failed", "incomplete", "undone" };

        return status >= 0 && status < (int) ARRAY_SIZE(words) ? words[status] : "failed";
}

/* What the program said, a line an item, without its name before it. */
static json_t *lines_to_json(const char *text) {
        json_t *list = json_array();

        for (size_t n; *text; text += n + (text[n] == '\n')) {
                const char *line = startswith(text, "fte-backup: ");

                n = strcspn(text, "\n");
                line = line ? line : text;
                json_array_append_new(list, json_text_n(line, n - (size_t) (line - text)));
        }
        return list;
}

static int tell(const Arguments *a, int status, const StrBuf *said) {
        _cleanup_strbuf_ StrBuf shown = { 0 };

        if (GIVEN(a, JSON))
                return json_print(json_pack("{s:o, s:s, s:i, s:o}", "agent", json_text(a->words[0]),
                                            "result", status_to_word(status), "exit_status", status,
                                            "messages", lines_to_json(strbuf_text(said)))) < 0
                               ? EXIT_CANNOT
                               : status_to_exit(status);
        show_lines(&shown, strbuf_text(said), said->len, '?');
        fputs(strbuf_text(&shown), status == 0 ? stdout : stderr);
        return status_to_exit(status);
}

static int cannot_run(const char *what, int r) {
        log_line(LOG_ERR, "%s: %s", what, strerror(-r));
        return EXIT_CANNOT;
}

/* ---- by the service ---- */

static void read_journal(const char *unit, uint64_t since_usec, StrBuf *b) {
        char field[200], since[48];
        const char *argv[] = { "journalctl",   "--quiet", "--no-pager",
                               "--output=cat", field,     "SYSLOG_IDENTIFIER=fte-backup",
                               since,          NULL };
        const char *sync[] = { "journalctl", "--sync", NULL };

        snprintf(field, sizeof(field), "_SYSTEMD_UNIT=%s", unit);
        snprintf(since, sizeof(since), "--since=@%llu.%06llu", /* not those of the run before */
                 (unsigned long long) (since_usec / USEC_PER_SEC),
                 (unsigned long long) (since_usec % USEC_PER_SEC));
        (void) run_program(&(RunOptions){ .argv = sync }, NULL, NULL);
        (void) run_program(&(RunOptions){ .argv = argv }, b, NULL);
}

static int exit_status_of(const char *unit) {
        const char *argv[] = { "systemctl", "show", "--value", "--property=ExecMainStatus",
                               unit,        NULL };
        _cleanup_strbuf_ StrBuf b = { 0 };
        int status;

        if (run_program(&(RunOptions){ .argv = argv }, &b, NULL) != 0)
                return EXIT_BAD;
        status = atoi(strbuf_text(&b));
        return status > 0 ? status : EXIT_BAD;
}

static char interrupted_text[512];

static void on_interrupt(int number) {
        (void) !write(STDERR_FILENO, interrupted_text, strlen(interrupted_text));
        raise(number); /* as if it had not been caught: it is reset */
}

/* Who leaves does not end the service. */
static void tell_when_interrupted(const char *unit) {
        const struct sigaction action = { .sa_handler = on_interrupt,
                                          .sa_flags = (int) SA_RESETHAND };

        snprintf(interrupted_text, sizeof(interrupted_text),
                 "\nftectl: the backup goes on; to see it: systemctl status %s; to end it: "
                 "systemctl stop %s\n",
                 unit, unit);
        (void) sigaction(SIGINT, &action, NULL);
}

/* ---- how far it is ---- */

typedef struct Watch {
        const char *unit;
        sd_bus *bus; /* NULL: not asked, or there is no answer */
} Watch;

static void watch_show(void *userdata) {
        Watch *w = userdata;
        _cleanup_free_ char *status = NULL;
        _cleanup_strbuf_ StrBuf b = { 0 };

        /* PID 1 tells all that happens to whoever has its ear, and it would be kept. */
        while (w->bus && sd_bus_process(w->bus, NULL) > 0)
                ;
        if (w->bus)
                (void) bus_unit_string(w->bus, w->unit, BUS_SERVICE, "StatusText", &status);
        show_text(&b, isempty(status) ? "backing up" : status, SHOWN_BYTES);
        strbuf_add(&b, " …");
        progress_show(strbuf_text(&b));
}

int command_backup(const Arguments *a) {
        _cleanup_strbuf_ StrBuf said = { 0 }, errors = { 0 };
        uint64_t since_usec = now_usec();
        char unit[160];
        const char *argv[] = { "systemctl", "start", unit, NULL };
        Watch watch = { .unit = unit };
        int r;

        if (!agent_name_is_good(a->words[0])) {
                log_line(LOG_ERR, "\"%s\" cannot be the name of an agent", a->words[0]);
                return EXIT_CANNOT;
        }
        snprintf(unit, sizeof(unit), "fte-backup@%.120s.service", a->words[0]);
        tell_when_interrupted(unit);
        if (isatty(STDERR_FILENO))
                (void) bus_open(&watch.bus);
        r = run_program(&(RunOptions){ .argv = argv,
                                       .timeout_usec = BACKUP_USEC,
                                       .tick = watch_show,
                                       .userdata = &watch },
                        &errors, NULL);
        progress_clear();
        bus_donep(&watch.bus);
        if (r < 0)
                return cannot_run("systemctl", r);
        if (r != 0)
                r = exit_status_of(unit);
        read_journal(unit, since_usec, &said);
        if (said.len == 0)
                strbuf_add_bytes(&said, strbuf_text(&errors), errors.len);
        return tell(a, r, &said);
}

/* ---- by the program ---- */

/* In the terminal, as if it were ours: what Ctrl-C means there is for the program to say. */
static int run_here(const char *const *argv) {
        static const int signals[] = { SIGINT, SIGQUIT };
        struct sigaction before[ARRAY_SIZE(signals)], ignore = { .sa_handler = SIG_IGN };
        pid_t pid;
        int status;

        fflush(NULL);
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
                (void) sigaction(signals[i], &ignore, &before[i]);
        pid = fork();
        if (pid == 0) {
                for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
                        (void) sigaction(signals[i], &before[i], NULL);
                execv(argv[0], (char *const *) argv);
                log_line(LOG_ERR, "%s: %s", argv[0], strerror(errno));
                _exit(127);
        }
        if (pid < 0)
                return cannot_run("fork", -errno);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return cannot_run("wait", -errno);
        return status_to_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CANNOT);
}

static bool add_word(const char *key, const char *value, char word[static WORDS_BYTES],
                     const char **argv, size_t *n) {
        if (!value)
                return true;
        argv[(*n)++] = word;
        return snprintf(word, WORDS_BYTES, "%s%s", key, value) < WORDS_BYTES;
}

static int run_verb(const Arguments *a, const char *verb) {
        char from[WORDS_BYTES], to[WORDS_BYTES], path[WORDS_BYTES], root[WORDS_BYTES];
        const char *argv[10] = { HELPER, verb, a->words[0] };
        _cleanup_strbuf_ StrBuf said = { 0 };
        size_t n = 3;
        int r;

        if (*a->words[0] == '-' || !add_word("--from=", VALUE(a, FROM), from, argv, &n) ||
            !add_word("--to=", VALUE(a, TO), to, argv, &n) ||
            !add_word("--path=", VALUE(a, PATH), path, argv, &n) ||
            !add_word("--root=", *a->root ? a->root : NULL, root, argv, &n)) {
                log_line(LOG_ERR, "%s: a word that cannot be", a->command->name);
                return EXIT_CANNOT;
        }
        if (!GIVEN(a, JSON))
                return run_here(argv);
        if (streq(verb, "list")) {
                argv[n++] = "--json";
                return run_here(argv);
        }
        r = run_program(&(RunOptions){ .argv = argv, .timeout_usec = BACKUP_USEC }, &said, NULL);
        return r < 0 ? cannot_run(HELPER, r) : tell(a, r, &said);
}

int command_backup_list(const Arguments *a) {
        return run_verb(a, "list");
}

int command_backup_verify(const Arguments *a) {
        return run_verb(a, "verify");
}

int command_restore(const Arguments *a) {
        return run_verb(a, "restore");
}
