/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the writer and the reader of archives must do alike: sums over contents, and over what else
 * an archive says of its members.
 */

#include <archive.h>
#include <archive_entry.h>
#include <openssl/evp.h>

#include "base/macro.h"

#include "manifest.h"

#define ARCHIVE_BUFFER_BYTES ((size_t) 256 * 1024)

/*
 * Of a file that is more than a wish. What is read may have more, for what is allocated and not
 * written counts as a block for stat(2), and as a hole for an archive: as much as a file of ext4.
 */
#define MEMBER_HOLES_MAX      ((uint64_t) 1 << 40)
#define MEMBER_HOLES_READ_MAX ((uint64_t) 16 << 40)

typedef struct Sums {
        EVP_MD *type;
        EVP_MD_CTX *content;  /* of the member at hand */
        EVP_MD_CTX *metadata; /* of all so far */
        uint64_t n_entries;
} Sums;

int sums_init(Sums *s);
void sums_done(Sums *s);

/* Name, kind, mode, owner, time, size and target of a member whose clean name is path. */
int sums_add_member(Sums *s, struct archive_entry *e, const char *path);

int sums_begin(Sums *s);
int sums_add(Sums *s, const void *data, size_t len);
/* -EINTR: see interrupt.h. */
int sums_add_zeros(Sums *s, uint64_t len);
int sums_end(Sums *s, unsigned char sum[static SUM_BYTES]);

/* Once, behind the last member. */
int sums_seal(Sums *s, Seal *ret);

/*
 * The lines of the manifest while they come: in a file without a name, for there may be millions.
 * The newest line can be taken back.
 */
typedef struct Spool {
        int fd;
        StrBuf pending;
        size_t last;  /* where in pending the newest line begins */
        uint64_t len; /* in the file */
} Spool;

/* Takes fd, of an empty file, over. */
void spool_init(Spool *s, int fd);
void spool_close(Spool *s);
int spool_add(Spool *s, const unsigned char sum[static SUM_BYTES], const char *path);
void spool_drop_last(Spool *s);
int spool_flush(Spool *s);

/* A file without a name in the directory dir_fd. */
int open_nameless(int dir_fd);
