/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of cross-field rules (validate.h). Each rule is a function of one concern and says what
 * to change; rules about names and accounts are in validate-names.c. Must not look at the system
 * but through Facts.
 */

#include "config/validate.h"
#include "base/parse.h"
#include "base/scope.h"
#include "config.h"
#include "config/directive.h"
#include "config/instance.h"
#include "config/version.h"

typedef struct Check {
        const Agent *agent;
        const Facts *facts;
        Problems *problems;
} Check;

#define REFUSE(c, SECTION, key, field, ...)                                                   \
        problems_add((c)->problems,                                                           \
                     agent_place_near((c)->agent, offsetof(Agent, field), SECTION_##SECTION), \
                     section_to_string(SECTION_##SECTION), key, __VA_ARGS__)

/* In the agent's own files: what stands in fte.conf is meant for those whom it concerns. */
static bool is_set_by_agent(const Agent *a, size_t offset) {
        const char *file = agent_place(a, offset).file;

        return file && !strstr(file, "/fte.conf");
}

#define IS_SET(a, field) (AGENT_PLACE(a, field).file != NULL)

/* A line of the agent's file, or all of it, that could not be understood may have been any key. */
static bool lines_were_refused(const Check *c) {
        for (const Problem *p = c->problems->first; p; p = p->next)
                if (!p->key && p->place.file == c->agent->place.file)
                        return true;
        return false;
}

static bool key_was_refused(const Check *c, const char *key) {
        for (const Problem *p = c->problems->first; p; p = p->next)
                if (p->key && streq(p->key, key))
                        return true;
        return false;
}

/* Of an instance, and not of its template. */
static bool is_in_own_fragment(const Agent *a) {
        const char *file = AGENT_PLACE(a, instances).file, *at = file ? strrchr(file, '@') : NULL;

        return at && a->instance && !a->is_template && startswith(at + 1, a->instance);
}

static void check_exec(const Check *c) {
        /* A value that was refused has been complained of where it stands. */
        if (!c->agent->exec && !IS_SET(c->agent, exec) && !lines_were_refused(c) &&
            !key_was_refused(c, "Exec"))
                REFUSE(c, AGENT, "Exec", exec, "missing; it is the command that starts the agent");
        if (c->agent->instances && !c->agent->instance)
                REFUSE(c, AGENT, "Instances", instances,
                       "only a template (NAME@.conf) has instances");
        else if (c->agent->instances && is_in_own_fragment(c->agent))
                REFUSE(c, AGENT, "Instances", instances,
                       "belongs into the template or its fragments, not into those of one "
                       "instance");
}

static void check_plugins(const Check *c) {
        if (strv_length(c->agent->plugins) > PLUGINS_MAX)
                REFUSE(c, AGENT, "Plugins", plugins, "at most %d plugins", PLUGINS_MAX);
        for (char **p = c->agent->plugins; p && *p; p++)
                if (profile_from_string(*p) >= 0)
                        REFUSE(c, AGENT, "Plugins", plugins,
                               "\"%s\" is a sandbox profile, and an agent has one: Profile=%s in "
                               "[Sandbox]",
                               *p, *p);
                else if (!facts_plugin_path(c->facts, *p))
                        REFUSE(c, AGENT, "Plugins", plugins,
                               "there is no plugin \"%s\"; put a file %s.conf into %splugins", *p,
                               *p, scope->config_dir);
        if (c->facts->profile_paths[c->agent->profile])
                return;
        if (scope->is_user)
                REFUSE(c, SANDBOX, "Profile", profile,
                       "there is no profile \"%s\" for the agents of a person; use ai, strict or "
                       "trusted, or put a file %s.conf into %splugins",
                       profile_to_string(c->agent->profile), profile_to_string(c->agent->profile),
                       scope->config_dir);
        else
                REFUSE(c, SANDBOX, "Profile", profile,
                       "%s.conf is not a file with content, in /etc/fte/plugins or " FTE_PLUGINDIR
                       "; correct it, or reinstall the package systemd-fte",
                       profile_to_string(c->agent->profile));
}

static void check_environment(const Check *c) {
        const Agent *a = c->agent;

        if (!agent_has_env_file(a) && a->env_required)
                REFUSE(c, ENVIRONMENT, "Required", env_required,
                       "needs an env file, and File=none says that there is none");
        if (!agent_has_env_file(a) && a->env_encrypted)
                REFUSE(c, ENVIRONMENT, "Encrypted", env_encrypted,
                       "needs an env file, and File=none says that there is none");
        if (a->env_encrypted && systemd_min_version() < 250)
                REFUSE(c, ENVIRONMENT, "Encrypted", env_encrypted, "needs systemd 250 or newer");
}

/* Of no use without a URL, so whoever sets one of these has forgotten that or removed it. */
static void check_probe_keys(const Check *c) {
        static const struct {
                const char *key;
                size_t offset;
                bool of_url; /* and not of any probe */
        } rows[] = {
                { "ExpectStatus", offsetof(Agent, expect_status), true },
                { "ExpectBody", offsetof(Agent, expect_body), true },
                { "Interval", offsetof(Agent, health_interval_usec), false },
                { "Timeout", offsetof(Agent, health_timeout_usec), false },
                { "Failures", offsetof(Agent, health_failures), false },
        };
        const Agent *a = c->agent;
        bool probed = a->health_file || a->health_command || IS_SET(a, health_file) ||
                      IS_SET(a, health_command) || a->kind == KIND_JOB;

        if (a->health_url || IS_SET(a, health_url) || lines_were_refused(c))
                return;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (is_set_by_agent(a, rows[i].offset) && (rows[i].of_url || !probed))
                        problems_add(c->problems, agent_place(a, rows[i].offset),
                                     section_to_string(SECTION_HEALTH), rows[i].key,
                                     "does nothing without URL=; add that, or remove the key");
}

static void check_health(const Check *c) {
        const Agent *a = c->agent;
        bool expects = is_set_by_agent(a, offsetof(Agent, expect_body)) ||
                       is_set_by_agent(a, offsetof(Agent, expect_status));

        check_probe_keys(c);
        if (a->notify == NOTIFY_PROBE && !agent_has_probe(a) && !IS_SET(a, health_url) &&
            a->kind != KIND_JOB)
                REFUSE(c, HEALTH, "Notify", notify, "\"probe\" needs a URL= to probe");
        if (IS_SET(a, watchdog_usec) && a->kind != KIND_JOB && agent_notify(a) != NOTIFY_NATIVE)
                REFUSE(c, HEALTH, "Watchdog", watchdog_usec,
                       "is for agents that feed the watchdog themselves (Notify=native); for "
                       "others "
                       "Interval= and Failures= decide");
        if (a->health_url && startswith(a->health_url, "tcp:") && expects)
                REFUSE(c, HEALTH, "URL", health_url,
                       "a tcp:// check sees no answer; remove ExpectStatus= and ExpectBody=, or "
                       "use http://");
        if (a->health_timeout_usec > a->start_timeout_usec && a->kind != KIND_JOB)
                REFUSE(c, HEALTH, "Timeout", health_timeout_usec, "is longer than StartTimeout=");
}

static void check_restart(const Check *c) {
        const Agent *a = c->agent;
        uint64_t min_usec = agent_window_min_usec(a);

        if (a->kind == KIND_JOB)
                return; /* it is not restarted */
        if (a->restart_max_delay_usec > 0 && a->restart_max_delay_usec < a->restart_delay_usec)
                REFUSE(c, RESTART, "MaxDelay", restart_max_delay_usec, "is shorter than Delay=");
        if (a->restart_window_usec > 0 && a->restart_window_usec < min_usec)
                REFUSE(c, RESTART, "Window", restart_window_usec,
                       "too short: %llu failed starts can take %llus (StartTimeout=, StopTimeout= "
                       "and Delay= each time), so the limit would never be hit; remove the key",
                       (unsigned long long) a->restart_burst,
                       (unsigned long long) (min_usec / USEC_PER_SEC));
}

/* The directory becomes writable for the agent. */
static void check_logging(const Check *c) {
        static const char *const of_the_system[] = { "",          "/etc",     "/home", "/opt",
                                                     "/run",      "/srv",     "/usr",  "/var",
                                                     "/var/lib",  "/var/log", "/root", "/boot",
                                                     "/var/cache" };
        const char *file = c->agent->log_file;
        size_t len;

        if (!file || streq(file, "none"))
                return;
        len = (size_t) (strrchr(file, '/') - file);
        for (size_t i = 0; i < ARRAY_SIZE(of_the_system); i++)
                if (strlen(of_the_system[i]) == len && strncmp(of_the_system[i], file, len) == 0)
                        REFUSE(c, LOGGING, "File", log_file,
                               "its directory is the system's; name a file in a directory that is "
                               "for logs alone, such as %s" DIRECTORY_FORMAT,
                               scope->log_dirs[0], DIRECTORY_ARGS(c->agent));
}

static void check_alert(const Check *c) {
        const Agent *a = c->agent;

        if (a->alert_webhook_secret && !a->alert_webhook)
                REFUSE(c, ALERT, "WebhookSecret", alert_webhook_secret, "needs Webhook=");
        if (a->alert_smtp_login && !a->alert_smtp)
                REFUSE(c, ALERT, "SMTPLogin", alert_smtp_login, "needs SMTP=");
}

static void check_proxy(const Check *c) {
        const Agent *a = c->agent;

        if (scope->is_user)
                return; /* refused where it stands */
        if (!a->proxy_certificate != !a->proxy_certificate_key)
                REFUSE(c, PROXY, a->proxy_certificate ? "CertificateKey" : "Certificate",
                       proxy_certificate, "Certificate= and CertificateKey= go together");
        if (a->proxy_acme && a->proxy_certificate)
                REFUSE(c, PROXY, "ACME", proxy_acme,
                       "gets a certificate by itself; remove Certificate= or set ACME=no");
        if (!a->proxy_domain && !IS_SET(a, proxy_domain)) {
                if (a->section_places[SECTION_PROXY].file)
                        REFUSE(c, PROXY, "Domain", proxy_domain,
                               "missing; it is the name that the proxy answers to");
                return;
        }
        if (!a->proxy_upstream && !IS_SET(a, proxy_upstream) &&
            (!a->health_url || startswith(a->health_url, "tcp:")))
                REFUSE(c, PROXY, "Upstream", proxy_upstream,
                       "missing; the [Health] URL= does not tell where the agent answers HTTP");
}

static void check_accounts(const Check *c) {
        if (!scope->is_user)
                agent_validate_accounts(c->agent, c->facts, c->problems);
}

static void check_kind(const Check *c) {
        agent_validate_kind(c->agent, c->problems);
}

static void (*const checks[])(const Check *) = {
        check_exec,    check_accounts, check_plugins, check_environment, check_health,
        check_restart, check_logging,  check_alert,   check_proxy,       check_kind,
};

void agent_validate(const Agent *a, const Facts *facts, Problems *problems) {
        Check c = { a, facts, problems };

        for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
                checks[i](&c);
}
