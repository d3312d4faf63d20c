/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * room.h by fstatvfs(3).
 */

#include <sys/statvfs.h>

#include "base/format.h"

#include "room.h"

#define EVERY_BYTES       ((uint64_t) 4 * 1024 * 1024)
#define RESERVE_MAX_BYTES ((uint64_t) 1024 * 1024 * 1024)

static uint64_t reserve(const struct statvfs *v) {
        return MIN((uint64_t) v->f_blocks * v->f_frsize / 20, RESERVE_MAX_BYTES);
}

uint64_t room_free(int fd) {
        struct statvfs v;
        uint64_t available;

        if (fstatvfs(fd, &v) < 0 || v.f_blocks == 0)
                return UINT64_MAX;
        available = (uint64_t) v.f_bavail * v.f_frsize;
        return available > reserve(&v) ? available - reserve(&v) : 0;
}

int room_watch(uint64_t *countdown, int fd, size_t len) {
        struct statvfs v;
        uint64_t every = EVERY_BYTES;

        if (len < *countdown) {
                *countdown -= len;
                return 0;
        }
        if (fstatvfs(fd, &v) == 0 && v.f_blocks > 0)
                every = MIN(every, reserve(&v));
        if (room_free(fd) < len + every)
                return -ENOSPC;
        *countdown = every;
        return 0;
}

void room_show(StrBuf *b, uint64_t bytes) {
        format_bytes(b, bytes < 1024 * 1024 ? (MAX(bytes, (uint64_t) 1) + 1023) / 1024 * 1024
                                            : bytes / (1024 * 1024) * 1024 * 1024);
}
