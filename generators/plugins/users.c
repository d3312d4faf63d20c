/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Accounts: one generated oneshot unit makes those of all agents with systemd-sysusers, before any
 * of them starts, and with systemd-tmpfiles what only root can: log directories with an ACL. A user
 * is made at the first start after a daemon-reload, without a reboot. The unit is wanted, not
 * required: restarting it must not restart every agent, and an agent whose user is missing fails
 * alone (217).
 */

#include "plugins/users.h"
#include "plugins/backup.h"
#include "plugins/plugin.h"

#define ACCOUNTS_PER_COMMAND 1000

static void add_request(const Render *r, UserRequest request) {
        Users *u = r->users;

        if (u->n == u->size) {
                size_t size = MAX(u->size * 2, (size_t) 64);
                UserRequest *items = realloc(u->items, size * sizeof(*items));

                if (!items) {
                        r->plan->failed = true;
                        return;
                }
                u->items = items;
                u->size = size;
        }
        if (!request.name)
                r->plan->failed = true;
        else
                u->items[u->n++] = request;
}

const UserRequest *users_find_conflict(const Users *u, uint64_t uid, const char *name) {
        for (size_t i = 0; i < u->n && uid != UID_UNSET; i++) {
                const UserRequest *other = &u->items[i];

                if (other->agent && other->uid != UID_UNSET &&
                    (other->uid == uid) != streq(other->name, name))
                        return other;
        }
        return NULL;
}

bool render_account_is_good(const Render *r) {
        static const char *const keys[] = { "User", "Group", "UID" };

        for (const Problem *p = r->problems->first; p; p = p->next)
                for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                        if (p->key && streq(p->key, keys[i]))
                                return false;
        return r->name_is_good;
}

/* An account that was there before us, and that User= names on purpose, is left alone. */
static bool is_foreign(const Agent *a, const Account *account) {
        const char *home = account ? startswith(account->home, "/var/lib/") : NULL;

        return account && !(home && streq(home, a->account));
}

static void users_render(const Render *r) {
        const Agent *a = r->agent;
        Plan *p = r->plan;
        const char *owner;

        if (scope->is_user)
                return;
        if (render_is_stub(r) && !render_account_is_good(r))
                return;

        if (a->group && !streq(a->group, agent_user(a)))
                add_request(r, (UserRequest){ .name = plan_path(p, a->group, "", "") });
        if (is_foreign(a, facts_account(r->facts, agent_user(a))))
                return;
        /* a->name is the configuration's and outlives the plan; others are the agent's arena's. */
        owner = a->instance ? plan_path(p, a->account, "", "") : a->name;
        add_request(r, (UserRequest){ .name = a->user ? plan_path(p, a->user, "", "") : owner,
                                      .agent = owner,
                                      .uid = a->uid });
}

static bool is_its_own(const UserRequest *u) {
        return streq(u->name, u->agent);
}

/*
 * By name; groups first; then the agent that has the account's name, whose home it gets whoever
 * else uses it; then by the agent, so that the order does not depend on the input's.
 */
static int request_compare(const void *pa, const void *pb) {
        const UserRequest *a = pa, *b = pb;
        int c = strcmp(a->name, b->name);

        if (c != 0 || !a->agent || !b->agent)
                return c != 0 ? c : !!a->agent - !!b->agent;
        if (is_its_own(a) != is_its_own(b))
                return is_its_own(b) - is_its_own(a);
        return strcmp(a->agent, b->agent);
}

/* Agents come by name and mostly are their own users, so there is little to sort. */
static void sort_requests(Users *u) {
        for (size_t i = 1; i < u->n; i++)
                if (request_compare(&u->items[i - 1], &u->items[i]) > 0) {
                        qsort(u->items, u->n, sizeof(UserRequest), request_compare);
                        return;
                }
}

