/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Files, directories and links as members of an archive: their header, their attributes, their
 * content while somebody writes to it. Must not open anything.
 */

#include <limits.h>
#include <stdio.h>

#include "base/log.h"

#include "amount.h"
#include "writer-member.h"

#define TRIES                3 /* of a file that is written to meanwhile */
#define ATTRIBUTES_BYTES_MAX ((size_t) 256 * 1024)

/* ---- the header ---- */

/* A million of them help nobody. */
void writer_note(Writer *w, const char *what, const char *path) {
        if (w->notes.len < NOTES_BYTES_MAX / 2)
                note_add(&w->notes, what, path);
}

void writer_note_missing(Writer *w, const char *what, const char *path, int error) {
        w->n_missing++;
        log_line(LOG_WARNING, "%s: %s%s%s", path, what, error ? ": " : "",
                 error ? strerror(error) : "");
        writer_note(w, what, path);
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

/* Others give rights away when they are restored, or mean nothing on another machine. */
static bool attribute_is_kept(const char *name) {
        return streq(name, "security.selinux") ||
               (!startswith(name, "security.") && !startswith(name, "trusted."));
}

/* Whether all are kept; in *ret_bytes what they take. */
static bool look_at_attributes(struct archive_entry *e, size_t *ret_bytes) {
        bool all = true;
        const char *name;
        const void *value;
        size_t size;

        *ret_bytes = 0;
        archive_entry_xattr_reset(e);
        while (archive_entry_xattr_next(e, &name, &value, &size) == ARCHIVE_OK) {
                all &= attribute_is_kept(name);
                *ret_bytes += strlen(name) + size;
        }
        return all;
}

static int drop_some(struct archive_entry *e) {
        struct archive_entry *all = archive_entry_clone(e);
        const char *name;
        const void *value;
        size_t size;

        if (!all)
                return -ENOMEM;
        archive_entry_xattr_clear(e);
        archive_entry_xattr_reset(all);
        while (archive_entry_xattr_next(all, &name, &value, &size) == ARCHIVE_OK)
                if (attribute_is_kept(name))
                        archive_entry_xattr_add_entry(e, name, value, size);
        archive_entry_free(all);
        return 0;
}

/*
 * What would give rights away when it is restored stays behind, and so do attributes that would
 * make a header of more than the mebibyte that libarchive reads: the archive would end there.
 */
static int drop_powers(Writer *w, const WalkEntry *e) {
        size_t bytes;
        bool all;

        if (S_ISREG(e->st.st_mode) && (e->st.st_mode & (S_ISUID | S_ISGID))) {
                archive_entry_set_mode(w->entry, e->st.st_mode & ~(mode_t) (S_ISUID | S_ISGID));
                writer_note(w, "without its setuid or setgid bit", e->path);
        }
        all = look_at_attributes(w->entry, &bytes);
        if (bytes > ATTRIBUTES_BYTES_MAX) {
                archive_entry_xattr_clear(w->entry);
                writer_note_missing(w, "without its extended attributes, which are too large",
                                    e->path, 0);
                return 0;
        }
        if (all)
                return 0;
        writer_note(w, "without its capabilities or attributes of the system", e->path);
        return drop_some(w->entry);
}

int writer_fill(Writer *w, const WalkEntry *e) {
        char source[40];

        archive_entry_clear(w->entry);
        archive_entry_copy_pathname(w->entry, e->path);
        archive_entry_copy_stat(w->entry, &e->st);
        if (S_ISLNK(e->st.st_mode))
                return fill_link(w, e) == -ENOENT ? 1 : 0;
        snprintf(source, sizeof(source), "/proc/self/fd/%d", e->fd);
        archive_entry_copy_sourcepath(w->entry, source);
        if (archive_read_disk_entry_from_file(w->disk, w->entry, e->fd, &e->st) < ARCHIVE_WARN)
                writer_note_missing(w, "its attributes cannot be read", e->path,
                                    archive_errno(w->disk));
        return drop_powers(w, e);
}

int writer_header(Writer *w, const char *path) {
        int r = sums_add_member(&w->sums, w->entry, path);

        if (r < 0)
                return r;
        return archive_write_header(w->archive, w->entry) < ARCHIVE_WARN ? writer_failed(w) : 0;
}

/* ---- content ---- */

/*
 * Where the header says that a file has data. What is written into a hole after that is not in the
 * archive, so it must not be in the sum either; and a hole needs not be read.
 */
typedef struct DataMap {
        struct archive_entry *entry;
        bool has_holes;
        uint64_t begin, end; /* of the data that come next, or are at hand */
} DataMap;

static DataMap map_begin(struct archive_entry *e) {
        return (DataMap){ .entry = e, .has_holes = archive_entry_sparse_reset(e) > 0 };
}

/* How many bytes from pos on are of one kind, and of which. */
static uint64_t map_next(DataMap *m, uint64_t pos, uint64_t size, bool *ret_hole) {
        la_int64_t offset, len;

        while (m->has_holes && pos >= m->end && m->begin < size) {
                if (archive_entry_sparse_next(m->entry, &offset, &len) != ARCHIVE_OK)
                        offset = (la_int64_t) size, len = 0;
                m->begin = (uint64_t) offset;
                m->end = (uint64_t) (offset + len);
        }
        *ret_hole = m->has_holes && (pos < m->begin || pos >= m->end);
        if (!m->has_holes)
                return size - pos;
        return MIN(pos < m->begin ? m->begin : m->end, size) - pos;
}

/* What is missing at the end is zeros, for the header has told the size already. */
static size_t read_piece(Writer *w, int fd, uint64_t pos, size_t want, const char *path) {
        ssize_t n;

        do
                n = pread(fd, w->buf, want, (off_t) pos);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                writer_note_missing(w, "cannot be read", path, errno);
        if (n > 0)
                return (size_t) n;
        memset(w->buf, 0, want);
        return want;
}

int writer_content(Writer *w, int fd, uint64_t size, const char *path) {
        static const char zeros[ARCHIVE_BUFFER_BYTES];
        unsigned char sum[SUM_BYTES];
        DataMap map = map_begin(w->entry);
        int r = sums_begin(&w->sums);

        for (uint64_t done = 0, n; done < size && r == 0; done += n) {
                bool hole;

                n = MIN(map_next(&map, done, size, &hole), (uint64_t) ARCHIVE_BUFFER_BYTES);
                if (!hole) {
                        n = read_piece(w, fd, done, (size_t) n, path);
                        amount_add(n);
                }
                r = sums_add(&w->sums, hole ? zeros : w->buf, (size_t) n);
                if (r == 0 && archive_write_data(w->archive, hole ? zeros : w->buf, (size_t) n) !=
                                      (la_ssize_t) n)
                        r = writer_failed(w);
        }
        if (r == 0)
                r = sums_end(&w->sums, sum);
        w->bytes += size;
        return r < 0 ? r : spool_add(&w->manifest, sum, path);
}

/* ---- a file ---- */

static bool is_same(const struct stat *a, const struct stat *b) {
        return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
               a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
               a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int writer_further_name(Writer *w, const WalkEntry *e) {
        const char *first;
        int r = e->st.st_nlink < 2 ? 0 : links_find(&w->links, e, &first);

        if (r <= 0)
                return r < 0 ? r : 1;
        archive_entry_copy_hardlink(w->entry, first);
        archive_entry_unset_size(w->entry);
        return writer_header(w, e->path);
}

bool writer_is_bottomless(const struct stat *st) {
        uint64_t blocks = (uint64_t) st->st_blocks * 512;

        return (uint64_t) st->st_size > blocks &&
               (uint64_t) st->st_size - blocks > MEMBER_HOLES_MAX;
}

/* Of the same name once more is what counts, for a tar file is read from its beginning. */
int writer_add_file(Writer *w, const WalkEntry *e) {
        WalkEntry again = *e;
        struct stat after;
        int r;

        if (writer_is_bottomless(&e->st)) {
                writer_note_missing(w, "left out, for it has more than 1 TiB of holes", e->path, 0);
                return 0;
        }
        for (unsigned i = 0; i < TRIES; i++) {
                r = writer_fill(w, &again);
                if (r == 0 && i == 0) {
                        r = writer_further_name(w, &again);
                        if (r <= 0)
                                return r;
                }
                if (i > 0)
                        spool_drop_last(&w->manifest);
                r = writer_header(w, e->path);
                if (r == 0)
                        r = writer_content(w, e->fd, (uint64_t) again.st.st_size, e->path);
                if (r < 0)
                        return r;
                if (fstat(e->fd, &after) < 0)
                        return -errno;
                if (is_same(&again.st, &after))
                        break;
                again.st = after;
                if (i == TRIES - 1 || writer_is_bottomless(&after)) {
                        w->n_changed++;
                        writer_note(w, "changed while it was read", e->path);
                        break;
                }
        }
        w->n_files++;
        return 0;
}
