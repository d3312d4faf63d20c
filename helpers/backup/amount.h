/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How much of its work a backup, a restore or a trial has done: as the line of base/progress.h on a
 * terminal, and as the status of the service, which systemctl status shows.
 */

#include <stdint.h>

/* "writing the backup": of about so many bytes. */
void amount_begin(const char *doing, uint64_t total_bytes);
void amount_add(uint64_t bytes);
/* It is done or has failed: takes away what was shown. */
void amount_end(void);
