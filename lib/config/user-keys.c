/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The tables of user-keys.h. What is in them was tried on systemd 252, 257 and 262
 * (tests/vm/scenarios-user.sh): in the unit of a person's manager these fail the start or do
 * nothing.
 */

#include "config/user-keys.h"

typedef struct Row {
        SectionId section;
        const char *key; /* NULL: every key of the section */
        const char *problem;
} Row;

#define ONE_ACCOUNT "the agents of a person run as that person; remove the key"
#define NO_FILTER                                                                              \
        "only root can give systemd a hold on that, and without it nothing would be refused; " \
        "remove the key, or make it an agent of the system, in /etc/fte"
#define ROOTS_WORK "is done by root; make it an agent of the system, in /etc/fte, or remove the key"

static const Row rows[] = {
        { SECTION_AGENT, "User", ONE_ACCOUNT },
        { SECTION_AGENT, "Group", ONE_ACCOUNT },
        { SECTION_AGENT, "UID", ONE_ACCOUNT },
        { SECTION_AGENT, "OperatorsGroup",
          "only root can give others access to the logs; remove the key" },
        { SECTION_ENVIRONMENT, "Encrypted",
          "is decrypted with a key of root's; use an ordinary file of mode 0600" },
        { SECTION_SANDBOX, "AllowAddresses", NO_FILTER },
        { SECTION_SANDBOX, "Devices",
          "only root can give systemd a hold on devices; what you can open yourself an agent can "
          "with Profile=trusted" },
        { SECTION_BACKUP, NULL, ROOTS_WORK },
        { SECTION_PROXY, NULL, ROOTS_WORK },
        { SECTION_DEPLOY, NULL, ROOTS_WORK },
        { SECTION_SSH, NULL, "concerns the whole host; it belongs in /etc/fte/fte.conf" },
        { SECTION_FIREWALL, NULL, "concerns the whole host; it belongs in /etc/fte/fte.conf" },
};

const char *user_key_problem(SectionId section, const char *key) {
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (rows[i].section == section && (!rows[i].key || streq(rows[i].key, key)))
                        return rows[i].problem;
        return NULL;
}

const char *user_pass_through_problem(const char *key) {
        static const char *const needs_root[] = {
                "AmbientCapabilities",
                "AppArmorProfile",
                "BPFProgram",
                "DeviceAllow",
                "DevicePolicy",
                "IPAddressAllow",
                "IPAddressDeny",
                "IPEgressFilterPath",
                "IPIngressFilterPath",
                "LoadCredentialEncrypted",
                "LogNamespace",
                "NetworkNamespacePath",
                "PAMName",
                "ProcSubset",
                "ProtectKernelLogs",
                "ProtectProc",
                "RestrictFileSystems",
                "RestrictNetworkInterfaces",
                "SELinuxContext",
                "SetCredentialEncrypted",
                "SmackProcessLabel",
                "SocketBindAllow",
                "SocketBindDeny",
                "SupplementaryGroups",
        };

        for (size_t i = 0; i < ARRAY_SIZE(needs_root); i++)
                if (streq(needs_root[i], key))
                        return "it takes privileges, and fails or does nothing in the units of a "
                               "person; remove it, or make it an agent of the system, in /etc/fte";
        return NULL;
}
