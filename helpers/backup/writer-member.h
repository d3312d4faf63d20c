/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between archive-writer.c, writer-member.c and databases.c: the steps of which a member is made.
 * Each returns 0 or a negative errno that ends the archive, unless it says more.
 */

#include "archive-writer.h"

/* What libarchive or the sink said, as an errno. Logs. */
int writer_failed(const Writer *w);
/* For .fte-backup/notes; missing is logged and counted too. */
void writer_note(Writer *w, const char *what, const char *path);
void writer_note_missing(Writer *w, const char *what, const char *path, int error);

/* w->entry from what was opened. 1: it has vanished. */
int writer_fill(Writer *w, const WalkEntry *e);
int writer_header(Writer *w, const char *path);
/* A further name of a file that is in the archive: its header is all. 1: it is none. */
int writer_further_name(Writer *w, const WalkEntry *e);
/* After the header: exactly size bytes of fd, and its line in the manifest. */
int writer_content(Writer *w, int fd, uint64_t size, const char *path);
/* A hole takes no room, but its sum takes time: such a file is left out by writer_add_file(). */
bool writer_is_bottomless(const struct stat *st);
/* All of it; again when it changes meanwhile. */
int writer_add_file(Writer *w, const WalkEntry *e);
