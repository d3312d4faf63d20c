/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is told and what is only counted: a pure function of what is known of an agent (State, kept
 * on disk by state.c), what has just happened (Event) and the time. Reads nothing, stores nothing.
 */

#include "alert/alert.h"

#define SPOOL_NAME_BYTES   80
#define CAUSE_BYTES        96
#define CAUSES_MAX         8
#define DECIDE_ACTIONS_MAX (CAUSES_MAX + 2)

/* A restart waits this long, for it may turn out to be the end: then one alert tells both. */
#define RESTART_HOLD_USEC (1 * USEC_PER_SEC)

/* A failure that was told: the same one within Cooldown= is counted. */
typedef struct Told {
        AlertKind kind; /* failure or restart */
        char cause[CAUSE_BYTES];
        uint64_t told_usec;             /* CLOCK_REALTIME */
        uint64_t count;                 /* times since then */
        char summary[SPOOL_NAME_BYTES]; /* the waiting alert that tells the count, or "" */
} Told;

typedef struct State {
        uint64_t outage_usec; /* when the agent was last healthy; 0: it is */
        bool outage_told;
        char recovery[SPOOL_NAME_BYTES]; /* the recovery that is held back, or "" */
        /* the restart alert of that run, or "" when it was counted */
        char restart[SPOOL_NAME_BYTES];
        char restart_invocation[ALERT_ID_CHARS + 1];
        Told told[CAUSES_MAX];
        size_t n_told;
} State;

typedef enum HookEvent {
        HOOK_ENDED,   /* badly; what comes of it is not known */
        HOOK_FAILED,  /* for good */
        HOOK_STOPPED, /* as it should */
        HOOK_HEALTHY, /* started */
} HookEvent;

typedef struct Event {
        HookEvent type;
        const char *invocation, *cause;
        uint64_t now_usec, cooldown_usec;
        uint64_t hold_usec;                             /* so long must an agent stay healthy */
        bool tell_failure, tell_restart, tell_recovery; /* On= */
        bool recovery_told; /* the recovery that was held back has been sent */
} Event;

typedef enum ActionType {
        ACTION_ADD,      /* a new alert */
        ACTION_AMEND,    /* the waiting alert "name" becomes this one; a new one if it is claimed */
        ACTION_WITHDRAW, /* the waiting alert "name" is no longer to be sent */
} ActionType;

typedef struct Action {
        ActionType type;
        AlertKind kind;
        char name[SPOOL_NAME_BYTES];
        uint64_t not_before_usec, repeated, outage_usec;
        char *ret_name; /* in the state: where the name of what was stored goes, or NULL */
} Action;

/*
 * Moves the state on as if all actions succeed, in their order, and returns how many there are.
 * Whoever cannot store an alert forgets the new state.
 */
size_t decide(State *s, const Event *e, Action actions[static DECIDE_ACTIONS_MAX]);
