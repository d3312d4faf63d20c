/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * unpack.h by libarchive, which only reads: the files are written here, relative to the directory,
 * and links are made when everything else is there. Owners, times, ACLs and attributes are left out
 * on purpose: a release belongs to root, whatever an archive says.
 */

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/fsat.h"
#include "base/tree.h"

#include "name.h"
#include "unpack.h"

typedef struct UnpackLink {
        const char *path, *target;
        struct UnpackLink *next;
} UnpackLink;

#define LINK_TRIES 100

#define PROBLEM(u, ...)                                          \
        ({                                                       \
                if ((u)->problem.len == 0)                       \
                        strbuf_addf(&(u)->problem, __VA_ARGS__); \
                -EBADMSG;                                        \
        })

/* ---- what the system and the archive say ---- */

static int damaged(Unpack *u) {
        const char *why = archive_error_string(u->archive);

        return PROBLEM(u, "%s%s%s", strbuf_text(&u->name), u->name.len > 0 ? ": " : "",
                       why ? why : "the archive is damaged");
}

static int failed(Unpack *u, int error) {
        if (u->problem.len == 0)
                strbuf_addf(&u->problem, "%s: %s", strbuf_text(&u->name), strerror(-error));
        return error;
}

/* ---- judging ---- */

static const char *judge(Unpack *u, struct archive_entry *e) {
        const char *link = archive_entry_symlink(e);
        mode_t type = archive_entry_filetype(e);

        if (archive_entry_hardlink(e))
                return NULL;
        if (archive_entry_is_encrypted(e) > 0)
                return "it is encrypted";
        if (type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK)
                return "a device, a socket or a fifo";
        if (type == AE_IFREG && (archive_entry_mode(e) & (S_ISUID | S_ISGID)))
                return "a program with a setuid or setgid bit";
        if (type == AE_IFLNK && (!link || !name_link_is_inside(u->name.text, link)))
                return "a link that leads out of the release";
        return NULL;
}

static int check_limits(Unpack *u, uint64_t more) {
        if (more > u->bytes_max || u->bytes > u->bytes_max - more)
                return PROBLEM(u,
                               "%s: with it the code is larger than %llu bytes, what MaxSize= of "
                               "[Deploy] allows",
                               strbuf_text(&u->name), (unsigned long long) u->bytes_max);
        if (u->files > u->files_max)
                return PROBLEM(u, "there are more than %llu members",
                               (unsigned long long) u->files_max);
        return 0;
}

/* ---- members ---- */

static int write_block(Unpack *u, int fd, const char *data, size_t len, off_t offset) {
        while (len > 0) {
                ssize_t n = pwrite(fd, data, len, offset);

                if (n < 0 && errno != EINTR)
                        return failed(u, -errno);
                if (n < 0)
                        continue;
                data += n;
                len -= (size_t) n;
                offset += n;
        }
        return 0;
}

/* What is said of the size may be a lie, so what comes is counted, holes too. */
static int write_content(Unpack *u, int fd) {
        uint64_t end = 0;

        for (;;) {
                const void *data;
                la_int64_t offset;
                size_t len;
                int k = archive_read_data_block(u->archive, &data, &len, &offset);

                if (k == ARCHIVE_EOF)
                        break;
                if (k < ARCHIVE_WARN || offset < 0 || (uint64_t) offset < end)
                        return damaged(u);
                k = check_limits(u, (uint64_t) offset + len);
                if (k == 0)
                        k = write_block(u, fd, data, len, (off_t) offset);
                if (k < 0)
                        return k;
                end = (uint64_t) offset + len;
        }
        u->bytes += end;
        return 0;
}

static int make_file(Unpack *u, struct archive_entry *e) {
        _cleanup_close_ int fd = -EBADF;
        int r = check_limits(u, (uint64_t) MAX(archive_entry_size(e), (la_int64_t) 0));

        if (r < 0)
                return r;
        /* The same name again: the later one counts, as with tar. */
        if (unlinkat(u->dir_fd, u->name.text, 0) < 0 && errno != ENOENT)
                return failed(u, -errno);
        fd = openat(u->dir_fd, u->name.text, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    archive_entry_mode(e) & 0111 ? 0755 : 0644);
        if (fd < 0)
                return failed(u, -errno);
        return write_content(u, fd);
}

static int make_hardlink(Unpack *u, struct archive_entry *e) {
        _cleanup_strbuf_ StrBuf target = { 0 };

        if (name_clean(archive_entry_hardlink(e), &target) < 0 || target.len == 0)
                return PROBLEM(u, "%s: refused: a hard link that leads out of the archive",
                               strbuf_text(&u->name));
        for (const UnpackLink *l = u->links; l; l = l->next)
                if (streq(l->path, target.text))
                        return PROBLEM(u, "%s: refused: a hard link to a symbolic one",
                                       strbuf_text(&u->name));
        if (streq(target.text, u->name.text))
                return 0;
        if (unlinkat(u->dir_fd, u->name.text, 0) < 0 && errno != ENOENT)
                return failed(u, -errno);
        return linkat(u->dir_fd, target.text, u->dir_fd, u->name.text, 0) < 0 ? failed(u, -errno)
                                                                              : 0;
}

static int note_link(Unpack *u, struct archive_entry *e) {
        UnpackLink *l = arena_new(&u->arena, UnpackLink);

        if (!l)
                return -ENOMEM;
        *l = (UnpackLink){ arena_strdup(&u->arena, u->name.text),
                           arena_strdup(&u->arena, archive_entry_symlink(e)), u->links };
        u->links = l;
        return arena_failed(&u->arena) ? -ENOMEM : 0;
}

