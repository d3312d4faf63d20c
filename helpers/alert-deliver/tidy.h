/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Keeps what has left waiting/ within bounds: of sent/ the last SPOOL_SENT_KEEP alerts, of dead/
 * the last TIDY_DEAD_KEEP.
 */

#include "alert/spool.h"

#define TIDY_DEAD_KEEP 1000

/* Removes what is too much; of dead letters the log names each. How many of those it removed. */
size_t tidy_spool(Spool *s);
