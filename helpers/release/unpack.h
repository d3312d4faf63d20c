/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An archive of code to files below a directory. It may come from anyone: what could harm is
 * refused by name, and no link exists while anything is written, so nothing is written through one.
 */

#include <archive.h>
#include <archive_entry.h>

#include "base/arena.h"
#include "base/strbuf.h"

#define UNPACK_BUFFER_BYTES ((size_t) 256 * 1024)

typedef struct Unpack {
        int dir_fd;                    /* an empty directory; the caller's */
        uint64_t bytes_max, files_max; /* of all members */
        /* results */
        uint64_t bytes, files;
        StrBuf problem; /* what is wrong, with the name of the member */
        /* inside */
        struct archive *archive;
        StrBuf name;
        Arena arena; /* the links, until the end */
        struct UnpackLink *links;
} Unpack;

/*
 * Reads a tar archive (plain, or compressed by gzip, bzip2, xz, lzma, zstd, lz4 or compress) or a
 * zip file from fd. -EBADMSG: damaged, or refused: u->problem says what and where. -ENOSPC … of the
 * system; then the problem has the name of the member.
 */
int unpack_run(Unpack *u, int fd);
void unpack_done(Unpack *u);

/* An archive of those kinds, to be read; NULL when memory is out. */
struct archive *unpack_open(int fd);

/*
 * Where everything is in one directory, as archives of source hosts and npm packages have it, what
 * is in that becomes what is in dir_fd.
 */
int unpack_flatten(int dir_fd);
