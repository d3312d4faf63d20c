/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Causes that keep the program from being executed, or what it gets from the env file.
 */

#include "base/distribution.h"
#include "base/escape.h"

#include "rules-say.h"

/* While it runs, what has become of its files since is trouble of the next start. */
static int weigh(const Evidence *e) {
        return has_process(e) && !has_failed(e) && !streq(e->unit.active, "activating")
                       ? LIKELY_SIDE
                       : LIKELY_CERTAIN;
}

/* A name out of a file or a message is a word of the shell before it is a package. */
static void fix_install(Diagnosis *d, const Evidence *e, const char *package) {
        _cleanup_strbuf_ StrBuf word = { 0 };
        const char *command;

        if (!package) /* no memory, which is told elsewhere */
                return;
        escape_shell_word(&word, package);
        command = distribution_install(e->root, INSTALL, strbuf_text(&word), e->arena);
        if (command)
                FIX(d, "%s\n", command);
}

/* ---- the program ---- */

static bool is_venv_python(const Evidence *e, const ProgramFault *f) {
        const char *base = strrchr(f->path, '/');

        return base && startswith(base, "/python") && path_startswith(f->path, e->venv);
}

/* A fault of the venv, whatever part of the chain shows it. */
static bool is_venv_fault(const Evidence *e, const ProgramFault *f) {
        if (f->part == PROGRAM_VENV_HOME)
                return true;
        return e->venv && (f->part == PROGRAM_INTERPRETER || is_venv_python(e, f));
}

static const ProgramFault *find_fault(const Evidence *e,
                                      bool (*wanted)(const Evidence *e, const ProgramFault *f)) {
        for (size_t i = 0; i < e->n_faults; i++)
                if (wanted(e, &e->faults[i]))
                        return &e->faults[i];
        return NULL;
}

static bool is_missing_program(const Evidence *e, const ProgramFault *f) {
        return f->part == PROGRAM_ITSELF && f->kind != FAULT_HIDDEN && !is_venv_fault(e, f);
}

static bool is_missing_interpreter(const Evidence *e, const ProgramFault *f) {
        return f->part == PROGRAM_INTERPRETER && f->kind != FAULT_HIDDEN && !is_venv_fault(e, f);
}

static bool is_hidden(const Evidence *e, const ProgramFault *f) {
        return f->kind == FAULT_HIDDEN && !is_venv_fault(e, f);
}

int rule_program_missing(const Evidence *e, Diagnosis *d) {
        const ProgramFault *f = find_fault(e, is_missing_program);

        if (!f)
                return LIKELY_NOT;
        SEEN(d, "%s\n", f->message);
        if (f->kind == FAULT_NOT_EXECUTABLE)
                fix_path(d, "chmod +x", f->path);
        else
                fix_path(d, "ls -l", f->path);
        fix_restart(d, e);
        return weigh(e);
}

int rule_interpreter_missing(const Evidence *e, Diagnosis *d) {
        const ProgramFault *f = find_fault(e, is_missing_interpreter);
        const char *base;

        if (!f)
                return LIKELY_NOT;
        base = strrchr(f->path, '/');
        SEEN(d, "%s\n", f->message);
        if (f->kind == FAULT_NOT_EXECUTABLE)
                fix_path(d, "chmod +x", f->path);
        else
                fix_install(d, e, base ? base + 1 : f->path);
        fix_restart(d, e);
        return weigh(e);
}

int rule_venv_broken(const Evidence *e, Diagnosis *d) {
        const ProgramFault *f = find_fault(e, is_venv_fault);

        if (!f)
                return LIKELY_NOT;
        SEEN(d, "%s\n", f->message);
        if (e->venv) {
                fix_path(d, "/usr/bin/python3 -m venv --clear", e->venv);
                escape_shell_word(&d->fix, e->venv);
                FIX(d, "/bin/pip install -r requirements.txt\n");
        }
        fix_restart(d, e);
        return weigh(e);
}

int rule_program_hidden(const Evidence *e, Diagnosis *d) {
        const ProgramFault *f = find_fault(e, is_hidden);

        if (!f)
                return LIKELY_NOT;
        SEEN(d, "%s\n", f->message);
        FIX(d, "install it below /opt and correct Exec= in %s, then: systemctl daemon-reload\n",
            e->config_file);
        fix_restart(d, e);
        return weigh(e);
}

