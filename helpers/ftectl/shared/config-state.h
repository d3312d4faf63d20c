/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether what an agent's files say is what systemd has loaded, and what it runs with: one answer
 * for status, validate and diagnose, and by the same comparison as apply's. It is a comparison
 * and not a guess by dates, as far as anybody knows what a run was started with.
 */

#include "ftectl/shared/running.h"

typedef enum ConfigState {
        CONFIG_IN_USE,
        CONFIG_ERRORS,  /* a stub stands for the agent */
        CONFIG_RELOAD,  /* the files say something else than what systemd has loaded */
        CONFIG_RESTART, /* loaded, but the agent was started with something else */
        _CONFIG_STATE_MAX,
} ConfigState;

typedef struct ConfigLook {
        int loaded_fd; /* of loaded_open() */
        Fingerprinter prints;
        Running running;
        /* The last template, for instances that are made of its unit. */
        Fingerprint template_planned, template_loaded;
        ConfigState template_state;
} ConfigLook;

#define CONFIG_LOOK_CLOSED ((ConfigLook){ .loaded_fd = -EBADF, .prints.root_fd = -EBADF })

typedef struct ConfigVerdict {
        ConfigState state;
        RunChange change; /* of CONFIG_RESTART */
        const char *file; /* of it: the newest one, as long as the agent is told; else NULL */
} ConfigVerdict;

/* Nothing loaded is no error. */
int config_look_open(ConfigLook *l, const char *root);
void config_look_close(ConfigLook *l);

/*
 * While the generator tells of the agent. A template is judged as what its instances are made of,
 * and comes before them.
 */
void config_judge(ConfigLook *l, const Render *render, ConfigVerdict *ret);
/* Of an instance in no file, by the last template. */
void config_judge_by_hand(ConfigLook *l, const Agent *a, ConfigVerdict *ret);

/* "what is different, by …" for people, with file in it; NULL of RUN_UNCHANGED. In the arena. */
const char *run_change_text(RunChange change, const char *file, Arena *arena);
