/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * queue_scan(): files of waiting/ become entries of the queue. Reads each file once and keeps of it
 * only what decides when it is sent. Whatever cannot be sent must leave waiting/ here, or the unit
 * that watches the directory would start us for ever; what cannot even leave is counted as stuck,
 * and while there is any we stay.
 */

#include <dirent.h>
#include <fcntl.h>
#include <time.h>

#include "base/log.h"
#include "base/parse.h"
#include "outcome.h"
#include "queue.h"

/* A clock may have been wrong when the alert was stored; more is no delay of ours. */
#define CLOCK_SLACK_USEC (60 * USEC_PER_SEC)
#define HOLD_MAX_USEC    (UINT64_C(169) * 3600 * USEC_PER_SEC) /* Cooldown= is at most 168h */

/* Names with a NUL behind each. */
static bool names_have(const StrBuf *names, const char *name) {
        for (const char *n = strbuf_text(names); *n; n += strlen(n) + 1)
                if (streq(n, name))
                        return true;
        return false;
}

/* Each scan tries again; the log hears of a file once. */
static void note_stuck(Queue *q, const char *name, const char *why, int error) {
        if (names_have(&q->stuck, name))
                return;
        q->n_stuck++;
        strbuf_add_bytes(&q->stuck, name, strlen(name) + 1);
        if (!names_have(&q->was_stuck, name))
                log_line(LOG_ERR, "waiting/%s %s, and cannot be moved away: %s; remove it", name,
                         why, strerror(-error));
}

static void forget_stuck(Queue *q) {
        StrBuf old = q->was_stuck;

        q->was_stuck = q->stuck;
        q->stuck = old;
        strbuf_reset(&q->stuck);
        q->n_stuck = 0;
}

void queue_bury(Queue *q, const char *name, const char *why) {
        int r = spool_move(q->spool, SPOOL_WAITING, SPOOL_DEAD, name);

        if (r == -ENOENT)
                return;
        if (r < 0) {
                note_stuck(q, name, why, r);
                return;
        }
        q->n_buried++;
        log_line(LOG_ERR, "dead/%s %s; it was moved there from waiting/ and cannot be sent", name,
                 why);
}

/* A time of CLOCK_REALTIME as one of CLOCK_BOOTTIME, 0 when it is past or makes no sense. */
static uint64_t to_boottime(uint64_t time_usec, uint64_t max_usec) {
        uint64_t now_usec = clock_usec(CLOCK_REALTIME);

        if (time_usec <= now_usec || time_usec - now_usec > max_usec)
                return 0;
        return clock_usec(CLOCK_BOOTTIME) + (time_usec - now_usec);
}

static uint64_t due_of(const Alert *a) {
        /* Made in the future: the clock was set back since, and its times mean nothing. */
        if (a->time_usec != ALERT_UNKNOWN &&
            a->time_usec > clock_usec(CLOCK_REALTIME) + CLOCK_SLACK_USEC)
                return 0;
        return to_boottime(a->not_before_usec, HOLD_MAX_USEC);
}

SpoolBox alert_last_box(const Alert *a) {
        for (size_t i = 0; i < a->n_targets; i++)
                if (a->targets[i].state == TARGET_DEAD)
                        return SPOOL_DEAD;
        return SPOOL_SENT;
}

/*
 * A waiting alert of which nothing waits was moved back from dead/ by somebody who has repaired the
 * cause: what was refused is tried again. (Or we died just before we moved it there: no harm done.)
 */
static void revive(Alert *a) {
        for (size_t i = 0; i < a->n_targets; i++)
                if (a->targets[i].state == TARGET_WAITING)
                        return;
        for (size_t i = 0; i < a->n_targets; i++)
                if (a->targets[i].state == TARGET_DEAD) {
                        a->targets[i].state = TARGET_WAITING;
                        a->targets[i].next_usec = 0;
                }
}

