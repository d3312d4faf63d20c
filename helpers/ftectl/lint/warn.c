/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The warnings of ftectl lint: what a file may say and a careful operator would not. A row each;
 * those that look at the file system are in lint/paths.c, lint/files.c and lint/sandbox.c. A warning
 * is never a reason for the generator to refuse anything.
 */

#include "base/format.h"
#include "config/directive.h"

#include "ftectl/deploy/deploy.h"
#include "lint.h"

#define HOUR_USEC (3600 * USEC_PER_SEC)

static void check_health(Warner *w) {
        const Agent *a = w->agent;

        if (a->kind == KIND_JOB)
                return;
        if (a->kind == KIND_WORKER && agent_notify(a) == NOTIFY_NONE)
                WARN(w, HEALTH, "File", health_file,
                     "not set, and neither is Command=, so a hang is never noticed; name a file "
                     "that the worker touches while it is well, or a command that knows it");
        else if (!a->health_url && agent_notify(a) == NOTIFY_NONE)
                WARN(w, HEALTH, "URL", health_url,
                     "not set, so a hang is never noticed and the agent counts as started before "
                     "it "
                     "answers; name an address that answers when it is well");
}

static void check_watchdog(Warner *w) {
        if (agent_notify(w->agent) == NOTIFY_NATIVE && w->agent->watchdog_usec == 0)
                WARN(w, HEALTH, "Watchdog", watchdog_usec,
                     "not set, so a hang is never noticed; set the time within which the agent "
                     "sends WATCHDOG=1");
}

static void check_deploy(Warner *w) {
        if (w->agent->deploy_check && !agent_uses_current(w->agent))
                WARN(w, DEPLOY, "Check", deploy_check,
                     "is for releases, and Exec= does not run one; let Exec= or WorkingDirectory= "
                     "begin with " CURRENT_FORMAT,
                     w->agent->directory);
}

static void check_secret(Warner *w) {
        if (command_has_secret(w->agent->exec))
                WARN(w, AGENT, "Exec", exec,
                     "a word looks like a secret, which everyone can read here and by ps; put it "
                     "into the env "
                     "file by \"ftectl env %s set KEY\" and write $KEY instead",
                     w->agent->name);
}

static void check_restart(Warner *w) {
        if (w->agent->kind != KIND_JOB && w->agent->restart_when == RESTART_NO)
                WARN(w, RESTART, "When", restart_when,
                     "\"no\" leaves the agent down after a crash; use on-failure");
}

/* A window that is far longer than the rounds it has to hold adds up unrelated crashes. */
static void check_window(Warner *w) {
        _cleanup_strbuf_ StrBuf need = { 0 };
        const Agent *a = w->agent;
        uint64_t min_usec = agent_window_min_usec(a);

        if (a->restart_window_usec <= MAX(4 * min_usec, HOUR_USEC))
                return;
        format_duration(&need, min_usec);
        WARN(w, RESTART, "Window", restart_window_usec,
             "%llu crashes in that time, however far apart, stop the agent for good; remove the "
             "key: "
             "%s is enough and is the default",
             (unsigned long long) a->restart_burst, strbuf_text(&need));
}

static void check_limits(Warner *w) {
        if (w->agent->memory_bytes == BYTES_INFINITY)
                WARN(w, LIMITS, "Memory", memory_bytes,
                     "\"infinity\" lets a leak take down the whole host; set what the agent needs");
}

static const struct {
        const char *id;
        void (*check)(Warner *w);
} rows[] = {
        { "no-health-check", check_health },
        { "no-watchdog", check_watchdog },
        { "deploy-unused", check_deploy },
        { "jit-in-strict", lint_check_jit },
        { "browser", lint_check_browser },
        { "browser-memory", lint_check_browser_memory },
        { "browser-host", lint_check_browser_host },
        { "npx-cache", lint_check_npx },
        { "no-gpu", lint_check_gpu },
        { "secret-in-command", check_secret },
        { "no-restart", check_restart },
        { "long-window", check_window },
        { "no-memory-limit", check_limits },
        { "schedule", lint_check_schedule },
        { "restart-gap", lint_check_restart_gap },
        { "program", lint_check_program },
        { "program", lint_check_other_programs },
        { "argument", lint_check_arguments },
        { "mount", lint_check_mounts },
        { "log-space", lint_check_log_space },
        { "alert-file", lint_check_alert_files },
        { "no-mailer", lint_check_mailer },
        { "env-file", lint_check_env_file },
        { "backup-file", lint_check_backup_files },
        { "backup-program", lint_check_backup_program },
        { "proxy-program", lint_check_proxy_programs },
        { "proxy-file", lint_check_proxy_files },
        { "proxy-hsts", lint_check_proxy_hsts },
        { "proxy-bypass", lint_check_proxy_bypass },
        { "user-namespaces", lint_check_user_namespaces },
        { "no-lingering", lint_check_lingering },
        { "user-limits", lint_check_user_limits },
};

void lint_warn_all(Warner *w) {
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                w->id = rows[i].id;
                rows[i].check(w);
        }
}

void warner_add(Warner *w, SectionId section, const char *key, Place place, const char *message) {
        if (message)
                report_add(w->report, &(Finding){
                                              .place = place,
                                              .section = section_to_string(section),
                                              .key = key,
                                              .message = message,
                                              .id = w->id,
                                      });
}
