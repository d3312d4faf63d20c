/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The one place that knows which systemd is served (version.h).
 */

#include "base/parse.h"
#include "config.h"
#include "config/version.h"

unsigned systemd_min_version(void) {
        static unsigned version;
        const char *s;
        uint64_t n;

        if (version > 0)
                return version;
        s = getenv("FTE_ROOT") ? getenv("FTE_MIN_SYSTEMD") : NULL;
        version = s && parse_uint(s, 10000, &n) == 0 && n > 0 ? (unsigned) n : FTE_MIN_SYSTEMD;
        return version;
}
