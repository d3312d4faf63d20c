/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A plugin is one concern of an agent: a row of functions, each of which may be missing. To add
 * one, write a file that ends in such a row and name it in registry.c. Plugins render and plan;
 * they never read a file, never write one and never log.
 */

#include "config/validate.h"
#include "plan.h"
#include "unit.h"

typedef struct Users Users;
typedef struct Alerts Alerts;
typedef struct Backups Backups;

/* What every hook gets. */
typedef struct Render {
        const Agent *agent;
        const Host *host;
        const Facts *facts;
        const Problems *problems; /* not empty: the agent is refused, and a stub stands for it */
        const Problems *host_problems;
        bool name_is_good;     /* it can be the name of a user */
        bool unit_is_replaced; /* by a copy of the admin's, which our drop-ins apply to */
        Unit *unit;
        Plan *plan;
        Users *users;     /* the accounts to be made, collected over all agents */
        Alerts *alerts;   /* what the delivery of alerts needs, collected likewise */
        bool *any_proxy;  /* whether any agent is behind nginx */
        Backups *backups; /* which timers all agents share */
} Render;

typedef struct Plugin {
        const char *name;
        /* Lines of NAME.service, and late ones of 90-agent.conf. */
        void (*render)(const Render *r);
        /* This plugin's program in the command chain, in the order of the registry. A stub's chain
         * is the stub plugin's alone. */
        void (*chain)(const Render *r);
        /* Links and drop-ins beside the unit. */
        void (*attach)(const Render *r);
        /* Once, after the last agent. */
        void (*finish)(const Render *r);
        /* Also for a stub: what must hold for the processes that may still run under it. */
        bool in_stub;
} Plugin;

extern const Plugin *const plugins[];
extern const size_t n_plugins;

extern const Plugin plugin_service;
extern const Plugin plugin_environment;
extern const Plugin plugin_logging;
extern const Plugin plugin_health;
extern const Plugin plugin_alert;
extern const Plugin plugin_job;
extern const Plugin plugin_listen;
extern const Plugin plugin_restart;
extern const Plugin plugin_limits;
extern const Plugin plugin_sandbox;
extern const Plugin plugin_proxy;
extern const Plugin plugin_links;
extern const Plugin plugin_pass_through;
extern const Plugin plugin_backup;
extern const Plugin plugin_users;
extern const Plugin plugin_stub;

/* Whether nothing is wrong with the account that the agent is to run as. */
bool render_account_is_good(const Render *r);

/* Whether a timer of its own starts it: a job, whose schedule is known and whose timer is free. */
bool render_has_timer(const Render *r);

static inline bool render_is_stub(const Render *r) {
        return problems_any(r->problems) || problems_any(r->host_problems);
}
