/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The prober's judgement and its calendar: when to probe, what a result means after those before
 * it, and what to tell the service manager. How it becomes a process of its own is in
 * base/detach.c. Must not allocate: it is there once per agent, for months.
 */

#include <signal.h>
#include <stdio.h>
#include <syslog.h>

#include "base/detach.h"
#include "heartbeat.h"
#include "probe-command.h"
#include "prober.h"
#include "report.h"

typedef struct Prober {
        const HealthCheck *check;
        const Notify *notify;
        int agent_pidfd;
        bool is_ready;     /* READY=1 was sent */
        bool is_triggered; /* WATCHDOG=trigger was sent, and nothing good came since */
        unsigned failed;   /* bad ones in a row, once ready */
        uint64_t start_usec;
        uint64_t report_usec; /* when to tell the journal that the agent is still not ready */
        uint64_t pause_usec;  /* before the next probe of an agent that answers, but badly */
        Heartbeat beat;
        char line[COMMAND_LINE_MAX_BYTES]; /* what the command printed, to be told with a failure */
        ProbeResult last;     /* of the start, to say something only when it changes */
} Prober;

/*
 * While nothing listens, a probe costs some 30 µs, and READY=1 is to follow within a few
 * milliseconds; an agent that needs minutes can wait a little longer.
 */
static const struct {
        uint64_t until_usec;
        uint64_t poll_usec;
} start_rows[] = {
        { 3 * USEC_PER_SEC, 4 * USEC_PER_MSEC },
        { 60 * USEC_PER_SEC, 8 * USEC_PER_MSEC },
        { 600 * USEC_PER_SEC, 20 * USEC_PER_MSEC },
        { USEC_INFINITY, 100 * USEC_PER_MSEC },
};

/* An answer costs the agent something, and a line in its log. */
#define FIRST_PAUSE_USEC (50 * USEC_PER_MSEC)
#define LAST_PAUSE_USEC  (1 * USEC_PER_SEC)

/* What the agent's exec gets before the prober does anything. */
#define HEAD_START_USEC (3 * USEC_PER_MSEC)

#define FIRST_REPORT_USEC (3 * USEC_PER_SEC)

/*
 * Whether the service is being stopped or was already signalled by the watchdog. All signals are
 * blocked, so one that came stays pending: no handler, no wake-up. An agent that stops takes its
 * time, and its silence is no failure then. When it was no stop after all (the agent took the
 * signal for something else), good answers go on feeding the watchdog, and their absence ends it.
 */
static bool is_stopping(void) {
        static const int signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGABRT };
        sigset_t pending;

        if (sigpending(&pending) < 0)
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
                if (sigismember(&pending, signals[i]))
                        return true;
        return false;
}

static bool is_nobody_there(const ProbeResult *r) {
        return r->outcome == PROBE_NO_BEAT || (r->outcome == PROBE_NO_CONNECTION &&
                                               (r->error == ECONNREFUSED || r->error == ENOENT));
}

/* The journal is for people, and alerts take secrets out of it; a status text goes everywhere. */
static void tell_line(const Prober *p) {
        char message[COMMAND_LINE_MAX_BYTES + 32];

        if (!*p->line)
                return;
        snprintf(message, sizeof(message), "the health command says: %s", p->line);
        notify_journal(p->notify, LOG_WARNING, message);
}

static void on_good(Prober *p, const char *text) {
        char message[REPORT_MAX_BYTES + 64];

        snprintf(message, sizeof(message), "%s\nSTATUS=healthy: %s",
                 p->is_ready ? "WATCHDOG=1" : "READY=1", text);
        notify_send(p->notify, message);
        p->is_ready = true;
        p->is_triggered = false;
        p->failed = 0;
}

/*
 * Bad before the first good one: normal for a while, so the journal hears of it ever more rarely.
 */
static void on_bad_start(Prober *p, const ProbeResult *result, const char *text) {
        uint64_t waited_usec = probe_now_usec() - p->start_usec;
        char message[REPORT_MAX_BYTES + 64], t[24];

        if (result->outcome != p->last.outcome || result->error != p->last.error ||
            result->status != p->last.status) {
                snprintf(message, sizeof(message), "STATUS=starting: %s", text);
                notify_send(p->notify, message);
                tell_line(p);
                p->last = *result;
        }
        if (waited_usec >= p->report_usec) {
                report_usec(p->report_usec, t);
                snprintf(message, sizeof(message), "not healthy yet after %s: %s", t, text);
                notify_journal(p->notify, LOG_NOTICE, message);
                p->report_usec *= 10;
        }
}

