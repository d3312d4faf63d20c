/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Templates and their instances: NAME@.conf is a template, NAME@INST an instance of it. What such a
 * name means for the unit, the account and the directories, and what becomes of %i and %I.
 */

#include "config/directive.h"
#include "config/load.h"

#define INSTANCE_NAME_BYTES_MAX 64

/*
 * Stands for the "%" of %i and %I in an agent that is read for the template itself, whose unit
 * systemd fills in. No text that is valid UTF-8 has this byte.
 */
#define SPECIFIER_BYTE '\xff'

/* "NAME@": the template itself. */
bool name_is_template(const char *name);
/* INST of "NAME@INST"; NULL of an agent's and of a template's name. */
const char *name_instance(const char *name);
/* Whether systemd, and a directory, can have it; wherever a list of instances is written. */
bool instance_name_is_good(const char *instance);
/* "NAME@" of "NAME@INST" and of "NAME@"; NULL when there is no "@" or memory is out. */
const char *name_template(const char *name, Arena *arena);
/* "NAME-INST": what the directories of "NAME@INST" are called; "NAME" of NAME. NULL: no memory. */
const char *name_directory(const char *name, Arena *arena);

/* An agent's directory for people, who read "%i" of a template. */
#define DIRECTORY_FORMAT "%s%s%s"
#define DIRECTORY_ARGS(a)                        \
        (a)->account, (a)->instance ? "-" : "",  \
                (a)->is_template ? "%i"          \
                : (a)->instance  ? (a)->instance \
                                 : ""

/* Sets all names of an agent. Returns 0 or -ENOMEM. */
int agent_take_name(Agent *a, const char *name, Arena *arena);

/* What is wrong with the names of files, where an instance is concerned. */
void instance_check(const ConfigEntry *e, const Agent *a, Problems *problems);

/* Parses a value with %i and %I in it as the agent's names say. As a DirectiveParser. */
int directive_parse_instance(DirectiveValue *v, const Agent *a);

/*
 * For load.c, after the host's file was read: the instances of all templates become entries.
 * Returns 0 or -ENOMEM.
 */
int config_add_instances(Config *c);
