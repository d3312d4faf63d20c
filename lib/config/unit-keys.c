/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The keys of [Unit] and [Service] that systemd knows, from 249 to 262, as "systemd
 * --dump-configuration-items" of 249, 252, 257 and 262 lists them. systemd only warns of a key that
 * it does not know and goes on without it; here a misspelt "ProtectHme=" is an error. A table, no
 * logic.
 */

#include "config/unit-keys.h"
#include "base/edit-distance.h"

typedef struct NewKey {
        SectionId section;
        const char *key;
        unsigned since; /* where the manual does not say, the first version that it can be */
} NewKey;

/* clang-format off */
static const char *const unit_keys[] = {
        "After", "AllowIsolate", "AssertACPower", "AssertArchitecture", "AssertCPUs",
        "AssertCapability", "AssertControlGroupController", "AssertDirectoryNotEmpty",
        "AssertEnvironment", "AssertFileIsExecutable", "AssertFileNotEmpty", "AssertFirstBoot",
        "AssertGroup", "AssertHost", "AssertKernelCommandLine", "AssertKernelVersion",
        "AssertMemory", "AssertNeedsUpdate", "AssertOSRelease", "AssertPathExists",
        "AssertPathExistsGlob", "AssertPathIsDirectory", "AssertPathIsEncrypted",
        "AssertPathIsMountPoint", "AssertPathIsReadWrite", "AssertPathIsSymbolicLink",
        "AssertSecurity", "AssertUser", "AssertVirtualization", "Before", "BindTo", "BindsTo",
        "CollectMode", "ConditionACPower", "ConditionArchitecture", "ConditionCPUs",
        "ConditionCapability", "ConditionControlGroupController", "ConditionDirectoryNotEmpty",
        "ConditionEnvironment", "ConditionFileIsExecutable", "ConditionFileNotEmpty",
        "ConditionFirmware", "ConditionFirstBoot", "ConditionGroup", "ConditionHost",
        "ConditionKernelCommandLine", "ConditionKernelVersion", "ConditionMemory",
        "ConditionNeedsUpdate", "ConditionOSRelease", "ConditionPathExists",
        "ConditionPathExistsGlob", "ConditionPathIsDirectory", "ConditionPathIsEncrypted",
        "ConditionPathIsMountPoint", "ConditionPathIsReadWrite", "ConditionPathIsSymbolicLink",
        "ConditionSecurity", "ConditionUser", "ConditionVirtualization", "Conflicts",
        "DefaultDependencies", "Description", "Documentation", "FailureAction",
        "FailureActionExitStatus", "IgnoreOnIsolate", "IgnoreOnSnapshot", "JobRunningTimeoutSec",
        "JobTimeoutAction", "JobTimeoutRebootArgument", "JobTimeoutSec", "JoinsNamespaceOf",
        "OnFailure", "OnFailureIsolate", "OnFailureJobMode", "OnSuccess", "OnSuccessJobMode",
        "PartOf", "PropagateReloadFrom", "PropagateReloadTo", "PropagatesReloadTo",
        "PropagatesStopTo", "RebootArgument", "RefuseManualStart", "RefuseManualStop",
        "ReloadPropagatedFrom", "Requires", "RequiresMountsFor", "RequiresOverridable",
        "Requisite", "RequisiteOverridable", "SourcePath", "StartLimitAction", "StartLimitBurst",
        "StartLimitInterval", "StartLimitIntervalSec", "StopPropagatedFrom", "StopWhenUnneeded",
        "SuccessAction", "SuccessActionExitStatus", "Upholds", "Wants",
};

