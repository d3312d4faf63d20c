/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The decisions of full-files.h. A failure costs disk space and nothing else: it is said once, and
 * every rotation tries again.
 */

#include <syslog.h>

#include "file-at.h"
#include "full-files.h"
#include "rotated.h"

/* The most that all files may have together. */
static uint64_t total_max_bytes(const LogSettings *s) {
        uint64_t bytes;

        return __builtin_mul_overflow((uint64_t) s->keep + 1, s->max_bytes, &bytes) ? UINT64_MAX
                                                                                    : bytes;
}

/* What a temporary file may have, when the log file has size_bytes. */
static uint64_t room_bytes(const LogFile *f, uint64_t size_bytes) {
        uint64_t max_bytes = total_max_bytes(f->settings), used_bytes = f->old_bytes + size_bytes;

        return max_bytes > used_bytes ? max_bytes - used_bytes : 0;
}

static const char *compress_problem(int error) {
        switch (-error) {
        case ENOEXEC:
                return "fte-log-compress cannot be run; install the package again";
        case EEXIST:
                return "what has its name with .zst.tmp at the end is no file; remove that";
        default:
                return file_problem(error);
        }
}

static void say_failed(LogFile *f, int error) {
        if (f->compress_failed)
                return;
        f->compress_failed = true;
        journal_note(f->journal, LOG_WARNING, f->settings->path,
                     "a full file could not be compressed: %s. It stays as it is, and is tried "
                     "again at every rotation.",
                     compress_problem(error));
}

/* What is over by the next rotation, or soon after. */
static bool is_passing(int error) {
        return error == -ENOSPC || error == -EAGAIN || error == -ENOENT;
}

static void compress_next(LogFile *f) {
        const LogSettings *s = f->settings;
        unsigned number;
        int r;

        if (!s->compress || f->compressor.pid > 0 || f->dir_fd < 0)
                return;
        number = rotated_next_plain(f->dir_fd, s->name, s->keep, &f->incompressible);
        if (number == 0)
                return;
        f->old_bytes = rotated_total_bytes(f->dir_fd, s->name, s->keep);
        r = compressor_start(&f->compressor, f->dir_fd, s->name, number,
                             room_bytes(f, f->fill.size_bytes));
        if (r < 0 && !is_passing(r))
                say_failed(f, r);
}

void full_files_compress(LogFile *f) {
        if (f->compressor.pid > 0)
                f->old_bytes = rotated_total_bytes(f->dir_fd, f->settings->name, f->settings->keep);
        compress_next(f);
}

void full_files_moved_up(LogFile *f, unsigned gap) {
        number_set_move_up(&f->incompressible, gap);
        compressor_renumber(&f->compressor, f->dir_fd, f->settings->name, gap, f->settings->keep);
}

void full_files_keep_limit(LogFile *f, uint64_t size_bytes) {
        if (f->compressor.pid > 0 && f->compressor.limit_bytes > room_bytes(f, size_bytes))
                compressor_cancel(&f->compressor, f->dir_fd, f->settings->name);
}

void full_files_child_ended(LogFile *f, pid_t pid, int status) {
        unsigned number = f->compressor.number; /* 0: cancelled */
        int r;

        if (pid != f->compressor.pid)
                return;
        r = compressor_ended(&f->compressor, status, f->dir_fd, f->settings->name);
        if (r == -EFBIG)
                number_set_add(&f->incompressible, number);
        else if (r < 0)
                say_failed(f, r);
        if (r > 0 || r == -EFBIG || number == 0)
                compress_next(f);
}
