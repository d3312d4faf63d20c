/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How much a file system may be filled: 5 % of it, at most 1 GiB, stay free for everybody else.
 */

#include "base/strbuf.h"

/* What can be used, by root, where fd is; UINT64_MAX where the file system does not say. */
uint64_t room_free(int fd);

/*
 * Before each write of len bytes to fd: 0, or -ENOSPC when the reserve would be touched. Asks the
 * system every few mebibytes only; *countdown is 0 in the beginning.
 */
int room_watch(uint64_t *countdown, int fd, size_t len);

/* So many bytes for people: rounded up to whole K, and above 1 MiB down to whole M. */
void room_show(StrBuf *b, uint64_t bytes);