static void on_bad(Prober *p, const char *text) {
        char message[REPORT_MAX_BYTES + 64];

        if (p->is_triggered)
                return; /* a second trigger would only give a hung agent more time */
        p->failed++;
        tell_line(p);
        if (p->failed < p->check->failures) {
                snprintf(message, sizeof(message), "STATUS=%u of %u failed: %s", p->failed,
                         p->check->failures, text);
                notify_send(p->notify, message);
                notify_journal(p->notify, LOG_WARNING, message + strlen("STATUS="));
                return;
        }
        /* The manager prints this status with the kill: it is the reason in the journal. */
        snprintf(message, sizeof(message), "STATUS=unhealthy: %s (%u of %u)", text, p->failed,
                 p->check->failures);
        notify_send(p->notify, message);
        notify_send(p->notify, "WATCHDOG=trigger");
        p->is_triggered = true;
}

static void judge(Prober *p, const ProbeResult *result) {
        char text[REPORT_MAX_BYTES];

        report_result(p->check, result, text);
        if (result->outcome == PROBE_GOOD)
                on_good(p, text);
        else if (is_stopping())
                return;
        else if (p->is_ready)
                on_bad(p, text);
        else
                on_bad_start(p, result, text);
}

static ProbeResult look(Prober *p) {
        *p->line = 0;
        switch (p->check->by) {
        case HEALTH_BY_FILE:
                return heartbeat_run(p->check, &p->beat);
        case HEALTH_BY_COMMAND:
                return command_run(p->check, p->agent_pidfd, p->line);
        default:
                return probe_run(p->check, p->agent_pidfd);
        }
}

/* When to probe next. Once ready, the calendar is fixed: a slow answer does not shift it. */
static uint64_t next_probe(Prober *p, const ProbeResult *result, uint64_t began_usec) {
        uint64_t now = probe_now_usec(), waited_usec = now - p->start_usec;
        size_t i = 0;

        if (p->is_ready)
                return MAX(began_usec + p->check->interval_usec, now);
        if (!is_nobody_there(result)) {
                p->pause_usec = MIN(p->pause_usec * 2, LAST_PAUSE_USEC);
                return now + MIN(p->pause_usec, p->check->interval_usec);
        }
        p->pause_usec = FIRST_PAUSE_USEC;
        while (waited_usec >= start_rows[i].until_usec)
                i++;
        return MAX(began_usec + start_rows[i].poll_usec, now);
}

/* Returns when the agent has ended. */
static void prober_run(Prober *p) {
        uint64_t next_usec;

        do {
                uint64_t began_usec = probe_now_usec();
                ProbeResult result = look(p);

                if (result.outcome == PROBE_AGENT_GONE)
                        return;
                judge(p, &result);
                next_usec = next_probe(p, &result, began_usec);
        } while (probe_wait(-EBADF, 0, p->agent_pidfd, next_usec) == -ETIMEDOUT);
}

int prober_start(const HealthCheck *check, const Notify *notify) {
        _cleanup_close_ int agent_pidfd = -EBADF;
        Prober p = {
                .check = check,
                .notify = notify,
                .report_usec = FIRST_REPORT_USEC,
                .pause_usec = FIRST_PAUSE_USEC,
                .last.outcome = PROBE_AGENT_GONE, /* differs from whatever comes first */
        };
        int r;

        if (check->by == HEALTH_BY_FILE)
                heartbeat_init(check, &p.beat); /* before the agent can touch it */
        agent_pidfd = fd_above_stdio(detach_self_pidfd());
        if (agent_pidfd < 0)
                return agent_pidfd;
        r = detach_fork();
        if (r != 0)
                return MIN(r, 0);
        p.agent_pidfd = agent_pidfd;
        p.start_usec = probe_now_usec();
        /* The exec first: nothing can listen yet, and until then each page we touch is copied. */
        probe_wait(-EBADF, 0, agent_pidfd, p.start_usec + HEAD_START_USEC);
        if (check->by == HEALTH_BY_COMMAND)
                detach_release((const int[]){ notify->fd, agent_pidfd });
        else
                detach_forget((const int[]){ notify->fd, agent_pidfd });
        prober_run(&p);
        _exit(EXIT_SUCCESS);
}
