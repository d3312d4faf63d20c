/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What becomes of each key of a unit (import.h). A key without a row is passed through when systemd
 * knows it and pass-through.c allows it. Data only.
 */

#include "import.h"

#define TO(section, key, SECTION, to_key) \
        { section, key, import_to, SECTION_##SECTION, to_key, NULL }
#define LIST(section, key, SECTION, to_key) \
        { section, key, import_to_list, SECTION_##SECTION, to_key, NULL }
#define BY(section, key, function) \
        { section, key, import_##function, _SECTION_INVALID, NULL, NULL }
#define COVER(section, key, text) \
        { section, key, import_cover, _SECTION_INVALID, NULL, text }
#define REFUSE(section, key, text) \
        { section, key, import_refuse, _SECTION_INVALID, NULL, text }

/* clang-format off */
const ImportRow import_rows[] = {
        TO("Unit", "Description", AGENT, "Description"),
        { "Unit", "After", import_dependency, SECTION_AGENT, "After", NULL },
        { "Unit", "Requires", import_dependency, SECTION_AGENT, "Requires", NULL },
        { "Unit", "Wants", import_dependency, SECTION_UNIT, "Wants", NULL },
        { "Unit", "BindsTo", import_dependency, SECTION_UNIT, "BindsTo", NULL },
        BY("Unit", "StartLimitIntervalSec", window),
        BY("Unit", "StartLimitInterval", window),
        TO("Unit", "StartLimitBurst", RESTART, "Burst"),
        REFUSE("Unit", "OnFailure", "agents tell about failures themselves; set a channel in [Alert]"),
        REFUSE("Unit", "SourcePath", "it will name the new file"),

        BY("Service", "Type", type),
        BY("Service", "ExecStart", exec),
        BY("Service", "ExecStopPost", stop_post),
        BY("Service", "User", user),
        BY("Service", "Group", group),
        COVER("Service", "DynamicUser", "the agent has a user of its own"),
        BY("Service", "WorkingDirectory", directory),
        BY("Service", "Environment", environment),
        BY("Service", "EnvironmentFile", environment_file),
        BY("Service", "Restart", restart),
        TO("Service", "RestartSec", RESTART, "Delay"),
        TO("Service", "RestartMaxDelaySec", RESTART, "MaxDelay"),
        COVER("Service", "RestartSteps", "MaxDelay= in [Restart] computes it"),
        BY("Service", "StartLimitInterval", window),
        TO("Service", "StartLimitBurst", RESTART, "Burst"),
        REFUSE("Service", "StartLimitIntervalSec",
               "systemd ignores it in [Service], where it has never limited anything (it belongs in "
               "[Unit]); Window= in [Restart] is computed and does"),
        REFUSE("Service", "OnFailure",
               "systemd ignores it in [Service] (it belongs in [Unit]), so nobody was ever told; set a "
               "channel in [Alert]"),
        TO("Service", "TimeoutStartSec", HEALTH, "StartTimeout"),
        TO("Service", "TimeoutStopSec", AGENT, "StopTimeout"),
        BY("Service", "TimeoutSec", timeout),
        BY("Service", "WatchdogSec", watchdog),
        COVER("Service", "NotifyAccess", "it follows from Notify= in [Health]"),
        REFUSE("Service", "PIDFile", "the main process is the agent itself, and no file has to tell it"),
        TO("Service", "MemoryMax", LIMITS, "Memory"),
        TO("Service", "MemoryLimit", LIMITS, "Memory"),
        REFUSE("Service", "MemorySwapMax", "an agent with a memory limit gets no swap"),
        TO("Service", "CPUQuota", LIMITS, "CPU"),
        TO("Service", "TasksMax", LIMITS, "Tasks"),
        TO("Service", "IOWeight", LIMITS, "IO"),
        BY("Service", "LimitNOFILE", open_files),
        REFUSE("Service", "LimitCORE", "a core dump would hold the agent's secrets"),
        BY("Service", "StandardOutput", output),
        BY("Service", "StandardError", error),
        COVER("Service", "SyslogIdentifier", "it is the agent's name"),
        BY("Service", "KillMode", kill_mode),
        BY("Service", "StateDirectory", own_directory),
        BY("Service", "LogsDirectory", own_directory),
        BY("Service", "ConfigurationDirectory", own_directory),
        LIST("Service", "ReadWritePaths", SANDBOX, "ReadWritePaths"),
        LIST("Service", "ReadWriteDirectories", SANDBOX, "ReadWritePaths"),
        LIST("Service", "ReadOnlyPaths", SANDBOX, "ReadOnlyPaths"),
        LIST("Service", "ReadOnlyDirectories", SANDBOX, "ReadOnlyPaths"),
        BY("Service", "DeviceAllow", devices),
        BY("Service", "ProtectSystem", protect_system),
        BY("Service", "SystemCallFilter", system_calls),
        COVER("Service", "SystemCallErrorNumber", "the sandbox profile has it"),

        BY("Install", "WantedBy", wanted_by),
        REFUSE("Install", "RequiredBy", "agents start with multi-user.target; put Requires= into the other "
                                        "unit"),
        REFUSE("Install", "Alias", "an agent has one name; use NAME.service"),
        REFUSE("Install", "Also", "\"systemctl enable\" the other unit by itself"),
        REFUSE("Install", "DefaultInstance", "templates are not supported by this version"),
};
/* clang-format on */

const size_t n_import_rows = ARRAY_SIZE(import_rows);
