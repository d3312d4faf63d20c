/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * For swap.c: what it writes down before it does it. swap_load() of swap.h is here too.
 */

#include "swap.h"

/* On the disk when it returns. Logs. */
int swap_state_save(const Swap *s);
/* The restore is over. */
int swap_state_remove(const Swap *s);