static int make(Unpack *u, struct archive_entry *e) {
        int r = tree_make_parents(u->dir_fd, u->name.text);

        if (r < 0)
                return failed(u, r);
        if (archive_entry_hardlink(e))
                return make_hardlink(u, e);
        if (archive_entry_filetype(e) == AE_IFLNK)
                return note_link(u, e);
        if (archive_entry_filetype(e) == AE_IFREG)
                return make_file(u, e);
        r = fsat_mkdir(u->dir_fd, u->name.text);
        return r < 0 ? failed(u, r) : 0;
}

static int take_member(Unpack *u, struct archive_entry *e) {
        const char *name = archive_entry_pathname(e), *why;
        int r;

        strbuf_reset(&u->name);
        r = name ? name_clean(name, &u->name) : -EINVAL;
        if (r == -EINVAL) {
                strbuf_reset(&u->name);
                return PROBLEM(u, "%.200s: refused: its name is absolute, leads out or is too deep",
                               name ? name : "(no name)");
        }
        if (r < 0 || u->name.len == 0)
                return r;
        u->files++;
        why = judge(u, e);
        if (why)
                return PROBLEM(u, "%s: refused: %s", u->name.text, why);
        r = check_limits(u, 0);
        return r < 0 ? r : make(u, e);
}

/* ---- links ---- */

/*
 * Where a link leads may depend on others: the kernel itself says whether it is inside. 0; 1: it
 * leads out, or nowhere for ever; negative errno. -EAGAIN is "something was renamed meanwhile", by
 * anybody on the host: openat2(2).
 */
static int leads_out(int dir_fd, const char *path) {
        struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH };
        int fd = -EAGAIN;

        for (unsigned i = 0; i < LINK_TRIES && fd == -EAGAIN; i++) {
                fd = (int) syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
                fd = fd < 0 ? -errno : fd;
        }
        if (fd >= 0)
                close(fd);
        if (fd >= 0 || fd == -ENOENT || fd == -ENOTDIR)
                return 0;
        return fd == -EXDEV || fd == -ELOOP ? 1 : fd;
}

static int make_links(Unpack *u) {
        for (const UnpackLink *l = u->links; l; l = l->next) {
                strbuf_reset(&u->name);
                strbuf_add(&u->name, l->path);
                if (symlinkat(l->target, u->dir_fd, l->path) < 0 && errno != EEXIST)
                        return failed(u, -errno);
        }
        for (const UnpackLink *l = u->links; l; l = l->next) {
                int r = leads_out(u->dir_fd, l->path);

                if (r < 0) {
                        strbuf_reset(&u->name);
                        strbuf_add(&u->name, l->path);
                        return failed(u, r);
                }
                if (r > 0)
                        return PROBLEM(u, "%s: refused: a link that leads out of the release",
                                       l->path);
        }
        return 0;
}

/* ---- the whole ---- */

struct archive *unpack_open(int fd) {
        struct archive *a = archive_read_new();

        if (!a)
                return NULL;
        archive_read_support_filter_gzip(a);
        archive_read_support_filter_bzip2(a);
        archive_read_support_filter_xz(a);
        archive_read_support_filter_lzma(a);
        archive_read_support_filter_zstd(a);
        archive_read_support_filter_lz4(a);
        archive_read_support_filter_compress(a);
        archive_read_support_format_tar(a);
        archive_read_support_format_zip(a);
        (void) archive_read_open_fd(a, fd, UNPACK_BUFFER_BYTES); /* an error is one of reading */
        return a;
}

/*
 * Compressed formats and zip notice themselves when they are cut off. A plain tar archive does not
 * where that is between two members; but it ends with blocks of zeros.
 */
static bool has_end(const Unpack *u, int fd) {
        static const char zeros[512];
        char block[sizeof(zeros)];
        off_t size = lseek(fd, 0, SEEK_END);

        if (archive_filter_code(u->archive, 0) != ARCHIVE_FILTER_NONE ||
            (archive_format(u->archive) & ARCHIVE_FORMAT_BASE_MASK) != ARCHIVE_FORMAT_TAR)
                return true;
        return size >= (off_t) sizeof(block) &&
               pread(fd, block, sizeof(block), size - (off_t) sizeof(block)) ==
                       (ssize_t) sizeof(block) &&
               memcmp(block, zeros, sizeof(block)) == 0;
}

int unpack_run(Unpack *u, int fd) {
        struct archive_entry *e;
        int n, r = 0;

        u->archive = unpack_open(fd);
        if (!u->archive)
                return -ENOMEM;
        while (r == 0 && (n = archive_read_next_header(u->archive, &e)) != ARCHIVE_EOF) {
                strbuf_reset(&u->name);
                if (n < ARCHIVE_WARN)
                        return u->files > 0
                                       ? damaged(u)
                                       : PROBLEM(u,
                                                 "this is no tar archive, wheel or npm package: %s",
                                                 archive_error_string(u->archive)
                                                         ? archive_error_string(u->archive)
                                                         : "unknown");
                r = take_member(u, e);
        }
        if (r == 0 && u->files == 0)
                return PROBLEM(u, "the archive is empty");
        if (r == 0 && !has_end(u, fd)) {
                strbuf_reset(&u->name);
                return PROBLEM(u, "the archive lacks its end: it was cut off on the way");
        }
        return r < 0 ? r : make_links(u);
}

void unpack_done(Unpack *u) {
        if (u->archive)
                archive_read_free(u->archive);
        strbuf_done(&u->name);
        strbuf_done(&u->problem);
        arena_done(&u->arena);
}
