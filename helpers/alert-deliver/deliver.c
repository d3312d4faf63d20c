/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * deliver.h. One thread; libcurl's multi interface waits for its own connections and for our
 * descriptors. Times are of CLOCK_BOOTTIME: setting the clock moves nothing while we run.
 */

#include <stdio.h>
#include <sys/signalfd.h>
#include <time.h>

#include "base/log.h"
#include "book.h"
#include "deliver.h"
#include "tidy.h"
#include "watch.h"

#define WAIT_MAX_USEC   (60 * USEC_PER_SEC)
#define SETTLE_USEC     (30 * USEC_PER_SEC)
#define RENEW_USEC      (5 * USEC_PER_SEC)
#define TRIM_EVERY      50
#define WAIT_FDS_MAX    (2 + 2 * ATTEMPTS_MAX)

/* ---- what came of an attempt ---- */

/*
 * What depends on the configuration (secret files, the sandbox of programs) is as it was when we
 * were started. An alert that is younger than we may well be about an agent that is, too: then we
 * make room for a successor soon, who is younger than the alert, so that it happens once.
 */
static void want_renewal(Deliver *d, const Item *item) {
        uint64_t stored_usec = strtoull(item->entry->name, NULL, 10), wait_usec;
        uint64_t now_usec = clock_usec(CLOCK_REALTIME);
        bool is_younger = stored_usec > d->start_usec && stored_usec <= now_usec;

        wait_usec = d->options->config_wait_usec;
        if (is_younger)
                wait_usec = MIN(wait_usec, (uint64_t) RENEW_USEC);
        d->renew_usec = MIN(d->renew_usec, clock_usec(CLOCK_BOOTTIME) + wait_usec);
}

static void block(Destination *destination, const Outcome *o) {
        free(destination->problem);
        destination->problem = strdup(o->answer);
}

static void tidy(Deliver *d) {
        size_t n = tidy_spool(&d->spool);

        d->report.n_dead -= MIN(n, d->report.n_dead);
}

static void book(Deliver *d, Attempt *a, const Outcome *o) {
        bool was_waiting = a->item->state == TARGET_WAITING;
        size_t before = d->queue.n_entries;
        int r;

        report_outcome(&d->report, a->item, o);
        if (o->kind == OUTCOME_CONFIG)
                block(a->item->destination, o);
        if (o->kind == OUTCOME_CONFIG ||
            (o->kind == OUTCOME_RETRY && a->outgoing.kind == OUTGOING_PROCESS))
                want_renewal(d, a->item);
        r = book_outcome(&d->queue, a->item, o);
        if (r < 0)
                log_line(LOG_ERR, "%s: the spool cannot be written: %s", d->options->spool,
                         strerror(-r));
        d->n_moved += before - d->queue.n_entries;
        d->report.n_dead += was_waiting && a->item->state == TARGET_DEAD;
        attempt_end(a, &d->sender);
        if (d->n_moved >= TRIM_EVERY) {
                tidy(d);
                d->n_moved = 0;
        }
}

/* ---- starting ---- */

static Attempt *free_attempt(Deliver *d) {
        for (size_t i = 0; i < ATTEMPTS_MAX; i++)
                if (!d->attempts[i].item)
                        return &d->attempts[i];
        return NULL;
}

static bool is_busy(const Deliver *d) {
        for (size_t i = 0; i < ATTEMPTS_MAX; i++)
                if (d->attempts[i].item)
                        return true;
        return false;
}

static int scan(Deliver *d) {
        int r = queue_scan(&d->queue);

        d->report.n_dead += d->queue.n_buried;
        d->n_moved += d->queue.n_buried;
        d->queue.n_buried = 0;
        return r;
}