static const char *const service_keys[] = {
        "AllowedCPUs", "AllowedMemoryNodes", "AmbientCapabilities", "AppArmorProfile",
        "BPFProgram", "BindPaths", "BindReadOnlyPaths", "BlockIOAccounting",
        "BlockIODeviceWeight", "BlockIOReadBandwidth", "BlockIOWeight", "BlockIOWriteBandwidth",
        "BusName", "BusPolicy", "CPUAccounting", "CPUAffinity", "CPUQuota", "CPUQuotaPeriodSec",
        "CPUSchedulingPolicy", "CPUSchedulingPriority", "CPUSchedulingResetOnFork", "CPUShares",
        "CPUWeight", "CacheDirectory", "CacheDirectoryMode", "Capabilities",
        "CapabilityBoundingSet", "ConfigurationDirectory", "ConfigurationDirectoryMode",
        "CoredumpFilter", "DefaultMemoryLow", "DefaultMemoryMin", "Delegate", "DeviceAllow",
        "DevicePolicy", "DisableControllers", "DynamicUser", "Environment", "EnvironmentFile",
        "ExecCondition", "ExecPaths", "ExecReload", "ExecStart", "ExecStartPost", "ExecStartPre",
        "ExecStop", "ExecStopPost", "ExtensionImages", "FailureAction", "FileDescriptorStoreMax",
        "FinalKillSignal", "Group", "GuessMainPID", "IOAccounting", "IODeviceLatencyTargetSec",
        "IODeviceWeight", "IOReadBandwidthMax", "IOReadIOPSMax", "IOSchedulingClass",
        "IOSchedulingPriority", "IOWeight", "IOWriteBandwidthMax", "IOWriteIOPSMax",
        "IPAccounting", "IPAddressAllow", "IPAddressDeny", "IPCNamespacePath",
        "IPEgressFilterPath", "IPIngressFilterPath", "IgnoreSIGPIPE", "InaccessibleDirectories",
        "InaccessiblePaths", "KeyringMode", "KillMode", "KillSignal", "LimitAS", "LimitCORE",
        "LimitCPU", "LimitDATA", "LimitFSIZE", "LimitLOCKS", "LimitMEMLOCK", "LimitMSGQUEUE",
        "LimitNICE", "LimitNOFILE", "LimitNPROC", "LimitRSS", "LimitRTPRIO", "LimitRTTIME",
        "LimitSIGPENDING", "LimitSTACK", "LoadCredential", "LockPersonality", "LogExtraFields",
        "LogLevelMax", "LogNamespace", "LogRateLimitBurst", "LogRateLimitIntervalSec",
        "LogsDirectory", "LogsDirectoryMode", "ManagedOOMMemoryPressure",
        "ManagedOOMMemoryPressureLimit", "ManagedOOMPreference", "ManagedOOMSwap",
        "MemoryAccounting", "MemoryDenyWriteExecute", "MemoryHigh", "MemoryLimit", "MemoryLow",
        "MemoryMax", "MemoryMin", "MemorySwapMax", "MountAPIVFS", "MountFlags", "MountImages",
        "NUMAMask", "NUMAPolicy", "NetClass", "NetworkNamespacePath", "Nice", "NoExecPaths",
        "NoNewPrivileges", "NonBlocking", "NotifyAccess", "OOMPolicy", "OOMScoreAdjust",
        "PAMName", "PIDFile", "PassEnvironment", "PermissionsStartOnly", "Personality",
        "PrivateDevices", "PrivateIPC", "PrivateMounts", "PrivateNetwork", "PrivateTmp",
        "PrivateUsers", "ProcSubset", "ProtectClock", "ProtectControlGroups", "ProtectHome",
        "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables",
        "ProtectProc", "ProtectSystem", "ReadOnlyDirectories", "ReadOnlyPaths",
        "ReadWriteDirectories", "ReadWritePaths", "RebootArgument", "RemainAfterExit",
        "RemoveIPC", "Restart", "RestartForceExitStatus", "RestartKillSignal",
        "RestartPreventExitStatus", "RestartSec", "RestrictAddressFamilies",
        "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "RootDirectory",
        "RootDirectoryStartOnly", "RootHash", "RootHashSignature", "RootImage",
        "RootImageOptions", "RootVerity", "RuntimeDirectory", "RuntimeDirectoryMode",
        "RuntimeDirectoryPreserve", "RuntimeMaxSec", "SELinuxContext", "SecureBits",
        "SendSIGHUP", "SendSIGKILL", "SetCredential", "Slice", "SmackProcessLabel",
        "SocketBindAllow", "SocketBindDeny", "Sockets", "StandardError", "StandardInput",
        "StandardInputData", "StandardInputText", "StandardOutput", "StartLimitAction",
        "StartLimitBurst", "StartLimitInterval", "StartupBlockIOWeight", "StartupCPUShares",
        "StartupCPUWeight", "StartupIOWeight", "StateDirectory", "StateDirectoryMode",
        "SuccessExitStatus", "SupplementaryGroups", "SysVStartPriority", "SyslogFacility",
        "SyslogIdentifier", "SyslogLevel", "SyslogLevelPrefix", "SystemCallArchitectures",
        "SystemCallErrorNumber", "SystemCallFilter", "SystemCallLog", "TTYPath", "TTYReset",
        "TTYVHangup", "TTYVTDisallocate", "TasksAccounting", "TasksMax", "TemporaryFileSystem",
        "TimeoutAbortSec", "TimeoutCleanSec", "TimeoutSec", "TimeoutStartFailureMode",
        "TimeoutStartSec", "TimeoutStopFailureMode", "TimeoutStopSec", "TimerSlackNSec", "Type",
        "UMask", "USBFunctionDescriptors", "USBFunctionStrings", "UnsetEnvironment", "User",
        "UtmpIdentifier", "UtmpMode", "WatchdogSec", "WatchdogSignal", "WorkingDirectory",
};

