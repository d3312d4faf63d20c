/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The states of log-file.h: open, stopped, and the way between them. The order of the steps of a
 * rotation is such that a crash between any two of them loses no line that was in a file.
 */

#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>

#include "file-at.h"
#include "full-files.h"
#include "log-file.h"
#include "rotated.h"

#define CHECK_USEC       (1 * USEC_PER_SEC)
#define FIRST_RETRY_USEC (1 * USEC_PER_SEC)
#define LAST_RETRY_USEC  (60 * USEC_PER_SEC)

static void close_file(LogFile *f) {
        if (f->fd >= 0)
                close(f->fd);
        if (f->dir_fd >= 0)
                close(f->dir_fd);
        f->fd = f->dir_fd = -EBADF;
}

/* Only whole lines stay: the open one would be torn when the file goes on. */
static void stop(LogFile *f, int error) {
        if (f->fd >= 0)
                f->missing_bytes += file_drop_line(f->fd, &f->fill);
        compressor_cancel(&f->compressor, f->dir_fd, f->settings->name);
        f->incompressible = (NumberSet){ 0 }; /* it may have failed amid the renaming */
        close_file(f);
        f->retry_usec = f->now_usec + f->retry_delay_usec;
        f->retry_delay_usec = MIN(f->retry_delay_usec * 2, LAST_RETRY_USEC);
        if (!f->is_stopped)
                journal_note(f->journal, LOG_ERR, f->settings->path,
                             "cannot be written: %s. Until then the output is in the journal only.",
                             file_problem(error));
        f->is_stopped = true;
}

/* Something was written: if the file was stopped, that is over. */
static void started(LogFile *f) {
        if (!f->is_stopped)
                return;
        journal_note(f->journal, LOG_NOTICE, f->settings->path,
                     "is written again; it lacks %llu bytes of output.",
                     (unsigned long long) f->missing_bytes);
        f->is_stopped = false;
        f->missing_bytes = 0;
}

static int open_file(LogFile *f) {
        struct stat st;
        int r;

        f->fill = (Fill){ 0 }; /* should it fail on the way, stop() has nothing to take off */
        r = file_open(f->settings, &f->dir_fd, &f->fd, &st);
        if (r >= 0)
                r = file_begin(f->fd, &st, f->settings->max_bytes, &f->fill);
        if (r >= 0)
                f->check_usec = f->now_usec + CHECK_USEC;
        return r;
}

void log_file_open(LogFile *f, const LogSettings *settings, Journal *journal, uint64_t now_usec) {
        int r;

        *f = (LogFile){ .settings = settings,
                        .journal = journal,
                        .dir_fd = -EBADF,
                        .fd = -EBADF,
                        .compressor.temporary_fd = -EBADF,
                        .now_usec = now_usec,
                        .retry_delay_usec = FIRST_RETRY_USEC };
        r = open_file(f);
        if (r < 0)
                stop(f, r);
}

/* ---- when somebody else moves, empties or removes the file ---- */

/* Whether the path still leads to the open file; its length in any case. */
static bool is_in_place(const LogFile *f, uint64_t *ret_size_bytes) {
        struct stat open_st, path_st;

        if (fstat(f->fd, &open_st) < 0)
                return false;
        *ret_size_bytes = (uint64_t) open_st.st_size;
        return fstatat(AT_FDCWD, f->settings->path, &path_st, AT_SYMLINK_NOFOLLOW) == 0 &&
               path_st.st_ino == open_st.st_ino && path_st.st_dev == open_st.st_dev;
}

/* The open line moves along, so that it is whole in the new file. */
static int begin_new_file(LogFile *f) {
        int old_fd = TAKE_FD(f->fd), r;
        Fill old = f->fill;

        close_file(f);
        r = open_file(f);
        if (r >= 0)
                r = file_move_line(old_fd, &old, f->fd, &f->fill);
        if (r < 0)
                f->missing_bytes += file_drop_line(old_fd, &old);
        rotated_close_unlinked(old_fd);
        return r;
}

static void begin_new_file_or_stop(LogFile *f) {
        int r = begin_new_file(f);

        if (r < 0)
                stop(f, r);
}

void log_file_reopen(LogFile *f) {
        uint64_t size_bytes;

        if (f->fd < 0)
                f->retry_usec = 0; /* whoever asks has perhaps repaired it */
        else if (!is_in_place(f, &size_bytes))
                begin_new_file_or_stop(f);
}

/* Emptied: what it holds came since, and is the open line, or the end of it, or nothing. */
static void go_on_emptied(LogFile *f, uint64_t size_bytes) {
        uint64_t open_bytes = f->fill.size_bytes - f->fill.line_start;

        if (size_bytes == 0 && f->is_mid_line)
                f->skips_line = true; /* the open line's start is gone */
        f->fill.size_bytes = size_bytes;
        f->fill.line_start = size_bytes - MIN(open_bytes, size_bytes);
}

static void check(LogFile *f) {
        uint64_t size_bytes = f->fill.size_bytes;

        f->check_usec = f->now_usec + CHECK_USEC;
        if (f->fd < 0)
                return;
        if (!is_in_place(f, &size_bytes))
                begin_new_file_or_stop(f);
        else if (size_bytes < f->fill.size_bytes)
                go_on_emptied(f, size_bytes);
        else if (size_bytes > f->fill.size_bytes)
                f->fill = (Fill){ size_bytes, size_bytes };
}

