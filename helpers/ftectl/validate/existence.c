/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Layer 1 of ftectl validate: is everything there that the later layers look at? And the few looks
 * at the disk that they share. Reads only.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fsat.h"
#include "base/run.h"

#include "ftectl/env/problems.h"
#include "ftectl/shared/loaded.h"
#include "validate.h"

/* ---- shared ---- */

const char *subject_log_file(const Subject *s) {
        const char *file = s->agent.log_file;

        if (!file)
                return arena_printf((Arena *) &s->arena, "/var/log/%s/app.log", s->agent.directory);
        return streq(file, "none") ? "" : file;
}

int subject_stat(const Subject *s, const char *path, struct stat *ret) {
        return fstatat(s->run->root_fd, path + 1, ret, 0) < 0 ? -errno : 0;
}

const char *subject_tool(const Subject *s, const char *program) {
        static const char *const dirs[] = { "usr/sbin", "usr/bin",        "sbin",
                                            "bin",      "usr/local/sbin", "usr/local/bin" };

        for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
                const char *path = arena_printf((Arena *) &s->arena, "%s/%s", dirs[i], program);

                if (path && faccessat(s->run->root_fd, path, X_OK, 0) == 0)
                        return arena_printf((Arena *) &s->arena, "%s/%s", s->run->args->root, path);
        }
        return NULL;
}

/* Whether a line of the file begins with KEY=. */
static bool sets_key(Subject *s, const char *path, const char *key) {
        char text[32 * 1024];
        size_t n = strlen(key);

        if (fsat_read(s->run->root_fd, path + 1, text, sizeof(text)) < 0)
                return false;
        for (const char *p = text; p; p = strchr(p, '\n')) {
                p += *p == '\n';
                if (strncmp(p, key, n) == 0 && p[n] == '=')
                        return true;
        }
        return false;
}

const char *subject_override(Subject *s, const char *key) {
        const char *found = NULL;

        for (char **path = s->unit.drop_ins; path && *path; path++)
                if (!startswith(*path, OUTPUT_DIRECTORY "/") && sets_key(s, *path, key))
                        found = *path; /* the last wins */
        return found;
}

void finding_fix_override(Subject *s, Finding *f, const char *key) {
        const char *override = subject_override(s, key);

        if (override)
                finding_fix(s, f, "rm {1} && systemctl daemon-reload && systemctl restart {name}",
                            override);
}

bool finding_skip_absent(Subject *s, Finding *f) {
        if (unit_is_active(s))
                return false;
        finding_skip(s, f, "not there; it is made when the agent starts, and it does not run");
        return true;
}

/* ---- checks ---- */

void check_configuration(Subject *s, Finding *f) {
        if (s->n_problems > 0) {
                finding_bad(s, f, "a file without errors", "%zu error%s, the first: %s",
                            s->n_problems, s->n_problems == 1 ? "" : "s", s->problem);
                return;
        }
        /* Of a masked unit systemd 252 always says that it needs a reload. */
        if (s->config == CONFIG_RELOAD ||
            (s->unit.need_reload == 1 && !streq(s->unit.load, "masked"))) {
                finding_bad(s, f, "what the files say is what systemd has loaded",
                            "%s or a drop-in has changed since the last daemon-reload",
                            s->agent.place.file);
                finding_fix(s, f, "systemctl daemon-reload && systemctl restart {name}", NULL);
                return;
        }
        if (s->config == CONFIG_RESTART && unit_is_active(s)) {
                finding_bad(s, f, "an agent that was started with what its files say now", "%s",
                            s->config_change);
                finding_fix(s, f, "systemctl restart {name}", NULL);
                return;
        }
        finding_good(s, f, "%s", s->agent.place.file);
}

void check_unit_exists(Subject *s, Finding *f) {
        if (s->unit_error < 0)
                finding_bad(s, f, "an answer from systemd", "%s", strerror(-s->unit_error));
        else if (streq(s->unit.load, "masked")) {
                finding_bad(s, f, "a unit that can be started", "it is masked");
                finding_fix(s, f, "systemctl unmask {name} && systemctl start {name}", NULL);
        } else if (!streq(s->unit.load, "loaded"))
                finding_bad(s, f, "loaded", "systemd says: %s", s->unit.load);
        else if (!startswith(s->unit.fragment, OUTPUT_DIRECTORY "/")) {
                finding_bad(s, f, "the generated unit in " OUTPUT_DIRECTORY, "%s is loaded instead",
                            s->unit.fragment);
                finding_fix(s, f, "rm {1} && systemctl daemon-reload && systemctl restart {name}",
                            s->unit.fragment);
        } else
                finding_good(s, f, "%s", s->unit.fragment);
}