static const NewKey new_keys[] = {
        { SECTION_SERVICE, "BPFDelegateAttachments", 258 },
        { SECTION_SERVICE, "BPFDelegateCommands", 258 },
        { SECTION_SERVICE, "BPFDelegateMaps", 258 },
        { SECTION_SERVICE, "BPFDelegatePrograms", 258 },
        { SECTION_SERVICE, "BindLogSockets", 253 },
        { SECTION_SERVICE, "BindNetworkInterface", 260 },
        { SECTION_SERVICE, "CPUPressureThresholdSec", 258 },
        { SECTION_SERVICE, "CPUPressureWatch", 258 },
        { SECTION_SERVICE, "CPUSetPartition", 258 },
        { SECTION_SERVICE, "CacheDirectoryAccounting", 258 },
        { SECTION_SERVICE, "CacheDirectoryQuota", 258 },
        { SECTION_SERVICE, "CoredumpReceive", 255 },
        { SECTION_SERVICE, "DefaultStartupMemoryLow", 253 },
        { SECTION_SERVICE, "DelegateNamespaces", 258 },
        { SECTION_SERVICE, "DelegateSubgroup", 253 }, { SECTION_SERVICE, "ExecReloadPost", 258 },
        { SECTION_SERVICE, "ExecSearchPath", 250 }, { SECTION_SERVICE, "ExitType", 250 },
        { SECTION_SERVICE, "ExtensionDirectories", 250 },
        { SECTION_SERVICE, "ExtensionImagePolicy", 254 },
        { SECTION_SERVICE, "FileDescriptorStorePreserve", 253 },
        { SECTION_SERVICE, "IOPressureThresholdSec", 258 },
        { SECTION_SERVICE, "IOPressureWatch", 258 },
        { SECTION_SERVICE, "ImportCredential", 254 }, { SECTION_SERVICE, "LUOSession", 258 },
        { SECTION_SERVICE, "LoadCredentialEncrypted", 250 },
        { SECTION_SERVICE, "LogFilterPatterns", 253 },
        { SECTION_SERVICE, "LogsDirectoryAccounting", 258 },
        { SECTION_SERVICE, "LogsDirectoryQuota", 258 },
        { SECTION_SERVICE, "ManagedOOMMemoryPressureDurationSec", 253 },
        { SECTION_SERVICE, "MemoryKSM", 254 },
        { SECTION_SERVICE, "MemoryPressureThresholdSec", 253 },
        { SECTION_SERVICE, "MemoryPressureWatch", 253 }, { SECTION_SERVICE, "MemoryTHP", 260 },
        { SECTION_SERVICE, "MemoryZSwapMax", 253 },
        { SECTION_SERVICE, "MemoryZSwapWriteback", 253 },
        { SECTION_SERVICE, "MountImagePolicy", 253 }, { SECTION_SERVICE, "NFTSet", 253 },
        { SECTION_SERVICE, "OOMRules", 261 }, { SECTION_SERVICE, "OpenFile", 253 },
        { SECTION_SERVICE, "PrivateBPF", 258 }, { SECTION_SERVICE, "PrivatePIDs", 253 },
        { SECTION_SERVICE, "RefreshOnReload", 260 }, { SECTION_SERVICE, "ReloadSignal", 253 },
        { SECTION_SERVICE, "RestartMaxDelaySec", 253 }, { SECTION_SERVICE, "RestartMode", 254 },
        { SECTION_SERVICE, "RestartRandomizedDelaySec", 258 },
        { SECTION_SERVICE, "RestartSteps", 253 },
        { SECTION_SERVICE, "RestrictFileSystems", 250 },
        { SECTION_SERVICE, "RestrictNetworkInterfaces", 250 },
        { SECTION_SERVICE, "RootEphemeral", 254 }, { SECTION_SERVICE, "RootImagePolicy", 253 },
        { SECTION_SERVICE, "RootMStack", 258 },
        { SECTION_SERVICE, "RuntimeRandomizedExtraSec", 250 },
        { SECTION_SERVICE, "SetCredentialEncrypted", 250 },
        { SECTION_SERVICE, "SetLoginEnvironment", 253 },
        { SECTION_SERVICE, "StartupAllowedCPUs", 250 },
        { SECTION_SERVICE, "StartupAllowedMemoryNodes", 250 },
        { SECTION_SERVICE, "StartupMemoryHigh", 253 },
        { SECTION_SERVICE, "StartupMemoryLow", 253 },
        { SECTION_SERVICE, "StartupMemoryMax", 253 },
        { SECTION_SERVICE, "StartupMemorySwapMax", 253 },
        { SECTION_SERVICE, "StartupMemoryZSwapMax", 253 },
        { SECTION_SERVICE, "StateDirectoryAccounting", 258 },
        { SECTION_SERVICE, "StateDirectoryQuota", 258 }, { SECTION_SERVICE, "TTYColumns", 250 },
        { SECTION_SERVICE, "TTYRows", 250 }, { SECTION_SERVICE, "UserNamespacePath", 258 },
        { SECTION_UNIT, "AssertCPUFeature", 250 }, { SECTION_UNIT, "AssertCPUPressure", 250 },
        { SECTION_UNIT, "AssertCredential", 252 }, { SECTION_UNIT, "AssertFraction", 261 },
        { SECTION_UNIT, "AssertIOPressure", 250 },
        { SECTION_UNIT, "AssertKernelModuleLoaded", 258 },
        { SECTION_UNIT, "AssertMachineTag", 258 }, { SECTION_UNIT, "AssertMemoryPressure", 250 },
        { SECTION_UNIT, "AssertPathIsSocket", 258 }, { SECTION_UNIT, "AssertVersion", 258 },
        { SECTION_UNIT, "ConditionCPUFeature", 250 },
        { SECTION_UNIT, "ConditionCPUPressure", 250 },
        { SECTION_UNIT, "ConditionCredential", 252 }, { SECTION_UNIT, "ConditionFraction", 261 },
        { SECTION_UNIT, "ConditionIOPressure", 250 },
        { SECTION_UNIT, "ConditionKernelModuleLoaded", 258 },
        { SECTION_UNIT, "ConditionMachineTag", 258 },
        { SECTION_UNIT, "ConditionMemoryPressure", 250 },
        { SECTION_UNIT, "ConditionPathIsSocket", 258 },
        { SECTION_UNIT, "ConditionVersion", 258 },
        { SECTION_UNIT, "SurviveFinalKillSignal", 255 }, { SECTION_UNIT, "WantsMountsFor", 253 },
};
/* clang-format on */