/* ---- rotation ---- */

/*
 * Before the first step the output is in one file, and after each it still is in one: a crash
 * leaves at most an open line in the older file.
 */
static int rotate(LogFile *f) {
        const LogSettings *s = f->settings;
        char first[NAME_MAX + 1];
        _cleanup_close_ int fd = -EBADF;
        Fill fill = { 0 };
        unsigned gap;
        int r;

        f->must_rotate = true;
        r = rotated_make_place(f->dir_fd, s->name, s->keep, &gap);
        if (r < 0)
                return r;
        rotated_name(first, s->name, 1, ROTATED_PLAIN);
        if (s->keep > 0 ? renameat(f->dir_fd, s->name, f->dir_fd, first) < 0
                        : unlinkat(f->dir_fd, s->name, 0) < 0)
                r = -errno;
        if (r < 0 && r != -ENOENT)
                return r;
        f->must_rotate = false;
        full_files_moved_up(f, gap);
        if (r < 0)
                return begin_new_file(f); /* removed since we looked */
        fd = file_create(f->dir_fd, s->name);
        if (fd < 0)
                return fd;
        if (f->fill.line_start > 0) {
                r = file_move_line(f->fd, &f->fill, fd, &fill);
                if (r < 0)
                        return r;
        }
        if (s->keep > 0)
                close(f->fd);
        else
                rotated_close_unlinked(f->fd);
        f->fd = TAKE_FD(fd);
        f->fill = fill;
        full_files_compress(f);
        return 0;
}

/* ---- writing ---- */

static int append(LogFile *f, const char *data, size_t len) {
        while (len > 0) {
                ssize_t n = write(f->fd, data, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                fill_append(&f->fill, data, (size_t) n);
                data += n;
                len -= (size_t) n;
        }
        return 0;
}

/* Appends what this file takes, and begins the next one when there is more. */
static int append_piece(LogFile *f, const char *data, size_t len, size_t *ret_bytes) {
        uint64_t limit_bytes = f->settings->max_bytes, before_bytes;
        Cut cut = cut_find(&f->fill, limit_bytes, data, len);
        int r;

        if (cut.rotate) {
                check(f); /* what we know may be a second old, and now it has to be right */
                if (f->fd < 0 || f->skips_line)
                        return 0;
                cut = cut_find(&f->fill, limit_bytes, data, len);
        }
        before_bytes = f->fill.size_bytes;
        r = append(f, data, cut.append_bytes);
        *ret_bytes = (size_t) (f->fill.size_bytes - before_bytes);
        if (*ret_bytes > 0)
                f->is_mid_line = data[*ret_bytes - 1] != '\n';
        return r >= 0 && cut.rotate ? rotate(f) : r;
}

static size_t skip_line(LogFile *f, const char *data, size_t len) {
        const char *end = memchr(data, '\n', len);
        size_t n = end ? (size_t) (end - data) + 1 : len;

        f->skips_line = f->is_mid_line = !end;
        f->missing_bytes += n;
        return n;
}

/* Appends all of it, over as many files as it takes. Counts what it does not append as missing. */
static void append_lines(LogFile *f, const char *data, size_t len) {
        bool appended = false;

        while (len > 0 && f->fd >= 0) {
                size_t n = 0;
                int r = 0;

                if (f->skips_line)
                        n = skip_line(f, data, len);
                else {
                        r = append_piece(f, data, len, &n);
                        appended |= n > 0;
                }
                data += n;
                len -= n;
                if (r < 0)
                        stop(f, r);
        }
        f->missing_bytes += len;
        if (appended && f->fd >= 0)
                started(f);
}

static bool try_again(LogFile *f) {
        int r;

        if (f->now_usec < f->retry_usec)
                return false;
        r = open_file(f);
        if (r >= 0 && f->must_rotate && f->fill.size_bytes > 0) /* 0: somebody did it for us */
                r = rotate(f);
        if (r < 0) {
                stop(f, r);
                return false;
        }
        f->must_rotate = false;
        f->skips_line = f->is_mid_line;
        return true;
}

void log_file_write(LogFile *f, const char *data, size_t len, uint64_t now_usec) {
        bool ends_mid_line = data[len - 1] != '\n';

        f->now_usec = now_usec;
        if (now_usec >= f->check_usec)
                check(f);
        if (f->fd < 0 && !try_again(f)) {
                f->missing_bytes += len;
                f->is_mid_line = ends_mid_line;
                return;
        }
        full_files_keep_limit(f, f->fill.size_bytes + len);
        append_lines(f, data, len);
        f->is_mid_line = ends_mid_line;
}

void log_file_finish(LogFile *f) {
        compressor_cancel(&f->compressor, f->dir_fd, f->settings->name);
        if (f->is_stopped)
                journal_note(f->journal, LOG_ERR, f->settings->path,
                             "lacks the last %llu bytes of output.",
                             (unsigned long long) f->missing_bytes);
}
