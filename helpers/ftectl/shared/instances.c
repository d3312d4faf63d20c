/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * instances.h: one list of a directory of systemd's. Reads, never writes.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/fsat.h"

#include "instances.h"

/* systemd makes a link in it for each unit that is not inactive, from 236 on. */
#define TRACES "run/systemd/units"
#define PREFIX "invocation:"

bool instance_is_named(char *const *words, const char *name) {
        const char *at = name_instance(name);

        for (; words && *words; words++) {
                if (streq(*words, name))
                        return true;
                if (at && name_is_template(*words) && strlen(*words) == (size_t) (at - name) &&
                    startswith(name, *words))
                        return true;
        }
        return false;
}

/* Of a job that waits for its time only the timer is there. */
static bool has_timer(int dir_fd, const char *name) {
        char file[sizeof(PREFIX) + NAME_MAX + sizeof(".timer")];

        snprintf(file, sizeof(file), PREFIX "%s.timer", name);
        return faccessat(dir_fd, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* "NAME@INST" of "invocation:NAME@INST.service" or ".timer", of the latter where there are both. */
static bool name_of_trace(int dir_fd, const char *file, const char *template,
                          char name[static NAME_MAX + 1]) {
        const char *rest = startswith(file, PREFIX);
        const char *service = rest ? endswith(rest, ".service") : NULL;
        const char *end = service || !rest ? service : endswith(rest, ".timer");

        if (!end || !startswith(rest, template))
                return false;
        snprintf(name, NAME_MAX + 1, "%.*s", (int) (end - rest), rest);
        return name_instance(name) && instance_name_is_good(name_instance(name)) &&
               !(service && has_timer(dir_fd, name));
}

int instances_visit_running(int root_fd, const char *template,
                            int (*visit)(void *userdata, const char *name), void *userdata) {
        int fd = fsat_open_dir(root_fd, TRACES), r = 0;
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;
        char name[NAME_MAX + 1];

        while (dir && r >= 0 && (entry = readdir(dir)))
                if (name_of_trace(fd, entry->d_name, template, name))
                        r = visit(userdata, name);
        if (dir)
                closedir(dir);
        else
                closep(&fd);
        return MIN(r, 0);
}

bool instance_is_by_hand(const Config *c, const char *name, ConfigEntry *ret) {
        return config_find(c, name, ret) >= 0 && ret->template_name && !ret->is_wanted &&
               !ret->own_fragment_dirs && !ret->clash;
}
