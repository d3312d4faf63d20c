/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The rules about names: which NAME.conf may become a unit, and which account and group it may
 * run as. An agent never runs as root and never takes over an account that is somebody else's.
 */

#include <stdio.h>

#include "base/scope.h"
#include "config/directive.h"
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

/* As fte-users.service makes them: home /var/lib/NAME, no login. */
static bool account_is_ours(const Account *account, const char *name) {
        const char *home = startswith(account->home, "/var/lib/");

        return home && streq(home, name) &&
               (endswith(account->shell, "/nologin") || endswith(account->shell, "/false"));
}

static const Account *account_by_uid(const Facts *f, uint64_t uid) {
        for (size_t i = 0; i < f->n_accounts; i++)
                if (f->accounts[i].uid == uid)
                        return &f->accounts[i];
        return NULL;
}

static const Group *group_by_gid(const Facts *f, uint64_t gid) {
        for (size_t i = 0; i < f->n_groups; i++)
                if (f->groups[i].gid == gid)
                        return &f->groups[i];
        return NULL;
}

static bool group_is_powerful(const char *group, size_t len) {
        static const char *const groups[] = { "root",   "wheel",       "sudo",   "admin",
                                              "docker", "lxd",         "disk",   "shadow",
                                              "kmem",   "incus-admin", "libvirt" };

        for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
                if (*groups[i] == *group && strncmp(groups[i], group, len) == 0 && !groups[i][len])
                        return true;
        return false;
}

/* Quotes, escapes and numbers could name a group that is not seen here. */
static bool group_is_plain(const char *group, size_t len) {
        return !ascii_isdigit(*group) &&
               strspn(group, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") >=
                       len;
}

const char *group_list_problem(const char *groups) {
        for (size_t n; *groups; groups += n) {
                groups += strspn(groups, " \t");
                n = strcspn(groups, " \t");
                if (n > 0 && !group_is_plain(groups, n))
                        return "write groups by name, without quotes, escapes or numbers";
                if (n > 0 && group_is_powerful(groups, n))
                        return "one of these groups is as good as root";
        }
        return NULL;
}

static void check_user(const Agent *a, const Account *account, Place place, Problems *problems) {
        const char *section = section_to_string(SECTION_AGENT);

        if (startswith(agent_user(a), "fte-") || startswith(agent_group(a), "fte-"))
                problems_add(problems, place, section, "User",
                             "accounts that begin with fte- are systemd-fte's own");
        else if (streq(agent_user(a), "root") || (account && account->uid == 0))
                problems_add(problems, place, section, "User",
                             "agents never run as root; remove the key to get a user of its own");
        else if (!a->user && account && !account_is_ours(account, a->account))
                problems_add(problems, place, section, "User",
                             "the account \"%s\" exists and was not made for this agent; rename "
                             "the file, or set User= to use an account on purpose",
                             a->account);
}

static void check_uid(const Agent *a, const Account *account, const Facts *facts,
                      Problems *problems) {
        const Account *holder;
        const Group *group;

        if (a->uid == UID_UNSET)
                return;
        group = account ? NULL : group_by_gid(facts, a->uid);
        holder = account ? account : account_by_uid(facts, a->uid);
        if (account && account->uid != a->uid)
                problems_add(problems, AGENT_PLACE(a, uid), section_to_string(SECTION_AGENT), "UID",
                             "the account exists with UID %llu; a UID is never changed",
                             (unsigned long long) account->uid);
        else if (holder && holder != account)
                problems_add(problems, AGENT_PLACE(a, uid), section_to_string(SECTION_AGENT), "UID",
                             "belongs to the account \"%s\"", holder->name);
        else if (group && !streq(group->name, agent_user(a)))
                problems_add(problems, AGENT_PLACE(a, uid), section_to_string(SECTION_AGENT), "UID",
                             "belongs to the group \"%s\", and a user's own group has the user's "
                             "number",
                             group->name);
}

/*
 * A user that is made gets the group of its name, also when that is there already: an agent called
 * "disk" or "shadow" would be in it.
 */
static void check_group(const Agent *a, const Account *account, const Facts *facts,
                        Problems *problems) {
        const Group *group = facts_group(facts, agent_group(a));
        const char *section = section_to_string(SECTION_AGENT);
        Place place = AGENT_PLACE(a, group);

        if (!place.file)
                place = a->section_places[SECTION_AGENT].file ? a->section_places[SECTION_AGENT]
                                                              : a->place;
        if (group_is_powerful(agent_group(a), strlen(agent_group(a))) ||
            (group && group->gid == 0) || (!a->group && account && account->gid == 0))
                problems_add(problems, place, section, "Group",
                             "this group is as good as root; operators get access through "
                             "OperatorsGroup= instead");
        else if (!a->group && group && !account)
                problems_add(problems, place, section, "Group",
                             "the group \"%s\" exists and was not made for this agent; rename the "
                             "file, or set Group= to use it on purpose",
                             agent_group(a));
}

void agent_validate_accounts(const Agent *a, const Facts *facts, Problems *problems) {
        const Account *account = facts_account(facts, agent_user(a));
        Place place = AGENT_PLACE(a, user);

        if (place.file && !a->user)
                return; /* refused where it stands */
        if (!place.file)
                place = a->section_places[SECTION_AGENT];
        if (!place.file)
                place = a->place;
        check_user(a, account, place, problems);
        check_uid(a, account, facts, problems);
        check_group(a, account, facts, problems);
}