/* The alert's targets that wait; those of a channel that this version does not know are dead. */
static int make_items(Queue *q, Alert *a, Entry *e, Destination **destinations) {
        for (size_t i = 0; i < a->n_targets; i++) {
                AlertTarget *t = &a->targets[i];
                int r;

                if (t->state != TARGET_WAITING)
                        continue;
                r = queue_destination(q, a, t, &destinations[e->n_items]);
                if (r == -ENOENT) {
                        t->state = TARGET_DEAD;
                        t->answer = "this version knows no such channel";
                        continue;
                }
                if (r < 0)
                        return r;
                e->items[e->n_items++] = (Item){
                        .entry = e,
                        .target = i,
                        .retry_usec = to_boottime(t->next_usec, RETRY_AFTER_MAX_USEC),
                };
        }
        return 0;
}

static int move_on(Queue *q, const char *name, const Alert *a) {
        SpoolBox box = alert_last_box(a);
        int r = spool_replace(q->spool, SPOOL_WAITING, name, a, false);

        if (r == 0)
                r = spool_move(q->spool, SPOOL_WAITING, box, name);
        if (r == 0 && box == SPOOL_DEAD) {
                q->n_buried++;
                log_line(LOG_ERR, "dead/%s was moved there: not all of its channels can be used",
                         name);
        }
        if (r < 0 && r != -ENOENT && r != -ENOMEM)
                note_stuck(q, name, "has nothing left to wait for", r);
        return r == -ENOMEM ? r : 0;
}

static int add_alert(Queue *q, const char *name, Alert *a) {
        Destination *destinations[ALERT_TARGETS_MAX];
        _cleanup_free_ Entry *e = calloc(1, sizeof(Entry) + a->n_targets * sizeof(Item));
        int r;

        if (!e)
                return -ENOMEM;
        strncpy(e->name, name, sizeof(e->name) - 1);
        e->due_usec = due_of(a);
        revive(a);
        r = make_items(q, a, e, destinations);
        if (r == 0 && e->n_items == 0)
                return move_on(q, name, a);
        if (r == 0)
                r = queue_add(q, e, destinations);
        if (r == 0)
                TAKE_PTR(e);
        return r;
}

static int add_file(Queue *q, const char *name, Arena *arena) {
        Alert a;
        int r = spool_read(q->spool, SPOOL_WAITING, name, arena, &a);

        if (r == -ENOENT)
                return 0;
        if (r == -ENOMEM || r == -EMFILE || r == -ENFILE)
                return r;
        if (r == -EBADMSG || r == -EFBIG)
                queue_bury(q, name, "is damaged");
        else if (r < 0)
                queue_bury(q, name, strerror(-r));
        else
                r = add_alert(q, name, &a);
        return MIN(r, 0) == -ENOMEM ? r : 0;
}

/* All that is visible in waiting/, whatever it is. */
static int list_visible(Queue *q, StrBuf *names) {
        int fd = openat(q->spool->box_fds[SPOOL_WAITING], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *d;

        if (!dir) {
                closep(&fd);
                return -errno;
        }
        while ((d = readdir(dir)))
                if (*d->d_name != '.')
                        strbuf_add_bytes(names, d->d_name, strlen(d->d_name) + 1);
        closedir(dir);
        return strbuf_check(names);
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* What is no alert by its name: somebody has put it there. visible was listed before alerts was. */
static void bury_strays(Queue *q, const StrBuf *visible, char *const *alerts) {
        size_t n = strv_length(alerts);

        for (const char *name = strbuf_text(visible); *name; name += strlen(name) + 1)
                if (!bsearch(&name, alerts, n, sizeof(*alerts), compare_names) &&
                    faccessat(q->spool->box_fds[SPOOL_WAITING], name, F_OK,
                              AT_SYMLINK_NOFOLLOW) == 0)
                        queue_bury(q, name, "is no alert");
}

int queue_scan(Queue *q) {
        _cleanup_arena_ Arena names_arena = { 0 }, arena = { 0 };
        _cleanup_strbuf_ StrBuf visible = { 0 };
        char **names;
        int r = list_visible(q, &visible);

        if (r == 0)
                r = spool_list(q->spool, SPOOL_WAITING, &names_arena, &names);
        if (r < 0)
                return r;
        forget_stuck(q);
        bury_strays(q, &visible, names);
        for (char **name = names; r == 0 && *name; name++)
                if (!queue_find(q, *name)) {
                        r = add_file(q, *name, &arena);
                        arena_reset(&arena);
                }
        return r;
}
