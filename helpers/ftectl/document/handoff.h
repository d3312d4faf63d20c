/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What ftectl handoff writes: a list of files that is made whole in memory, then written beside its
 * place and moved there. Nothing of it is a secret: env files are read for their names, the files
 * of the alerts' secrets are not read at all.
 */

#include "document.h"

#define BUNDLE_FILES_MAX 64

typedef struct BundleFile {
        const char *path; /* in the directory */
        StrBuf text;
        mode_t mode;
} BundleFile;

typedef struct Bundle {
        Document *document;
        BundleFile files[BUNDLE_FILES_MAX];
        size_t n;
} Bundle;

/* A new file of the bundle, to be filled; NULL: too many. */
StrBuf *bundle_add(Bundle *b, const char *path, mode_t mode);
/* The same, with a template of document.h. */
void bundle_add_filled(Bundle *b, const char *path, mode_t mode, const char *template);
void bundle_done(Bundle *b);

/* Writes them into dir, which must not exist or be empty. Says what is wrong; negative errno. */
int bundle_write(const Bundle *b, const char *dir);

/*
 * handoff-config.c: the agent's files as they are, and what it has of the host. Says what is wrong.
 */
int handoff_add_config(Bundle *b);
/* The names of the variables in its env file, required ones marked. */
int handoff_add_env(Bundle *b);

/* handoff-text.c: README, CONTACTS, the scripts. */
void handoff_add_texts(Bundle *b);
