/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The oldest systemd that what we generate must load on: a directive that is newer is rendered
 * only when this allows it.
 */

/*
 * The version the package was built for (meson option min-systemd-version). Below a root of its
 * own ($FTE_ROOT: tests, lint for another host) $FTE_MIN_SYSTEMD replaces it; read once.
 */
unsigned systemd_min_version(void);
