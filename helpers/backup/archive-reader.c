/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The reader of archive-reader.h by libarchive. What the manifest must say is put together anew
 * from the archive, in the same order, and compared; so memory does not grow with the number of
 * files.
 */

#include <stdio.h>

#include "archive-reader.h"
#include "member-judge.h"

#define PROBLEM(r, ...)                                          \
        ({                                                       \
                if ((r)->problem.len == 0)                       \
                        strbuf_addf(&(r)->problem, __VA_ARGS__); \
                -EBADMSG;                                        \
        })

/* ---- members ---- */

static int damaged(Reader *r) {
        return PROBLEM(r, "%s%s%s", r->path.len > 0 ? r->path.text : "",
                       r->path.len > 0 ? ": " : "",
                       archive_error_string(r->archive) ? archive_error_string(r->archive)
                                                        : "the archive is damaged");
}

/* All of a small member of ours. */
static int read_text(Reader *r, struct archive_entry *e, size_t max, StrBuf *b) {
        la_int64_t size = archive_entry_size(e);
        la_ssize_t n;

        if (archive_entry_filetype(e) != AE_IFREG || size < 0 || (uint64_t) size > max)
                return PROBLEM(r, "%s: not as a backup has it", r->path.text);
        if (strbuf_reserve(b, (size_t) size + 1) < 0)
                return -ENOMEM;
        n = archive_read_data(r->archive, b->text, (size_t) size);
        if (n != size)
                return damaged(r);
        b->len = (size_t) size;
        b->text[b->len] = 0;
        return 0;
}

static int read_info(Reader *r, struct archive_entry *e) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        unsigned line;
        int k;

        if (!streq(r->path.text, MEMBER_INFO))
                return PROBLEM(r,
                               "this is no backup of ours: its first member is not " MEMBER_INFO);
        k = read_text(r, e, INFO_BYTES_MAX, &b);
        if (k == 0)
                k = info_parse(strbuf_text(&b), b.len, &r->arena, &r->info, &line);
        if (k == -EBADMSG)
                return PROBLEM(r, MEMBER_INFO ":%u: cannot be understood", line);
        if (k == 0 && r->agent && !streq(r->agent, r->info.agent))
                return PROBLEM(r, "this is a backup of the agent %s", r->info.agent);
        r->has_info = k == 0;
        return k == 0 && r->events && r->events->info ? r->events->info(r->userdata, &r->info) : k;
}

static int add_hole(Reader *r, uint64_t bytes) {
        if (bytes > MEMBER_HOLES_READ_MAX)
                return PROBLEM(r, "%s: refused: a hole larger than in any backup", r->path.text);
        return sums_add_zeros(&r->sums, bytes);
}

static int take_block(Reader *r, const void *data, size_t len, int64_t offset, uint64_t *pos) {
        int k;

        if (offset < 0 || (uint64_t) offset < *pos)
                return damaged(r);
        k = add_hole(r, (uint64_t) offset - *pos);
        if (k == 0)
                k = sums_add(&r->sums, data, len);
        *pos = (uint64_t) offset + len;
        return k == 0 && r->events->data ? r->events->data(r->userdata, data, len, offset) : k;
}

/* The member that the archive stands at, piece by piece; *pos is where the last one ended. */
static int read_blocks(Reader *r, uint64_t *pos,
                       int (*take)(Reader *r, const void *data, size_t len, int64_t offset,
                                   uint64_t *pos)) {
        for (;;) {
                const void *data;
                la_int64_t offset;
                size_t len;
                int k = archive_read_data_block(r->archive, &data, &len, &offset);

                if (k == ARCHIVE_EOF)
                        return 0;
                if (k < ARCHIVE_WARN)
                        return damaged(r);
                k = take(r, data, len, offset, pos);
                if (k != 0)
                        return k;
        }
}

