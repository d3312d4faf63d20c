/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The name of an environment as somebody types it.
 */

/*
 * 0 when it has a directory of overlays, or is the one of this host. Else says which there are, and
 * returns -ENOENT or another negative errno.
 */
int environment_check(const char *root, const char *name);
