/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The content of a secret file, which systemd passed as a credential: one line of words. Wiped when
 * done with. Nothing here logs; whoever does names the file, never what it holds.
 */

#include "base/macro.h"

#define SECRET_MAX_BYTES 4096
#define SECRET_WORDS_MAX 4

/* The words point into text: not to be copied. */
typedef struct Secret {
        char text[SECRET_MAX_BYTES]; /* with a NUL behind each word */
        const char *words[SECRET_WORDS_MAX];
        size_t n_words;
} Secret;

/*
 * Reads the credential of the file at path from $CREDENTIALS_DIRECTORY.
 * -ENOENT: there is none, or it is empty; -ENXIO: there are no credentials at all, we were not
 * started by systemd; -EINVAL: it is more than one line, has too many words, or is no text (a
 * control character, not UTF-8); -EFBIG; others from the kernel.
 */
int secret_read(const char *path, Secret *ret);

/* Splits len bytes of text, as secret_read() does. */
int secret_parse(const char *text, size_t len, Secret *ret);

/*
 * Whether the len bytes at s repeat a part of the secret that is worth hiding: a piece of 6 or more
 * characters between the separators of a URL, as it is written there or with the escapes of URLs,
 * forms and JSON undone. For answers, which quote what was asked.
 */
bool secret_is_in(const Secret *secret, const char *s, size_t len);

void secret_done(Secret *secret);
#define _cleanup_secret_ _cleanup_(secret_done)
