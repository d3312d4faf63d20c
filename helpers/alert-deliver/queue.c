/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The lists of queue.h and their order. How files become entries is in scan.c. Must not send, and
 * must not touch the spool.
 */

#include "queue.h"

/* The place of name among the entries, or where it would be. */
static size_t entry_place(const Queue *q, const char *name) {
        size_t low = 0, high = q->n_entries;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (strcmp(q->entries[middle]->name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

Entry *queue_find(const Queue *q, const char *name) {
        size_t i = entry_place(q, name);

        return i < q->n_entries && streq(q->entries[i]->name, name) ? q->entries[i] : NULL;
}

/* Makes room for one more pointer. */
static int grow(void ***items, size_t n, size_t *size) {
        size_t more = MAX(*size * 2, (size_t) 16);
        void **p;

        if (n < *size)
                return 0;
        p = reallocarray(*items, more, sizeof(*p));
        if (!p)
                return -ENOMEM;
        *items = p;
        *size = more;
        return 0;
}

static void insert(void **items, size_t *n, size_t place, void *item) {
        memmove(items + place + 1, items + place, (*n - place) * sizeof(*items));
        items[place] = item;
        ++*n;
}

static void take_out(void **items, size_t *n, const void *item) {
        for (size_t i = 0; i < *n; i++)
                if (items[i] == item) {
                        memmove(items + i, items + i + 1, (*n - i - 1) * sizeof(*items));
                        --*n;
                        return;
                }
}

/* New alerts have the latest name, nearly always. */
static int destination_add(Destination *d, Item *item) {
        size_t place = d->n_items;
        int r = grow((void ***) &d->items, d->n_items, &d->size);

        if (r < 0)
                return r;
        while (place > 0 && strcmp(d->items[place - 1]->entry->name, item->entry->name) > 0)
                place--;
        insert((void **) d->items, &d->n_items, place, item);
        item->destination = d;
        return 0;
}

int queue_add(Queue *q, Entry *e, Destination **destinations) {
        int r = grow((void ***) &q->entries, q->n_entries, &q->size);

        for (size_t i = 0; i < e->n_items && r == 0; i++)
                r = destination_add(destinations[i], &e->items[i]);
        if (r == 0)
                insert((void **) q->entries, &q->n_entries, entry_place(q, e->name), e);
        else
                for (size_t i = 0; i < e->n_items; i++)
                        if (e->items[i].destination)
                                take_out((void **) e->items[i].destination->items,
                                         &e->items[i].destination->n_items, &e->items[i]);
        return r;
}

/* What tells destinations apart. */
static void add_key(StrBuf *b, const Alert *a, const AlertTarget *t) {
        strbuf_addf(b, "%s\n%s\n%s\n%s\n%s", t->channel, t->argument, t->path ? t->path : "",
                    t->extra_path ? t->extra_path : "", a->smtp);
}

int queue_destination(Queue *q, const Alert *a, const AlertTarget *t, Destination **ret) {
        const Channel *channel = channel_find(t->channel);
        _cleanup_strbuf_ StrBuf key = { 0 };
        Destination *d;

        if (!channel)
                return -ENOENT;
        add_key(&key, a, t);
        if (strbuf_check(&key) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < q->n_destinations; i++)
                if (streq(q->destinations[i]->key, key.text)) {
                        *ret = q->destinations[i];
                        return 0;
                }
        if (grow((void ***) &q->destinations, q->n_destinations, &q->size_destinations) < 0)
                return -ENOMEM;
        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;
        *d = (Destination){ .key = TAKE_PTR(key.text), .channel = channel };
        *ret = q->destinations[q->n_destinations++] = d;
        return 0;
}

bool item_matches(const Item *item, const Alert *a) {
        _cleanup_strbuf_ StrBuf key = { 0 };

        if (item->target >= a->n_targets)
                return false;
        add_key(&key, a, &a->targets[item->target]);
        return streq(strbuf_text(&key), item->destination->key);
}

/* ---- what is next ---- */

/* The first item that is not held back; *ret_due_usec is when the first held one will be let go. */
static Item *destination_head(const Destination *d, uint64_t now_usec, uint64_t *ret_due_usec) {
        *ret_due_usec = USEC_INFINITY;
        for (size_t i = 0; i < d->n_items; i++) {
                uint64_t due_usec = d->items[i]->entry->due_usec;

                if (due_usec <= now_usec)
                        return d->items[i];
                *ret_due_usec = MIN(*ret_due_usec, due_usec);
        }
        return NULL;
}

Item *queue_next(Queue *q, uint64_t now_usec) {
        for (size_t i = 0; i < q->n_destinations; i++) {
                size_t place = (q->turn + i) % q->n_destinations;
                const Destination *d = q->destinations[place];
                uint64_t due_usec;
                Item *head;

                if (d->is_busy || d->problem)
                        continue;
                head = destination_head(d, now_usec, &due_usec);
                if (!head || head->retry_usec > now_usec)
                        continue;
                q->turn = place + 1; /* the others come first the next time */
                return head;
        }
        return NULL;
}

uint64_t queue_due_usec(const Queue *q, uint64_t now_usec) {
        uint64_t first_usec = USEC_INFINITY;

        for (size_t i = 0; i < q->n_destinations; i++) {
                const Destination *d = q->destinations[i];
                uint64_t due_usec;
                const Item *head;

                if (d->is_busy || d->problem)
                        continue;
                head = destination_head(d, now_usec, &due_usec);
                if (head)
                        due_usec = MIN(due_usec, head->retry_usec);
                first_usec = MIN(first_usec, due_usec);
        }
        return first_usec;
}

/* ---- what is on its way, and what is over ---- */

void queue_take(Item *item) {
        item->is_busy = true;
        item->destination->is_busy = true;
}

bool entry_is_busy(const Entry *e) {
        for (size_t i = 0; i < e->n_items; i++)
                if (e->items[i].is_busy)
                        return true;
        return false;
}

void queue_release(Item *item) {
        Entry *e = item->entry;

        item->is_busy = false;
        item->destination->is_busy = false;
        if (e->is_gone && !entry_is_busy(e))
                free(e);
}

void queue_done(Item *item, TargetState state) {
        Destination *d = item->destination;

        item->state = state;
        take_out((void **) d->items, &d->n_items, item);
}

bool entry_is_waiting(const Entry *e) {
        for (size_t i = 0; i < e->n_items; i++)
                if (e->items[i].state == TARGET_WAITING)
                        return true;
        return false;
}

void queue_forget(Queue *q, Entry *e) {
        for (size_t i = 0; i < e->n_items; i++)
                if (e->items[i].state == TARGET_WAITING)
                        queue_done(&e->items[i], TARGET_SENT);
        take_out((void **) q->entries, &q->n_entries, e);
        e->is_gone = true;
        if (!entry_is_busy(e))
                free(e);
}

void queue_destroy(Queue *q) {
        while (q->n_entries > 0) {
                Entry *e = q->entries[q->n_entries - 1];

                for (size_t i = 0; i < e->n_items; i++)
                        e->items[i].is_busy = false;
                queue_forget(q, e);
        }
        for (size_t i = 0; i < q->n_destinations; i++) {
                free(q->destinations[i]->key);
                free(q->destinations[i]->problem);
                free(q->destinations[i]->items);
                free(q->destinations[i]);
        }
        free(q->entries);
        free(q->destinations);
        strbuf_done(&q->stuck);
        strbuf_done(&q->was_stuck);
        *q = (Queue){ 0 };
}
