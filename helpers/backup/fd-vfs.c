/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The two VFS of fd-vfs.h (https://www.sqlite.org/vfs.html). Own no descriptor: the caller does.
 */

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fd-vfs.h"
#include "room.h"

static struct {
        int fd;
        bool immutable;
        uint64_t room_countdown;
} target = { .fd = -EBADF };

/* ---- a file that is a descriptor ---- */

static int fd_close(sqlite3_file *f _unused_) {
        return SQLITE_OK;
}

static int fd_read(sqlite3_file *f _unused_, void *buf, int n, sqlite3_int64 offset) {
        size_t done = 0;

        while (done < (size_t) n) {
                ssize_t k = pread(target.fd, (char *) buf + done, (size_t) n - done,
                                  (off_t) offset + (off_t) done);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return SQLITE_IOERR_READ;
                if (k == 0) { /* SQLite relies on the zeros */
                        memset((char *) buf + done, 0, (size_t) n - done);
                        return SQLITE_IOERR_SHORT_READ;
                }
                done += (size_t) k;
        }
        return SQLITE_OK;
}

static int fd_write(sqlite3_file *f _unused_, const void *buf, int n, sqlite3_int64 offset) {
        size_t done = 0;

        /* A database may say that it is larger than its file. */
        if (room_watch(&target.room_countdown, target.fd, (size_t) n) < 0)
                return SQLITE_FULL;
        while (done < (size_t) n) {
                ssize_t k = pwrite(target.fd, (const char *) buf + done, (size_t) n - done,
                                   (off_t) offset + (off_t) done);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL
                                                                  : SQLITE_IOERR_WRITE;
                done += (size_t) k;
        }
        return SQLITE_OK;
}

static int fd_truncate(sqlite3_file *f _unused_, sqlite3_int64 size) {
        return ftruncate(target.fd, (off_t) size) < 0 ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

/* What it becomes part of is synced in the end. */
static int fd_sync(sqlite3_file *f _unused_, int flags _unused_) {
        return SQLITE_OK;
}

static int fd_size(sqlite3_file *f _unused_, sqlite3_int64 *ret) {
        struct stat st;

        if (fstat(target.fd, &st) < 0)
                return SQLITE_IOERR_FSTAT;
        *ret = st.st_size;
        return SQLITE_OK;
}

/* Nobody else has the file. */
static int fd_lock(sqlite3_file *f _unused_, int level _unused_) {
        return SQLITE_OK;
}

static int fd_check_lock(sqlite3_file *f _unused_, int *ret) {
        *ret = 0;
        return SQLITE_OK;
}

static int fd_control(sqlite3_file *f _unused_, int op _unused_, void *arg _unused_) {
        return SQLITE_NOTFOUND;
}

static int fd_sector_size(sqlite3_file *f _unused_) {
        return 4096;
}

static int fd_characteristics(sqlite3_file *f _unused_) {
        return target.immutable ? SQLITE_IOCAP_IMMUTABLE : 0;
}

static const sqlite3_io_methods fd_methods = {
        .iVersion = 1,
        .xClose = fd_close,
        .xRead = fd_read,
        .xWrite = fd_write,
        .xTruncate = fd_truncate,
        .xSync = fd_sync,
        .xFileSize = fd_size,
        .xLock = fd_lock,
        .xUnlock = fd_lock,
        .xCheckReservedLock = fd_check_lock,
        .xFileControl = fd_control,
        .xSectorSize = fd_sector_size,
        .xDeviceCharacteristics = fd_characteristics,
};

/* ---- where it is opened ---- */

static int fd_open(sqlite3_vfs *vfs _unused_, const char *name _unused_, sqlite3_file *f, int flags,
                   int *ret_flags) {
        f->pMethods = NULL;
        if (!(flags & SQLITE_OPEN_MAIN_DB))
                return SQLITE_CANTOPEN;
        f->pMethods = &fd_methods;
        if (ret_flags)
                *ret_flags = flags;
        return SQLITE_OK;
}

static int fd_delete(sqlite3_vfs *vfs _unused_, const char *name _unused_, int sync _unused_) {
        return SQLITE_OK;
}

/* There is no journal, ever. */
static int fd_access(sqlite3_vfs *vfs _unused_, const char *name _unused_, int flags _unused_,
                     int *ret) {
        *ret = 0;
        return SQLITE_OK;
}

static int keep_name(sqlite3_vfs *vfs _unused_, const char *name, int size, char *out) {
        return snprintf(out, (size_t) size, "%s", name) >= size ? SQLITE_CANTOPEN : SQLITE_OK;
}

int fd_vfs_register(int fd, bool immutable) {
        static sqlite3_vfs vfs;
        const sqlite3_vfs *system = sqlite3_vfs_find(NULL);

        if (!system)
                return -ENOMEM;
        target.fd = fd;
        target.immutable = immutable;
        target.room_countdown = 0;
        vfs = *system; /* for its clock and random numbers */
        vfs.iVersion = 1;
        vfs.szOsFile = sizeof(sqlite3_file);
        vfs.zName = FD_VFS;
        vfs.xOpen = fd_open;
        vfs.xDelete = fd_delete;
        vfs.xAccess = fd_access;
        vfs.xFullPathname = keep_name;
        return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? 0 : -ENOMEM;
}

int here_vfs_register(void) {
        static sqlite3_vfs vfs;
        const sqlite3_vfs *system = sqlite3_vfs_find(NULL);

        if (!system)
                return -ENOMEM;
        vfs = *system;
        vfs.zName = HERE_VFS;
        vfs.xFullPathname = keep_name;
        return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? 0 : -ENOMEM;
}
