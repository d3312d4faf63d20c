/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of unit-file keys that must not be passed through (pass-through.h). A key is here when
 * setting it would undo what the helpers, the health gate, the restart limit or the sandbox's
 * promises rest on. Everything else is the admin's to set.
 */

#include <ctype.h>

#include "base/scope.h"
#include "config/directive.h"
#include "config/pass-through.h"
#include "config/unit-keys.h"
#include "config/user-keys.h"
#include "config/validate.h"
#include "config/version.h"

typedef struct Refused {
        const char *key;
        const char *hint;
} Refused;

static const Refused refused[] = {
        { "ExecStart", "use Exec= in [Agent]" },
        { "ExecStartPre", "a failing ExecStartPre= is retried for ever; put it into the command of "
                          "Exec= or a unit of its own with Requires=" },
        { "ExecStop", "use StopTimeout= in [Agent]; agents are stopped by SIGTERM" },
        { "ExecCondition", "put the condition into a unit of its own with Requires= in [Agent]" },
        { "User", "use User= in [Agent]" },
        { "Group", "use Group= in [Agent]" },
        { "DynamicUser", "agents have a user of their own; use User= in [Agent]" },
        { "Type", "use Notify= in [Health]" },
        { "NotifyAccess", "use Notify= in [Health]" },
        { "WatchdogSec",
          "use Interval= and Failures=, or Watchdog= with Notify=native, in [Health]" },
        { "WatchdogSignal", "the health gate relies on it" },
        { "EnvironmentFile", "use File= in [Environment]" },
        { "Environment", "use Set= in [Environment]" },
        { "PassEnvironment", "use Set= in [Environment]" },
        { "UnsetEnvironment", "the helpers rely on their environment" },
        { "LoadCredential", "the env file is a credential already; use File= in [Environment]" },
        { "LoadCredentialEncrypted", "use Encrypted=yes in [Environment]" },
        { "SetCredential", "use File= in [Environment]" },
        { "SetCredentialEncrypted", "use Encrypted=yes in [Environment]" },
        { "StandardOutput", "use [Logging]" },
        { "StandardError", "use [Logging]" },
        { "SyslogIdentifier", "it is the agent's name" },
        { "KillMode", "the health gate relies on it" },
        { "KillSignal", "agents are stopped by SIGTERM; the helpers rely on it" },
        { "RestartKillSignal", "agents are stopped by SIGTERM; the helpers rely on it" },
        { "SendSIGKILL", "use StopTimeout= in [Agent]" },
        { "FinalKillSignal", "use StopTimeout= in [Agent]" },
        { "Restart", "use When= in [Restart]" },
        { "RestartSec", "use Delay= in [Restart]" },
        { "RestartSteps", "use MaxDelay= in [Restart]" },
        { "RestartMaxDelaySec", "use MaxDelay= in [Restart]" },
        { "RestartMode", "the alerts rely on it" },
        { "RestartPreventExitStatus", "the restart limit relies on it" },
        { "RestartForceExitStatus", "the restart limit relies on it" },
        { "SuccessExitStatus", "the restart limit relies on it" },
        { "RemainAfterExit", "an agent that has exited is not healthy" },
        { "PIDFile", "use Notify= in [Health]" },
        { "BusName", "use Notify= in [Health]" },
        { "GuessMainPID", "use Notify= in [Health]" },
        { "StartLimitIntervalSec", "use Window= in [Restart]" },
        { "StartLimitInterval", "use Window= in [Restart]" },
        { "StartLimitBurst", "use Burst= in [Restart]" },
        { "StartLimitAction", "a failing agent must not reboot the host; use [Alert]" },
        { "FailureAction", "a failing agent must not reboot the host; use [Alert]" },
        { "JobTimeoutAction", "a slow agent must not reboot the host; use [Alert]" },
        { "OnFailureJobMode", "a failing agent must not stop other units; use [Alert]" },
        { "OnFailureIsolate", "a failing agent must not stop other units; use [Alert]" },
        { "OnSuccess", "an agent that stops starts nothing; put it into the other unit" },
        { "ExitType", "an agent's main process is the agent" },
        { "RootDirectoryStartOnly", "the helpers must be seen inside" },
        { "PermissionsStartOnly", "nothing of an agent runs as root" },
        { "SuccessAction", "a stopping agent must not reboot the host" },
        { "TimeoutSec", "use StartTimeout= in [Health] and StopTimeout= in [Agent]" },
        { "TimeoutStartSec", "use StartTimeout= in [Health]" },
        { "TimeoutStopSec", "use StopTimeout= in [Agent]" },
        { "TimeoutAbortSec", "use StopTimeout= in [Agent]" },
        { "TimeoutStartFailureMode", "the restart limit relies on it" },
        { "TimeoutStopFailureMode", "the restart limit relies on it" },
        { "MemoryMax", "use Memory= in [Limits]" },
        { "MemoryLimit", "use Memory= in [Limits]" },
        { "MemorySwapMax", "use Memory= in [Limits]" },
        { "CPUQuota", "use CPU= in [Limits]" },
        { "TasksMax", "use Tasks= in [Limits]" },
        { "LimitNOFILE", "use OpenFiles= in [Limits]" },
        { "LimitCORE", "a core dump would hold the agent's secrets" },
        { "IOWeight", "use IO= in [Limits]" },
        { "Slice", "agents live in fte.slice" },
        { "StateDirectory", "it is the agent's name" },
        { "LogsDirectory", "it is the agent's name" },
        { "ConfigurationDirectory", "it is the agent's name" },
        { "StateDirectoryMode", "the agent's directories belong to its user alone" },
        { "LogsDirectoryMode", "the agent's directories belong to its user alone" },
        { "ConfigurationDirectoryMode", "the agent's directories belong to its user alone" },
        { "WorkingDirectory", "use WorkingDirectory= in [Agent]" },
        { "RootDirectory",
          "the helpers must be seen inside; use a plugin that binds what you need" },
        { "RootImage", "the helpers must be seen inside; use a plugin that binds what you need" },
        { "OnFailure", "use [Alert]" },
        { "Description", "use Description= in [Agent]" },
        { "SourcePath", "it names this file" },
        { "Requires", "use Requires= in [Agent]" },
        { "DefaultDependencies", "agents start late and stop early; that rests on it" },
};

