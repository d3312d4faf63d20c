/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Sums by libcrypto and the spool of manifest lines. Knows neither where an archive comes from nor
 * where it goes.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"

#include "interrupt.h"
#include "member.h"

#define PENDING_BYTES ((size_t) 64 * 1024)

/* ---- sums ---- */

int sums_init(Sums *s) {
        *s = (Sums){ .type = EVP_MD_fetch(NULL, "SHA256", NULL),
                     .content = EVP_MD_CTX_new(),
                     .metadata = EVP_MD_CTX_new() };
        if (s->type && s->content && s->metadata && EVP_DigestInit_ex(s->metadata, s->type, NULL))
                return 0;
        sums_done(s);
        return -ENOMEM;
}

void sums_done(Sums *s) {
        EVP_MD_CTX_free(s->content);
        EVP_MD_CTX_free(s->metadata);
        EVP_MD_free(s->type);
        *s = (Sums){ 0 };
}

static int check(int good) {
        return good ? 0 : -ENOMEM;
}

int sums_begin(Sums *s) {
        return check(EVP_DigestInit_ex(s->content, s->type, NULL));
}

int sums_add(Sums *s, const void *data, size_t len) {
        return check(EVP_DigestUpdate(s->content, data, len));
}

int sums_add_zeros(Sums *s, uint64_t len) {
        static const char zeros[64 * 1024];
        int r = 0;

        for (uint64_t n; len > 0 && r == 0; len -= n) {
                n = MIN(len, (uint64_t) sizeof(zeros));
                r = sums_add(s, zeros, n);
                if (r == 0)
                        r = interrupt_check();
        }
        return r;
}

int sums_end(Sums *s, unsigned char sum[static SUM_BYTES]) {
        return check(EVP_DigestFinal_ex(s->content, sum, NULL));
}

static int add_text(Sums *s, const char *text) {
        return check(EVP_DigestUpdate(s->metadata, text ? text : "", strlen(text ? text : "") + 1));
}

int sums_add_member(Sums *s, struct archive_entry *e, const char *path) {
        bool has_size = archive_entry_filetype(e) == AE_IFREG && !archive_entry_hardlink(e);
        char text[160];
        int r;

        snprintf(text, sizeof(text), "%o %lld %lld %lld.%09ld %lld",
                 (unsigned) archive_entry_mode(e), (long long) archive_entry_uid(e),
                 (long long) archive_entry_gid(e), (long long) archive_entry_mtime(e),
                 archive_entry_mtime_nsec(e), has_size ? (long long) archive_entry_size(e) : 0LL);
        s->n_entries++;
        r = add_text(s, path);
        if (r == 0 &&
            !archive_entry_hardlink(e)) /* of a further name the reader knows only the first */
                r = add_text(s, text);
        if (r == 0)
                r = add_text(s, archive_entry_symlink(e));
        return r < 0 ? r : add_text(s, archive_entry_hardlink(e));
}

int sums_seal(Sums *s, Seal *ret) {
        unsigned char sum[SUM_BYTES];

        if (!EVP_DigestFinal_ex(s->metadata, sum, NULL))
                return -ENOMEM;
        ret->n_entries = s->n_entries;
        sum_to_hex(sum, ret->metadata);
        return 0;
}

/* ---- the spool ---- */

int open_nameless(int dir_fd) {
        static const char name[] = ".fte-nameless";
        int fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

        if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
                return fd < 0 ? -errno : fd;
        (void) unlinkat(dir_fd, name, 0); /* NFS has no O_TMPFILE */
        fd = openat(dir_fd, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        (void) unlinkat(dir_fd, name, 0);
        return fd;
}

void spool_init(Spool *s, int fd) {
        *s = (Spool){ .fd = fd };
}

void spool_close(Spool *s) {
        closep(&s->fd);
        strbuf_done(&s->pending);
        *s = (Spool){ .fd = -EBADF };
}

int spool_flush(Spool *s) {
        int r = strbuf_check(&s->pending);

        if (r == 0)
                r = fd_write_all(s->fd, strbuf_text(&s->pending), s->pending.len);
        if (r < 0)
                return r;
        s->len += s->pending.len;
        strbuf_reset(&s->pending);
        s->last = 0;
        return 0;
}

int spool_add(Spool *s, const unsigned char sum[static SUM_BYTES], const char *path) {
        int r = s->pending.len >= PENDING_BYTES ? spool_flush(s) : 0;

        s->last = s->pending.len;
        manifest_add_line(&s->pending, sum, path);
        return r < 0 ? r : strbuf_check(&s->pending);
}

void spool_drop_last(Spool *s) {
        if (!s->pending.text)
                return;
        s->pending.len = s->last;
        s->pending.text[s->last] = 0;
}
