/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One attempt to send one alert to one target: from the file in the spool over the channel's form
 * to a transfer or a program, and back to an outcome. Holds secrets while it lasts.
 */

#include "http.h"
#include "process.h"
#include "queue.h"

typedef struct Attempt {
        Item *item; /* NULL: none is under way */
        Arena arena;
        Alert alert;
        Secret secret, extra;
        Outgoing outgoing;
        Transfer transfer;
        Process process;
} Attempt;

typedef struct Sender {
        CURLM *multi;
        HttpOptions http;
} Sender;

/*
 * 1: it is under way. 0: it has come to *ret already. -ESTALE: the alert in the spool is not what
 * was queued; read it anew. -ENOENT: it is gone. Others from spool_claim().
 */
int attempt_start(Attempt *a, Queue *q, const Sender *sender, Item *item, Outcome *ret);

/* The transfer or the program has ended: what came of it. */
void attempt_judge_transfer(Attempt *a, CURLcode code, Outcome *ret);
void attempt_judge_process(Attempt *a, Outcome *ret);

/* Ends it, under way or not, and wipes its secrets. */
void attempt_end(Attempt *a, const Sender *sender);
