/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Everything the generator does short of writing: from configuration files to a plan. A library of
 * its own, so that "ftectl lint" judges and renders by the very same code.
 */

#include "config/load.h"
#include "instances.h"
#include "plugins/alert.h"
#include "plugins/backup.h"
#include "plugins/plugin.h"
#include "plugins/users.h"

/* What a run tells while it goes on. */
typedef struct GeneratorEvents {
        /* What is wrong with fte.conf, then with each agent; only when something is. */
        void (*problems)(void *userdata, const Problems *problems);
        /* No error, and still not what somebody may expect. */
        void (*warn)(void *userdata, const Agent *a, const char *message);
        /*
         * NULL, or called for every agent when it is done. Its files are those of r->plan whose
         * group is r->plan->group: none when its name was refused. The agent and its problems live
         * only during the call.
         */
        void (*agent)(void *userdata, const Render *r);
} GeneratorEvents;

typedef struct Generator {
        const GeneratorEvents *events; /* set these two, and the rest to zero */
        void *userdata;
        Arena arena; /* of the whole run: names, the host's file, facts */
        Arena agent_arena;
        Config config;
        Facts facts;
        Unit unit;
        Plan plan; /* the result */
        Users users;
        Alerts alerts;
        bool any_proxy;
        Backups backups;
        TemplateFiles template_files;
        Problems overlay_problems; /* overlays of no agent */
        bool bad; /* any file was */
} Generator;

/*
 * Reads all that options say and fills g->plan. Bad files are told by events and make stubs; the
 * result is negative only when there is no plan: -ENOMEM, or the error of opening the root.
 */
int generator_run(Generator *g, const ConfigOptions *options);
void generator_done(Generator *g);
