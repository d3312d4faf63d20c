/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Causes that lie in files, their owners and what they are mounted on.
 */

#include "base/escape.h"

#include "ftectl/shared/terminal.h"
#include "rules-say.h"

static bool is_symptom(const PathFact *p, SymptomKind kind) {
        return p->symptom && p->symptom->kind == kind;
}

/* The directory of the agent's that a path lies in, or NULL. */
static const PathFact *own_directory(const Evidence *e, const char *path) {
        for (size_t i = 0; i < e->n_paths; i++)
                if ((e->paths[i].role == PATH_STATE || e->paths[i].role == PATH_LOGS) &&
                    path_startswith(path, e->paths[i].path))
                        return &e->paths[i];
        return NULL;
}

/* The directory that the sandbox hides and that the path lies in, or NULL. */
static const char *hiding(const Evidence *e, const char *path) {
        for (const char *const *dir = lint_hidden_from(e->agent); *dir; dir++)
                if (path_startswith(path, *dir))
                        return *dir;
        return NULL;
}

/*
 * What belongs to the system or to other services is not to be opened for an agent, whatever its
 * log complains of: it writes that log.
 */
static bool is_of_others(const Evidence *e, const char *path) {
        static const char *const dirs[] = { "/bin",  "/boot",    "/dev",     "/etc",
                                            "/lib",  "/lib32",   "/lib64",   "/proc",
                                            "/root", "/run",     "/sbin",    "/sys",
                                            "/usr",  "/var/lib", "/var/log", "/var/spool" };
        static const char *const own[] = { "/etc", "/run", "/var/lib", "/var/log" };

        for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
                const char *rest = path_startswith(path, own[i]);

                if (rest && *rest && path_startswith(rest + 1, e->name))
                        return false;
        }
        for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
                if (path_startswith(path, dirs[i]))
                        return true;
        return !strchr(path + 1, '/'); /* a directory of the root itself */
}

static void fix_elsewhere(Diagnosis *d, const Evidence *e) {
        FIX(d, "let the agent use /var/lib/%s instead: this path is not its own\n",
            e->agent->directory);
}

/* What ftectl validate looks at for a place: the data, the log, else whether it runs. */
static const char *place_requirement(const Evidence *e, const PathFact *p) {
        const PathFact *own = own_directory(e, p->path), *state = evidence_path(e, PATH_STATE);

        if (own)
                return own->role == PATH_STATE ? "FR-005" : "FR-004";
        return state && state->mount && state->mount == p->mount ? "FR-005" : "FR-002";
}

/* ---- owners ---- */

static void say_stop(Diagnosis *d, const Evidence *e, const PathFact *p) {
        SEEN(d, "%s belongs to %s and has mode %04o; the agent runs as %s\n", p->stop,
             p->stop_owner, p->stop_mode, e->user);
        diagnosis_quote(d, e, p->symptom);
}

static void fix_owner(Diagnosis *d, const Evidence *e, const char *dir) {
        FIX(d, "chown -R %s:", e->user);
        fix_path(d, "", dir);
        fix_restart(d, e);
}

/* What an error names, and is so. */
static const PathFact *find_denied(const Evidence *e, bool below_own, bool foreign) {
        for (size_t i = e->n_paths; i-- > 0;) {
                const PathFact *p = &e->paths[i];

                if (is_symptom(p, SYMPTOM_PERMISSION) && p->stop && !hiding(e, p->path) &&
                    !!own_directory(e, p->stop) == below_own && p->stop_is_foreign == foreign)
                        return p;
        }
        return NULL;
}

/* Something inside that is not the user's, which no error names. */
static int foreign_inside(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_PERMISSION);

        for (size_t i = 0; i < e->n_paths; i++) {
                const PathFact *p = &e->paths[i];

                if ((p->role != PATH_STATE && p->role != PATH_LOGS) || p->n_foreign == 0)
                        continue;
                d->requirement = place_requirement(e, p);
                SEEN(d, "%s belongs to %s; the agent runs as %s\n", p->foreign, p->foreign_owner,
                     e->user);
                if (p->n_foreign > 1)
                        SEEN(d, "so do %llu more in %s\n", (unsigned long long) p->n_foreign - 1,
                             p->path);
                if (in_trouble(e))
                        diagnosis_quote(d, e, s);
                fix_owner(d, e, p->path);
                if (!in_trouble(e))
                        return LIKELY_SIDE;
                if (s && !*s->path)
                        return LIKELY_STRONG + 5;
                return p->foreign_is_denied ? LIKELY_FAIR - 5 : LIKELY_WEAK;
        }
        return LIKELY_NOT;
}

