/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The writer of archive-writer.h by libarchive, in its pax format. Must not open a file by a path:
 * what it reads are the descriptors that walk.c opened.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/log.h"

#include "archive-writer.h"
#include "sqlite-copy.h"

#define TRIES 3 /* of a file that is written to meanwhile */

/* ---- libarchive ---- */

static la_ssize_t on_write(struct archive *a, void *userdata, const void *data, size_t len) {
        Writer *w = userdata;
        int r = w->sink.write(w->sink.userdata, data, len);

        if (r == 0)
                return (la_ssize_t) len;
        w->sink_error = r;
        archive_set_error(a, -r, "%s", strerror(-r));
        return -1;
}

static int failed(const Writer *w) {
        int e = archive_errno(w->archive);

        if (w->sink_error < 0)
                return w->sink_error;
        log_line(LOG_ERR, "the archive cannot be written: %s", archive_error_string(w->archive));
        return e > 0 && e < 4096 ? -e : -EIO;
}

int writer_open(Writer *w, const Sink *sink, int staging_fd, bool compress) {
        struct archive *a = archive_write_new();
        int r, fd;

        *w = (Writer){
                .sink = *sink, .staging_fd = staging_fd, .archive = a, .manifest.fd = -EBADF
        };
        w->disk = archive_read_disk_new();
        w->entry = archive_entry_new();
        w->links = archive_entry_linkresolver_new();
        w->buf = malloc(ARCHIVE_BUFFER_BYTES);
        r = sums_init(&w->sums);
        if (r < 0 || !a || !w->disk || !w->entry || !w->links || !w->buf)
                return -ENOMEM;
        fd = open_nameless(staging_fd);
        if (fd < 0)
                return fd;
        spool_init(&w->manifest, fd);
        archive_entry_linkresolver_set_strategy(w->links, ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE);
        archive_read_disk_set_standard_lookup(w->disk);
        archive_read_disk_set_behavior(w->disk, ARCHIVE_READDISK_NO_FFLAGS);
        if (archive_write_set_format_pax(a) != ARCHIVE_OK ||
            (compress ? archive_write_add_filter_zstd(a) : archive_write_add_filter_none(a)) !=
                    ARCHIVE_OK ||
            archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
            archive_write_open(a, w, NULL, on_write, NULL) != ARCHIVE_OK)
                return failed(w);
        return 0;
}

/* A text of our own as a member. */
static int add_text(Writer *w, const char *name, const StrBuf *text) {
        struct archive_entry *e = w->entry;

        if (strbuf_check(text) < 0)
                return -ENOMEM;
        archive_entry_clear(e);
        archive_entry_copy_pathname(e, name);
        archive_entry_set_mode(e, S_IFREG | 0600);
        archive_entry_set_size(e, (la_int64_t) text->len);
        if (archive_write_header(w->archive, e) != ARCHIVE_OK ||
            archive_write_data(w->archive, strbuf_text(text), text->len) != (la_ssize_t) text->len)
                return failed(w);
        return 0;
}

int writer_begin(Writer *w, const Info *info) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        info_format(info, &b);
        return add_text(w, MEMBER_INFO, &b);
}

/* ---- one member ---- */

/* A million of them help nobody. */
static void note(Writer *w, const char *what, const char *path) {
        if (w->notes.len < NOTES_BYTES_MAX / 2)
                note_add(&w->notes, what, path);
}

static void note_missing(Writer *w, const char *what, const char *path, int error) {
        w->n_missing++;
        log_line(LOG_WARNING, "%s: %s%s%s", path, what, error ? ": " : "",
                 error ? strerror(error) : "");
        note(w, what, path);
}

static int fill_link(Writer *w, const WalkEntry *e) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(e->dir_fd, e->name, target, sizeof(target) - 1);

        if (n < 0)
                return -errno;
        target[n] = 0;
        archive_entry_copy_symlink(w->entry, target);
        archive_entry_copy_uname(w->entry, archive_read_disk_uname(w->disk, e->st.st_uid));
        archive_entry_copy_gname(w->entry, archive_read_disk_gname(w->disk, e->st.st_gid));
        return 0;
}

/* What would give rights away when it is restored stays behind. */
static void drop_powers(Writer *w, const WalkEntry *e) {
        const char *name;
        const void *value;
        size_t size;

        if (S_ISREG(e->st.st_mode) && (e->st.st_mode & (S_ISUID | S_ISGID))) {
                archive_entry_set_mode(w->entry, e->st.st_mode & ~(mode_t) (S_ISUID | S_ISGID));
                note(w, "without its setuid or setgid bit", e->path);
        }
        archive_entry_xattr_reset(w->entry);
        while (archive_entry_xattr_next(w->entry, &name, &value, &size) == ARCHIVE_OK)
                if (streq(name, "security.capability")) {
                        archive_entry_xattr_clear(w->entry);
                        note(w, "without its capabilities and attributes", e->path);
                        return;
                }
}

