/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The verb "record": gathers, decides, stores. Whatever fails on the way is logged, and what can be
 * told all the same is told: an alert without its log lines is better than none.
 */

#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "alert/spool.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scope.h"
#include "base/tree.h"
#include "config/directive.h"
#include "gather.h"
#include "privileges.h"
#include "record.h"
#include "state.h"

/* The agent's stop and start wait for us, and the lock is everybody's. */
#define LOCK_WAIT_USEC (20 * USEC_PER_MSEC)

#define HOLD_PROBED_USEC   (10 * USEC_PER_SEC)
#define HOLD_UNPROBED_USEC (30 * USEC_PER_SEC)

typedef struct Record {
        const RecordOptions *options;
        const Context *context;
        Gathered g;
        Alert alert; /* what happened; each alert stored is a copy with its kind */
        Spool spool;
        StateFile file;
        State state;
        char false_recovery[SPOOL_NAME_BYTES]; /* to be taken back, or "" */
} Record;

static uint64_t realtime_usec(void) {
        return clock_usec(CLOCK_REALTIME);
}

/* ---- what is to be done ---- */

/* One word, by which two failures are the same. */
static void format_cause(const Alert *a, char cause[static CAUSE_BYTES]) {
        snprintf(cause, CAUSE_BYTES, "%s/%s/%s", a->result, a->code, a->status);
        for (char *p = cause; *p; p++)
                if ((unsigned char) *p <= ' ')
                        *p = '_';
}

/*
 * A recovery that still waits was none, and is taken back once the new alert is stored: should that
 * fail, people hear of the recovery rather than of nothing. One that was sent ended the outage.
 */
static bool was_recovery_told(Record *rec) {
        if (!*rec->state.recovery)
                return false;
        if (spool_check_unclaimed(&rec->spool, rec->state.recovery) < 0)
                return true;
        memcpy(rec->false_recovery, rec->state.recovery, sizeof(rec->false_recovery));
        return false;
}

static size_t decide_now(Record *rec, Action actions[static DECIDE_ACTIONS_MAX]) {
        const Agent *a = &rec->g.agent;
        char cause[CAUSE_BYTES];
        Event e = {
                .type = rec->context->event,
                .invocation = rec->alert.invocation,
                .cause = cause,
                .now_usec = realtime_usec(), /* under the lock: later than what others stored */
                .cooldown_usec = a->alert_cooldown_usec,
                .hold_usec = agent_has_probe(a) ? HOLD_PROBED_USEC : HOLD_UNPROBED_USEC,
                .tell_failure = a->alert_on & ALERT_FAILURE,
                .tell_restart = a->alert_on & ALERT_RESTART,
                .tell_recovery = a->alert_on & ALERT_RECOVERY,
        };

        format_cause(&rec->alert, cause);
        if (e.type == HOOK_ENDED || e.type == HOOK_FAILED)
                e.recovery_told = was_recovery_told(rec);
        return decide(&rec->state, &e, actions);
}

/* ---- doing it ---- */

/* What was known when the run ended and is not any more. */
static void inherit(Record *rec, Alert *a, const char *name) {
        Alert old;

        if (spool_read(&rec->spool, SPOOL_WAITING, name, &rec->g.arena, &old) < 0)
                return;
        memcpy(a->id, old.id, sizeof(a->id));
        if (a->uptime_usec == ALERT_UNKNOWN)
                a->uptime_usec = old.uptime_usec;
        if (a->memory_peak_bytes == ALERT_UNKNOWN)
                a->memory_peak_bytes = old.memory_peak_bytes;
        if (a->restarts == ALERT_UNKNOWN)
                a->restarts = old.restarts;
        if (!a->lines || !rec->g.lines_are_safe)
                a->lines = old.lines;
}

static int carry_out(Record *rec, const Action *action) {
        Alert a = rec->alert;
        char name[SPOOL_NAME_BYTES];
        int r = -ENOENT;

        if (action->type == ACTION_WITHDRAW) {
                (void) spool_withdraw(&rec->spool, action->name); /* sent meanwhile: so be it */
                return 0;
        }
        a.kind = action->kind;
        a.repeated = action->repeated;
        a.not_before_usec = action->not_before_usec;
        if (a.kind == ALERT_KIND_RECOVERY)
                a.outage_usec = action->outage_usec;
        snprintf(name, sizeof(name), "%s", action->name);
        if (action->type == ACTION_AMEND) {
                Alert amended = a;

                inherit(rec, &amended, name);
                r = spool_amend(&rec->spool, name, &amended);
        }
        if (r == -ENOENT || r == -EBUSY) /* new, or claimed since */
                r = spool_add(&rec->spool, &a, name);
        if (r < 0)
                return r;
        if (action->ret_name)
                strcpy(action->ret_name, name);
        return 0;
}

static void log_alert(const Record *rec, AlertKind kind, const char *text, int error) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        Alert a = rec->alert;

        a.kind = kind;
        alert_headline(&a, &b);
        log_line(LOG_ERR, "%s; %s%s%s", strbuf_text(&b), text, error < 0 ? ": " : "",
                 error < 0 ? strerror(-error) : "");
}

