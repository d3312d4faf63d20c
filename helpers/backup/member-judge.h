/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether a member of an archive, which may come from anyone, could harm when it is restored.
 */

#include "member.h"

/* NULL, or why a member is refused: a device, setuid, a name that leads out … */
const char *member_judge(struct archive_entry *e, const char *path);
