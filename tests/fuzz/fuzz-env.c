/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libFuzzer target of the env file parser, the judgement of values, and the expansion of variables.
 * What must hold: names are valid, values are text, problems have a line of the file and a message
 * without a line end, and a file without problems has no bad entry.
 */

#include "../../helpers/env-precheck/environment.h"
#include "../../helpers/env-precheck/expand.h"
#include "../../helpers/env-precheck/value-check.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
        if (!holds)
                abort();
}

static void check_entry(const EnvFile *f, const EnvEntry *e) {
        const char *value = env_entry_value(e);

        check(e->name_len > 0 && env_name_span(e->assignment, e->name_len) == e->name_len);
        check(e->assignment[e->name_len] == '=');
        check(e->assignment >= f->text && value + strlen(value) < f->text + f->text_bytes);
        check(!e->bad || !*value);
        check(f->n_problems > 0 || (!e->bad && utf8_is_valid(value, strlen(value))));
        check(env_file_find(f, e->assignment, e->name_len) != NULL);
        (void) value_is_placeholder(value);
        (void) env_name_is_reserved(e->assignment, e->name_len);
}

/* The values of the file serve as words to expand. */
static void check_expansion(const EnvFile *f) {
        _cleanup_arena_ Arena a = { 0 };
        _cleanup_strbuf_ StrBuf problems = { 0 };
        char *const none[] = { NULL };
        char *words[] = { (char *) "$A", (char *) "x${A}", NULL, NULL };
        Environment env = { .file = f, .inherited = none };
        ExpandEnv expand_env = { .lookup = environment_get, .env = &env };
        char **out = NULL, **envp = environment_merge(&env);

        if (f->n_entries > 0)
                words[2] = (char *) env_entry_value(&f->entries[f->n_entries - 1]);
        check(expand_words(&a, words, &expand_env, &problems, &out) == 0 && out);
        for (; *out; out++)
                (void) strlen(*out);
        check(problems.len == 0 || problems.text[problems.len - 1] == '\n');
        free(envp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(env_file_done) EnvFile f = { 0 };
        _cleanup_strbuf_ StrBuf b = { 0 };
        unsigned lines = 1;

        for (size_t i = 0; i < size; i++)
                lines += data[i] == '\n';
        check(env_file_parse((const char *) data, size, &f) == 0);
        for (size_t i = 0; i < f.n_entries; i++)
                check_entry(&f, &f.entries[i]);
        for (size_t i = 0; i < f.n_problems; i++) {
                const EnvProblem *p = &f.problems[i];

                check(p->line >= 1 && p->line <= lines && p->other_line < p->line);
                check(!strchr(p->text, '\n') && (i == 0 || p[-1].line <= p->line));
                env_problem_describe(p, "x", &b);
        }
        check_expansion(&f);
        return 0;
}