int rule_noexec(const Evidence *e, Diagnosis *d) {
        for (size_t i = 0; i < e->n_paths; i++) {
                const PathFact *p = &e->paths[i];
                bool mapped = p->symptom && p->symptom->kind == SYMPTOM_NOT_MAPPED && in_trouble(e);

                if (!p->mount || !p->mount->noexec || !(p->role == PATH_PROGRAM || mapped))
                        continue;
                SEEN(d, "%s lies on %s (%s), which is mounted noexec\n", p->path, p->mount->point,
                     p->mount->type);
                diagnosis_quote(d, e, p->symptom);
                fix_path(d, "mount -o remount,exec", p->mount->point);
                FIX(d, "and take noexec out of its line in /etc/fstab\n");
                fix_restart(d, e);
                return mapped ? LIKELY_CERTAIN : weigh(e);
        }
        return LIKELY_NOT;
}

int rule_module_missing(const Evidence *e, Diagnosis *d) {
        static const char set[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-@/";
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_MODULE);
        bool node = s && strstr(s->line, "Cannot find");
        int n = s ? (int) strspn(s->name, set) : 0;

        if (!s || !in_trouble(e) || n == 0)
                return LIKELY_NOT;
        SEEN(d, "the agent wants the module %.*s\n", n, s->name);
        diagnosis_quote(d, e, s);
        if (node)
                FIX(d, "npm install %.*s   # where its package.json is\n", n, s->name);
        else if (e->venv) {
                escape_shell_word(&d->fix, e->venv);
                FIX(d, "/bin/pip install %.*s   # if its package is called so\n", n, s->name);
        } else
                fix_install(d, e, arena_printf(e->arena, "python3-%.*s", n, s->name));
        fix_restart(d, e);
        return LIKELY_STRONG + 3;
}

/* ---- the env file ---- */

static const char *const value_problems[] = { ": is missing; add a line",
                                              ": is empty; give it a value",
                                              ": still has a placeholder" };

/* Where the sentence about a variable begins in the first line of problems, or NULL. */
static const char *value_problem(const char *problems) {
        const char *end = strchrnul(problems, '\n');

        for (size_t i = 0; i < ARRAY_SIZE(value_problems); i++) {
                const char *p = strstr(problems, value_problems[i]);

                if (p && p < end)
                        return p;
        }
        return NULL;
}

static void add_problems(Diagnosis *d, const Evidence *e) {
        size_t n = 0;

        for (const char *line = e->env_problems; *line && n < 5; n++) {
                size_t len = strcspn(line, "\n");

                SEEN(d, "%.*s\n", (int) len, line);
                line += len + (line[len] == '\n');
        }
}

static int weigh_env(const Evidence *e) {
        return has_process(e) ? LIKELY_SIDE : LIKELY_CERTAIN;
}

int rule_env_value(const Evidence *e, Diagnosis *d) {
        const char *end = value_problem(e->env_problems), *name = end;

        if (!end)
                return LIKELY_NOT;
        while (name > e->env_problems && name[-1] != ' ')
                name--;
        add_problems(d, e);
        FIX(d, "ftectl env %s set %.*s\n", e->agent->name, (int) (end - name), name);
        fix_restart(d, e);
        return weigh_env(e);
}

/* The precheck's messages end in the command that helps. */
int rule_env_file(const Evidence *e, Diagnosis *d) {
        static const char *const ends[] = { " with: ", " by: " };
        const char *line_end = strchrnul(e->env_problems, '\n'), *command = NULL;

        if (!*e->env_problems || value_problem(e->env_problems))
                return LIKELY_NOT;
        for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
                const char *p = strstr(e->env_problems, ends[i]);

                if (p && p < line_end)
                        command = p + strlen(ends[i]);
        }
        add_problems(d, e);
        if (command)
                FIX(d, "%.*s\n", (int) (line_end - command), command);
        else
                FIX(d, "ftectl env %s list\n", e->agent->name);
        for (size_t i = 0; command && e->agent->env_required && e->agent->env_required[i] &&
                           startswith(command, "install");
             i++)
                FIX(d, "ftectl env %s set %s\n", e->agent->name, e->agent->env_required[i]);
        fix_restart(d, e);
        return weigh_env(e);
}

int rule_env_corrected(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_ENV);

        if (!streq(e->unit.active, "failed") || e->unit.exec_status != 78 || *e->env_problems ||
            e->n_errors > 0 || e->is_stub_loaded || !agent_has_env_file(e->agent) ||
            e->agent->env_encrypted)
                return LIKELY_NOT;
        SEEN(d, "it ended with status 78, as the check of %s does; that finds nothing wrong now\n",
             e->agent->env_file);
        diagnosis_quote(d, e, s);
        fix_restart(d, e);
        return LIKELY_STRONG;
}