/* Fills w->entry; 1: it has vanished. */
static int fill_entry(Writer *w, const WalkEntry *e) {
        char source[40];

        archive_entry_clear(w->entry);
        archive_entry_copy_pathname(w->entry, e->path);
        archive_entry_copy_stat(w->entry, &e->st);
        if (S_ISLNK(e->st.st_mode))
                return fill_link(w, e) == -ENOENT ? 1 : 0;
        snprintf(source, sizeof(source), "/proc/self/fd/%d", e->fd);
        archive_entry_copy_sourcepath(w->entry, source);
        if (archive_read_disk_entry_from_file(w->disk, w->entry, e->fd, &e->st) < ARCHIVE_WARN)
                note_missing(w, "its attributes cannot be read", e->path, archive_errno(w->disk));
        drop_powers(w, e);
        return 0;
}

static int write_header(Writer *w, const char *path) {
        int r = sums_add_member(&w->sums, w->entry, path);

        if (r < 0)
                return r;
        return archive_write_header(w->archive, w->entry) < ARCHIVE_WARN ? failed(w) : 0;
}

/* Exactly size bytes: what is missing at the end is zeros, for the header has told the size
 * already. */
static int write_content(Writer *w, int fd, uint64_t size, const char *path) {
        unsigned char sum[SUM_BYTES];
        int r = sums_begin(&w->sums);

        for (uint64_t done = 0; done < size && r == 0;) {
                size_t want = (size_t) MIN(size - done, (uint64_t) ARCHIVE_BUFFER_BYTES);
                ssize_t n = pread(fd, w->buf, want, (off_t) done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0) {
                        note_missing(w, "cannot be read", path, errno);
                        n = 0;
                }
                if (n == 0) {
                        memset(w->buf, 0, want);
                        n = (ssize_t) want;
                }
                r = sums_add(&w->sums, w->buf, (size_t) n);
                if (r == 0 && archive_write_data(w->archive, w->buf, (size_t) n) != n)
                        r = failed(w);
                done += (uint64_t) n;
        }
        if (r == 0)
                r = sums_end(&w->sums, sum);
        w->bytes += size;
        return r < 0 ? r : spool_add(&w->manifest, sum, path);
}