static int read_content(Reader *r, struct archive_entry *e) {
        uint64_t size = (uint64_t) MAX(archive_entry_size(e), (la_int64_t) 0), pos = 0;
        unsigned char sum[SUM_BYTES];
        int k = sums_begin(&r->sums);

        if (k == 0)
                k = read_blocks(r, &pos, take_block);
        if (k == 0 && pos < size)
                k = add_hole(r, size - pos);
        if (k == 0)
                k = sums_end(&r->sums, sum);
        if (k < 0)
                return k;
        r->bytes += size;
        /* A file that was written to while it was read is there again, and the last one counts. */
        if (streq(strbuf_text(&r->last_path), r->path.text))
                spool_drop_last(&r->manifest);
        strbuf_reset(&r->last_path);
        strbuf_add(&r->last_path, r->path.text);
        return spool_add(&r->manifest, sum, r->path.text);
}

static int read_member(Reader *r, struct archive_entry *e) {
        const char *problem = member_judge(e, r->path.text);
        int number = info_find(&r->info, r->path.text), k;
        bool is_file = archive_entry_filetype(e) == AE_IFREG && !archive_entry_hardlink(e);

        if (problem)
                return PROBLEM(r, "%s: refused: %s", r->path.text, problem);
        /* The writer resolves those first; restored it would lead the next restore elsewhere. */
        if (number >= 0 && archive_entry_filetype(e) == AE_IFLNK &&
            streq(r->info.paths[number] + 1, r->path.text))
                return PROBLEM(r, "%s: refused: a link in the place of the data", r->path.text);
        if (number < 0 ||
            (archive_entry_hardlink(e) && info_find(&r->info, archive_entry_hardlink(e)) < 0))
                return PROBLEM(r, "%s: refused: not below a path of this backup", r->path.text);
        k = sums_add_member(&r->sums, e, r->path.text);
        if (k == 0 && r->events->member)
                k = r->events->member(r->userdata, e, r->path.text, number);
        if (k == 0 && is_file)
                k = read_content(r, e);
        return k == 0 && r->events->member_end ? r->events->member_end(r->userdata) : k;
}

/* ---- the end ---- */

static int read_notes(Reader *r, struct archive_entry *e) {
        Seal said, seen;
        int k = read_text(r, e, NOTES_BYTES_MAX, &r->notes);

        if (k == 0)
                k = sums_seal(&r->sums, &seen);
        if (k < 0)
                return k;
        if (seal_parse(strbuf_text(&r->notes), r->notes.len, &said) < 0)
                return PROBLEM(r, MEMBER_NOTES ": cannot be understood");
        if (said.n_entries != seen.n_entries)
                return PROBLEM(r, "there are %llu members where %llu were written",
                               (unsigned long long) seen.n_entries,
                               (unsigned long long) said.n_entries);
        if (!streq(said.metadata, seen.metadata))
                return PROBLEM(r, "a name, an owner or a mode in it is not what was written");
        r->n_entries = seen.n_entries;
        r->has_notes = true;
        return 0;
}

/* Names the file in whose line of our own manifest the byte at offset is. */
static int name_difference(Reader *r, uint64_t offset) {
        const uint64_t window = 32 * 1024;
        _cleanup_free_ char *buf = malloc(2 * window + 1);
        uint64_t from = offset > window ? offset - window : 0;
        ssize_t n = buf ? pread(r->manifest.fd, buf, 2 * window, (off_t) from) : -1;
        size_t at = (size_t) (offset - from);
        StrBuf path = { 0 };
        const char *start, *end;

        if (n < 0 || at >= (size_t) n)
                return PROBLEM(r, "its manifest names more files than are in it");
        start = memrchr(buf, '\n', at);
        start = start ? start + 1 : buf;
        end = memchr(buf + at, '\n', (size_t) n - at);
        if (!end || manifest_parse_line(start, (size_t) (end - start), &path) < 0)
                PROBLEM(r, "its manifest is not that of these files");
        else
                PROBLEM(r, "%s: its content is not what was written", strbuf_text(&path));
        strbuf_done(&path);
        return -EBADMSG;
}

