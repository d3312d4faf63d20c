/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * book.h. Reads the file again before it writes, under the spool's lock: another target of the same
 * alert may have got its answer meanwhile.
 */

#include <sys/random.h>
#include <time.h>

#include "book.h"

static uint32_t any_number(void) {
        uint32_t n;

        return getrandom(&n, sizeof(n), GRND_NONBLOCK) == sizeof(n) ? n : UINT32_MAX / 2;
}

static void note_retry(Item *item, const Outcome *o, AlertTarget *t) {
        uint64_t pause_usec;

        t->attempts++;
        pause_usec = outcome_pause_usec(o, t->attempts, any_number());
        t->next_usec = clock_usec(CLOCK_REALTIME) + pause_usec;
        item->retry_usec = clock_usec(CLOCK_BOOTTIME) + pause_usec;
}

static void note(Item *item, const Outcome *o, AlertTarget *t) {
        t->answer = o->answer;
        switch (o->kind) {
        case OUTCOME_RETRY:
                note_retry(item, o, t);
                break;
        case OUTCOME_CONFIG:
                item->is_told = true;
                break;
        default:
                t->attempts++;
                t->next_usec = 0;
                queue_done(item, o->kind == OUTCOME_SENT ? TARGET_SENT : TARGET_DEAD);
        }
}

/* Earlier writes may have failed: what memory knows of the targets goes into the file each time. */
static void note_states(const Entry *e, Alert *a) {
        for (size_t i = 0; i < e->n_items; i++)
                if (e->items[i].target < a->n_targets &&
                    e->items[i].state != TARGET_WAITING)
                        a->targets[e->items[i].target].state = e->items[i].state;
}

/*
 * A target that still waits must not be lost with an unfinished write, so that is synced; a file
 * that has all behind it may be. An entry whose file cannot be moved on is kept, so that nothing of
 * it is sent again while we run: book_settle() will try once more.
 */
static int write_back(Queue *q, Entry *e, const Alert *a) {
        bool waiting = entry_is_waiting(e);
        int r = spool_replace(q->spool, SPOOL_WAITING, e->name, a, waiting), k;

        if (waiting)
                return r;
        k = spool_move(q->spool, SPOOL_WAITING, alert_last_box(a), e->name);
        if (k == 0 || k == -ENOENT)
                queue_forget(q, e);
        return k < 0 ? k : r;
}

int book_outcome(Queue *q, Item *item, const Outcome *o) {
        _cleanup_arena_ Arena arena = { 0 };
        Entry *e = item->entry;
        AlertTarget scrap = { 0 };
        Alert a;
        int r;

        if (e->is_gone) /* removed by hand while it was under way */
                return 0;
        r = spool_lock(q->spool);
        if (r < 0)
                return r;
        r = spool_read(q->spool, SPOOL_WAITING, e->name, &arena, &a);
        if (r == 0 && item_matches(item, &a)) {
                note(item, o, &a.targets[item->target]);
                note_states(e, &a);
                r = write_back(q, e, &a);
        } else if (r == 0 || r == -ENOENT) {
                queue_forget(q, e);
        } else {
                note(item, o, &scrap);
        }
        spool_unlock(q->spool);
        return r == -ENOENT ? 0 : r;
}

/* Under the lock. */
static int settle(Queue *q, Entry *e) {
        _cleanup_arena_ Arena arena = { 0 };
        Alert a;
        int r = spool_read(q->spool, SPOOL_WAITING, e->name, &arena, &a);

        if (r == -ENOENT)
                queue_forget(q, e);
        if (r < 0)
                return r;
        note_states(e, &a);
        return write_back(q, e, &a);
}

void book_settle(Queue *q) {
        if (spool_lock(q->spool) < 0)
                return;
        for (size_t i = q->n_entries; i-- > 0;)
                if (!entry_is_waiting(q->entries[i]))
                        (void) settle(q, q->entries[i]);
        spool_unlock(q->spool);
}

static int book_item_problem(Queue *q, Item *item) {
        _cleanup_arena_ Arena arena = { 0 };
        const char *name = item->entry->name, *problem = item->destination->problem;
        Alert a;
        int r = spool_lock(q->spool);

        if (r < 0)
                return r;
        r = spool_read(q->spool, SPOOL_WAITING, name, &arena, &a);
        if (r == 0 && item_matches(item, &a) && !streq(a.targets[item->target].answer, problem)) {
                a.targets[item->target].answer = problem;
                r = spool_replace(q->spool, SPOOL_WAITING, name, &a, true);
        }
        spool_unlock(q->spool);
        return r == -ENOENT ? 0 : r;
}

int book_problem(Queue *q, Destination *d) {
        int r = 0;

        for (size_t i = 0; i < d->n_items && r == 0; i++)
                if (!d->items[i]->is_told) {
                        d->items[i]->is_told = true;
                        r = book_item_problem(q, d->items[i]);
                }
        return r;
}
