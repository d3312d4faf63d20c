/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * pack.h by libarchive. Runs as root over a directory that somebody else may change meanwhile:
 * nothing is opened through a link, and only regular files are read.
 */

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "name.h"
#include "pack.h"

typedef struct Packer {
        Pack *pack;
        struct archive *archive;
        struct archive_entry *entry;
        StrBuf path;
        char buf[65536];
} Packer;

static int add_dir(Packer *p, int fd, unsigned depth);

static int refuse(Packer *p, const char *why) {
        bool is_all = p->path.len == 0; /* which ftectl names */

        strbuf_addf(&p->pack->problem, "%s%s%s", strbuf_text(&p->path), is_all ? "" : ": ", why);
        return -EBADMSG;
}

static bool is_left_out(const char *name) {
        static const char *const names[] = { ".",       "..",           ".git",
                                             ".hg",     ".svn",         "venv",
                                             ".venv",   "node_modules", "__pycache__",
                                             ".tox",    ".mypy_cache",  ".pytest_cache",
                                             ".direnv", ".DS_Store",    ".env" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (streq(names[i], name))
                        return true;
        return endswith(name, ".pyc") != NULL;
}

/* ---- members ---- */

static int put_header(Packer *p, const struct stat *st) {
        struct archive_entry *e = p->entry;
        bool is_file = S_ISREG(st->st_mode);

        archive_entry_set_pathname(e, p->path.text);
        archive_entry_set_filetype(e, S_ISDIR(st->st_mode) ? AE_IFDIR
                                      : is_file            ? AE_IFREG
                                                           : AE_IFLNK);
        archive_entry_set_perm(e, !is_file || (st->st_mode & 0111) ? 0755 : 0644);
        archive_entry_set_size(e, is_file ? st->st_size : 0);
        archive_entry_set_mtime(e, 0, 0);
        return archive_write_header(p->archive, e) < ARCHIVE_WARN
                       ? refuse(p, archive_error_string(p->archive))
                       : 0;
}

static int put_content(Packer *p, int fd, uint64_t size) {
        while (size > 0) {
                ssize_t n = read(fd, p->buf, MIN((uint64_t) sizeof(p->buf), size));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return refuse(p, n < 0 ? strerror(errno) : "it became shorter meanwhile");
                if (archive_write_data(p->archive, p->buf, (size_t) n) != n)
                        return refuse(p, archive_error_string(p->archive));
                size -= (uint64_t) n;
        }
        return 0;
}

static int add_file(Packer *p, int dir_fd, const char *name) {
        _cleanup_close_ int fd = fsat_open_regular(dir_fd, name);
        struct stat st;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0)
                return refuse(p, strerror(fd < 0 ? -fd : errno));
        p->pack->bytes += (uint64_t) st.st_size;
        if (p->pack->bytes > p->pack->bytes_max)
                return refuse(p, "with it the code is larger than MaxSize= of [Deploy] allows");
        r = put_header(p, &st);
        return r == 0 ? put_content(p, fd, (uint64_t) st.st_size) : r;
}

static int add_link(Packer *p, int dir_fd, const char *name, const struct stat *st) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(dir_fd, name, target, sizeof(target) - 1);

        if (n < 0)
                return refuse(p, strerror(errno));
        target[n] = 0;
        if (!name_link_is_inside(p->path.text, target))
                return refuse(p, "a link that leads out of the directory");
        archive_entry_set_symlink(p->entry, target);
        return put_header(p, st);
}

static int add_below(Packer *p, int dir_fd, const char *name, const struct stat *st,
                     unsigned depth) {
        int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r;

        if (fd < 0)
                return refuse(p, strerror(errno));
        r = put_header(p, st);
        if (r == 0)
                return add_dir(p, fd, depth + 1);
        close(fd);
        return r;
}

static int add_entry(Packer *p, int dir_fd, const char *name, unsigned depth) {
        struct stat st;

        archive_entry_clear(p->entry);
        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return refuse(p, strerror(errno));
        if (++p->pack->files > p->pack->files_max)
                return refuse(p, "there are too many files");
        switch (st.st_mode & S_IFMT) {
        case S_IFREG:
                return add_file(p, dir_fd, name);
        case S_IFLNK:
                return add_link(p, dir_fd, name, &st);
        case S_IFDIR:
                return depth >= NAME_DEPTH_MAX ? refuse(p, "directories are too deep")
                                               : add_below(p, dir_fd, name, &st, depth);
        default:
                p->pack->files--; /* a socket of a program that runs there, say */
                return 0;
        }
}

/* ---- directories ---- */

static int select_entry(const struct dirent *d) {
        return !is_left_out(d->d_name);
}

static int compare_entries(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_dir(Packer *p, int fd, unsigned depth) {
        size_t len = p->path.len;
        struct dirent **entries;
        int n = scandirat(fd, ".", &entries, select_entry, compare_entries), r = 0;

        if (n < 0)
                r = refuse(p, strerror(errno));
        for (int i = 0; i < n; i++) {
                if (r == 0) {
                        strbuf_addf(&p->path, "%s%s", len > 0 ? "/" : "", entries[i]->d_name);
                        r = strbuf_check(&p->path) < 0
                                    ? -ENOMEM
                                    : add_entry(p, fd, entries[i]->d_name, depth);
                        if (r == 0 && p->path.text)
                                p->path.text[p->path.len = len] = 0;
                }
                free(entries[i]);
        }
        if (n >= 0)
                free(entries);
        close(fd);
        return r;
}

static int open_archive(Packer *p, int out_fd) {
        p->archive = archive_write_new();
        p->entry = archive_entry_new();
        if (!p->archive || !p->entry)
                return -ENOMEM;
        if (archive_write_set_format_pax_restricted(p->archive) < ARCHIVE_WARN ||
            archive_write_open_fd(p->archive, out_fd) < ARCHIVE_WARN)
                return refuse(p, archive_error_string(p->archive));
        return 0;
}

int pack_run(Pack *pack, const char *dir, int out_fd) {
        _cleanup_free_ Packer *p = calloc(1, sizeof(*p));
        int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

        if (!p)
                return -ENOMEM;
        p->pack = pack;
        r = fd < 0 ? refuse(p, strerror(errno)) : open_archive(p, out_fd);
        if (r == 0)
                r = add_dir(p, fd, 0);
        if (r == 0 && pack->files == 0)
                r = refuse(p, "there is nothing in the directory");
        if (r == 0 && archive_write_close(p->archive) < ARCHIVE_WARN)
                r = refuse(p, archive_error_string(p->archive));
        if (p->archive)
                archive_write_free(p->archive);
        if (p->entry)
                archive_entry_free(p->entry);
        strbuf_done(&p->path);
        return r;
}
