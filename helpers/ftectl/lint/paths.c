/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The programs that a file names and what they need to start: the way there, interpreter, venv.
 * Links are followed one by one, for the sandbox hides directories that some of them lead into, and
 * "No such file or directory" would be all that anybody sees then.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/releases.h"
#include "base/scope.h"

#include "ftectl/shared/path-trace.h"
#include "lint.h"

#define INTERPRETERS_MAX 4 /* a script whose interpreter is a script; the kernel ends there too */

/* What ProtectHome= and PrivateTmp= of the profiles hide, in this order. */
static const char *const hidden_by_all[] = { "/tmp", "/var/tmp", NULL };
static const char *const hidden_by_most[] = { "/tmp",  "/var/tmp",  "/home",
                                              "/root", "/run/user", NULL };

/* The admin may have opened what the profile closes. */
static bool passes_through(const Agent *a, const char *key) {
        for (const PassThrough *p = a->pass_through; p; p = p->next)
                if (streq(p->key, key))
                        return true;
        return false;
}

const char *const *lint_hidden_from(const Agent *a) {
        static const char *const nothing[] = { NULL };

        if (scope->is_user) /* the home is read-only, and there */
                return a->profile == PROFILE_TRUSTED || passes_through(a, "PrivateTmp")
                               ? nothing
                               : hidden_by_all;
        if (passes_through(a, "PrivateTmp"))
                return passes_through(a, "ProtectHome") || a->profile == PROFILE_TRUSTED
                               ? nothing
                               : hidden_by_most + 2;
        return a->profile == PROFILE_TRUSTED || passes_through(a, "ProtectHome") ? hidden_by_all
                                                                                 : hidden_by_most;
}

/* A key with a command. */
typedef struct CommandKey {
        SectionId section;
        const char *key;
        size_t offset;      /* of its words in Agent */
        const char *until;  /* when what is missing must be there */
        bool is_in_release; /* it is run where of an agent's code only a release to come is seen */
} CommandKey;

static const CommandKey exec_key = { SECTION_AGENT, "Exec", offsetof(Agent, exec),
                                     "before the agent is started", false };
static const CommandKey health_key = { SECTION_HEALTH, "Command", offsetof(Agent, health_command),
                                       "before the agent is started", false };
static const CommandKey check_key = { SECTION_DEPLOY, "Check", offsetof(Agent, deploy_check),
                                      "before the next deployment", true };

static char **words_of(const Agent *a, const CommandKey *c) {
        return *(char **const *) ((const char *) a + c->offset);
}

/* The program as a path, or NULL: it is in no directory, or there is no command. */
static const char *program_path(Warner *w, const CommandKey *c) {
        char **words = words_of(w->agent, c);
        const char *word = words ? *words : NULL;

        return !word || *word == '/' ? word : program_find(w, word);
}

/* What a path is to the agent, for messages: "the program /opt/x", "its interpreter /opt/x". */
typedef struct Part {
        const CommandKey *of;
        ProgramPart part;
        const char *path;
} Part;

static const char *const whats[] = {
        [PROGRAM_ITSELF] = "the program",
        [PROGRAM_INTERPRETER] = "the program's interpreter",
        [PROGRAM_VENV_HOME] = "the home of its venv (pyvenv.cfg)",
        [PROGRAM_ARGUMENT] = "the argument",
};

/* To whoever asked: the list of faults, or lint's report. */
static void add(Warner *w, const Part *p, FaultKind kind, const char *message) {
        ProgramFault *f;

        if (!message)
                return;
        if (!w->faults) {
                warner_add(w, p->of->section, p->of->key,
                           agent_place_near(w->agent, p->of->offset, p->of->section), message);
                return;
        }
        f = w->n_faults < PROGRAM_FAULTS_MAX ? &w->faults[w->n_faults++] : NULL;
        if (f)
                *f = (ProgramFault){ p->part, kind, arena_strdup(w->arena, p->path), message };
}

static void warn_hidden(Warner *w, const Part *p, const Trace *t) {
        const char *how = *t->hidden_link ? arena_printf(w->arena, " (the link %s leads to %s)",
                                                         t->hidden_link, t->hidden_target)
                                          : "";

        if (how)
                add(w, p, FAULT_HIDDEN,
                    arena_printf(
                            w->arena,
                            "%s %s lies in %s%s, which the sandbox hides from the agent; install "
                            "it below /opt, /srv or /usr%s",
                            whats[p->part], p->path, t->hidden, how,
                            p->part == PROGRAM_ITSELF || p->part == PROGRAM_ARGUMENT
                                    ? ""
                                    : ", and make the venv anew with a Python from there"));
}

/* Whether a path is in the agent's directory of code, below a part of it, such as "current/". */
static bool is_in_home(Warner *w, const char *path, const char *below) {
        const char *dir = arena_printf(w->arena, RELEASES_TOP "%s/%s", w->agent->directory, below);

        return dir && startswith(path, dir);
}

static const char *how_to_install(Warner *w, const Part *p) {
        return is_in_home(w, p->path, CURRENT_LINK "/")
                       ? arena_printf(w->arena, "ftectl deploy %s SOURCE brings it", w->agent->name)
                       : arena_printf(w->arena, "install it %s", p->of->until);
}

static void warn_missing(Warner *w, const Part *p, const Trace *t) {
        const char *what = whats[p->part];

        add(w, p, FAULT_MISSING,
            *t->link
                    ? arena_printf(w->arena,
                                   "%s %s does not exist: the link %s leads to %s, and that is not "
                                   "there; install it, or make the link anew",
                                   what, p->path, t->link, t->target)
                    : arena_printf(w->arena, "%s %s does not exist; %s", what, p->path,
                                   how_to_install(w, p)));
}

