/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How a package is installed here: what a person is told to type when a program is missing. Nothing
 * is decided by it, and no program of ours installs anything.
 */

#include "base/arena.h"

typedef enum InstallHow {
        INSTALL,       /* it asks before it does so */
        INSTALL_NOW,   /* without a question, for commands that are pasted together */
        REINSTALL_NOW, /* brings the files of the package back */
        INSTALL_HOW_MAX,
} InstallHow;

/*
 * Such as "apt-get install nginx-light" for "nginx-light", in the arena, by the os-release below
 * root (NULL: /); as on Debian when that tells of none that is known. The package is named as
 * Debian names it, or as the program. NULL without memory.
 */
const char *distribution_install(const char *root, InstallHow how, const char *package,
                                 Arena *arena);
