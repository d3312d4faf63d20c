/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * extract.h by libarchive's disk writer, which works by names relative to the working directory:
 * that is set to the root at hand before each call.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/log.h"

#include "amount.h"
#include "extract.h"
#include "interrupt.h"
#include "room.h"
#include "sqlite-copy.h"

#define EXTRACT_FLAGS                                                                       \
        (ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_ACL |                \
         ARCHIVE_EXTRACT_XATTR | ARCHIVE_EXTRACT_SPARSE | ARCHIVE_EXTRACT_SECURE_SYMLINKS | \
         ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS)

static int failed(Extract *x) {
        const ExtractRoot *root = x->current;
        const char *path = x->name.text;
        int e = archive_errno(root->disk);

        x->is_told = true;
        log_line(LOG_ERR, "%s: cannot be restored: %s", path,
                 archive_error_string(root->disk) ? archive_error_string(root->disk) : "unknown");
        return e > 0 && e < 4096 ? -e : -EIO;
}

/* What libarchive only warns of, such as an owner that cannot be set, is an error here. */
static int judge(Extract *x, int status) {
        return status == ARCHIVE_OK ? 0 : failed(x);
}

/* ---- where there are no attributes ---- */

static bool has_attributes(int fd) {
        static const char name[] = "user.fte-backup";

        if (fsetxattr(fd, name, "", 0, 0) < 0)
                return errno != EOPNOTSUPP && errno != ENOSYS;
        (void) fremovexattr(fd, name);
        return true;
}

/* Data are worth more than their attributes. ACLs libarchive passes over by itself then. */
static void drop_attributes(Extract *x, struct archive_entry *e, const char *path) {
        if (archive_entry_xattr_count(e) == 0)
                return;
        archive_entry_xattr_clear(e);
        if (x->n_bare++ == 0)
                log_line(LOG_WARNING,
                         "%s: restored without its extended attributes, which this file system "
                         "does not have; so are others",
                         path);
}

/* What an archive says of its size may be wrong, and a full disk would harm others. */
static int check_room(Extract *x, size_t len) {
        int r = room_watch(&x->room_countdown, x->current->fd, len);

        x->is_told |= r < 0;
        if (r < 0)
                log_line(LOG_ERR,
                         "%s: there is no room for what is being restored, which is more than the "
                         "archive says",
                         x->name.text);
        return r;
}

/* ---- members ---- */

static int enter(Extract *x, ExtractRoot *root) {
        if (fchdir(root->fd) < 0)
                return -errno;
        x->current = root;
        if (root->disk)
                return 0;
        root->disk = archive_write_disk_new();
        if (!root->disk)
                return -ENOMEM;
        root->no_attributes = !has_attributes(root->fd);
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
        rest = path_startswith(path, root->prefix);
        if (!rest)
                return -ENOENT;
        strbuf_addf(b, "%s%s", root->as, rest);
        return strbuf_check(b);
}

static bool is_wanted(const Extract *x, const char *path) {
        return !x->only || path_startswith(path, x->only);
}

static int rename_hardlink(Extract *x, struct archive_entry *e, const char *path) {
        _cleanup_strbuf_ StrBuf target = { 0 };
        const char *hardlink = archive_entry_hardlink(e);
        int r;

        if (!is_wanted(x, hardlink)) {
                log_line(LOG_ERR,
                         "/%s is another name of /%s, where its content is in the archive: name "
                         "that with --path=",
                         path, hardlink);
                return -ENOENT;
        }
        r = local_name(x->current, hardlink, &target);
        if (r == 0)
                archive_entry_copy_hardlink(e, target.text);
        if (r == -ENOENT)
                log_line(LOG_ERR,
                         "%s: a hard link between two paths of the backup; restore it with --to",
                         path);
        return r;
}

static int rename_member(Extract *x, struct archive_entry *e, const char *path) {
        int r = local_name(x->current, path, &x->name);

        if (r < 0)
                return r;
        archive_entry_copy_pathname(e, x->name.text);
        return archive_entry_hardlink(e) ? rename_hardlink(x, e, path) : 0;
}

static int on_member(void *userdata, struct archive_entry *e, const char *path, int number) {
        Extract *x = userdata;
        ExtractRoot *root = &x->roots[x->n_roots > 1 ? (size_t) number : 0];
        int r;

        x->current = NULL;
        r = interrupt_check();
        if (r < 0 || !is_wanted(x, path) || root->fd < 0)
                return r;
        r = enter(x, root);
        if (r == 0)
                r = rename_member(x, e, path);
        if (r < 0)
                return r;
        x->n_members++;
        if (root->no_attributes)
                drop_attributes(x, e, path);
        return judge(x, archive_write_header(root->disk, e));
}

static int on_data(void *userdata, const void *data, size_t len, int64_t offset) {
        Extract *x = userdata;

        int r;

        amount_add(len);
        r = interrupt_check();
        if (r < 0 || !x->current)
                return r;
        r = check_room(x, len);
        if (r < 0)
                return r;
        return archive_write_data_block(x->current->disk, data, len, offset) < ARCHIVE_OK
                       ? failed(x)
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
        return r == -EBADMSG || r == -EOPNOTSUPP ? 0 : r; /* the others are looked at too */
}

static int on_member_end(void *userdata) {
        Extract *x = userdata;

        int r;

        if (!x->current)
                return 0;
        r = judge(x, archive_write_finish_entry(x->current->disk));
        return r == 0 && x->check_databases ? check_database(x) : r;
}

static int on_info(void *userdata, const Info *info) {
        Extract *x = userdata;
        int r = x->prepare ? x->prepare(x, info) : 0;

        x->is_told |= r < 0 && r != -ENOMEM;
        amount_begin("reading the backup", info->bytes);
        return r;
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
                int r;

                if (!root->disk)
                        continue;
                if (fchdir(root->fd) < 0)
                        return -errno;
                x->current = root;
                strbuf_reset(&x->name);
                strbuf_add(&x->name, "directories");
                r = judge(x, archive_write_close(root->disk));
                if (r < 0)
                        return r;
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