void check_account_exists(Subject *s, Finding *f) {
        const char *user = agent_user(&s->agent);

        if (!s->account)
                finding_bad(s, f, "an account of this name", "/etc/passwd has no %s", user);
        else if (s->account->uid == 0)
                finding_bad(s, f, "an account that is not root", "%s has UID 0", user);
        else
                finding_good(s, f, "%s, UID %llu", user, (unsigned long long) s->account->uid);
}

void check_log_exists(Subject *s, Finding *f) {
        const char *path = subject_log_file(s);
        struct stat st;
        int r;

        if (!*path) {
                finding_skip(s, f, "[Logging] File=none: the log is in the journal only");
                return;
        }
        r = subject_stat(s, path, &st);
        if (r == -ENOENT && finding_skip_absent(s, f))
                return;
        if (r < 0) {
                finding_bad(s, f, "a log file", "%s: %s", path, strerror(-r));
                finding_fix_override(s, f, "ExecStart");
        } else if (!S_ISREG(st.st_mode))
                finding_bad(s, f, "a regular file", "%s is something else", path);
        else
                finding_good(s, f, "%s, %llu bytes", path, (unsigned long long) st.st_size);
}

void check_data_exists(Subject *s, Finding *f) {
        const char *path = fill_template(s, "{data}", NULL);
        struct stat st;
        int r = subject_stat(s, path, &st);

        if (r == -ENOENT && finding_skip_absent(s, f))
                return;
        if (r < 0)
                finding_bad(s, f, "a directory", "%s: %s", path, strerror(-r));
        else if (!S_ISDIR(st.st_mode))
                finding_bad(s, f, "a directory", "%s is something else", path);
        else
                finding_good(s, f, "%s", path);
}

void check_env_exists(Subject *s, Finding *f) {
        const char *path = s->agent.env_file;
        struct stat st;

        if (!agent_has_env_file(&s->agent)) {
                finding_skip(s, f, "[Environment] File=none: it needs no secrets");
                return;
        }
        if (fstatat(s->run->root_fd, path + 1, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                finding_bad(s, f, "a file with the secrets", "%s: %s", path, strerror(errno));
                for (char **name = s->agent.env_required; name && *name; name++)
                        finding_fix(s, f, "ftectl env {name} set {1}", *name);
        } else if (!S_ISREG(st.st_mode))
                finding_bad(s, f, "a regular file, no link", "%s is something else", path);
        else
                finding_good(s, f, "%s", path);
}

/* A line each becomes one text. */
static const char *one_line(Subject *s, const char *lines) {
        char *text = arena_strdup(&s->arena, lines);

        for (char *p = text; p && (p = strchr(p, '\n')); p++)
                *p = p[1] ? ';' : 0;
        return text ? text : "";
}

void check_env_content(Subject *s, Finding *f) {
        EnvProblems problems = { 0 };
        int r;

        if (s->n_problems > 0 || (agent_has_env_file(&s->agent) && s->agent.env_encrypted)) {
                finding_skip(s, f,
                             s->n_problems > 0 ? "the configuration has errors"
                                               : "the env file is sealed");
                return;
        }
        r = env_problems_read(&s->agent, s->run->root_fd, &problems);
        if (r < 0)
                finding_bad(s, f, "an env file that can be read", "%s", strerror(-r));
        else if (problems.text.len > 0)
                finding_bad(s, f, "an env file that the start accepts", "%s",
                            one_line(s, strbuf_text(&problems.text)));
        else
                finding_good(s, f, "all that is required");
        for (size_t i = 0; i < problems.n_missing; i++)
                finding_fix(s, f, "ftectl env {name} set {1}", problems.missing[i]);
        if (problems.n_missing > 0)
                finding_fix(s, f, "systemctl restart {name}", NULL);
        strbuf_done(&problems.text);
}
