/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The program of an agent and what it needs to start: the way to it, its interpreter, its venv.
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

/* What a path is to the agent, for messages: "the program /opt/x", "its interpreter /opt/x". */
typedef struct Part {
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
                WARN(w, AGENT, "Exec", exec, "%s", message);
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

static const char *how_to_install(Warner *w, const char *path) {
        const char *current = arena_printf(w->arena, CURRENT_FORMAT "/", w->agent->directory);

        if (!current || !startswith(path, current))
                return "install it before the agent is started";
        return arena_printf(w->arena, "ftectl deploy %s SOURCE brings it", w->agent->name);
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
                                   how_to_install(w, p->path)));
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
        if (t->hidden)
                warn_hidden(w, p, t);
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

/* ---- names without a slash ---- */

static const char *find_in_path(Warner *w, const char *name) {
        static const char *const dirs[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                            "/usr/bin",        "/sbin",          "/bin" };

        for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
                const char *path = arena_printf(w->arena, "%s/%s", dirs[i], name);

                if (path && faccessat(w->root_fd, path + 1, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                        return path;
        }
        return NULL;
}

/* ---- interpreters ---- */

/* What "env" of a first line runs: its argument, or with -S the first word of that. */
static const char *read_env_word(Warner *w, const char *s) {
        static const char plain[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
        const char *name, *path;
        size_t n;

        s += strspn(s, " \t");
        if (startswith(s, "-S"))
                s += 2 + strspn(s + 2, " \t");
        n = strcspn(s, " \t\n");
        if (*s == '/')
                return arena_strndup(w->arena, s, n);
        if (n == 0 || *s == '-' || strspn(s, plain) < n)
                return NULL; /* options, variables, quotes: not worth a guess */
        name = arena_strndup(w->arena, s, n);
        path = name ? find_in_path(w, name) : NULL;
        return path ? path : name;
}

/* The interpreter that a script's first line names, in the arena: a path, or a name that env does
 * not find. NULL when it is no script. */
static const char *read_interpreter(Warner *w, const char *path) {
        char line[256];
        int fd = openat(w->root_fd, path + 1, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
        char *word = line + 2, *end;

        closep(&fd);
        if (n < 3 || line[0] != '#' || line[1] != '!')
                return NULL;
        line[n] = 0;
        word += strspn(word, " \t");
        end = word + strcspn(word, " \t\n");
        if (end - word > 4 && strncmp(end - 4, "/env", 4) == 0 && (*end == ' ' || *end == '\t'))
                return read_env_word(w, end);
        return *word == '/' ? arena_strndup(w->arena, word, (size_t) (end - word)) : NULL;
}

/*
 * The directory that "home = DIR" in the venv beside program names: the standard library is there.
 */
static const char *read_venv_home(Warner *w, const char *program) {
        char path[PATH_MAX], text[2048];
        const char *slash = strrchr(program, '/'), *line = text;

        if (!slash || snprintf(path, sizeof(path), "%.*s/../pyvenv.cfg", (int) (slash - program),
                               program) >= (int) sizeof(path))
                return NULL;
        if (fsat_read(w->root_fd, path + 1, text, sizeof(text)) < 0)
                return NULL;
        while (line) {
                const char *value = startswith(line, "home");

                if (value && *(value += strspn(value, " \t")) == '=') {
                        value += 1 + strspn(value + 1, " \t");
                        return arena_strndup(w->arena, value, strcspn(value, "\r\n"));
                }
                line = strchr(line, '\n');
                line = line ? line + 1 : NULL;
        }
        return NULL;
}

static void check_venv(Warner *w, const char *program) {
        const char *home = read_venv_home(w, program);
        Trace t;

        if (!home || *home != '/')
                return;
        path_trace(w->root_fd, home, lint_hidden_from(w->agent), &t);
        if (t.hidden)
                warn_hidden(w, &(Part){ PROGRAM_VENV_HOME, home }, &t);
        else if (t.error == -ENOENT)
                warn_missing(w, &(Part){ PROGRAM_VENV_HOME, home }, &t);
}

/* The way to the program, or NULL. */
static const char *program_path(Warner *w) {
        const char *word = w->agent->exec ? w->agent->exec[0] : NULL;

        return !word || *word == '/' ? word : find_in_path(w, word);
}

const char *lint_interpreter(Warner *w) {
        const char *path = w->knows_interpreter ? NULL : program_path(w);
        Trace t;

        w->knows_interpreter = true;
        if (!path)
                return w->interpreter;
        path_trace(w->root_fd, path, lint_hidden_from(w->agent), &t);
        if (t.error == 0)
                w->interpreter = read_interpreter(w, t.path);
        return w->interpreter;
}

void lint_check_program(Warner *w) {
        Part part = { PROGRAM_ITSELF, program_path(w) };
        Trace t;

        if (!w->agent->exec)
                return;
        if (!part.path) {
                add(w, &(Part){ PROGRAM_ITSELF, w->agent->exec[0] }, FAULT_MISSING,
                    "no directory of the PATH of services has the program; write its full path");
                return;
        }
        for (unsigned i = 0; part.path && i < INTERPRETERS_MAX && check_way(w, &part, &t); i++) {
                const char *interpreter = read_interpreter(w, t.path);

                if (i == 0) {
                        w->interpreter = interpreter;
                        w->knows_interpreter = true;
                }
                if (!interpreter) /* what is run in the end */
                        check_venv(w, part.path);
                part = (Part){ PROGRAM_INTERPRETER, interpreter };
        }
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
                        warn_hidden(w, &(Part){ PROGRAM_ARGUMENT, *word }, &t);
        }
}
