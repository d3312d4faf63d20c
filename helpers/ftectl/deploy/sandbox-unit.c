/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What makes a transient unit the sandbox of a build: the agent's own profile and tightening, as
 * drop-ins, and over them what a build is not to have: the agent's account and with it its secrets
 * and data, more memory and time than it is given, and any place to write but the release.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/format.h"
#include "base/fsat.h"
#include "base/parse.h"
#include "base/tree.h"
#include "config/facts.h"
#include "generate.h"

#include "deploy.h"

#define UNIT_DIRECTORY "/run/systemd/system"
#define TASKS_MAX      "512"

const char *sandbox_unit(const Deploy *d, const char *word) {
        return arena_printf((Arena *) &d->arena, "fte-deploy-%s-%s.service", word,
                            d->agent.directory);
}

/* The lines that [Sandbox] makes for the agent, without the paths of its data. */
static void add_agents_own(const Agent *a, StrBuf *b) {
        Problems problems = { 0 };
        Unit unit = { 0 };
        Render r = { .agent = a, .problems = &problems, .host_problems = &problems, .unit = &unit };
        StrBuf *texts[] = { &unit.service, &unit.late_service };

        plugin_sandbox.render(&r);
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                const char *line = strbuf_text(texts[i]);

                for (size_t n; *line; line += n) {
                        n = strcspn(line, "\n");
                        n += line[n] == '\n';
                        if (!startswith(line, "ReadWritePaths=") && *line != '#')
                                strbuf_add_bytes(b, line, n);
                }
                strbuf_done(texts[i]);
        }
}

static void add_places(const Sandbox *s, StrBuf *b) {
        const char *name = s->deploy->agent.directory, *id = s->deploy->release.id;
        const char *key = s->is_writable ? "BindPaths=" : "BindReadOnlyPaths=";

        strbuf_addf(b, "TemporaryFileSystem=" RELEASES_TOP "%s:ro\n", name);
        strbuf_addf(b, "%s%s:" RELEASE_FORMAT "\n", key, s->tree, name, id);
        strbuf_addf(b, "%s%s:" CURRENT_FORMAT "\n", key, s->tree, name);
        strbuf_addf(b, "WorkingDirectory=" RELEASE_FORMAT "\n", name, id);
}

static void render(const Sandbox *s, StrBuf *b) {
        const Agent *a = &s->deploy->agent;

        strbuf_add(b, "[Service]\n");
        add_agents_own(a, b);
        strbuf_add(b, "User=\nGroup=\nSupplementaryGroups=\nDynamicUser=yes\n"
                      "PrivateTmp=yes\nNoNewPrivileges=yes\nCapabilityBoundingSet=\n"
                      "ReadWritePaths=\nUMask=0022\nEnvironment=HOME=/tmp LC_ALL=C.UTF-8 "
                      "PYTHONDONTWRITEBYTECODE=1\n"
                      "CacheDirectory=\nEnvironment=XDG_CACHE_HOME=/tmp/.cache\n");
        if (strv_contains(a->plugins, "node")) /* npm ci under "strict" */
                strbuf_add(b, "MemoryDenyWriteExecute=no\nProcSubset=all\n");
        add_places(s, b);
        strbuf_add(b, "MemoryMax=");
        format_bytes(b, a->deploy_memory_bytes);
        strbuf_add(b, "\nTasksMax=" TASKS_MAX "\nCPUWeight=20\nIOWeight=20\nNice=5\nLimitCORE=0\n"
                      "TimeoutStartSec=");
        format_usec(b, a->deploy_timeout_usec);
        strbuf_add(b, "\nTimeoutStopSec=5s\nRemainAfterExit=yes\nKillMode=control-"
                      "group\nSendSIGKILL=yes\n");
}

static int profile_path(const Deploy *d, Arena *arena, const char **ret) {
        _cleanup_close_ int root_fd = fsat_open_dir(AT_FDCWD, "/");
        Facts facts = { 0 };
        int r = root_fd < 0 ? root_fd : facts_load(&facts, root_fd, arena);

        if (r >= 0)
                *ret = facts.profile_paths[d->agent.profile];
        facts_done(&facts);
        return r < 0 ? r : *ret ? 0 : -ENOENT;
}

static int open_directory(const Deploy *d, const char *word) {
        _cleanup_close_ int units_fd = -EBADF;
        const char *name = arena_printf((Arena *) &d->arena, "%s.d", sandbox_unit(d, word));

        if (mkdir(UNIT_DIRECTORY, 0755) < 0 && errno != EEXIST)
                return -errno;
        units_fd = fsat_open_dir(AT_FDCWD, UNIT_DIRECTORY);
        return units_fd < 0 ? units_fd : tree_open_dir(units_fd, name, 0755);
}

int sandbox_write(const Sandbox *s) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_strbuf_ StrBuf b = { 0 };
        _cleanup_arena_ Arena arena = { 0 };
        const char *profile = NULL;
        int r = profile_path(s->deploy, &arena, &profile);

        if (r < 0)
                return r;
        sandbox_remove(s->deploy, s->word);
        fd = open_directory(s->deploy, s->word);
        if (fd < 0)
                return fd;
        r = fsat_symlink(profile, fd, "10-sandbox.conf");
        render(s, &b);
        if (r >= 0)
                r = strbuf_check(&b);
        if (r >= 0)
                r = fsat_create(fd, "90-deploy.conf",
                                &(FsatContent){ strbuf_text(&b), b.len, 0644, false });
        return r;
}

void sandbox_remove(const Deploy *d, const char *word) {
        _cleanup_close_ int units_fd = fsat_open_dir(AT_FDCWD, UNIT_DIRECTORY);

        if (units_fd >= 0)
                (void) tree_remove(
                        units_fd, arena_printf((Arena *) &d->arena, "%s.d", sandbox_unit(d, word)));
}
