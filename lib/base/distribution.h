/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How a package is installed here: what a person is told to type when a program is missing. Nothing
 * is decided by it, and no program of ours installs anything.
 */

#include "base/arena.h"

typedef struct Distribution Distribution;

/* By the os-release below root (NULL: /). Never NULL: Debian, when none that is known is told. */
const Distribution *distribution_read(const char *root);

/*
 * Such as "apt-get install nginx-light" for "nginx", in the arena: the package is named as Debian
 * names it, or as the program. NULL without memory.
 */
const char *distribution_install(const Distribution *d, const char *package, Arena *arena);

/* Without a question, for commands that are pasted together; the other one brings its files back.
 */
const char *distribution_install_now(const Distribution *d, const char *package, Arena *arena);
const char *distribution_reinstall_now(const Distribution *d, const char *package, Arena *arena);
