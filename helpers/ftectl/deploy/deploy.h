/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between the files of ftectl deploy, rollback and releases. A deployment is: take the source,
 * build it in a sandbox, take the result over, check it there, switch the link, restart, judge; and
 * where that is bad, switch back and restart once more.
 */

#include "ftectl/apply/apply.h"

#include "store.h"

/* What came of it; what a person and a program are told. */
typedef enum Verdict {
        VERDICT_DONE,
        VERDICT_SOURCE,      /* nothing was built from it */
        VERDICT_BUILD,       /* the build failed … */
        VERDICT_CHECK,       /* … or Check=; what runs was not touched */
        VERDICT_PUT_BACK,    /* not healthy: what ran before runs again */
        VERDICT_BOTH_BAD,    /* … or is not healthy either */
        VERDICT_NO_WAY_BACK, /* not healthy, and there was nothing before it */
        VERDICT_CANCELED,    /* somebody else has stopped it */
        VERDICT_INTERRUPTED,
        _VERDICT_MAX,
} Verdict;

typedef struct Deploy {
        const Arguments *args;
        const char *name;
        Arena arena;
        Agent agent;
        Store store;
        Release release;   /* what is deployed */
        bool is_directory; /* the source */
        int lock_fd, apply_lock_fd;
        sd_bus *bus; /* for the sandbox */
        Apply apply; /* for the restart */
        /* results */
        Verdict verdict;
        const char *cause; /* a sentence without its stop, or NULL */
        LogLines log;      /* of the agent, or of the build */
        Attempt back;      /* the restart with what ran before */
        char before[RELEASE_ID_BYTES], before_previous[RELEASE_ID_BYTES];
        bool was_running;
        uint64_t took_usec;
} Deploy;

/*
 * Reads the agent and opens the store; with change takes the lock and makes directories. Logs, and
 * returns 0, EXIT_BAD (errors in the files) or negative errno.
 */
int deploy_open(Deploy *d, const Arguments *args, bool change);
void deploy_close(Deploy *d);

/* agent.c: whether the agent runs what current leads to; logs which line to change. */
int deploy_check_agent(const Deploy *d);
/* What the agent is run with begins there. */
bool agent_uses_current(const Agent *a);

/* source.c: opens it as a file, with its sum in d->release; logs. */
int source_take(Deploy *d, const char *source);

/* source.c: whether the disk has so much, beside what is left alone. */
bool deploy_has_room(const Deploy *d, uint64_t bytes);

/* build.c: sets d->verdict and d->cause when the result is EXIT_BAD; logs when it is negative. */
int build_release(Deploy *d, int source_fd);
int check_release(Deploy *d);
/* What an interrupted deployment has left running. */
void build_stop_leftovers(Deploy *d);

/* live.c: makes d->release what runs, or not; sets the verdict. Logs when it is negative. */
int live_parse_timeout(Deploy *d);
/* What is the current release, and the one before. */
int live_read_links(Deploy *d);
int live_prepare(Deploy *d);
int live_switch(Deploy *d, Why why);

/* show.c: prints, and returns the exit status. */
int deploy_show(const Deploy *d);
json_t *release_to_json(const Release *r);

/* ---- sandbox.c ---- */

typedef struct Sandbox {
        Deploy *deploy;
        const char *word; /* of the unit's name */
        const char *tree; /* what stands at the release's place in there, and at current */
        bool is_writable; /* that */
        const char *const *argv;
        int stdin_fd, log_fd; /* -EBADF: nothing; not kept */
        /* results */
        const char *cause; /* why it failed */
        int status;        /* of the program; -1: it did not end by itself */
        StrBuf tail;       /* the last lines of its output */
        /* inside */
        StrBuf pending; /* a line that has not ended */
        StrBuf newest;  /* the last one that has */
        uint64_t begun_usec, shown_sec;
        bool is_news; /* the newest line has not been shown */
        size_t kept_bytes;
} Sandbox;

/* 0: it ended well; EXIT_BAD: ->cause; -EINTR; negative errno, logged. */
int sandbox_run(Sandbox *s);
void sandbox_done(Sandbox *s);
const char *sandbox_unit(const Deploy *d, const char *word);
/* sandbox-unit.c: the drop-ins that make it a sandbox. */
int sandbox_write(const Sandbox *s);
void sandbox_remove(const Deploy *d, const char *word);
/* sandbox-output.c: takes what is there; 0 at its end, 1 else. */
int sandbox_take_output(Sandbox *s, int fd);
/* On a terminal: how long it has run, and what it said last. */
void sandbox_show_progress(Sandbox *s);
