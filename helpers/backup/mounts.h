/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether something is mounted at a place or anywhere below it: a rename would take it along.
 */

#include "base/strbuf.h"

/*
 * 1: the path of the first such mount is in *ret, *ret_at says whether it is the place itself. 0:
 * none. name in dir_fd need not exist.
 */
int mounts_find(int dir_fd, const char *name, StrBuf *ret, bool *ret_at);
