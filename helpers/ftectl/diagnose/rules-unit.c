/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Causes that lie in the unit and its configuration: what systemd knows, refuses or was told.
 */

#include <signal.h>

#include "rules-say.h"

int rule_masked(const Evidence *e, Diagnosis *d) {
        const char *name = e->agent->name;

        if (!streq(e->unit.load, "masked"))
                return LIKELY_NOT;
        SEEN(d, "%s/systemd/system/%s.service is a link to /dev/null\n",
             e->masked_in_etc ? "/etc" : "/run", name);
        FIX(d, "systemctl unmask%s %s\nsystemctl start %s\n", e->masked_in_etc ? "" : " --runtime",
            name, name);
        return LIKELY_CERTAIN + 3;
}

int rule_config_errors(const Evidence *e, Diagnosis *d) {
        if (e->n_errors == 0)
                return LIKELY_NOT;
        SEEN(d, "%s\n", e->first_error);
        if (e->n_errors > 1)
                SEEN(d, "and %zu more\n", e->n_errors - 1);
        FIX(d, "ftectl lint %s\nsystemctl daemon-reload\n", e->agent->name);
        fix_restart(d, e);
        return e->is_stub_loaded || !evidence_is_well(e) ? LIKELY_CERTAIN + 1 : LIKELY_SIDE;
}

/* ---- newer than what runs ---- */

static int needs_reload(const Evidence *e, Diagnosis *d, int likelihood) {
        FIX(d, "systemctl daemon-reload\n");
        fix_restart(d, e);
        return likelihood;
}

int rule_config_stale(const Evidence *e, Diagnosis *d) {
        int likelihood = evidence_is_well(e) ? LIKELY_SIDE : LIKELY_FAIR + 2;

        if (e->n_errors > 0 || !e->unit.known || streq(e->unit.load, "masked"))
                return LIKELY_NOT;
        if (streq(e->unit.load, "not-found")) {
                SEEN(d, "%s is there, and systemd has not read it yet\n", e->config_file);
                return needs_reload(e, d, LIKELY_CERTAIN);
        }
        if (e->is_stub_loaded) {
                SEEN(d, "systemd has loaded the stub of a version with errors; %s is good by now\n",
                     e->config_file);
                return needs_reload(e, d, LIKELY_CERTAIN);
        }
        if (e->config == CONFIG_RELOAD) {
                SEEN(d,
                     "%s says something else than what systemd has loaded (ftectl lint %s "
                     "--diff)\n",
                     e->config_file, e->agent->name);
                return needs_reload(e, d, likelihood);
        }
        if (e->config == CONFIG_RESTART && has_process(e)) {
                SEEN(d, "%s\n", e->config_change ? e->config_change : e->config_file);
                fix_restart(d, e);
                return LIKELY_SIDE;
        }
        if (e->unit.need_reload == 1) {
                SEEN(d, "a file of the unit has changed since systemd read it (systemctl cat %s)\n",
                     e->agent->name);
                return needs_reload(e, d, LIKELY_SIDE);
        }
        return LIKELY_NOT;
}

/* ---- drop-ins ---- */

