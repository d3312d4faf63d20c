/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which agents nginx has a block of and whose files are gone.
 */

#include "host/proxy-set.h"

/* Fills *now with what nginx has, *ret with it but for those; returns how many, or a negative
 * errno. */
int removed_find(const char *root, Arena *arena, ProxySet *now, ProxySet *ret);
