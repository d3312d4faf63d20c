/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SQLite databases as members of an archive: a copy that is consistent while the agent writes, or
 * when SQLite cannot make one, the files as they lie there.
 */

#include <fcntl.h>
#include <limits.h>

#include "databases.h"
#include "sqlite-copy.h"
#include "writer-member.h"

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
                r = writer_add_file(w, &c);
        }
        return r;
}

int writer_add_database(Writer *w, const WalkEntry *e) {
        _cleanup_close_ int fd = -EBADF;
        struct stat st;
        int r;

        if (writer_is_bottomless(&e->st))
                return writer_add_file(w, e);
        r = w->sink.room(w->sink.userdata, (uint64_t) e->st.st_blocks * 512);
        fd = r < 0 ? r : open_nameless(w->staging_fd);
        r = fd < 0 ? fd : sqlite_copy(e->dir_fd, e->name, &e->st, e->path, fd);
        if (r == -ENOSPC || r == -ENOMEM)
                return r;
        if (r < 0) {
                writer_note_missing(w, "copied as a plain file, for SQLite could not", e->path, 0);
                r = writer_add_file(w, e);
                return r < 0 ? r : add_companions(w, e);
        }
        if (fstat(fd, &st) < 0)
                return -errno;
        r = writer_fill(w, e);
        if (r == 0) {
                r = writer_further_name(w, e);
                if (r <= 0)
                        return r;
        }
        archive_entry_sparse_clear(w->entry);
        archive_entry_set_size(w->entry, st.st_size);
        r = writer_header(w, e->path);
        w->n_files++;
        w->n_databases++;
        return r < 0 ? r : writer_content(w, fd, (uint64_t) st.st_size, e->path);
}

bool database_has_companion(const WalkEntry *e) {
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
