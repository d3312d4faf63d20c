/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent that a deployment is for: its configuration, whether it runs what is deployed, the
 * lock, and the places.
 */

#include <sys/stat.h>

#include "base/edit-distance.h"
#include "base/log.h"
#include "config/instance.h"
#include "config/validate.h"

#include "deploy.h"

#define LOCK_WAIT_USEC (60 * USEC_PER_SEC)

/* ---- what the files say ---- */

static const char *guess_name(const Config *c, const char *name) {
        EditGuess g = edit_guess(name);

        for (size_t i = 0; i < c->n_entries; i++)
                edit_guess_try(&g, c->entries[i].name);
        return g.best;
}

static int report(const Deploy *d, const Problems *problems) {
        Report report = { .root = d->args->root, .out = stderr };

        report_add_problems(&report, problems);
        report_done(&report);
        log_line(LOG_ERR, "the files of %s have errors, so nothing was deployed", d->name);
        return EXIT_BAD;
}

/* Instances are deployed one by one; what nobody named would not be started again at a boot. */
static int check_instance(const Deploy *d) {
        const Agent *a = &d->agent;
        Place p = agent_place_near(a, offsetof(Agent, instances), SECTION_AGENT);

        if (a->is_template)
                log_line(LOG_ERR,
                         "%s:%u: a template runs nothing itself; name an instance: ftectl %s "
                         "%sINSTANCE",
                         p.file, p.line, d->args->command->name, a->name);
        else if (a->is_by_hand)
                log_line(LOG_ERR,
                         "%s:%u: [Agent] Instances: does not have \"%s\"; add it there, then "
                         "daemon-reload",
                         p.file, p.line, a->instance);
        else
                return 0;
        return EXIT_BAD;
}

static int read_entry(Deploy *d, Config *c, const ConfigEntry *e) {
        Problems problems = { .arena = &d->arena };
        Facts facts = { 0 };
        int r = config_read_agent(c, e, &d->arena, &problems, &d->agent);

        if (r >= 0)
                r = facts_load(&facts, c->root_fd, &d->arena);
        if (r >= 0)
                agent_validate(&d->agent, &facts, &problems);
        facts_done(&facts);
        if (r < 0)
                return r;
        if (problems_any(&c->host_problems))
                return report(d, &c->host_problems);
        return problems_any(&problems) ? report(d, &problems) : check_instance(d);
}

static int read_agent(Deploy *d) {
        ConfigEntry entry;
        Config c;
        int r;

        if (config_open(&c, d->args->root, &d->arena) < 0)
                return -ENOMEM;
        r = config_find(&c, d->name, &entry);
        if (r >= 0)
                r = read_entry(d, &c, &entry);
        if (r == -ENOENT) {
                const char *guess = guess_name(&c, d->name);

                log_line(LOG_ERR, "there is no %s.conf in /etc/fte%s%s%s", d->name,
                         guess ? "; did you mean " : "; to begin one: ftectl init ",
                         guess ? guess : d->name, guess ? "?" : "");
        }
        config_close(&c);
        return r;
}

/* ---- whether it runs what is deployed ---- */

static bool is_below(const char *word, const char *prefix) {
        const char *found = strstr(word, prefix);

        return found && (!found[strlen(prefix)] || found[strlen(prefix)] == '/');
}

bool agent_uses_current(const Agent *a) {
        char prefix[128];

        snprintf(prefix, sizeof(prefix), RELEASES_TOP "%.100s/" CURRENT_LINK, a->directory);
        if (a->working_directory && is_below(a->working_directory, prefix))
                return true;
        for (char **word = a->exec; word && *word; word++)
                if (is_below(*word, prefix))
                        return true;
        return false;
}

int deploy_check_agent(const Deploy *d) {
        Place p = agent_place_near(&d->agent, offsetof(Agent, exec), SECTION_AGENT);
        const Agent *a = &d->agent;
        char home[300];

        if (agent_uses_current(a))
                return 0;
        /* As a template has it, for all of its instances. */
        snprintf(home, sizeof(home), "%.200s%s", a->account, a->instance ? "-%i" : "");
        log_line(LOG_ERR,
                 "%s:%u: [Agent] Exec: does not run what is deployed; let it begin "
                 "with " CURRENT_FORMAT "/, such as "
                 "Exec=" CURRENT_FORMAT "/venv/bin/PROGRAM, or set "
                 "WorkingDirectory=" CURRENT_FORMAT,
                 p.file, p.line, home, home, home);
        return EXIT_BAD;
}

/* ---- all that is needed ---- */

static int check_place(const Arguments *a) {
        if (*a->root)
                log_line(LOG_ERR, "agents are deployed on the running system only, not below %s",
                         a->root);
        else if (access("/run/systemd/system", F_OK) < 0)
                log_line(LOG_ERR, "systemd does not run here, so there is nothing to deploy to");
        else
                return 0;
        return -ENOTSUP;
}

static int open_store(Deploy *d, bool change) {
        int r = store_open(&d->store, d->args->root, d->agent.directory, change);

        if (r < 0)
                log_line(LOG_ERR, "%s%s: %s", d->args->root,
                         d->store.problem_path ? d->store.problem_path : "/opt",
                         d->store.problem ? d->store.problem
                         : r == -ELOOP    ? "is a link, which others might change; make it a "
                                            "directory"
                                          : strerror(-r));
        return r;
}

int deploy_open(Deploy *d, const Arguments *args, bool change) {
        int r;

        *d = (Deploy){ .args = args,
                       .name = args->words[0],
                       .store = STORE_CLOSED,
                       .lock_fd = -EBADF,
                       .apply_lock_fd = -EBADF };
        d->apply = (Apply){
                .args = args, .root_fd = -EBADF, .etc_fd = -EBADF, .applied = APPLIED_CLOSED
        };
        umask(0022); /* the agent is to read what is deployed */
        r = change ? live_parse_timeout(d) : 0;
        if (r == 0)
                r = read_agent(d);
        if (r == 0 && change)
                r = deploy_check_agent(d);
        if (r == 0 && change)
                r = check_place(args);
        if (r == 0)
                r = open_store(d, change);
        if (r == 0 && change)
                r = live_read_links(d);
        if (r != 0 || !change)
                return r;
        r = d->lock_fd =
                apply_lock_for(args->root, arena_printf(&d->arena, "deploy-%s.lock", d->name),
                               "ftectl deploy", LOCK_WAIT_USEC);
        if (r < 0)
                return r;
        r = bus_open(&d->bus);
        if (r < 0)
                log_line(LOG_ERR, "systemd does not answer: %s; nothing was touched", strerror(-r));
        return MIN(r, 0);
}

void deploy_close(Deploy *d) {
        if (d->bus)
                bus_donep(&d->bus);
        apply_close(&d->apply);
        store_close(&d->store);
        closep(&d->apply_lock_fd);
        closep(&d->lock_fd);
        arena_done(&d->arena);
}
