/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The writer of archive-writer.h by libarchive, in its pax format: the beginning and the end of an
 * archive, and what is done with what the walk comes by. Files are writer-member.c's, databases
 * databases.c's. Must not open a file by a path: what it reads are the descriptors that walk.c
 * opened.
 */

#include "base/log.h"

#include "databases.h"
#include "sqlite-copy.h"
#include "writer-member.h"

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

int writer_failed(const Writer *w) {
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
        w->buf = malloc(ARCHIVE_BUFFER_BYTES);
        r = sums_init(&w->sums);
        if (r < 0 || !a || !w->disk || !w->entry || !w->buf)
                return -ENOMEM;
        fd = open_nameless(staging_fd);
        if (fd < 0)
                return fd;
        spool_init(&w->manifest, fd);
        archive_read_disk_set_standard_lookup(w->disk);
        archive_read_disk_set_behavior(w->disk, ARCHIVE_READDISK_NO_FFLAGS);
        if (archive_write_set_format_pax(a) != ARCHIVE_OK ||
            (compress ? archive_write_add_filter_zstd(a) : archive_write_add_filter_none(a)) !=
                    ARCHIVE_OK ||
            archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
            archive_write_open(a, w, NULL, on_write, NULL) != ARCHIVE_OK)
                return writer_failed(w);
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
                return writer_failed(w);
        return 0;
}

int writer_begin(Writer *w, const Info *info) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        info_format(info, &b);
        return add_text(w, MEMBER_INFO, &b);
}

/* ---- for the walk ---- */

void writer_next_path(Writer *w) {
        links_done(&w->links);
}

int writer_add(void *userdata, const WalkEntry *e) {
        Writer *w = userdata;
        int r;

        if (S_ISREG(e->st.st_mode)) {
                if (database_has_companion(e))
                        return 0;
                return sqlite_is_database(e->fd) ? writer_add_database(w, e)
                                                 : writer_add_file(w, e);
        }
        r = writer_fill(w, e);
        return r == 0 ? writer_header(w, e->path) : MIN(r, 0);
}

void writer_skipped(void *userdata, const char *path, WalkSkip why, int error) {
        Writer *w = userdata;

        switch (why) {
        case WALK_UNREADABLE:
                writer_note_missing(w, "cannot be read", path, error);
                break;
        case WALK_OTHER_DEVICE:
                log_line(LOG_NOTICE,
                         "/%s: another file system, which is not backed up; name it in Paths=",
                         path);
                writer_note(w, "another file system", path);
                break;
        default:
                writer_note(w, "neither file, directory nor link", path);
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
                return writer_failed(w);
        for (uint64_t done = 0; done < w->manifest.len;) {
                ssize_t n = pread(w->manifest.fd, w->buf, ARCHIVE_BUFFER_BYTES, (off_t) done);

                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                if (archive_write_data(w->archive, w->buf, (size_t) n) != n)
                        return writer_failed(w);
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
        return archive_write_close(w->archive) != ARCHIVE_OK ? writer_failed(w) : 0;
}

void writer_done(Writer *w) {
        archive_entry_free(w->entry);
        links_done(&w->links);
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
