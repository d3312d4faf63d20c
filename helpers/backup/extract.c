/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * extract.h by libarchive's disk writer, which works by names relative to the working directory:
 * that is set to the root at hand before each call.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/log.h"

#include "extract.h"
#include "sqlite-copy.h"

#define EXTRACT_FLAGS                                                                       \
        (ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_ACL |                \
         ARCHIVE_EXTRACT_XATTR | ARCHIVE_EXTRACT_SPARSE | ARCHIVE_EXTRACT_SECURE_SYMLINKS | \
         ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS)

static int failed(const ExtractRoot *root, const char *path) {
        int e = archive_errno(root->disk);

        log_line(LOG_ERR, "%s: cannot be restored: %s", path,
                 archive_error_string(root->disk) ? archive_error_string(root->disk) : "unknown");
        return e > 0 && e < 4096 ? -e : -EIO;
}

static int enter(Extract *x, ExtractRoot *root) {
        if (fchdir(root->fd) < 0)
                return -errno;
        x->current = root;
        if (root->disk)
                return 0;
        root->disk = archive_write_disk_new();
        if (!root->disk)
                return -ENOMEM;
        /* Accounts by name: on another host the same agent may have another number. */
        archive_write_disk_set_standard_lookup(root->disk);
        archive_write_disk_set_options(
                root->disk, EXTRACT_FLAGS | (geteuid() == 0 ? ARCHIVE_EXTRACT_OWNER : 0));
        return 0;
}

/* The name below the root; -ENOENT: it belongs elsewhere. */
static int local_name(const ExtractRoot *root, const char *path, StrBuf *b) {
        const char *rest;

        strbuf_reset(b);
        if (!root->as) {
                strbuf_add(b, path);
                return strbuf_check(b);
        }
        rest = startswith(path, root->prefix);
        if (!rest || (*rest && *rest != '/'))
                return -ENOENT;
        strbuf_addf(b, "%s%s", root->as, rest);
        return strbuf_check(b);
}

static bool is_wanted(const Extract *x, const char *path) {
        const char *rest = x->only ? startswith(path, x->only) : NULL;

        return !x->only || (rest && (!*rest || *rest == '/'));
}

static int rename_member(Extract *x, struct archive_entry *e, const char *path) {
        _cleanup_strbuf_ StrBuf target = { 0 };
        const char *hardlink = archive_entry_hardlink(e);
        int r = local_name(x->current, path, &x->name);

        if (r == 0)
                archive_entry_copy_pathname(e, x->name.text);
        if (r == 0 && hardlink) {
                r = local_name(x->current, hardlink, &target);
                if (r == 0)
                        archive_entry_copy_hardlink(e, target.text);
        }
        if (r == -ENOENT)
                log_line(LOG_ERR,
                         "%s: a hard link between two paths of the backup; restore it with --to",
                         path);
        return r;
}

static int on_member(void *userdata, struct archive_entry *e, const char *path, int number) {
        Extract *x = userdata;
        ExtractRoot *root = &x->roots[x->n_roots > 1 ? (size_t) number : 0];
        int r;

        x->current = NULL;
        if (!is_wanted(x, path) || root->fd < 0)
                return 0;
        r = enter(x, root);
        if (r == 0)
                r = rename_member(x, e, path);
        if (r < 0)
                return r;
        x->n_members++;
        return archive_write_header(root->disk, e) < ARCHIVE_OK ? failed(root, path) : 0;
}

static int on_data(void *userdata, const void *data, size_t len, int64_t offset) {
        Extract *x = userdata;

        if (!x->current)
                return 0;
        return archive_write_data_block(x->current->disk, data, len, offset) < ARCHIVE_OK
                       ? failed(x->current, x->name.text)
                       : 0;
}

static int check_database(Extract *x) {
        _cleanup_close_ int fd = openat(x->current->fd, x->name.text,
                                        O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        struct stat st;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !sqlite_is_database(fd))
                return 0;
        x->n_databases++;
        r = sqlite_check(fd, x->name.text);
        x->failed_database |= r == -EBADMSG;
        return r == -EBADMSG ? 0 : r; /* the others are looked at too */
}

static int on_member_end(void *userdata) {
        Extract *x = userdata;

        if (!x->current)
                return 0;
        if (archive_write_finish_entry(x->current->disk) < ARCHIVE_OK)
                return failed(x->current, x->name.text);
        return x->check_databases ? check_database(x) : 0;
}

static int on_info(void *userdata, const Info *info) {
        Extract *x = userdata;

        return x->prepare ? x->prepare(x, info) : 0;
}

const ReaderEvents extract_events = {
        .info = on_info,
        .member = on_member,
        .data = on_data,
        .member_end = on_member_end,
};

int extract_finish(Extract *x) {
        for (size_t i = 0; i < x->n_roots; i++) {
                ExtractRoot *root = &x->roots[i];

                if (!root->disk)
                        continue;
                if (fchdir(root->fd) < 0)
                        return -errno;
                if (archive_write_close(root->disk) < ARCHIVE_OK)
                        return failed(root, "directories");
                if (syncfs(root->fd) < 0)
                        return -errno;
        }
        return 0;
}

void extract_done(Extract *x) {
        for (size_t i = 0; i < x->n_roots; i++)
                if (x->roots[i].disk)
                        archive_write_free(x->roots[i].disk);
        strbuf_done(&x->name);
        arena_done(&x->arena);
}

/* ---- removing ---- */

static int remove_children(int fd) {
        DIR *dir = fdopendir(fd);
        struct dirent *d;
        int r = 0;

        if (!dir) {
                close(fd);
                return -ENOMEM;
        }
        while (r == 0 && (errno = 0, d = readdir(dir)))
                if (!streq(d->d_name, ".") && !streq(d->d_name, ".."))
                        r = remove_tree(dirfd(dir), d->d_name);
        closedir(dir);
        return r;
}

int remove_tree(int dir_fd, const char *name) {
        int fd, r;

        if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = remove_children(fd);
        return r == 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 ? -errno : r;
}
