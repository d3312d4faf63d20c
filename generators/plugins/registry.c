/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every plugin there is, in the order in which their lines stand in a unit and their programs in
 * the chain: ExecStart = fte-env-precheck -- fte-log-tee -- fte-listen -- fte-health-gate
 * -- AGENT, each where it is needed.
 */

#include "plugins/plugin.h"

const Plugin *const plugins[] = {
        &plugin_service,     /* the unit itself: names, directories, slice, install link */
        &plugin_environment, /* env file as a credential, fte-env-precheck */
        &plugin_logging,     /* log file, fte-log-tee, access of the operators */
        &plugin_listen,      /* Listen=: a socket that is kept over restarts, fte-listen */
        &plugin_health,      /* readiness and watchdog, fte-health-gate */
        &plugin_alert,       /* hooks, fte-alert-hook; credentials of the delivery */
        &plugin_job,         /* Kind=job: the timer, and the watch over all jobs */
        &plugin_restart,     /* when, how often, and when to give up */
        &plugin_limits,      /* memory, CPU, tasks */
        &plugin_sandbox,     /* the profile and its exceptions */
        &plugin_proxy,       /* fte-proxy.service, for the agent and for nginx */
        &plugin_links,       /* Plugins= */
        &plugin_pass_through, /* [Unit] and [Service], last so that they win */
        &plugin_backup,      /* timers, one for all that have the host's schedule */
        &plugin_users,       /* accounts, made by one unit for all */
        &plugin_stub,        /* what stands for an agent whose files are wrong */
};

const size_t n_plugins = ARRAY_SIZE(plugins);
