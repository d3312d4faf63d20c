/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The judgements of judge.h.
 */

#include "judge.h"
#include "value-check.h"

/* execve() takes no longer string (MAX_ARG_STRLEN). */
#define MAX_ASSIGNMENT_BYTES ((size_t) 128 * 1024)

static void entry_problem(const char *path, const EnvEntry *e, const char *text, StrBuf *problems) {
        EnvProblem problem = {
                .line = e->line, .name = e->assignment, .name_len = e->name_len, .text = text
        };

        env_problem_describe(&problem, path, problems);
}

int judge_text(const char *path, const char *text, size_t len, EnvFile *ret, StrBuf *problems) {
        int r = env_file_parse(text, len, ret);

        if (r < 0)
                return r;
        for (size_t i = 0; i < ret->n_problems; i++)
                env_problem_describe(&ret->problems[i], path, problems);
        for (size_t i = 0; i < ret->n_entries; i++) {
                const EnvEntry *e = &ret->entries[i];

                if (env_name_is_reserved(e->assignment, e->name_len))
                        entry_problem(path, e, "is set by systemd for the service; remove the line",
                                      problems);
                if (strlen(e->assignment) >= MAX_ASSIGNMENT_BYTES)
                        entry_problem(
                                path, e,
                                "is longer than a program can be given (128 KiB); put it into a "
                                "file of its own",
                                problems);
        }
        return 0;
}

void judge_required(const char *path, const Environment *env, const char *name, StrBuf *problems) {
        const EnvEntry *e = env->file ? env_file_find(env->file, name, strlen(name)) : NULL;
        const char *value = environment_get(env, name, strlen(name)), *text;

        if (e && e->bad)
                return; /* reported already */
        if (!value)
                text = "is missing; add a line NAME=VALUE for it";
        else if (!value[strspn(value, " \t\r\n")])
                text = "is empty; give it a value";
        else if (value_is_placeholder(value))
                text = "still has a placeholder for a value; put the real one there";
        else
                return;
        if (e)
                entry_problem(path, e, text, problems);
        else if (value || !path)
                strbuf_addf(problems, "%s: %s (in the unit's environment)\n", name, text);
        else
                strbuf_addf(problems, "%s: %s: %s\n", path, name, text);
}
