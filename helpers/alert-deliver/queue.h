/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What waits in the spool, in memory: of each alert its name and which of its targets wait, and of
 * each destination the alerts that wait for it, in order. The alerts themselves stay on the disk.
 * A destination is what could be slow or dead on its own: a channel with its secret or argument.
 */

#include "alert/spool.h"
#include "base/clock.h"
#include "channel.h"

typedef struct Entry Entry;
typedef struct Destination Destination;

/* One target of one alert. */
typedef struct Item {
        Entry *entry;
        Destination *destination;
        size_t target;       /* its number in the alert */
        TargetState state;
        bool is_busy;        /* on its way */
        bool is_told;        /* its answer says what the destination's problem is */
        uint64_t retry_usec; /* CLOCK_BOOTTIME: not to be tried before */
} Item;

/* One alert, from when it is found until it leaves waiting/. */
struct Entry {
        char name[80];
        uint64_t due_usec; /* CLOCK_BOOTTIME: held back until then */
        bool is_gone;      /* forgotten, but items of it are on their way */
        size_t n_items;
        Item items[]; /* those that waited when it was read */
};

struct Destination {
        char *key;
        const Channel *channel;
        bool is_busy;    /* something is on its way */
        char *problem;   /* of the configuration, or NULL; nothing is sent until we start anew */
        Item **items;    /* in order */
        size_t n_items, size;
};

typedef struct Queue {
        Spool *spool;
        Entry **entries; /* in order of their names */
        size_t n_entries, size;
        Destination **destinations;
        size_t n_destinations, size_destinations;
        size_t n_buried; /* damaged files moved to dead/ */
        size_t n_stuck;  /* files that can neither be sent nor moved away */
        StrBuf stuck, was_stuck; /* their names, and those of the scan before */
        size_t turn; /* the destination to be looked at first */
} Queue;

/*
 * In scan.c: reads what is new in waiting/. What is damaged, or no alert at all, is moved to dead/
 * and named in the log; what has nothing to wait for any more is moved on. Negative errno.
 */
int queue_scan(Queue *q);

/* In scan.c: moves a file that cannot be sent to dead/, or counts it as stuck; the log says why. */
void queue_bury(Queue *q, const char *name, const char *why);

/* The next item that may be sent now, of a destination that is free for it; or NULL. */
Item *queue_next(Queue *q, uint64_t now_usec);

/* When queue_next() will have one (CLOCK_BOOTTIME) if nothing happens; USEC_INFINITY: never. */
uint64_t queue_due_usec(const Queue *q, uint64_t now_usec);

/* The item is on its way; from queue_release() on it is not, and may be gone. */
void queue_take(Item *item);
void queue_release(Item *item);

/* An item has got a state other than waiting: takes it out of its destination's queue. */
void queue_done(Item *item, TargetState state);

/* Whether items of the entry wait, or are on their way. */
bool entry_is_waiting(const Entry *e);
bool entry_is_busy(const Entry *e);

/* Whether the alert's target is the one that was queued as item. */
bool item_matches(const Item *item, const Alert *a);

/* The entry has left waiting/, or must be read anew: forgets it and its items. */
void queue_forget(Queue *q, Entry *e);

/* NULL when it is not queued. */
Entry *queue_find(const Queue *q, const char *name);

/* Adds an entry whose items belong to destinations, one each; it is freed by queue_forget(). */
int queue_add(Queue *q, Entry *e, Destination **destinations);

/* The destination of a target, made when there is none yet. -ENOMEM; -ENOENT: unknown channel. */
int queue_destination(Queue *q, const Alert *a, const AlertTarget *t, Destination **ret);

/* Where an alert goes when nothing of it waits: sent/, or dead/ when any target is dead. */
SpoolBox alert_last_box(const Alert *a);

void queue_destroy(Queue *q);
