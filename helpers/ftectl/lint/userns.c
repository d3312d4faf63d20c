/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a host can refuse user name spaces by. An agent of a person has its sandbox made of one, and
 * Chromium its own.
 */

#include "base/fsat.h"

#include "lint.h"

const UsernsSetting userns_settings[] = {
        { "user.max_user_namespaces", "proc/sys/user/max_user_namespaces", "0", "10000", "" },
        { "kernel.unprivileged_userns_clone", "proc/sys/kernel/unprivileged_userns_clone", "0", "1",
          "" },
        { "kernel.apparmor_restrict_unprivileged_userns",
          "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "0",
          ", or give the browser an AppArmor profile that allows userns" },
        { 0 },
};

bool userns_is_refused(const Warner *w, const UsernsSetting *s) {
        char text[32];

        return fsat_read(w->root_fd, s->path, text, sizeof(text)) > 0 &&
               strlen(s->bad) == strcspn(text, "\n") && startswith(text, s->bad);
}