static int compare_block(Reader *r, const void *data, size_t len, int64_t offset, uint64_t *pos) {
        const char *said = data;
        char seen[4096];

        if ((uint64_t) offset != *pos)
                return damaged(r);
        for (*pos += len; len > 0;) {
                size_t want = MIN(len, sizeof(seen));
                ssize_t n = pread(r->manifest.fd, seen, want, (off_t) offset);

                if (n < 0)
                        return -errno;
                if (n == 0)
                        return name_difference(r, (uint64_t) offset);
                for (ssize_t i = 0; i < n; i++)
                        if (seen[i] != said[i])
                                return name_difference(r, (uint64_t) (offset + i));
                said += n;
                len -= (size_t) n;
                offset += n;
        }
        return 0;
}

static int read_manifest(Reader *r) {
        uint64_t pos = 0;
        int k = spool_flush(&r->manifest);

        if (k == 0)
                k = read_blocks(r, &pos, compare_block);
        if (k == 0 && pos != r->manifest.len)
                return name_difference(r, pos);
        r->has_manifest = k == 0;
        return k;
}

/* ---- all of it ---- */

static int read_ours(Reader *r, struct archive_entry *e) {
        if (r->has_info && !r->has_notes && streq(r->path.text, MEMBER_NOTES))
                return read_notes(r, e);
        if (r->has_notes && !r->has_manifest && streq(r->path.text, MEMBER_MANIFEST))
                return read_manifest(r);
        return PROBLEM(r, "%s: not as a backup has it", r->path.text);
}

static int take_name(Reader *r, struct archive_entry *e) {
        const char *name = archive_entry_pathname(e);

        strbuf_reset(&r->path);
        strbuf_add(&r->path, name ? name : "");
        if (strbuf_check(&r->path) < 0)
                return -ENOMEM;
        if (archive_entry_filetype(e) == AE_IFDIR && r->path.len > 1 &&
            r->path.text[r->path.len - 1] == '/')
                r->path.text[--r->path.len] = 0;
        return 0;
}

static int next(Reader *r, struct archive_entry **ret) {
        int n;

        strbuf_reset(&r->path);
        n = archive_read_next_header(r->archive, ret);
        if (n == ARCHIVE_EOF)
                return 0;
        if (n < ARCHIVE_WARN)
                return damaged(r);
        n = take_name(r, *ret);
        return n < 0 ? n : 1;
}

static int reader_open(Reader *r) {
        struct archive *a = archive_read_new();
        int k, fd;

        r->archive = a;
        r->manifest.fd = -EBADF;
        k = sums_init(&r->sums);
        if (k < 0 || !a)
                return -ENOMEM;
        fd = open_nameless(r->staging_fd);
        if (fd < 0)
                return fd;
        spool_init(&r->manifest, fd);
        if (archive_read_support_filter_zstd(a) < ARCHIVE_WARN ||
            archive_read_support_format_tar(a) < ARCHIVE_WARN ||
            archive_read_open_fd(a, r->fd, ARCHIVE_BUFFER_BYTES) < ARCHIVE_WARN)
                return damaged(r);
        return 0;
}

int reader_peek(Reader *r) {
        struct archive_entry *e;
        int k = reader_open(r);

        if (k == 0)
                k = next(r, &e);
        if (k == 0)
                return PROBLEM(r, "it is empty");
        return k < 0 ? k : read_info(r, e);
}

int reader_run(Reader *r) {
        struct archive_entry *e;
        int k = reader_peek(r);

        while (k >= 0) {
                k = next(r, &e);
                if (k <= 0)
                        break;
                if (startswith(r->path.text, MEMBER_PREFIX))
                        k = read_ours(r, e);
                else if (r->has_notes)
                        k = PROBLEM(r, "%s: behind the end of the backup", r->path.text);
                else
                        k = read_member(r, e);
        }
        if (k == 0 && !r->has_manifest)
                k = PROBLEM(r, "it ends before its manifest: it is not whole");
        return k;
}

void reader_done(Reader *r) {
        if (r->archive)
                archive_read_free(r->archive);
        spool_close(&r->manifest);
        sums_done(&r->sums);
        strbuf_done(&r->notes);
        strbuf_done(&r->problem);
        strbuf_done(&r->path);
        strbuf_done(&r->last_path);
        arena_done(&r->arena);
}
