/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The rules that no single key can check: names, users, and keys that contradict each other. All
 * of them are looked at, whatever the others found.
 */

#include "config/facts.h"
#include "config/load.h"

typedef enum NameVerdict {
        NAME_GOOD,
        NAME_BAD,     /* a stub can stand for it: it is a valid name of a unit, and free */
        NAME_REFUSED, /* no unit of that name may be made at all */
} NameVerdict;

/* Whether it can be the name of an agent and its user, whatever units there are. */
bool agent_name_is_good(const char *name);

/* Whether "NAME@" can be the name of a template. */
bool template_name_is_good(const char *name);

/* Judges NAME of NAME.conf; *ret_problem is a static sentence unless it is good. */
NameVerdict agent_name_verdict(const char *name, const Facts *facts, const char **ret_problem);

/* Adds a problem for each rule that the agent breaks. */
void agent_validate(const Agent *a, const Facts *facts, Problems *problems);

/* The part of it that concerns users and groups. */
void agent_validate_accounts(const Agent *a, const Facts *facts, Problems *problems);

/* The part of it that concerns Kind= and what goes with it. */
void agent_validate_kind(const Agent *a, Problems *problems);

/*
 * Why an agent must not be in these groups, separated by white space: a static sentence, or NULL.
 */
const char *group_list_problem(const char *groups);
