/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How far the reading of an archive is, for a restore or a trial: as the line of base/progress.h.
 */

#include <stdint.h>

/* Content of an archive is read now, of about so many bytes. */
void reading_begin(uint64_t total_bytes);
void reading_add(uint64_t bytes);
