/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What may stand in [Unit] and [Service] at all: the keys that systemd knows, and since when.
 */

#include "config/model.h"

#define UNIT_KEYS_FIRST 249
#define UNIT_KEYS_LAST  262

/*
 * The version of systemd that brought the key (249: that or an older one); 0: none up to 262 did.
 */
unsigned unit_key_since(SectionId section, const char *key);

/* The key that was probably meant, or NULL. */
const char *unit_key_guess(SectionId section, const char *key);
