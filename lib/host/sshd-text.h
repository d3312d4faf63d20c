/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * [SSH] of fte.conf as a file for sshd, and whether sshd has taken it. Pure text.
 */

#include "config/model.h"

/* It is read before all others of its directory, and sshd keeps the first value that it reads. */
#define SSHD_FILE "/etc/ssh/sshd_config.d/00-fte.conf"

void sshd_render(const Host *h, const char *place, StrBuf *b);

/*
 * Compares what "sshd -T" printed with what sshd_render() writes. The first key that sshd has
 * another value for goes to buf, and what it has to ret_value's: "passwordauthentication yes". True
 * when there is one.
 */
bool sshd_differs(const Host *h, const char *effective, StrBuf *difference);

/* The values of a key in what "sshd -T" printed, one after the other: NULL when there is no more.
 */
const char *sshd_value(const char *effective, const char *key, const char *after, size_t *ret_len);
