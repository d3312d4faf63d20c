/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The watch over waiting/: tells when hooks have stored or taken back something.
 */

#include "queue.h"

/* A descriptor that is readable when something has happened in the spool's waiting/; -EIO. */
int watch_open(const char *spool);

/* Takes what has happened, forgets what was taken back. Whether queue_scan() is to be called. */
bool watch_read(int fd, Queue *q);
