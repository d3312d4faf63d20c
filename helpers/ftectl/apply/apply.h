/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between the files of ftectl apply: what is known of each agent, what is to be done with it, and
 * what came of that. A round is: plan, decide, reload, do, judge; putting files back is followed by
 * another.
 */

#include <signal.h>

#include "applied.h"
#include "bus.h"
#include "fingerprint.h"
#include "ftectl/arguments.h"
#include "ftectl/lint/lint.h"
#include "ftectl/shared/json.h"
#include "ftectl/shared/log-lines.h"
#include "ftectl/shared/running.h"

typedef enum Action {
        ACTION_NONE,
        ACTION_START,
        ACTION_RESTART,
        ACTION_STOP,
        _ACTION_MAX,
} Action;

/* Why that; what a person is told. */
typedef enum Why {
        WHY_UNCHANGED,
        WHY_NEW,
        WHY_DOWN,
        WHY_FAILED,
        WHY_RETRYING, /* systemd restarts it again and again */
        WHY_CONFIG,
        WHY_CONTENT, /* a plugin or drop-in */
        WHY_ENV,
        WHY_NEWER, /* its files are newer than its start, and what it was started with is not known
                    */
        WHY_GONE,
        WHY_DISABLED,
        WHY_PUT_BACK,
        WHY_DEPLOYED,
        WHY_ROLLED_BACK,
        _WHY_MAX,
} Why;

typedef enum Outcome {
        OUTCOME_UNTOUCHED,
        OUTCOME_WELL,
        OUTCOME_STOPPED,
        OUTCOME_FAILED,
        OUTCOME_LATE, /* not healthy in the time given */
        OUTCOME_MASKED,
        OUTCOME_CANCELED, /* somebody else has stopped it or begun something else */
        OUTCOME_CUT,      /* interrupted: systemd goes on with it */
        OUTCOME_NOT_BEGUN,
        _OUTCOME_MAX,
} Outcome;

typedef enum PutBack {
        PUT_BACK_UNTRIED,
        PUT_BACK_NONE, /* there is nothing to put back; .note says why */
        PUT_BACK_DONE,
        PUT_BACK_IMPOSSIBLE, /* .note says why */
} PutBack;

/* What was done with an agent in a round, and what came of it. */
typedef struct Attempt {
        Action action;
        Why why;
        Outcome outcome;
        const char
                *cause; /* of a bad outcome: a sentence without its stop; NULL not looked for yet */
        LogLines log;
        uint64_t took_usec;
} Attempt;

/* The way back of an agent, or of fte.conf. */
typedef struct WayBack {
        PutBack state;
        const char *note;     /* a sentence without its stop, or NULL */
        const char *rejected; /* the directory that has the edit which failed, or NULL */
        const char *retry;    /* the command that tries it again, or NULL */
} WayBack;

typedef struct Target {
        const char *name;
        const char *made_of; /* the unit that it is loaded from: its own, or a template's */
        bool is_by_hand;     /* an instance that somebody started and no file names */
        /* the files, as of the last plan */
        bool is_timer;  /* a job: what is started, restarted and stopped is NAME.timer */
        bool is_wanted; /* it was named, or nothing was */
        bool has_proxy;
        bool has_file, is_enabled, is_probed, was_applied;
        Agent agent;    /* what log lines need of it, and times */
        char **plugins; /* groups of the admin's that it links */
        Fingerprint planned, loaded;
        uint64_t newest_usec, env_usec; /* changes of its files, and of its env file; 0 unknown */
        /* systemd */
        const char *load, *active, *sub; /* "" while it does not have the unit */
        char run_id[RUN_ID_BYTES];
        uint64_t run_usec;
        const char *status_text; /* what it last said while it was waited for */
        /* what is to be done in this round, and the last attempt */
        Action todo;
        Attempt now;
        bool is_changed;  /* what it is made of, not only its state */
        bool is_forced;   /* restart whatever the files say: what was put back is to run */
        bool was_retried; /* with what was put back; then this is what had come before */
        Attempt first;
        WayBack back;
} Target;

