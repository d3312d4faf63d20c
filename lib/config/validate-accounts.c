/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The rules about accounts and groups: which of them an agent may run as. It never runs as root or
 * as somebody as good as root, and never takes over an account that was not made for it.
 */

#include "config/directive.h"
#include "config/validate.h"

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
