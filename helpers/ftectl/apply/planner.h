/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between apply/plan.c and apply/instances.c: the run of the generator that fills the targets.
 */

#include "apply.h"

typedef struct Planner {
        Apply *apply;
        Generator generator;
        Fingerprinter prints;
        int loaded_fd;
        uint32_t last_group; /* of the plan, that an agent had */
} Planner;

/* What is needed of an agent and its plugins when the generator has forgotten them. */
void planner_keep_agent(Apply *a, Target *t, const Agent *agent);
void planner_keep_plugins(Apply *a, Target *t, const Plan *p);

/* Targets for those instances of the template that run and are in no file. */
int planner_add_template(Planner *p, const Render *render);
/* The running instances of a template that is gone. */
int planner_add_gone_template(Planner *p, const char *template);
