/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-env-precheck: the first link of an agent's chain. It runs as the service's user in the
 * service's sandbox, makes sure that the env file is private, well-formed and complete, puts it
 * into the environment, and becomes the next program. Everything wrong is reported at once, each
 * on a line, never with a value, and ends in exit status 78, which systemd does not retry.
 */

#include <stdio.h>

#include "base/exec.h"
#include "base/log.h"
#include "content.h"
#include "environment.h"
#include "expand.h"
#include "file-check.h"
#include "judge.h"
#include "options.h"
#include "release.h"

#define EXIT_USAGE  2
#define EXIT_CONFIG 78

/* A binary file makes a problem of every line; nobody reads more of them than this. */
#define MAX_PROBLEM_LINES 200

typedef struct Precheck {
        Options options;
        EnvFile file;
        bool file_loaded; /* its content was there to be judged, be it good or bad */
        StrBuf problems;  /* a line each */
} Precheck;

extern char **environ;

static void check_user(Precheck *p) {
        uid_t real, effective, saved;

        if (getresuid(&real, &effective, &saved) == 0 && real != 0 && effective != 0 && saved != 0)
                return;
        strbuf_add(&p->problems, "refuses to run as root: an agent must have a user of its own; "
                                 "see User= in fte.conf(5)\n");
}

static int load_file(Precheck *p) {
        _cleanup_(content_done) Content content = { 0 };
        struct stat st;
        int r;

        if (!p->options.file ||
            !file_check(p->options.file, &(FileUser){ p->options.user, geteuid() }, &p->problems,
                        &st))
                return 0;
        r = content_read(p->options.file, &st, &p->problems, &content);
        if (r == -EBADMSG)
                return 0;
        if (r == 0)
                r = judge_text(p->options.file, content.text, content.len, &p->file, &p->problems);
        if (r < 0)
                return r;
        p->file_loaded = true;
        return 0;
}

/* True when there was a problem. */
static bool report(const StrBuf *problems) {
        const char *line = strbuf_text(problems);
        size_t n = 0, more = 0;

        for (; *line; n++) {
                size_t len = strcspn(line, "\n");

                if (n < MAX_PROBLEM_LINES)
                        log_line(LOG_ERR, "%.*s", (int) len, line);
                else
                        more++;
                line += len + 1;
        }
        if (more > 0)
                log_line(LOG_ERR, "and %zu more problems like these", more);
        return n > 0;
}

/* Returns only on failure. */
static int run_command(const Precheck *p, char **command, char **envp) {
        _cleanup_strbuf_ StrBuf reason = { 0 };
        int status = exec_or_explain(command, envp, &reason);

        /* The word as it was given: expanded, it could hold a value. */
        log_line(LOG_ERR, "%s %s", p->options.command[0], strbuf_text(&reason));
        return status;
}

/* An exit status, or -ENOMEM. */
static int check_and_run(Precheck *p, Arena *arena) {
        Environment env = { .file = &p->file, .set = p->options.set, .inherited = environ };
        ExpandEnv expand_env = { .lookup = environment_get, .env = &env };
        _cleanup_free_ char **envp = NULL;
        char **command = NULL;
        int r;

        check_user(p);
        r = load_file(p);
        if (r < 0)
                return r;
        if (p->file_loaded || !p->options.file) {
                for (size_t i = 0; i < p->options.n_required; i++)
                        judge_required(p->options.file, &env, p->options.required[i], &p->problems);
                r = expand_words(arena, p->options.command, &expand_env, &p->problems, &command);
                if (r == 0 && p->problems.len == 0)
                        r = release_pin(arena, "", command);
                if (r < 0)
                        return r;
        }
        if (strbuf_check(&p->problems) < 0)
                return -ENOMEM;
        if (report(&p->problems))
                return EXIT_CONFIG;
        envp = environment_merge(&env);
        return envp ? run_command(p, command, envp) : -ENOMEM;
}

int main(int argc, char **argv) {
        Precheck p = { 0 };
        Arena arena = { 0 };
        int r;

        log_open("fte-env-precheck", false);
        r = options_parse(argc, argv, &p.options);
        if (r == 0)
                r = check_and_run(&p, &arena);
        else if (r > 0)
                r = EXIT_SUCCESS;
        else if (r == -EINVAL)
                r = EXIT_USAGE;
        if (r < 0) {
                log_line(LOG_ERR, "%s", strerror(-r));
                r = EXIT_FAILURE;
        }
        if (r != EXIT_SUCCESS)
                log_linger();
        free(p.options.required);
        free(p.options.set);
        env_file_done(&p.file);
        strbuf_done(&p.problems);
        arena_done(&arena);
        return r;
}