typedef struct KeyTable {
        const char *const *keys;
        size_t n;
} KeyTable;

static KeyTable table_of(SectionId section) {
        if (section == SECTION_UNIT)
                return (KeyTable){ unit_keys, ARRAY_SIZE(unit_keys) };
        return (KeyTable){ service_keys, ARRAY_SIZE(service_keys) };
}

unsigned unit_key_since(SectionId section, const char *key) {
        KeyTable t = table_of(section);

        if (startswith(key, "X-"))
                /* systemd.unit(5): for applications, passed over by systemd */
                return UNIT_KEYS_FIRST;
        for (size_t i = 0; i < t.n; i++)
                if (streq(t.keys[i], key))
                        return UNIT_KEYS_FIRST;
        for (size_t i = 0; i < ARRAY_SIZE(new_keys); i++)
                if (new_keys[i].section == section && streq(new_keys[i].key, key))
                        return new_keys[i].since;
        return 0;
}

const char *unit_key_guess(SectionId section, const char *key) {
        EditGuess g = edit_guess(key);
        KeyTable t = table_of(section);

        for (size_t i = 0; i < t.n; i++)
                edit_guess_try(&g, t.keys[i]);
        for (size_t i = 0; i < ARRAY_SIZE(new_keys); i++)
                if (new_keys[i].section == section)
                        edit_guess_try(&g, new_keys[i].key);
        return g.best;
}
