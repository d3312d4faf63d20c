/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One line on standard error that tells how far long work is, when that is a terminal. What it says
 * is the caller's. Not thread-safe.
 */

/* Replaces the line; nothing when standard error is no terminal. */
void progress_show(const char *text);
/* Removes it; before anything else is printed. Each line of the log does so by itself. */
void progress_clear(void);
