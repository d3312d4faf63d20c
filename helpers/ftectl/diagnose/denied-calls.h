/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * System calls that the sandbox profiles deny: by number, as the kernel names them in its log, and
 * by the words of a traceback.
 */

#include "base/arena.h"

/* Its name, or the number in digits; in the arena. */
const char *denied_call_name(Arena *arena, unsigned long number);

/* The call that a line of a program shows, or NULL; static. */
const char *denied_call_in(const char *line);