/* The file is not what was queued. */
static int on_unusable(Deliver *d, Item *item, int error) {
        switch (error) {
        case -ENOENT: /* taken back */
                queue_forget(&d->queue, item->entry);
                return 0;
        case -ESTALE:
                if (entry_is_busy(item->entry)) { /* what is on its way is booked first */
                        item->retry_usec = clock_usec(CLOCK_BOOTTIME) + USEC_PER_SEC;
                        return 0;
                }
                queue_forget(&d->queue, item->entry);
                return scan(d);
        case -EBADMSG:
        case -EFBIG:
        case -EINVAL:
        case -ELOOP:
        case -EPERM: /* not our own file: it can be read, but not claimed */
                queue_bury(&d->queue, item->entry->name, strerror(-error));
                queue_forget(&d->queue, item->entry);
                return 0;
        default:
                log_line(LOG_ERR, "%s: %s cannot be read: %s", d->options->spool,
                         item->entry->name, strerror(-error));
                item->retry_usec = clock_usec(CLOCK_BOOTTIME) + SETTLE_USEC;
                return 0;
        }
}

static int start_due(Deliver *d) {
        while (!d->stopping) {
                Attempt *a = free_attempt(d);
                Item *item = a ? queue_next(&d->queue, clock_usec(CLOCK_BOOTTIME)) : NULL;
                Outcome o = { 0 };
                int r;

                if (!item)
                        return 0;
                r = attempt_start(a, &d->queue, &d->sender, item, &o);
                if (r == 0)
                        book(d, a, &o);
                if (r < 0) {
                        attempt_end(a, &d->sender);
                        r = on_unusable(d, item, r);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

/* ---- waiting ---- */

static size_t waiting_fds(Deliver *d, struct curl_waitfd *fds) {
        size_t n = 0;

        fds[n++] = (struct curl_waitfd){ .fd = d->signal_fd, .events = CURL_WAIT_POLLIN };
        fds[n++] = (struct curl_waitfd){ .fd = d->inotify_fd, .events = CURL_WAIT_POLLIN };
        for (size_t i = 0; i < ATTEMPTS_MAX; i++) {
                const Process *p = &d->attempts[i].process;

                if (p->pid <= 0)
                        continue;
                fds[n++] = (struct curl_waitfd){ .fd = p->pidfd, .events = CURL_WAIT_POLLIN };
                if (p->out_fd >= 0)
                        fds[n++] = (struct curl_waitfd){ .fd = p->out_fd,
                                                         .events = CURL_WAIT_POLLIN };
        }
        return n;
}

/* When something is to be done even if nothing happens. */
static uint64_t next_usec(Deliver *d, uint64_t now_usec) {
        uint64_t next = now_usec + WAIT_MAX_USEC;

        if (!d->stopping && free_attempt(d))
                next = MIN(next, queue_due_usec(&d->queue, now_usec));
        if (d->idle_usec > 0)
                next = MIN(next, d->idle_usec + d->options->linger_usec);
        if (!d->stopping)
                next = MIN(next, d->renew_usec);
        next = MIN(next, d->report.due_usec);
        for (size_t i = 0; i < ATTEMPTS_MAX; i++)
                if (d->attempts[i].process.pid > 0 && !d->attempts[i].process.timed_out)
                        next = MIN(next, d->attempts[i].process.deadline_usec);
        return next;
}

static int wait_for_something(Deliver *d, struct curl_waitfd *fds, size_t n) {
        uint64_t now_usec = clock_usec(CLOCK_BOOTTIME), until_usec = next_usec(d, now_usec);
        int timeout_msec = 0;

        if (until_usec > now_usec) /* rounded up: not to wake too early again and again */
                timeout_msec = (int) ((until_usec - now_usec + 999) / USEC_PER_MSEC);
        if (curl_multi_poll(d->sender.multi, fds, (unsigned) n, timeout_msec, NULL) != CURLM_OK)
                return -EIO;
        return 0;
}

/* ---- what has happened ---- */

static int on_transfers(Deliver *d) {
        CURLMsg *message;
        int n;

        if (curl_multi_perform(d->sender.multi, &n) != CURLM_OK)
                return -EIO;
        while ((message = curl_multi_info_read(d->sender.multi, &n))) {
                CURLcode code = message->data.result;
                Outcome o = { 0 };
                Transfer *t;

                if (message->msg != CURLMSG_DONE)
                        continue;
                curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &t);
                for (size_t i = 0; i < ATTEMPTS_MAX; i++)
                        if (&d->attempts[i].transfer == t) {
                                attempt_judge_transfer(&d->attempts[i], code, &o);
                                book(d, &d->attempts[i], &o);
                        }
        }
        return 0;
}

static bool fd_is_ready(const struct curl_waitfd *fds, size_t n, int fd) {
        for (size_t i = 0; i < n; i++)
                if (fds[i].fd == fd)
                        return fds[i].revents != 0;
        return false;
}

static void on_processes(Deliver *d, const struct curl_waitfd *fds, size_t n) {
        uint64_t now_usec = clock_usec(CLOCK_BOOTTIME);

        for (size_t i = 0; i < ATTEMPTS_MAX; i++) {
                Process *p = &d->attempts[i].process;
                Outcome o = { 0 };

                if (p->pid <= 0)
                        continue;
                if (p->out_fd >= 0 && fd_is_ready(fds, n, p->out_fd))
                        process_read(p);
                process_check_time(p, now_usec);
                if (fd_is_ready(fds, n, p->pidfd)) {
                        attempt_judge_process(&d->attempts[i], &o);
                        book(d, &d->attempts[i], &o);
                }
        }
}

static void on_signal(Deliver *d) {
        struct signalfd_siginfo info;

        if (read(d->signal_fd, &info, sizeof(info)) == (ssize_t) sizeof(info)) {
                d->stopping = true;
                notify_send(&d->report.notify, "STOPPING=1");
        }
}

/* What came later for a destination that waits for a person gets the same answer. */
static void tell_problems(Deliver *d) {
        for (size_t i = 0; i < d->queue.n_destinations; i++) {
                Destination *destination = d->queue.destinations[i];

                for (size_t k = 0; destination->problem && k < destination->n_items; k++)
                        if (!destination->items[k]->is_told)
                                want_renewal(d, destination->items[k]);
                if (destination->problem)
                        (void) book_problem(&d->queue, destination);
        }
}

/* Whether it is over: sets d->stopping when no more is to be started. */
static bool is_over(Deliver *d) {
        uint64_t now_usec = clock_usec(CLOCK_BOOTTIME);

        if (now_usec >= d->renew_usec && !d->stopping) {
                log_line(LOG_NOTICE,
                         "ends to be started again with the secret files as they are now");
                d->stopping = true;
        }
        if (is_busy(d))
                return false;
        if (d->queue.n_entries > 0 || d->queue.n_stuck > 0)
                d->idle_usec = 0;
        else if (d->idle_usec == 0)
                d->idle_usec = now_usec;
        return d->stopping ||
               (d->idle_usec > 0 && now_usec >= d->idle_usec + d->options->linger_usec);
}

static int round_of(Deliver *d) {
        struct curl_waitfd fds[WAIT_FDS_MAX];
        size_t n = waiting_fds(d, fds);
        int r = wait_for_something(d, fds, n);

        if (r < 0)
                return r;
        if (fd_is_ready(fds, n, d->signal_fd))
                on_signal(d);
        r = on_transfers(d);
        on_processes(d, fds, n);
        if (r == 0 && fd_is_ready(fds, n, d->inotify_fd) && watch_read(d->inotify_fd, &d->queue))
                r = scan(d);
        if (clock_usec(CLOCK_BOOTTIME) >= d->settle_usec) {
                book_settle(&d->queue);
                if (r == 0 && d->queue.n_stuck > 0)
                        r = scan(d);
                d->settle_usec = clock_usec(CLOCK_BOOTTIME) + SETTLE_USEC;
        }
        if (d->renew_usec != USEC_INFINITY)
                tell_problems(d);
        return r;
}

int deliver_run(Deliver *d) {
        int r;

        d->start_usec = clock_usec(CLOCK_REALTIME);
        d->renew_usec = USEC_INFINITY;
        r = scan(d);
        if (r == 0)
                notify_send(&d->report.notify, "READY=1");
        while (r == 0) {
                r = start_due(d);
                report_status(&d->report, &d->queue, false);
                if (r < 0 || is_over(d))
                        break;
                r = round_of(d);
        }
        tidy(d);
        report_status(&d->report, &d->queue, true);
        return r;
}