/* Whether a failure that is there is just what undoing that key brings. */
static bool explains(const Evidence *e, const char *key) {
        static const struct {
                const char *key;
                SymptomKind symptom;
        } rows[] = {
                { "MemoryMax", SYMPTOM_OOM_KILL },
                { "TasksMax", SYMPTOM_TASKS },
                { "LimitNOFILE", SYMPTOM_FILES },
                { "User", SYMPTOM_PERMISSION },
                { "StateDirectory", SYMPTOM_READ_ONLY },
                { "LogsDirectory", SYMPTOM_READ_ONLY },
                { "RestrictAddressFamilies", SYMPTOM_NAME },
                { "SystemCallFilter", SYMPTOM_FORBIDDEN },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (streq(rows[i].key, key) && symptoms_last(&e->symptoms, rows[i].symptom))
                        return true;
        return (streq(key, "MemoryMax") && streq(e->unit.result, "oom-kill")) ||
               (streq(key, "ExecStart") && has_failed(e)) ||
               (streq(key, "WorkingDirectory") && e->unit.exec_status == 200) ||
               (streq(key, "User") && e->unit.exec_status == 217);
}

int rule_override(const Evidence *e, Diagnosis *d) {
        bool fits = false;

        for (size_t i = 0; i < e->n_overrides; i++) {
                const Override *o = &e->overrides[i];

                SEEN(d, "%s:%u: %s=%s, where the generated unit has %s=%s", o->file, o->line,
                     o->key, streq(o->key, "ExecStart") ? "…" : o->loaded, o->key,
                     streq(o->key, "ExecStart") ? "…" : o->rendered);
                SEEN(d, " (%s)\n", o->requirement);
                if (i == 0 || (!fits && in_trouble(e) && explains(e, o->key)))
                        d->requirement = o->requirement;
                fits = fits || (in_trouble(e) && explains(e, o->key));
                if (i == 0 || !streq(o->file, e->overrides[i - 1].file))
                        fix_path(d, "rm", o->file);
        }
        if (e->n_overrides == 0)
                return LIKELY_NOT;
        FIX(d, "systemctl daemon-reload\n");
        fix_restart(d, e);
        return fits ? LIKELY_CERTAIN + 2 : LIKELY_FAIR + 1;
}

/* ---- accounts, directories ---- */

int rule_user_missing(const Evidence *e, Diagnosis *d) {
        bool refused = e->unit.exec_status == 217 && has_failed(e);

        /* Before the first start nobody has made it. */
        if (e->uid != UNKNOWN || !has_failed(e))
                return LIKELY_NOT;
        SEEN(d, "there is no user %s%s\n", e->user,
             refused ? ", and the start has ended with 217/USER" : "");
        FIX(d, "systemctl restart fte-users.service\n");
        fix_restart(d, e);
        return refused ? LIKELY_CERTAIN : LIKELY_STRONG;
}

int rule_directory_missing(const Evidence *e, Diagnosis *d) {
        const PathFact *work = evidence_path(e, PATH_WORK);
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_NAMESPACE);

        if (!has_failed(e))
                return LIKELY_NOT;
        if (e->unit.exec_status == 200 && work && work->error == -ENOENT) {
                SEEN(d,
                     "WorkingDirectory=%s does not exist, and the start has ended with 200/CHDIR\n",
                     work->path);
                FIX(d, "install -d -o %s", e->user);
                fix_path(d, "", work->path);
                fix_restart(d, e);
                return LIKELY_CERTAIN;
        }
        if (e->unit.exec_status != 226)
                return LIKELY_NOT;
        SEEN(d, "the sandbox could not be set up (226/NAMESPACE)\n");
        diagnosis_quote(d, e, s);
        if (s && *s->path)
                fix_path(d, "mkdir -p", s->path);
        else
                FIX(d, "journalctl -u %s -n 20\n", e->agent->name);
        fix_restart(d, e);
        return s && *s->path ? LIKELY_CERTAIN : LIKELY_FAIR;
}

/* ---- off ---- */

static bool is_off(const Evidence *e) {
        /* A job is off between its runs. */
        return e->unit.known && e->agent->kind != KIND_JOB && streq(e->unit.active, "inactive") &&
               streq(e->unit.load, "loaded") && streq(e->unit.result, "success");
}

/* Without the log a stop and an end of its own look the same; the former is usual. */
static bool has_ended(const Evidence *e) {
        return e->unit.start_usec != UNKNOWN && e->unit.start_usec > 0 && e->lines &&
               !symptoms_last(&e->symptoms, SYMPTOM_STOPPING);
}

int rule_stopped(const Evidence *e, Diagnosis *d) {
        if (!is_off(e) || has_ended(e))
                return LIKELY_NOT;
        if (e->unit.start_usec == 0 || e->unit.start_usec == UNKNOWN)
                SEEN(d, "it has not been started since the boot%s\n",
                     e->agent->enabled ? "" : "; Enabled=no says so");
        else
                SEEN(d, "systemd was told to stop it, and it has ended without an error\n");
        FIX(d, "systemctl start %s\n", e->agent->name);
        return LIKELY_STRONG - 5;
}

int rule_ended(const Evidence *e, Diagnosis *d) {
        bool early = has_failed(e) && streq(e->unit.result, "protocol") &&
                     e->unit.exec_status == 0 && e->unit.exec_code == CLD_EXITED;

        if (!early && (!is_off(e) || !has_ended(e)))
                return LIKELY_NOT;
        SEEN(d, "its main process has ended with status 0%s, and nobody had told it to\n",
             early ? " before it was healthy" : "");
        if (early) {
                FIX(d,
                    "journalctl -u %s -n 50   # does the command go into the background, or print "
                    "its "
                    "usage?\n",
                    e->agent->name);
                return LIKELY_FAIR;
        }
        fix_setting(d, e, "Restart", "When=always");
        return LIKELY_STRONG - 5;
}

int rule_start_limit(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_START_LIMIT);
        bool hit = streq(e->unit.result, "start-limit-hit");

        if (!streq(e->unit.active, "failed") || (!hit && !s))
                return LIKELY_NOT;
        if (e->unit.restarts != UNKNOWN && e->unit.restarts > 0)
                SEEN(d, "after %llu restarts systemd tries no more\n",
                     (unsigned long long) e->unit.restarts);
        else
                SEEN(d, "systemd starts it no more: it was started too often\n");
        if (e->unit.exec_code == CLD_EXITED)
                SEEN(d, "its last end: exit status %llu\n",
                     (unsigned long long) e->unit.exec_status);
        FIX(d, "journalctl -u %s -n 50\nsystemctl reset-failed %s\nsystemctl start %s\n",
            e->agent->name, e->agent->name, e->agent->name);
        return LIKELY_FAIR - 10;
}
