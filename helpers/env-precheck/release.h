/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A command that runs what was deployed names it by a link, /opt/NAME/current (ftectl(1), deploy).
 * That leads elsewhere from one moment to the next, and a program that goes on loading files by its
 * own path would then be of two releases. So it gets the path of the one that it is started from.
 */

#include "base/arena.h"

/*
 * Puts releases/ID in the place of "current" in each word that begins with such a path, or has one
 * behind its first "=". Words of root (the tests'; "" otherwise) that lead to no release stay as
 * they are; new ones live in the arena. 0 or -ENOMEM.
 */
int release_pin(Arena *a, const char *root, char **words);
