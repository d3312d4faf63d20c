/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The rules about names: which NAME.conf may become a unit, and whose the directories of that name
 * are. An agent never replaces a unit that is there and never gets what another program stores.
 */

#include <stdio.h>

#include "base/scope.h"
#include "config/instance.h"
#include "config/validate.h"

#define BAD_NAME                                                                                 \
        "the name must be small letters, digits and -, begin with a letter, not end with - and " \
        "have at most 31 characters, for it becomes the name of a user; rename the file"

static bool name_is_good(const char *name) {
        size_t n = 0;

        while ((name[n] >= 'a' && name[n] <= 'z') || ascii_isdigit(name[n]) || name[n] == '-')
                n++;
        return !name[n] && n <= AGENT_NAME_BYTES_MAX && *name >= 'a' && *name <= 'z' &&
               name[n - 1] != '-';
}

/*
 * What systemd accepts in front of ".service" of a unit that is no template. Drop-ins of
 * "x-.service" would count for every "x-*.service" (systemd.unit(5)), so no stub may have such a
 * name either.
 */
static bool name_is_unit(const char *name) {
        if (endswith(name, "-"))
                return false;
        for (const char *p = name; *p; p++)
                if (!ascii_isalnum(*p) && !strchr(":_.-", *p))
                        return false;
        return *name && strlen(name) < 240;
}

/*
 * Directories that a system has in /var/lib or /var/log without an account of the name. systemd
 * would give them, with all that is in them, to the agent's user (StateDirectory=, LogsDirectory=).
 * Those of programs with a unit or an account of their name are refused for that already.
 */
static int name_compare(const void *key, const void *row) {
        return strcmp(key, *(const char *const *) row);
}

static bool name_is_directory_of_system(const char *name) {
        if (scope->is_user)
                return false; /* those of a person's agents lie in one of their own */
        static const char *const names[] = {
                /* sorted */
                "alsa",
                "apache2",
                "apparmor",
                "apt",
                "aspell",
                "audit",
                "bluetooth",
                "boltd",
                "ca-certificates-java",
                "certbot",
                "cloud",
                "cni",
                "color",
                "command-not-found",
                "containerd",
                "containers",
                "cups",
                "dbus",
                "dhcp",
                "dhcpcd",
                "dictionaries-common",
                "dkms",
                "dnf",
                "docker",
                "dpkg",
                "emacsen-common",
                "exim4",
                "extensions",
                "flatpak",
                "fwupd",
                "games",
                "gems",
                "git",
                "grub",
                "gssproxy",
                "ieee-data",
                "initramfs-tools",
                "initscripts",
                "installer",
                "journal",
                "kubelet",
                "letsencrypt",
                "libvirt",
                "lightdm",
                "logrotate",
                "lxc",
                "lxcfs",
                "lxd",
                "machines",
                "man-db",
                "misc",
                "mlocate",
                "mysql",
                "nfs",
                "nginx",
                "nssdb",
                "openvpn",
                "os-prober",
                "packagekit",
                "pacman",
                "pam",
                "plocate",
                "plymouth",
                "polkit-1",
                "portables",
                "postfix",
                "postgresql",
                "private",
                "python",
                "redis",
                "rpm",
                "rpm-state",
                "samba",
                "selinux",
                "sgml-base",
                "snapd",
                "snmp",
                "ssl",
                "sss",
                "sudo",
                "swtpm",
                "systemd",
                "tpm",
                "ubuntu-advantage",
                "ucf",
                "unattended-upgrades",
                "update-manager",
                "update-notifier",
                "upower",
                "urandom",
                "usbutils",
                "vim",
                "vmware",
                "waagent",
                "wtmpdb",
                "xfsdump",
                "xkb",
                "xml-core",
        };

        return bsearch(name, names, ARRAY_SIZE(names), sizeof(names[0]), name_compare) != NULL;
}

/* The part in front of "@", or all of it. */
static const char *base_of(const char *name, char base[static 256]) {
        const char *at = strchr(name, '@');
        size_t n = at ? MIN((size_t) (at - name), (size_t) 255) : 0;

        if (!at) /* nearly always */
                return name;
        memcpy(base, name, n);
        base[n] = 0;
        return base;
}

static bool is_reserved(const char *base) {
        return streq(base, "fte") || startswith(base, "fte-");
}

/* What the directories of NAME@INST are called. */
static const char *directory_of(const char *name, char directory[static 256]) {
        if (!strchr(name, '@')) /* nearly always */
                return name;
        snprintf(directory, 256, "%s", name);
        *strchr(directory, '@') = '-';
        return directory;
}

bool agent_name_is_good(const char *name) {
        const char *instance = name_instance(name);
        char base[256], directory[256];

        return name_is_good(base_of(name, base)) && !is_reserved(base) &&
               !name_is_directory_of_system(directory_of(name, directory)) &&
               (instance ? instance_name_is_good(instance) : !strchr(name, '@'));
}

bool template_name_is_good(const char *name) {
        char base[256];

        return name_is_template(name) && agent_name_is_good(base_of(name, base));
}

/* Somebody else's: StateDirectory= would give it, with all that is in it, to the instance. */
static bool directory_is_taken(const char *name, const Facts *facts) {
        char buf[256], unit[256 + sizeof(".service")];
        const char *directory;
        const Account *account;

        if (!name_instance(name))
                return false;
        directory = directory_of(name, buf);
        account = facts_account(facts, directory);
        stpcpy(stpcpy(unit, directory), ".service");
        return facts_unit_exists(facts, unit) || account;
}

static bool unit_is_taken(const char *name, const Facts *facts) {
        char unit[256 + sizeof(".service")]; /* a file's name has at most 255 bytes */
        const char *at = strchr(name, '@');

        stpcpy(stpcpy(unit, name), ".service");
        if (facts_unit_exists(facts, unit))
                return true;
        if (!at || !at[1])
                return false;
        stpcpy(unit + (at + 1 - name), ".service");
        return facts_unit_exists(facts, unit);
}

NameVerdict agent_name_verdict(const char *name, const Facts *facts, const char **ret_problem) {
        const char *instance = name_instance(name);
        char base_buf[256], directory[256];
        const char *base = base_of(name, base_buf);

        if (is_reserved(base)) {
                *ret_problem =
                        "\"fte\" and names that begin with \"fte-\" are reserved; rename the file";
                return NAME_REFUSED;
        }
        if ((!name_is_good(base) && !name_is_unit(base)) ||
            (instance && !instance_name_is_good(instance))) {
                *ret_problem = BAD_NAME;
                return NAME_REFUSED;
        }
        if (unit_is_taken(name, facts)) {
                *ret_problem = "a unit of this name exists already and would be replaced; rename "
                               "the file, or remove that unit from its unit directory";
                return NAME_REFUSED;
        }
        if (name_is_directory_of_system(base) ||
            (instance && name_is_directory_of_system(directory_of(name, directory)))) {
                *ret_problem = "/var/lib or /var/log has a directory of the system with this name, "
                               "which would be given to the agent; rename the file";
                return NAME_BAD;
        }
        if (directory_is_taken(name, facts)) {
                *ret_problem = "there is an account or a unit called like the directories of this "
                               "instance, NAME-INSTANCE, which could be its; rename the instance";
                return NAME_BAD;
        }
        if (name_is_good(base))
                return NAME_GOOD;
        *ret_problem = BAD_NAME;
        return NAME_BAD;
}