int rule_wrong_owner(const Evidence *e, Diagnosis *d) {
        const PathFact *p = in_trouble(e) ? find_denied(e, true, true) : NULL;

        if (!p)
                return foreign_inside(e, d);
        d->requirement = place_requirement(e, p);
        say_stop(d, e, p);
        fix_owner(d, e, own_directory(e, p->stop)->path);
        return LIKELY_CERTAIN;
}

int rule_no_access(const Evidence *e, Diagnosis *d) {
        const PathFact *p = NULL;

        if (!in_trouble(e))
                return LIKELY_NOT;
        p = find_denied(e, true, false);
        if (p) { /* its own, and its mode forbids */
                say_stop(d, e, p);
                fix_path(d, "chmod u+rwX", p->stop);
                fix_restart(d, e);
                return LIKELY_CERTAIN;
        }
        p = find_denied(e, false, true);
        if (!p)
                return LIKELY_NOT;
        say_stop(d, e, p);
        if (is_of_others(e, p->stop))
                fix_elsewhere(d, e);
        else {
                FIX(d, "chgrp %s", e->user);
                fix_path(d, "", p->stop);
                fix_path(d, "chmod g+rX", p->stop);
                fix_restart(d, e);
        }
        return LIKELY_CERTAIN - 2;
}

/* Programs try many files that need not be there: only the last word before a failure counts. */
static const PathFact *find_missing(const Evidence *e) {
        const PathFact *p = e->n_paths > 0 ? &e->paths[e->n_paths - 1] : NULL;
        const Symptom *last = e->symptoms.n > 0 ? &e->symptoms.items[e->symptoms.n - 1] : NULL;

        return p && is_symptom(p, SYMPTOM_NO_DIRECTORY) && p->symptom == last && has_failed(e) &&
                               e->unit.exec_status < 126
                       ? p
                       : NULL;
}

int rule_file_missing(const Evidence *e, Diagnosis *d) {
        const PathFact *p = find_missing(e);

        if (!p || p->error != -ENOENT || hiding(e, p->path))
                return LIKELY_NOT;
        SEEN(d, "%s does not exist\n", p->path);
        diagnosis_quote(d, e, p->symptom);
        fix_path(d, "ls -l", p->path);
        fix_restart(d, e);
        return LIKELY_FAIR;
}

/* Some of these directories are empty in the sandbox, others cannot be entered. */
int rule_path_hidden(const Evidence *e, Diagnosis *d) {
        const PathFact *p = find_missing(e);

        for (size_t i = e->n_paths; i-- > 0 && !p;)
                if (is_symptom(&e->paths[i], SYMPTOM_PERMISSION) && hiding(e, e->paths[i].path))
                        p = &e->paths[i];
        if (!p || !hiding(e, p->path) || !in_trouble(e))
                return LIKELY_NOT;
        SEEN(d, "the sandbox hides %s from the agent, and with it %s\n", hiding(e, p->path),
             p->path);
        diagnosis_quote(d, e, p->symptom);
        FIX(d, "mv ");
        escape_shell_word(&d->fix, p->path);
        FIX(d, " /var/lib/%s/   # or below /opt; then name that path\nchown -R %s: /var/lib/%s\n",
            e->agent->directory, e->user, e->agent->directory);
        fix_restart(d, e);
        return LIKELY_STRONG + 4;
}

/* ---- mounts ---- */

static int read_only(const Evidence *e, Diagnosis *d, const PathFact *p, int likelihood) {
        d->requirement = place_requirement(e, p);
        SEEN(d, "%s lies on %s (%s), which is mounted read-only\n", p->path, p->mount->point,
             p->mount->type);
        diagnosis_quote(d, e, p->symptom);
        fix_path(d, "mount -o remount,rw", p->mount->point);
        FIX(d, "journalctl -k -n 50   # a file system with errors turns read-only\n");
        fix_restart(d, e);
        return likelihood;
}