const char *pass_through_hint(const char *key) {
        for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
                if (streq(refused[i].key, key))
                        return refused[i].hint;
        return NULL;
}

bool pass_through_is_limit(const char *key) {
        static const char *const prefixes[] = { "Memory",   "CPU",        "IO",
                                                "IPA",      "IPIngress",  "Tasks",
                                                "Startup",  "Allowed",    "Device",
                                                "IPEgress", "Limit",      "OOM",
                                                "Managed",  "SocketBind", "RestrictNetwork" };

        for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
                if (startswith(key, prefixes[i]))
                        return true;
        return false;
}

/* "MemoryHigh", "X-Note"; what systemd would call a key. */
static bool key_is_valid(const char *key) {
        if (!isupper((unsigned char) *key))
                return false;
        for (; *key; key++)
                if (!isalnum((unsigned char) *key) && *key != '-')
                        return false;
        return true;
}

/* The sentence that refuses a key systemd would pass over, or NULL. */
static const char *unknown_key(SectionId section, const char *key, Arena *arena) {
        SectionId other = section == SECTION_UNIT ? SECTION_SERVICE : SECTION_UNIT;
        unsigned since = unit_key_since(section, key);
        const char *guess;

        if (since > systemd_min_version())
                return arena_printf(arena, "needs systemd %u or newer", since);
        if (since > 0)
                return NULL;
        if (unit_key_since(other, key) > 0)
                return arena_printf(arena, "unknown key here; it belongs in [%s]",
                                    section_to_string(other));
        guess = unit_key_guess(section, key);
        if (guess)
                return arena_printf(arena, "unknown key; did you mean %s=?", guess);
        return arena_printf(arena,
                            "systemd up to %u has no such key; if yours is newer, set it with "
                            "\"systemctl edit\"",
                            UNIT_KEYS_LAST);
}

/* What is nothing like a key may be a secret that was pasted by accident. */
static const char *nameable_key(const char *key, Arena *arena) {
        bool known = unit_key_since(SECTION_UNIT, key) > 0 ||
                     unit_key_since(SECTION_SERVICE, key) > 0 || pass_through_hint(key) ||
                     unit_key_guess(SECTION_UNIT, key) || unit_key_guess(SECTION_SERVICE, key);

        return known ? arena_strdup(arena, key) : NULL;
}

/* Why an assignment is not passed through, or NULL. */
static const char *assignment_problem(SectionId section, const IniAssignment *a, Arena *arena) {
        const char *hint = pass_through_hint(a->key), *problem = NULL;

        if (!hint && streq(a->key, "SupplementaryGroups"))
                hint = group_list_problem(a->value);
        if (hint)
                problem = arena_printf(arena, "not passed through; %s", hint);
        else if (scope->is_user && (hint = user_pass_through_problem(a->key)))
                problem = hint;
        return hint ? problem : unknown_key(section, a->key, arena);
}

static int append(Agent *agent, SectionId section, const IniAssignment *a, Arena *arena) {
        PassThrough *p = arena_new(arena, PassThrough);

        if (!p)
                return -ENOMEM;
        *p = (PassThrough){ section, arena_strdup(arena, a->key), arena_strdup(arena, a->value),
                            (Place){ a->file, a->line }, NULL };
        if (!p->key || !p->value)
                return -ENOMEM;
        if (!agent->pass_through_tail)
                agent->pass_through_tail = &agent->pass_through;
        *agent->pass_through_tail = p;
        agent->pass_through_tail = &p->next;
        return 0;
}

void pass_through_add(Agent *agent, SectionId section, const IniAssignment *a, Arena *arena,
                      Problems *problems) {
        const char *name = section_to_string(section), *problem;
        Place place = { a->file, a->line };

        if (!key_is_valid(a->key)) {
                problems_add(problems, place, name, NULL, "not a key of a unit file");
                return;
        }
        problem = assignment_problem(section, a, arena);
        if (problem)
                problems_add(problems, place, name, nameable_key(a->key, arena), "%s", problem);
        else if (append(agent, section, a, arena) < 0)
                problems->lost = true;
}
