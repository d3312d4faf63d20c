/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Wheels, which pip wants as files with a name of the right shape: the name is made from what is
 * inside, for standard input has none. May come from anyone.
 */

#include "base/strbuf.h"

/*
 * Appends NAME-VERSION-TAGS.whl when the archive that fd stands at is a wheel; returns 1, or 0 when
 * it is none. -EBADMSG: it is one that pip would not take.
 */
int wheel_name(int fd, StrBuf *ret);

/* The same from the name of its dist-info directory and the text of its WHEEL file. Pure. */
int wheel_name_from(const char *dist_info, const char *text, StrBuf *ret);
