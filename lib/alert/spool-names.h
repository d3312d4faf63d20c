/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between spool.c and spool-names.c only: what the files of the spool are called.
 */

#include "alert/spool.h"

#define SPOOL_TEMPORARY ".add-" /* and an alert's ID: an alert that is being written */

/*
 * Under the lock: a name for the alert that is later than any there is. -EDQUOT when too many wait.
 */
int spool_next_name(Spool *s, const Alert *a, char ret_name[static 80]);