/* A line of sysusers.d(5) as one argument. Names were checked: nothing in them needs quoting. */
static void add_argument(StrBuf *b, const UserRequest *u) {
        if (!u->agent) {
                strbuf_add(b, " \\\n        \"g ");
                strbuf_add(b, u->name);
                strbuf_add(b, " -\"");
                return;
        }
        strbuf_add(b, " \\\n        \"u ");
        strbuf_add(b, u->name);
        strbuf_addc(b, ' ');
        if (u->uid == UID_UNSET)
                strbuf_addc(b, '-');
        else
                strbuf_add_uint(b, u->uid);
        strbuf_add(b, " 'Digital FTE ");
        strbuf_add(b, u->agent);
        strbuf_add(b, "' /var/lib/");
        strbuf_add(b, u->agent);
        strbuf_add(b, " /usr/sbin/nologin\"");
}

static bool is_same_account(const UserRequest *a, const UserRequest *b) {
        return !a->agent == !b->agent && streq(a->name, b->name);
}

/*
 * Agents that share an account: the first one's request counts, with the UID that any of them sets.
 */
static void merge_requests(Users *u) {
        size_t n = 0;

        for (size_t i = 0; i < u->n; i++) {
                UserRequest *last = n > 0 ? &u->items[n - 1] : NULL;

                if (!last || !is_same_account(last, &u->items[i]))
                        u->items[n++] = u->items[i];
                else if (last->uid == UID_UNSET)
                        last->uid = u->items[i].uid;
        }
        u->n = n;
}

/*
 * A unit line ends at 1 MiB and an argument list at 2, so many accounts take several commands. The
 * "-" lets the next one run although an account of this one could not be made: its agent fails,
 * alone.
 */
static void add_commands(StrBuf *b, const Users *users) {
        bool more = users->log_access.len > 0;

        for (size_t i = 0; i < users->n; i++) {
                if (i % ACCOUNTS_PER_COMMAND == 0) {
                        strbuf_add(b, i > 0 ? "\nExecStart=" : "ExecStart=");
                        strbuf_add(b, more || users->n - i > ACCOUNTS_PER_COMMAND ? "-" : "");
                        strbuf_add(b, "systemd-sysusers --inline");
                }
                add_argument(b, &users->items[i]);
        }
        strbuf_add(b, users->n > 0 ? "\n" : "");
}

/* On standard input there is no limit of a line or an argument list that a host could reach. */
static void add_log_access(StrBuf *b, const StrBuf *log_access) {
        if (log_access->len == 0)
                return;
        strbuf_add(b, "# A group that does not exist is warned of, and no more.\n"
                      "ExecStart=-systemd-tmpfiles --create -\n"
                      "StandardInput=data\n");
        strbuf_add_bytes(b, log_access->text, log_access->len);
        b->failed = b->failed || log_access->failed;
}

static void users_finish(const Render *r) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        Users *u = r->users;

        if (u->n == 0 && u->log_access.len == 0)
                return;
        sort_requests(u);
        merge_requests(u);
        strbuf_reserve(&b, 1024 + u->n * 128 + u->log_access.len);
        strbuf_add(&b, "# Generated by systemd-fte-generator from the files in /etc/fte.\n"
                       "[Unit]\n"
                       "Description=Users of the agents\n"
                       "Documentation=man:systemd-fte-generator(8)\n"
                       /* Here it is wanted by every start of any agent, and costs none a word. */
                       "Wants=fte-alert-deliver.path\n");
        backups_add_wants(&b, r->backups);
        strbuf_add(&b, /* Runs before every start of any agent, so that new ones get their user. */
                   "StartLimitIntervalSec=0\n"
                   "\n"
                   "[Service]\n"
                   "Type=oneshot\n"
                   "ProtectHome=yes\n"
                   "PrivateTmp=yes\n"
                   "PrivateNetwork=yes\n"
                   "ProtectKernelTunables=yes\n"
                   "ProtectKernelModules=yes\n"
                   "ProtectControlGroups=yes\n");
        add_commands(&b, u);
        add_log_access(&b, &u->log_access);
        plan_begin_group(r->plan);
        plan_add_file(r->plan, PLAN_UNIT, "fte-users.service", &b);
}

const Plugin plugin_users = {
        .name = "users",
        .render = users_render,
        .finish = users_finish,
        .in_stub = true,
};
