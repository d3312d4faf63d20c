/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The programs of the host that are configured here, found where the system has them whatever $PATH
 * says, or below a test's root.
 */

#include "base/arena.h"

/*
 * The path of nginx, sshd, nft …, or NULL when it is not installed. Below a root it is that
 * root's file, with the root in the path: a test plants its own programs there.
 */
const char *host_program(const char *root, const char *name, Arena *arena);
