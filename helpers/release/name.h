/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The names of an archive's members, which may come from anyone: made plain, or refused. Pure.
 */

#include "base/strbuf.h"

#define NAME_DEPTH_MAX 48 /* directories below each other */

/*
 * Appends name without "./", "//" and a slash at its end; nothing for the archive's root itself.
 * -EINVAL: it is absolute, leads out by "..", has a part that no file can have, or is too deep.
 */
int name_clean(const char *name, StrBuf *ret);

/* Whether a link at path (clean) to target stays inside, as far as words can tell. */
bool name_link_is_inside(const char *path, const char *target);
