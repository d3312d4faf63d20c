/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * For archive-writer.c: what of the files that the walk comes by is SQLite's.
 */

#include "archive-writer.h"

/* e begins as a database does. When SQLite cannot copy it, that is logged, noted and counted. */
int writer_add_database(Writer *w, const WalkEntry *e);
/* Whether e is a journal beside a database, which belongs to that and is not stored by itself. */
bool database_has_companion(const WalkEntry *e);
