/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * backup-status.h: a row a key.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/backup-status.h"
#include "base/fsat.h"
#include "base/parse.h"
#include "base/strbuf.h"

#define NAME_BYTES 300

static const struct {
        const char *key;
        size_t offset;
} rows[] = {
        { "made ", offsetof(BackupStatus, made_usec) },
        { "bytes ", offsetof(BackupStatus, bytes) },
        { "missing ", offsetof(BackupStatus, missing) },
        { "same-device ", offsetof(BackupStatus, same_device) },
        { "complete ", offsetof(BackupStatus, complete_usec) },
        { "target ", offsetof(BackupStatus, target) },
        { "failed ", offsetof(BackupStatus, failed_usec) },
        { "verified ", offsetof(BackupStatus, verified_usec) },
        { "unverified ", offsetof(BackupStatus, unverified_usec) },
};

static uint64_t *field(BackupStatus *s, size_t row) {
        return (uint64_t *) ((char *) s + rows[row].offset);
}

int backup_status_read(int dir_fd, const char *agent, BackupStatus *ret) {
        char name[NAME_BYTES], text[1024];
        _cleanup_close_ int fd = -EBADF;
        BackupStatus s = { 0 };
        ssize_t n;

        if (snprintf(name, sizeof(name), "%s.status", agent) >= (int) sizeof(name))
                return -ENAMETOOLONG;
        fd = fsat_open_regular(dir_fd, name);
        n = fd < 0 ? fd : fsat_read_fd(fd, text, sizeof(text));
        if (n < 0)
                return (int) n;
        for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
                *end = 0;
                for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                        const char *value = startswith(line, rows[i].key);

                        if (value)
                                (void) parse_uint(value, UINT64_MAX - 1, field(&s, i));
                }
        }
        *ret = s;
        return 0;
}

int backup_status_write(int dir_fd, const char *agent, const BackupStatus *s) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char name[NAME_BYTES], part[NAME_BYTES + 8];
        BackupStatus copy = *s;
        int r;

        if (snprintf(name, sizeof(name), "%s.status", agent) >= (int) sizeof(name))
                return -ENAMETOOLONG;
        snprintf(part, sizeof(part), ".%s.part", name);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                strbuf_addf(&b, "%s%llu\n", rows[i].key, (unsigned long long) *field(&copy, i));
        if (strbuf_check(&b) < 0)
                return -ENOMEM;
        r = fsat_create(dir_fd, part, &(FsatContent){ b.text, b.len, 0644, true });
        if (r == 0 && renameat(dir_fd, part, dir_fd, name) < 0)
                r = -errno;
        return r == 0 && fsync(dir_fd) < 0 ? -errno : r;
}
