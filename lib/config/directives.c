/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of every key there is, in the order of fte.conf(5), and the defaults. A new key is a
 * row here, a field in model.h, and a plugin that reads it. Rows of a section stand together.
 */

#include "config/directive.h"

static const char *const kind_names[] = { "service", "worker", "job", NULL };
static const char *const notify_names[] = { "probe", "native", "none", NULL };
static const char *const when_names[] = { "on-failure", "always", "on-abnormal", "no", NULL };
static const char *const profile_names[] = { "ai", "strict", "trusted", "browser", NULL };
static const char *const alert_on_names[] = { "failure", "restart", "recovery", NULL };
static const char *const build_names[] = { "auto", "python", "node", "none", NULL };
static const char *const root_login_names[] = { "no", "prohibit-password", NULL };

#define SEC  USEC_PER_SEC
#define HOUR (3600 * USEC_PER_SEC)
#define MIB  (UINT64_C(1) << 20)

#define LIST   DIRECTIVE_LIST
#define REPEAT (DIRECTIVE_LIST | DIRECTIVE_REPEATABLE)
#define AGENT  DIRECTIVE_AGENT_ONLY
#define HOST   DIRECTIVE_HOST_ONLY
#define INST   DIRECTIVE_INSTANCE

#define A(section, key, parse, field, ...)                             \
        {                                                              \
                SECTION_##section, key, parse, offsetof(Agent, field), \
                        sizeof(((Agent *) NULL)->field), __VA_ARGS__   \
        }
#define H(section, key, parse, field, ...)                                \
        {                                                                 \
                SECTION_##section, key, parse, offsetof(Host, field),     \
                        sizeof(((Host *) NULL)->field), HOST, __VA_ARGS__ \
        }