typedef struct Apply {
        const Arguments *args;
        Arena arena;           /* of everything */
        int root_fd, etc_fd;   /* etc_fd: /etc/fte, or -ENOENT */
        uint64_t timeout_usec; /* as given, or UINT64_MAX */
        sd_bus *bus;
        Report report;
        FileSet files; /* as of the last plan */
        FileSet edit;  /* as of the moment before files are put back */
        int edit_error;
        Applied applied;
        Running running;
        Target *targets; /* by name */
        size_t n, size;
        bool failed; /* memory is out */
        bool is_broken;       /* it ended half-way, and has said why */
        bool is_reloaded;
        bool plan_changed;    /* anything that systemd has not loaded */
        bool proxy_is_bad;    /* nginx does not have all that the files say */
        uint64_t reload_usec; /* CLOCK_REALTIME, when it last loaded; 0 unknown */
        unsigned round;       /* 0: the first */
        WayBack host_back;    /* of fte.conf and its fragments */
} Apply;

/* Set by a signal: begin nothing new. */
extern volatile sig_atomic_t apply_interrupted;
/* Whether a signal is taken now; else it waits, so that no call is interrupted. */
void apply_signals(bool take);

/* "NAME.service", or of a job "NAME.timer"; NULL when memory is out. */
const char *apply_unit(Apply *a, const Target *t);

Target *apply_find(const Apply *a, const char *name);
Target *apply_add(Apply *a, const char *name);

/* apply/plan.c: what the files say. Errors are reported; returns their number, or negative errno.
 */
int apply_plan(Apply *a);
/* Whether what systemd has loaded is what was planned, for every agent that is wanted. */
bool apply_is_loaded(const Apply *a);

/* apply/instances.c: whether a template's new files are to be kept as good ones. */
bool apply_takes_new_template(const Apply *a, const char *template);

/* apply/decide.c, pure: what is to be done, by what is known. */
void apply_decide(const Apply *a, Target *t);
bool apply_is_running(const Target *t);
/* Whether what was to be done with it went well, at the first attempt. */
bool apply_is_well(const Target *t);
/* Whether anything is to be done for which systemd must read its units again. */
bool apply_needs_reload(const Apply *a);

/* apply/units.c */
int apply_read_units(Apply *a);
/* Until it has read all units anew. Logs. */
int apply_reload(Apply *a);

/* apply/jobs.c: carries out the actions of all targets, several at a time, and waits for each. */
int apply_run_jobs(Apply *a);

/* apply/leftovers.c: stops what nothing makes any more. Logs. */
int apply_stop_leftovers(Apply *a);

/* apply/proxy.c: has fte-proxy give nginx what the files say of [Proxy], and waits for it. Logs. */
void apply_proxy(Apply *a);

/* apply/cause.c: why it failed, and its last log lines. */
void apply_explain(Apply *a, Target *t);

/*
 * apply/back.c: puts the files of what failed back, or with host those of fte.conf; returns whether
 * anything was, so that another round is to follow.
 */
bool apply_put_back(Apply *a, bool host);

/* apply/keep.c: what is well is from now on what to go back to, and what runs is noted. Logs. */
int apply_keep(Apply *a);
int apply_note_runs(Apply *a);
/* Before a reload: what runs was made of what is loaded, where that is certain. */
int apply_note_loaded(Apply *a);

/* apply/ask.c: whether what is to be done may be done. Logs. 0, or -ECANCELED. */
int apply_ask(const Apply *a);

/* apply/show.c */
void apply_show_plan(const Apply *a); /* --dry-run */
void apply_show_result(const Apply *a);
json_t *apply_to_json(const Apply *a);
bool outcome_is_bad(Outcome outcome);
static inline bool outcome_is_failure(Outcome outcome) {
        return outcome == OUTCOME_FAILED || outcome == OUTCOME_LATE;
}
/* Whether it is not as it is to be, or the edit that was to be applied is not. */
bool apply_is_bad(const Apply *a);

/* apply/lock.c: -EAGAIN when another apply holds it for longer; logs. */
int apply_lock(const char *root, uint64_t wait_usec);
/* The same by the file name below /run/fte, for what is called so. */
int apply_lock_for(const char *root, const char *name, const char *what, uint64_t wait_usec);

/* apply/apply.c, for whatever restarts agents: what is read before, and the end. Logs. */
int apply_open(Apply *a);
void apply_close(Apply *a);
/* From here on SIGINT and SIGTERM set apply_interrupted; a terminal that closes does nothing. */
void apply_take_signals(void);
