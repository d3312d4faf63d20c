/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Certificates of the proxy: what a pair of files holds, and the one that is made on the spot so
 * that HTTPS answers before there is another. Keys are read and written, never shown.
 */

#include "base/strbuf.h"

typedef struct CertificateFiles {
        const char *root;              /* put before both; NULL or "" */
        const char *certificate, *key; /* PEM; may be the same file */
} CertificateFiles;

/*
 * Appends "sha256:… until 2027-01-31" of a pair that fits together and returns NULL, or returns
 * what is wrong with it, a static sentence. *ret_left_sec: how long it is still good, negative when
 * it is no longer; may be NULL.
 */
const char *certificate_describe(const CertificateFiles *f, StrBuf *b, int64_t *ret_left_sec);

/*
 * Makes a self-signed certificate for a domain and its key, both in one file of mode 0600 at path,
 * in place of what stood there, whole or not at all. -EIO: libcrypto failed.
 */
int certificate_make(int dir_fd, const char *path, const char *domain);
