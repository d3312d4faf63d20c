/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One line on standard error, when that is a terminal, that tells how far a restore or a trial is.
 * It goes away before anything is logged.
 */

#include <stdint.h>

/* Content of an archive is read now, of about so many bytes. */
void progress_begin(uint64_t total_bytes);
void progress_add(uint64_t bytes);
/* Something else is under way. */
void progress_say(const char *what);
/* Takes it away; also does so before each line of the log from now on. */
void progress_clear(void);
