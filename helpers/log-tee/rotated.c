/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The renames of rotated.h. While they run nobody reads the agent's output: system calls are few,
 * and none waits for a disk more than a rename does.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "rotated.h"

/* Freeing more than this takes longer than a fork. */
#define LARGE_BYTES (8 << 20)

void rotated_close_unlinked(int fd) {
        struct stat st;

        /* The file goes with the child's copy of the descriptor, which is closed after ours. */
        if (fstat(fd, &st) == 0 && st.st_size > LARGE_BYTES && _Fork() == 0) {
                nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
                _exit(EXIT_SUCCESS);
        }
        close(fd);
}

int rotated_open(int dir_fd, const char *file) {
        return openat(dir_fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int rotated_remove(int dir_fd, const char *file) {
        int fd = rotated_open(dir_fd, file);
        int r = unlinkat(dir_fd, file, 0) == 0 || errno == ENOENT ? 0 : -errno;

        if (fd >= 0)
                rotated_close_unlinked(fd);
        return r;
}

static uint64_t size_of(int dir_fd, const char *name, unsigned number, RotatedKind kind,
                        bool *ret_exists) {
        char file[NAME_MAX + 1];
        struct stat st;

        rotated_name(file, name, number, kind);
        *ret_exists = fstatat(dir_fd, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
        return *ret_exists && S_ISREG(st.st_mode) ? (uint64_t) st.st_size : 0;
}

static bool kind_exists(int dir_fd, const char *name, unsigned number, RotatedKind kind) {
        bool exists;

        size_of(dir_fd, name, number, kind, &exists);
        return exists;
}

static bool number_exists(int dir_fd, const char *name, unsigned number) {
        return kind_exists(dir_fd, name, number, ROTATED_ZSTD) ||
               kind_exists(dir_fd, name, number, ROTATED_PLAIN);
}

static int remove_number(int dir_fd, const char *name, unsigned number) {
        char file[NAME_MAX + 1];
        int r = 0;

        for (RotatedKind kind = 0; kind < _ROTATED_KIND_MAX && r == 0; kind++) {
                rotated_name(file, name, number, kind);
                r = rotated_remove(dir_fd, file);
        }
        return r;
}

static int move_kind_up(int dir_fd, const char *name, unsigned number, RotatedKind kind) {
        char from[NAME_MAX + 1], to[NAME_MAX + 1];

        rotated_name(from, name, number, kind);
        rotated_name(to, name, number + 1, kind);
        return renameat(dir_fd, from, dir_fd, to) < 0 ? -errno : 0;
}

/*
 * Both kinds of one number: the machine stopped between the renaming of what was compressed, which
 * is complete by then, and the removal of the original.
 */
static int move_up(int dir_fd, const char *name, unsigned number) {
        char plain[NAME_MAX + 1];
        int r = move_kind_up(dir_fd, name, number, ROTATED_ZSTD);

        if (r == 0) {
                rotated_name(plain, name, number, ROTATED_PLAIN);
                return rotated_remove(dir_fd, plain);
        }
        if (r != -ENOENT)
                return r;
        r = move_kind_up(dir_fd, name, number, ROTATED_PLAIN);
        return r == -ENOENT ? 0 : r;
}

int rotated_make_place(int dir_fd, const char *name, unsigned keep, unsigned *ret_gap) {
        unsigned gap = 1;
        int r = 0;

        for (unsigned n = keep + 1; r == 0 && number_exists(dir_fd, name, n); n++)
                r = remove_number(dir_fd, name, n); /* it once was more */
        while (gap <= keep && number_exists(dir_fd, name, gap))
                gap++;
        if (gap > keep && keep > 0 && r == 0) {
                r = remove_number(dir_fd, name, keep);
                gap = keep;
        }
        for (unsigned n = gap; n-- > 1 && r == 0;)
                r = move_up(dir_fd, name, n);
        if (r >= 0)
                *ret_gap = gap;
        return r;
}

uint64_t rotated_total_bytes(int dir_fd, const char *name, unsigned keep) {
        uint64_t total = 0;
        bool exists, any = true;

        for (unsigned n = 1; n <= keep && any; n++) {
                any = false;
                for (RotatedKind kind = 0; kind < _ROTATED_KIND_MAX; kind++) {
                        total += size_of(dir_fd, name, n, kind, &exists);
                        any |= exists;
                }
        }
        return total;
}

unsigned rotated_next_plain(int dir_fd, const char *name, unsigned keep, const NumberSet *but) {
        for (unsigned n = 1; n <= keep; n++) {
                if (kind_exists(dir_fd, name, n, ROTATED_ZSTD))
                        continue;
                if (!kind_exists(dir_fd, name, n, ROTATED_PLAIN))
                        break;
                if (!number_set_has(but, n))
                        return n;
        }
        return 0;
}
