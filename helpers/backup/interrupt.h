/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An interrupt (Ctrl-C, a terminal that closes, systemctl stop) ends what is being restored at the
 * next block and not at once, so that nothing of it is left behind.
 */

/* From now on it is remembered; a second one ends the program as ever. */
void interrupt_catch(void);
/* -EINTR when there was one. */
int interrupt_check(void);
/* From now on it is ignored: what comes next must not stop half-way. */
void interrupt_ignore(void);