/*
 * Whether a part is in the code of a release that is to come, of which nothing is known. Of the
 * rest of /opt/NAME nothing is seen there.
 */
static bool is_of_release(Warner *w, const Part *p, const Trace *t) {
        if (!p->of->is_in_release)
                return false;
        if (is_in_home(w, p->path, "") && !is_in_home(w, p->path, CURRENT_LINK "/"))
                add(w, p, FAULT_HIDDEN,
                    arena_printf(w->arena,
                                 "%s %s is not seen by a check, which has of " RELEASES_TOP
                                 "%s only its release, as " CURRENT_FORMAT "; put it into the "
                                 "code, or install it elsewhere",
                                 whats[p->part], p->path, w->agent->directory,
                                 w->agent->directory));
        return is_in_home(w, p->path, "") || is_in_home(w, t->path, "");
}

/*
 * Whether a part is missing because nothing has been deployed yet, and Exec= was told so: what that
 * says brings both.
 */
static bool comes_with_exec(Warner *w, const Part *p) {
        const char *link, *program;
        struct stat st;

        if (p->of == &exec_key || !is_in_home(w, p->path, CURRENT_LINK "/"))
                return false;
        link = arena_printf(w->arena, CURRENT_FORMAT, w->agent->directory);
        program = program_path(w, &exec_key);
        return link && program && is_in_home(w, program, CURRENT_LINK "/") &&
               fstatat(w->root_fd, link + 1, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

/* Follows a part; false when nothing more can be said about it. */
static bool check_way(Warner *w, const Part *p, Trace *t) {
        struct stat st;

        if (*p->path != '/') {
                add(w, p, FAULT_MISSING,
                    arena_printf(w->arena,
                                 "%s %s is in no directory of the PATH of services; install it, or "
                                 "write its full path",
                                 whats[p->part], p->path));
                return false;
        }
        path_trace(w->root_fd, p->path, lint_hidden_from(w->agent), t);
        if (is_of_release(w, p, t))
                return false;
        if (t->hidden)
                warn_hidden(w, p, t);
        else if (comes_with_exec(w, p))
                return false;
        else if (t->error == -ENOENT || t->error == -ENOTDIR)
                warn_missing(w, p, t);
        else if (t->error == -ELOOP)
                add(w, p, FAULT_OTHER,
                    arena_printf(w->arena, "%s %s is a link that leads in a circle; make it anew",
                                 whats[p->part], p->path));
        if (t->hidden || t->error < 0)
                return false;
        if (fstatat(w->root_fd, t->path + 1, &st, 0) < 0)
                return false;
        if (!S_ISREG(st.st_mode))
                add(w, p, FAULT_OTHER,
                    arena_printf(w->arena, "%s %s is no file; name the program itself",
                                 whats[p->part], p->path));
        else if (!(st.st_mode & 0111))
                add(w, p, FAULT_NOT_EXECUTABLE,
                    arena_printf(w->arena, "%s %s is not executable; chmod +x %s", whats[p->part],
                                 p->path, p->path));
        return S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

/* ---- venvs ---- */

static void check_venv(Warner *w, const Part *program) {
        Part part = { program->of, PROGRAM_VENV_HOME, program_venv_home(w, program->path) };
        Trace t;

        if (!part.path || *part.path != '/')
                return;
        path_trace(w->root_fd, part.path, lint_hidden_from(w->agent), &t);
        if (is_of_release(w, &part, &t))
                return;
        if (t.hidden)
                warn_hidden(w, &part, &t);
        else if (t.error == -ENOENT)
                warn_missing(w, &part, &t);
}

/* ---- the rows ---- */

const char *lint_interpreter(Warner *w) {
        const char *path = w->knows_interpreter ? NULL : program_path(w, &exec_key);
        Trace t;

        w->knows_interpreter = true;
        if (!path)
                return w->interpreter;
        path_trace(w->root_fd, path, lint_hidden_from(w->agent), &t);
        if (t.error == 0)
                w->interpreter = program_interpreter(w, t.path);
        return w->interpreter;
}

static void check_program(Warner *w, const CommandKey *c) {
        char **words = words_of(w->agent, c);
        Part part = { c, PROGRAM_ITSELF, program_path(w, c) };
        Trace t;

        if (!words || !*words)
                return;
        if (!part.path) {
                add(w, &(Part){ c, PROGRAM_ITSELF, *words }, FAULT_MISSING,
                    "no directory of the PATH of services has the program; write its full path");
                return;
        }
        for (unsigned i = 0; part.path && i < INTERPRETERS_MAX && check_way(w, &part, &t); i++) {
                const char *interpreter = program_interpreter(w, t.path);

                if (i == 0 && c == &exec_key) {
                        w->interpreter = interpreter;
                        w->knows_interpreter = true;
                }
                if (!interpreter) /* what is run in the end */
                        check_venv(w, &part);
                part = (Part){ c, PROGRAM_INTERPRETER, interpreter };
        }
}

void lint_check_program(Warner *w) {
        check_program(w, &exec_key);
}

void lint_check_other_programs(Warner *w) {
        check_program(w, &health_key);
        check_program(w, &check_key);
}

/*
 * "python3 /home/me/app.py". What is not there may be a place that the agent is to make by itself.
 */
void lint_check_arguments(Warner *w) {
        for (char **word = w->agent->exec ? w->agent->exec + 1 : NULL; word && *word; word++) {
                Trace t;

                if (**word != '/')
                        continue;
                path_trace(w->root_fd, *word, lint_hidden_from(w->agent), &t);
                if (t.hidden && t.error == 0)
                        warn_hidden(w, &(Part){ &exec_key, PROGRAM_ARGUMENT, *word }, &t);
        }
}
