/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Carries out a plan: the only code of the generator that touches an output directory.
 */

#include "plan.h"

/* Told of each entry that could not be written; the rest of its group is then left out. */
typedef void (*WriteFailed)(const char *path, int error);

/*
 * Writes every entry below dir_fd. One group's failure does not keep the others from being
 * written, and leaves no half-written file. Returns 0 or the first error.
 */
int plan_write(const Plan *p, int dir_fd, WriteFailed failed);