static bool is_same(const struct stat *a, const struct stat *b) {
        return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
               a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
               a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* A further name of a file that is in the archive: its header is all. 1: it is none. */
static int write_further_name(Writer *w, const char *path) {
        struct archive_entry *spare = NULL;

        if (archive_entry_nlink(w->entry) < 2)
                return 1;
        archive_entry_linkify(w->links, &w->entry, &spare);
        return archive_entry_hardlink(w->entry) ? write_header(w, path) : 1;
}

/* Of the same name once more is what counts, for a tar file is read from its beginning. */
static int add_file(Writer *w, const WalkEntry *e) {
        WalkEntry again = *e;
        struct stat after;
        int r;

        for (unsigned i = 0; i < TRIES; i++) {
                r = fill_entry(w, &again);
                if (r == 0 && i == 0) {
                        r = write_further_name(w, e->path);
                        if (r <= 0)
                                return r;
                }
                if (i > 0)
                        spool_drop_last(&w->manifest);
                r = write_header(w, e->path);
                if (r == 0)
                        r = write_content(w, e->fd, (uint64_t) again.st.st_size, e->path);
                if (r < 0)
                        return r;
                if (fstat(e->fd, &after) < 0)
                        return -errno;
                if (is_same(&again.st, &after))
                        break;
                again.st = after;
                if (i == TRIES - 1) {
                        w->n_changed++;
                        note(w, "changed while it was read", e->path);
                }
        }
        w->n_files++;
        return 0;
}

/* ---- databases ---- */

/* The files beside it; they belong to the database, and the copy has what is in them. */
static int add_companions(Writer *w, const WalkEntry *e) {
        static const char *const suffixes[] = { "-wal", "-journal" };
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(suffixes) && r == 0; i++) {
                _cleanup_strbuf_ StrBuf name = { 0 }, path = { 0 };
                _cleanup_close_ int fd = -EBADF;
                WalkEntry c = { .dir_fd = e->dir_fd };

                strbuf_addf(&name, "%s%s", e->name, suffixes[i]);
                strbuf_addf(&path, "%s%s", e->path, suffixes[i]);
                c.name = strbuf_text(&name);
                c.path = strbuf_text(&path);
                fd = openat(e->dir_fd, c.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
                if (fd < 0 || fstat(fd, &c.st) < 0 || !S_ISREG(c.st.st_mode))
                        continue;
                c.fd = fd;
                r = add_file(w, &c);
        }
        return r;
}

static int add_database(Writer *w, const WalkEntry *e) {
        int r = w->sink.room(w->sink.userdata, (uint64_t) e->st.st_size);
        _cleanup_close_ int fd = r < 0 ? r : open_nameless(w->staging_fd);
        struct stat st;

        r = fd < 0 ? fd : sqlite_copy(e->dir_fd, e->name, &e->st, e->path, fd);

        if (r == -ENOSPC || r == -ENOMEM)
                return r;
        if (r < 0) {
                note_missing(w, "copied as a plain file, for SQLite could not", e->path, 0);
                r = add_file(w, e);
                return r < 0 ? r : add_companions(w, e);
        }
        if (fstat(fd, &st) < 0)
                return -errno;
        r = fill_entry(w, e);
        if (r == 0) {
                r = write_further_name(w, e->path);
                if (r <= 0)
                        return r;
        }
        archive_entry_sparse_clear(w->entry);
        archive_entry_set_size(w->entry, st.st_size);
        r = write_header(w, e->path);
        w->n_files++;
        w->n_databases++;
        return r < 0 ? r : write_content(w, fd, (uint64_t) st.st_size, e->path);
}

static bool is_companion(const WalkEntry *e) {
        size_t n = sqlite_companion_base(e->name);
        _cleanup_close_ int fd = -EBADF;
        char base[NAME_MAX + 1];

        if (n == 0 || n > NAME_MAX)
                return false;
        memcpy(base, e->name, n);
        base[n] = 0;
        fd = openat(e->dir_fd, base, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        return fd >= 0 && sqlite_is_database(fd);
}

/* ---- for the walk ---- */

int writer_add(void *userdata, const WalkEntry *e) {
        Writer *w = userdata;
        int r;

        if (S_ISREG(e->st.st_mode)) {
                if (is_companion(e))
                        return 0;
                return sqlite_is_database(e->fd) ? add_database(w, e) : add_file(w, e);
        }
        r = fill_entry(w, e);
        return r == 0 ? write_header(w, e->path) : MIN(r, 0);
}

void writer_skipped(void *userdata, const char *path, WalkSkip why, int error) {
        Writer *w = userdata;

        switch (why) {
        case WALK_UNREADABLE:
                note_missing(w, "cannot be read", path, error);
                break;
        case WALK_OTHER_DEVICE:
                log_line(LOG_NOTICE,
                         "/%s: another file system, which is not backed up; name it in Paths=",
                         path);
                note(w, "another file system", path);
                break;
        default:
                note(w, "neither file, directory nor link", path);
        }
}

/* ---- the end ---- */

static int add_manifest(Writer *w) {
        int r = spool_flush(&w->manifest);

        if (r < 0)
                return r;
        archive_entry_clear(w->entry);
        archive_entry_copy_pathname(w->entry, MEMBER_MANIFEST);
        archive_entry_set_mode(w->entry, S_IFREG | 0600);
        archive_entry_set_size(w->entry, (la_int64_t) w->manifest.len);
        if (archive_write_header(w->archive, w->entry) != ARCHIVE_OK)
                return failed(w);
        for (uint64_t done = 0; done < w->manifest.len;) {
                ssize_t n = pread(w->manifest.fd, w->buf, ARCHIVE_BUFFER_BYTES, (off_t) done);

                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                if (archive_write_data(w->archive, w->buf, (size_t) n) != n)
                        return failed(w);
                done += (uint64_t) n;
        }
        return 0;
}

int writer_end(Writer *w) {
        Seal seal;
        int r = sums_seal(&w->sums, &seal);

        if (r == 0) {
                seal_format(&seal, &w->notes);
                r = add_text(w, MEMBER_NOTES, &w->notes);
        }
        if (r == 0)
                r = add_manifest(w);
        if (r < 0)
                return r;
        return archive_write_close(w->archive) != ARCHIVE_OK ? failed(w) : 0;
}

void writer_done(Writer *w) {
        archive_entry_free(w->entry);
        archive_entry_linkresolver_free(w->links);
        if (w->disk)
                archive_read_free(w->disk);
        if (w->archive) {
                archive_write_fail(w->archive); /* or it would write an end to what is not whole */
                archive_write_free(w->archive);
        }
        spool_close(&w->manifest);
        strbuf_done(&w->notes);
        sums_done(&w->sums);
        free(w->buf);
}