/* clang-format off */
const Directive directives[] = {
        A(AGENT, "Exec",             parse_exec,        exec,              AGENT | INST),
        A(AGENT, "Kind",             parse_enum,        kind,              AGENT, .names = kind_names),
        A(AGENT, "Description",      parse_string,      description,       AGENT | INST, 0, 256),
        A(AGENT, "User",             parse_name,        user,              AGENT),
        A(AGENT, "Group",            parse_name,        group,             0),
        A(AGENT, "UID",              parse_uid,         uid,               AGENT),
        A(AGENT, "OperatorsGroup",   parse_name,        operators_group,   0),
        A(AGENT, "WorkingDirectory", parse_path,        working_directory, AGENT | INST),
        A(AGENT, "After",            parse_units,       after,             LIST | INST),
        A(AGENT, "Requires",         parse_units,       requires,          LIST | INST),
        A(AGENT, "Enabled",          parse_bool,        enabled,           0),
        A(AGENT, "Plugins",          parse_plugins,     plugins,           LIST),
        A(AGENT, "Instances",        parse_instances,   instances,         LIST | AGENT),
        A(AGENT, "StopTimeout",      parse_time,        stop_timeout_usec, 0, SEC, HOUR),
        A(AGENT, "Schedule",         parse_schedule,    schedule,          AGENT, SEC, 366 * 24 * HOUR),
        A(AGENT, "TimeLimit",        parse_time,        time_limit_usec,   0, SEC, 720 * HOUR),
        A(AGENT, "Overdue",          parse_time,        overdue_usec,      0, SEC, 8784 * HOUR),
        A(AGENT, "Listen",           parse_listen,      listen,            AGENT | INST),
        A(AGENT, "Contact",          parse_string,      contact,           INST, 0, 256),

        A(ENVIRONMENT, "File",       parse_path_or_none,   env_file,       AGENT | INST),
        A(ENVIRONMENT, "Required",   parse_env_names,      env_required,   LIST),
        A(ENVIRONMENT, "Encrypted",  parse_bool,           env_encrypted,  0),
        A(ENVIRONMENT, "Set",        parse_env_assignment, env_set,        REPEAT | INST),

        A(HEALTH, "URL",          parse_health_url, health_url,           AGENT | INST),
        A(HEALTH, "File",         parse_path,       health_file,          AGENT | INST),
        A(HEALTH, "MaxAge",       parse_time,       health_max_age_usec,  0, SEC, 24 * HOUR),
        A(HEALTH, "Command",      parse_exec,       health_command,       AGENT | INST),
        A(HEALTH, "ExpectStatus", parse_number,     expect_status,        0, 200, 599),
        A(HEALTH, "ExpectBody",   parse_string,     expect_body,          INST, 1, 256),
        A(HEALTH, "StartTimeout", parse_time,       start_timeout_usec,   0, SEC, 24 * HOUR),
        A(HEALTH, "Interval",     parse_time,       health_interval_usec, 0, SEC / 10, HOUR),
        A(HEALTH, "Timeout",      parse_time,       health_timeout_usec,  0, SEC / 100, HOUR),
        A(HEALTH, "Failures",     parse_number,     health_failures,      0, 1, 100),
        A(HEALTH, "Notify",       parse_enum,       notify,               0, .names = notify_names),
        A(HEALTH, "Watchdog",     parse_time,       watchdog_usec,        0, SEC, 24 * HOUR),

        A(RESTART, "When",     parse_enum,   restart_when,           0, .names = when_names),
        A(RESTART, "Delay",    parse_time,   restart_delay_usec,     0, SEC / 10, HOUR),
        A(RESTART, "Burst",    parse_number, restart_burst,          0, 1, 1000),
        A(RESTART, "Window",   parse_time,   restart_window_usec,    0, SEC, 1000 * HOUR),
        A(RESTART, "MaxDelay", parse_time,   restart_max_delay_usec, 0, SEC / 10, 24 * HOUR),

        A(LIMITS, "Memory",    parse_size_or_infinity,   memory_bytes, 0, 4 * MIB),
        A(LIMITS, "CPU",       parse_cpu,                cpu_percent,  0, 1, 100000),
        A(LIMITS, "Tasks",     parse_number_or_infinity, tasks,        0, 8),
        A(LIMITS, "OpenFiles", parse_number,             open_files,   0, 64, 1 << 20),
        A(LIMITS, "IO",        parse_number,             io_weight,    0, 1, 10000),

        A(SANDBOX, "Profile",        parse_profile,   profile,          0, .names = profile_names),
        A(SANDBOX, "ReadWritePaths", parse_paths,     read_write_paths, LIST | INST),
        A(SANDBOX, "ReadOnlyPaths",  parse_paths,     read_only_paths,  LIST | INST),
        A(SANDBOX, "AllowAddresses", parse_addresses, allow_addresses,  LIST),
        A(SANDBOX, "Devices",        parse_devices,   devices,          LIST),

        A(LOGGING, "File",     parse_path_or_none, log_file,      AGENT | INST),
        A(LOGGING, "MaxSize",  parse_size,         log_max_bytes, 0, MIB / 16, MIB << 20),
        A(LOGGING, "Keep",     parse_number,       log_keep,      0, 0, 1000),
        A(LOGGING, "Compress", parse_bool,         log_compress,  0),

        A(ALERT, "Slack",         parse_secret_path, alert_slack,          0),
        A(ALERT, "Discord",       parse_secret_path, alert_discord,        0),
        A(ALERT, "Teams",         parse_secret_path, alert_teams,          0),
        A(ALERT, "Telegram",      parse_secret_path, alert_telegram,       0),
        A(ALERT, "PagerDuty",     parse_secret_path, alert_pagerduty,      0),
        A(ALERT, "Ntfy",          parse_secret_path, alert_ntfy,           0),
        A(ALERT, "Webhook",       parse_secret_path, alert_webhook,        0),
        A(ALERT, "WebhookSecret", parse_secret_path, alert_webhook_secret, 0),
        A(ALERT, "Email",         parse_emails,      alert_email,          LIST),
        A(ALERT, "Command",       parse_exec,        alert_command,        0),
        A(ALERT, "SMTP",          parse_smtp,        alert_smtp,           HOST),
        A(ALERT, "SMTPLogin",     parse_secret_path, alert_smtp_login,     HOST),
        A(ALERT, "On",            parse_flags_of,    alert_on,             0, .names = alert_on_names),
        A(ALERT, "Cooldown",      parse_time,        alert_cooldown_usec,  0, 0, 168 * HOUR),
        A(ALERT, "Lines",         parse_number,      alert_lines,          0, 0, 1000),

        A(BACKUP, "Schedule", parse_calendar,      backup_schedule, 0),
        A(BACKUP, "Paths",    parse_backup_paths,  backup_paths,    LIST | INST),
        A(BACKUP, "Keep",     parse_number,        backup_keep,     0, 1, 10000),
        A(BACKUP, "Target",   parse_backup_target, backup_target,   INST),
        A(BACKUP, "Verify",   parse_calendar,      backup_verify,   0),

        A(PROXY, "Domain",         parse_domain, proxy_domain,          AGENT | INST),
        A(PROXY, "Upstream",       parse_upstream, proxy_upstream,      AGENT | INST),
        A(PROXY, "Certificate",    parse_path,   proxy_certificate,     INST),
        A(PROXY, "CertificateKey", parse_path,   proxy_certificate_key, INST),
        A(PROXY, "ACME",           parse_bool,   proxy_acme,            0),
        A(PROXY, "StaticRoot",     parse_path,   proxy_static_root,     AGENT | INST),
        A(PROXY, "MaxBody",        parse_size,   proxy_max_body_bytes,  0, 0, MIB << 20),
        A(PROXY, "RateLimit",      parse_rate,   proxy_rate_limit,      0),
        A(PROXY, "HSTS",           parse_bool,   proxy_hsts,            0),
        A(PROXY, "ExposeHealth",   parse_bool,   proxy_expose_health,   0),

        A(DEPLOY, "Check",   parse_exec,             deploy_check,        AGENT | INST),
        A(DEPLOY, "Keep",    parse_number,           deploy_keep,         0, 2, 1000),
        A(DEPLOY, "Build",   parse_enum,             deploy_build,        0, .names = build_names),
        A(DEPLOY, "Timeout", parse_time,             deploy_timeout_usec, 0, SEC, 24 * HOUR),
        A(DEPLOY, "Memory",  parse_size_or_infinity, deploy_memory_bytes, 0, 64 * MIB),
        A(DEPLOY, "MaxSize", parse_size,             deploy_max_bytes,    0, MIB, MIB << 20),

        H(HOST, "Environment", parse_name, environment, 0),

        H(SSH, "PasswordAuthentication", parse_bool, ssh_password_authentication, 0),
        H(SSH, "PermitRootLogin", parse_enum, ssh_permit_root_login, .names = root_login_names),

        H(FIREWALL, "Allow", parse_ports, firewall_allow, 0),
};
/* clang-format on */