int rule_read_only(const Evidence *e, Diagnosis *d) {
        for (size_t i = e->n_paths; i-- > 0;) {
                const PathFact *p = &e->paths[i];

                if (!p->mount || !p->mount->read_only)
                        continue;
                if (is_symptom(p, SYMPTOM_READ_ONLY) && in_trouble(e))
                        return read_only(e, d, p, LIKELY_CERTAIN);
                if (p->role == PATH_STATE || p->role == PATH_LOGS)
                        return read_only(e, d, p, in_trouble(e) ? LIKELY_CERTAIN - 2 : LIKELY_FAIR);
        }
        return LIKELY_NOT;
}

int rule_sandbox_write(const Evidence *e, Diagnosis *d) {
        for (size_t i = e->n_paths; i-- > 0 && in_trouble(e);) {
                const PathFact *p = &e->paths[i];
                _cleanup_strbuf_ StrBuf setting = { 0 };
                const char *slash = strrchr(p->path, '/');

                if (!is_symptom(p, SYMPTOM_READ_ONLY) || !p->mount || p->mount->read_only)
                        continue;
                SEEN(d, "%s can be written to outside of the sandbox (%s is mounted rw)\n", p->path,
                     p->mount->point);
                diagnosis_quote(d, e, p->symptom);
                strbuf_add(&setting, "ReadWritePaths=");
                strbuf_add_bytes(&setting, p->path, (size_t) MAX(slash - p->path, (ptrdiff_t) 1));
                if (slash == p->path || is_of_others(e, p->path))
                        fix_elsewhere(d, e);
                else
                        fix_setting(d, e, "Sandbox", strbuf_text(&setting));
                return LIKELY_STRONG + 3;
        }
        return LIKELY_NOT;
}

static bool is_full(const PathFact *p) {
        return p->error == 0 &&
               ((p->size_bytes > 0 && p->size_bytes != UNKNOWN && p->free_bytes < FULL_BYTES) ||
                p->free_inodes == 0);
}

/* An image that programs lie on is always full. */
static bool is_written(const PathFact *p) {
        return p->role == PATH_STATE || p->role == PATH_LOGS || is_symptom(p, SYMPTOM_NO_SPACE);
}

static void say_full(Diagnosis *d, const PathFact *p, const Evidence *e) {
        _cleanup_strbuf_ StrBuf size = { 0 }, left = { 0 };
        const char *point = p->mount ? p->mount->point : p->path;

        show_size(&size, p->size_bytes);
        show_size(&left, p->free_bytes);
        if (p->free_inodes == 0)
                SEEN(d, "%s lies on %s, which has no free inodes\n", p->path, point);
        else
                SEEN(d, "%s lies on %s: %s free of %s\n", p->path, point, strbuf_text(&left),
                     strbuf_text(&size));
        diagnosis_quote(d, e,
                        p->symptom ? p->symptom : symptoms_last(&e->symptoms, SYMPTOM_NO_SPACE));
        FIX(d, "du -x%s ", p->free_inodes == 0 ? " --inodes" : "h");
        escape_shell_word(&d->fix, point);
        FIX(d, " | sort -%s | tail   # then remove what is not needed\n",
            p->free_inodes == 0 ? "n" : "h");
        fix_restart(d, e);
}

int rule_disk_full(const Evidence *e, Diagnosis *d) {
        const Symptom *s = in_trouble(e) ? symptoms_last(&e->symptoms, SYMPTOM_NO_SPACE) : NULL;
        const PathFact *state;

        for (size_t i = e->n_paths; i-- > 0;) {
                const PathFact *p = &e->paths[i];

                if (!is_full(p) || !is_written(p))
                        continue;
                d->requirement = place_requirement(e, p);
                say_full(d, p, e);
                return s ? LIKELY_CERTAIN : in_trouble(e) ? LIKELY_STRONG : LIKELY_FAIR;
        }
        state = evidence_path(e, PATH_STATE);
        if (!s || !state)
                return LIKELY_NOT;
        say_full(d, state, e);
        return LIKELY_FAIR;
}