/*
 * When the run ended its secrets were known, and so its lines could be shown; now they may not be.
 */
static void borrow_lines(Record *rec) {
        Alert ended;

        if (rec->context->event != HOOK_FAILED || rec->g.lines_are_safe || !*rec->state.restart ||
            spool_read(&rec->spool, SPOOL_WAITING, rec->state.restart, &rec->g.arena, &ended) < 0 ||
            !streq(ended.invocation, rec->alert.invocation))
                return;
        rec->alert.lines = ended.lines;
        rec->g.lines_are_safe = true;
}

static int carry_out_all(Record *rec) {
        Action actions[DECIDE_ACTIONS_MAX];
        size_t n;

        borrow_lines(rec);
        n = decide_now(rec, actions);
        for (size_t i = 0; i < n; i++) {
                int r = carry_out(rec, &actions[i]);

                if (r < 0) {
                        log_alert(rec, actions[i].kind,
                                  "the alert cannot be stored, so nobody is "
                                  "told",
                                  r);
                        return r;
                }
                /* systemd itself logs each restart. */
                if (rec->alert.n_targets == 0 && actions[i].kind == ALERT_KIND_FAILURE &&
                    actions[i].type != ACTION_WITHDRAW)
                        log_alert(rec, actions[i].kind,
                                  "nobody is told, for [Alert] names no channel", 0);
        }
        if (*rec->false_recovery)
                (void) spool_withdraw(&rec->spool,
                                      rec->false_recovery); /* sent meanwhile: so be it */
        return state_save(&rec->file, &rec->state);
}

/* ---- the order of things ---- */

static int build_alert(Record *rec) {
        bool bad = rec->context->event == HOOK_ENDED || rec->context->event == HOOK_FAILED;
        int r;

        r = gather_alert(&rec->g, rec->context, realtime_usec(), &rec->alert);
        if (r == 0)
                r = gather_targets(&rec->g, &rec->alert);
        if (r < 0 || !bad)
                return r;
        r = gather_lines(&rec->g, rec->options->journal, &rec->alert);
        if (r < 0)
                log_line(LOG_WARNING,
                         "the journal cannot be read, so the alert has no log lines: %s",
                         strerror(-r));
        return 0;
}

/*
 * Where RestartMode=direct is not in force, systemd 254 and newer call OnFailure= at each restart.
 * Not known counts as the end: better a word too many than none.
 */
static bool is_only_restart(const Record *rec) {
        return rec->context->event == HOOK_FAILED &&
               startswith(rec->g.facts.sub_state, "auto-restart");
}

static int store(Record *rec) {
        int r;

        r = scope->is_user ? tree_make_parents(AT_FDCWD, rec->options->spool) : 0;
        if (r >= 0)
                r = spool_open(rec->options->spool, &rec->spool);
        rec->spool.lock_wait_usec = LOCK_WAIT_USEC;
        if (r == 0)
                r = state_open(&rec->spool, rec->options->agent, &rec->file);
        if (r < 0) {
                log_alert(rec,
                          rec->context->event == HOOK_HEALTHY ? ALERT_KIND_RECOVERY
                                                              : ALERT_KIND_FAILURE,
                          "the spool cannot be opened, so nobody is told", r);
                return r;
        }
        state_load(&rec->file, &rec->state);
        return carry_out_all(rec);
}

static int run(Record *rec) {
        const RecordOptions *o = rec->options;
        int r;

        r = gather_privileged(&rec->g, o->root, o->agent, rec->context);
        if (r < 0) {
                log_line(LOG_ERR, "the configuration cannot be read: %s", strerror(-r));
                return r;
        }
        if (!o->root && !scope->is_user) {
                r = privileges_drop(o->spool);
                if (r < 0) {
                        log_line(LOG_ERR, "cannot become the user %s, so no alert is stored: %s%s",
                                 ALERT_USER, strerror(-r),
                                 r == -ENOENT ? "; run systemd-sysusers" : "");
                        return r;
                }
        }
        if (is_only_restart(rec))
                return 0;
        r = build_alert(rec);
        return r < 0 ? r : store(rec);
}

int record(const RecordOptions *options, const Context *context) {
        Record rec = {
                .options = options,
                .context = context,
                .spool = { .dir_fd = -EBADF,
                           .lock_fd = -EBADF,
                           .box_fds = { -EBADF, -EBADF, -EBADF } },
                .file = { .dir_fd = -EBADF, .lock_fd = -EBADF },
        };
        int r;

        /* Nearly every start and stop: there is no outage, and so nothing to do. */
        if ((context->event == HOOK_HEALTHY || context->event == HOOK_STOPPED) &&
            !state_exists(options->spool, options->agent))
                return 0;
        r = run(&rec);
        state_close(&rec.file);
        spool_close(&rec.spool);
        gather_done(&rec.g);
        return r;
}
