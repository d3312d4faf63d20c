/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The difference of two short texts, line by line, as diff -u shows it. For units of some hundred
 * lines: time and memory grow with the product of the lengths.
 */

#include "base/strbuf.h"

#define DIFF_LINES_MAX 4000

/*
 * Appends the hunks that turn old into new, each with three lines of context; nothing when they are
 * the same. Lines are prefixed by ' ', '-' or '+'. -EFBIG when one has more than DIFF_LINES_MAX
 * lines that differ, -ENOMEM.
 */
int diff_unified(const char *old, const char *new, StrBuf *b);
