/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * nginx.h. What the admin's files say of server_names_hash_* is looked for as text: "nginx -T"
 * prints nothing of a configuration that has an error somewhere.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/run.h"
#include "bus/bus.h"
#include "host/nginx.h"
#include "host/program.h"
#include "host/proxy-set.h"

#define FILE_BYTES_MAX ((size_t) 256 * 1024)

static bool file_mentions(int dir_fd, const char *path, const char *word) {
        _cleanup_free_ char *buf = malloc(FILE_BYTES_MAX);

        return buf && fsat_read(dir_fd, path, buf, FILE_BYTES_MAX) > 0 && strstr(buf, word);
}

static bool dir_mentions(const char *root, const char *path, const char *word) {
        const char *ours = proxy_shared_path(root);
        char full[4096];
        bool found = false;
        DIR *d;

        ours = ours ? strrchr(ours, '/') + 1 : "";
        snprintf(full, sizeof(full), "%s%s", root, path);
        d = opendir(full);
        for (struct dirent *e; d && !found && (e = readdir(d));)
                found = endswith(e->d_name, ".conf") && !streq(e->d_name, ours) &&
                        file_mentions(dirfd(d), e->d_name, word);
        if (d)
                closedir(d);
        return found;
}

static bool has_ipv6(const char *root) {
        char full[4096];

        snprintf(full, sizeof(full), "%s/proc/net/if_inet6", root);
        return access(full, F_OK) == 0;
}

int nginx_open(const char *root, Arena *arena, Nginx *ret) {
        const char *program = host_program(root, "nginx", arena);
        const char *const argv[] = { program, "-v", NULL };
        _cleanup_strbuf_ StrBuf output = { 0 };
        int r = program ? run_program(&(RunOptions){ .argv = argv }, &output, NULL) : -ENOENT;

        if (r < 0)
                return r;
        *ret = (Nginx){
                .root = root,
                .program = program,
                .facts = { .version = nginx_version_parse(strbuf_text(&output)),
                           .has_ipv6 = has_ipv6(root),
                           .has_hash =
                                   dir_mentions(root, "/etc/nginx", "server_names_hash_") ||
                                   dir_mentions(root, "/etc/nginx/conf.d", "server_names_hash_") },
        };
        return ret->facts.version > 0 ? 0 : -EINVAL;
}

int nginx_test(const Nginx *n, StrBuf *output) {
        const char *const argv[] = { n->program, "-t", NULL };
        int r = run_program(&(RunOptions){ .argv = argv }, output, NULL);

        return r < 0 ? r : r != 0;
}

int nginx_reload(const Nginx *n) {
        _cleanup_bus_ sd_bus *bus = NULL;
        int r = *n->root ? 0 : bus_open(&bus);

        if (r < 0 || *n->root)
                return r;
        r = sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_SYSTEMD ".Manager",
                               "ReloadOrTryRestartUnit", NULL, NULL, "ss", "nginx.service",
                               "replace");
        return MIN(r, 0);
}