const size_t n_directives = ARRAY_SIZE(directives);
_Static_assert(ARRAY_SIZE(directives) <= DIRECTIVES_MAX, "raise DIRECTIVES_MAX");

void host_init(Host *h) {
        *h = (Host){
                .defaults = {
                        .operators_group = "adm",
                        .uid = UID_UNSET,
                        .enabled = true,
                        .stop_timeout_usec = 10 * SEC,
                        .time_limit_usec = HOUR,
                        .health_max_age_usec = 60 * SEC,
                        .expect_status = 200,
                        .start_timeout_usec = 10 * SEC,
                        .health_interval_usec = 10 * SEC,
                        .health_timeout_usec = 2 * SEC,
                        .health_failures = 3,
                        .notify = NOTIFY_AUTO,
                        .restart_when = RESTART_ON_FAILURE,
                        .restart_delay_usec = 5 * SEC,
                        .restart_burst = 5,
                        .memory_bytes = 512 * MIB,
                        .profile = PROFILE_AI,
                        .log_max_bytes = 100 * MIB,
                        .log_keep = 7,
                        .log_compress = true,
                        .alert_on = ALERT_FAILURE | ALERT_RESTART | ALERT_RECOVERY,
                        .alert_cooldown_usec = 5 * 60 * SEC,
                        .alert_lines = 20,
                        .backup_schedule = "daily",
                        .backup_keep = 7,
                        .backup_target = "/var/backups/fte",
                        .backup_verify = "weekly",
                        .deploy_keep = 5,
                        .deploy_timeout_usec = 10 * 60 * SEC,
                        .deploy_memory_bytes = 1024 * MIB,
                        .deploy_max_bytes = 1024 * MIB,
                },
        };
}

const Agent *agent_built_in(void) {
        static const Host *built_in;
        static Host host;

        if (!built_in) {
                host_init(&host);
                built_in = &host;
        }
        return &built_in->defaults;
}
