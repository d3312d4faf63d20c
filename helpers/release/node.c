/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Packages of Node.js, into node_modules/ of the release, by "npm ci": exactly what the lock file
 * has. A package that needs nothing, or brings its dependencies, is left as it is.
 */

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>

#include "base/distribution.h"
#include "base/log.h"

#include "build.h"

bool node_is_wanted(const BuildRun *b) {
        return build_has(b, "package.json");
}

static bool has_lock(const BuildRun *b) {
        return build_has(b, "package-lock.json") || build_has(b, "npm-shrinkwrap.json");
}

/* 1, 0, or -EBADMSG. */
static int has_dependencies(const BuildRun *b) {
        int fd = openat(b->dir_fd, "package.json", O_RDONLY | O_CLOEXEC | O_NONBLOCK), r;
        json_t *json = fd < 0 ? NULL : json_loadfd(fd, 0, NULL);

        if (fd >= 0)
                close(fd);
        if (!json)
                return -EBADMSG;
        r = json_object_size(json_object_get(json, "dependencies")) > 0;
        json_decref(json);
        return r;
}

static int refuse(const char *why) {
        log_line(LOG_ERR, "%s", why);
        return BUILD_EXIT_REFUSED;
}

int node_build(BuildRun *b) {
        const char *argv[] = { NULL, "ci", "--omit=dev", NULL };
        int status, r;

        if (!node_is_wanted(b))
                return refuse("Build=node needs a package.json; there is none");
        if (!has_lock(b)) {
                r = has_dependencies(b);
                if (r < 0)
                        return refuse("package.json is no valid JSON");
                if (r > 0 && !build_has(b, "node_modules"))
                        return refuse(
                                "there is no package-lock.json, which says which versions: run "
                                "\"npm install\" where you develop, and deploy that file too (in a "
                                "package made by \"npm pack\" it is npm-shrinkwrap.json)");
                puts("there is nothing for npm to install");
                return 0;
        }
        argv[0] = build_find_program("npm");
        if (!argv[0]) {
                log_line(LOG_ERR, "npm is not installed; run: %s",
                         distribution_install(NULL, INSTALL, "npm", &b->arena));
                return BUILD_EXIT_FAILED;
        }
        status = build_program(argv);
        if (status == 0)
                return 0;
        log_line(LOG_ERR, "npm ci ended with status %d", status);
        return BUILD_EXIT_FAILED;
}
