/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Bookkeeping: what came of an attempt goes into the alert's file, and the file where it belongs. A
 * success is written at once: only a machine that dies in between sends an alert twice.
 */

#include "outcome.h"
#include "queue.h"

/*
 * Notes the outcome of an item that is on its way. The entry may be forgotten: only the item (until
 * queue_release()) is safe to use afterwards. Negative errno when it could not be written; what is
 * in memory is right all the same.
 */
int book_outcome(Queue *q, Item *item, const Outcome *o);

/* Notes at everything that waits for a destination what is wrong with it, once each. */
int book_problem(Queue *q, Destination *d);

/* Tries again to move on what could not be moved when it was done. */
void book_settle(Queue *q);
