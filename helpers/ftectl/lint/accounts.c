/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whether the accounts that agents still need can be made: systemd-sysusers takes each from the
 * system range, a number that neither a user nor a group has, and whoever gets none fails with
 * 217/USER. Counts by the files that the generator reads.
 */

#include "base/fsat.h"

#include "lint.h"

/* Of systemd itself, where login.defs(5) says nothing. */
#define RANGE_MIN 1
#define RANGE_MAX 999
#define ID_LIMIT  65536

typedef struct Range {
        unsigned min, max;
} Range;

static unsigned read_number(const char *text, const char *key, unsigned otherwise) {
        for (const char *line = text; line;
             line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
                const char *value = startswith(line, key);

                if (value && (*value == ' ' || *value == '\t')) {
                        unsigned long n = strtoul(value, NULL, 0);

                        return n > 0 && n < ID_LIMIT ? (unsigned) n : otherwise;
                }
        }
        return otherwise;
}

static Range read_range(int root_fd) {
        char text[32 * 1024];
        Range r = { RANGE_MIN, RANGE_MAX };

        if (fsat_read(root_fd, "etc/login.defs", text, sizeof(text)) < 0)
                return r;
        r.min = read_number(text, "SYS_UID_MIN", r.min);
        r.max = read_number(text, "SYS_UID_MAX", r.max);
        return r;
}

static unsigned count_free(const Facts *f, const Range *range) {
        bool taken[ID_LIMIT] = { false };
        unsigned n = 0;

        for (size_t i = 0; i < f->n_accounts; i++)
                if (f->accounts[i].uid < ID_LIMIT)
                        taken[f->accounts[i].uid] = true;
        for (size_t i = 0; i < f->n_groups; i++)
                if (f->groups[i].gid < ID_LIMIT)
                        taken[f->groups[i].gid] = true;
        for (unsigned id = range->min; id <= range->max; id++)
                n += !taken[id];
        return n;
}

static bool needs_number(const Facts *f, const UserRequest *u) {
        return u->agent ? u->uid == UID_UNSET && !facts_account(f, u->name)
                        : !facts_group(f, u->name);
}

static void warn(Generator *g, const char *agent, Report *report, const char *message) {
        Problems problems = { .arena = &g->agent_arena };

        for (size_t i = 0; i < g->config.n_entries; i++) {
                Agent a;

                if (!streq(g->config.entries[i].name, agent))
                        continue;
                if (config_read_agent(&g->config, &g->config.entries[i], &g->agent_arena, &problems,
                                      &a) == 0)
                        report_add(report,
                                   &(Finding){ .place = agent_place_near(&a, offsetof(Agent, user),
                                                                         SECTION_AGENT),
                                               .section = "Agent",
                                               .key = "User",
                                               .message = message,
                                               .id = "no-free-uid" });
                return;
        }
}

void lint_warn_accounts(Generator *g, Report *report) {
        Range range = read_range(g->config.root_fd);
        unsigned n_free = count_free(&g->facts, &range), n = 0;
        const char *first = NULL;

        for (size_t i = 0; i < g->users.n; i++) {
                const UserRequest *u = &g->users.items[i];

                if (!needs_number(&g->facts, u))
                        continue;
                n++;
                if (n > n_free && !first)
                        first = u->agent;
        }
        if (first)
                warn(g, first, report,
                     arena_printf(
                             &g->agent_arena,
                             "%u accounts and groups are still to be made, and %u to %u has %u "
                             "free numbers for them, so this agent and those behind it would "
                             "fail with 217/USER; let agents share an account by User=, or "
                             "give them numbers by UID=",
                             n, range.min, range.max, n_free));
}
