/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the kernel counts for the agent's control group, and the certificate that its proxy serves.
 */

#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "base/fsat.h"
#include "base/run.h"

#include "evidence.h"
#include "ftectl/shared/processes.h"

#define FILE_BYTES 4096

static uint64_t read_key(int dir_fd, const char *file, const char *key) {
        char text[FILE_BYTES];

        if (fsat_read(dir_fd, file, text, sizeof(text)) < 0)
                return UNKNOWN;
        return key ? cgroup_parse_key(text, key) : cgroup_parse_number(text);
}

void evidence_look_at_kernel(Evidence *e) {
        int fd = *e->unit.control_group ? cgroup_open(e->root, e->unit.control_group) : -ENOENT;

        if (fd < 0)
                return;
        e->oom_kills = read_key(fd, "memory.events", "oom_kill");
        e->memory_peak_bytes = read_key(fd, "memory.peak", NULL); /* Linux 5.19 */
        e->tasks_refused = read_key(fd, "pids.events", "max");
        close(fd);
}

/* ---- the certificate ---- */

/* "notAfter=Nov 24 12:00:00 2026 GMT" */
static bool parse_time(const char *text, const char *key, int64_t *ret_sec) {
        const char *line = strstr(text, key);
        struct tm tm = { 0 };

        if (!line || !strptime(line + strlen(key), "%b %d %H:%M:%S %Y", &tm))
                return false;
        *ret_sec = timegm(&tm);
        return true;
}

static void read_times(Evidence *e, const char *full) {
        const char *const argv[] = { "openssl",  "x509", "-noout", "-startdate",
                                     "-enddate", "-in",  full,     NULL };
        _cleanup_strbuf_ StrBuf out = { 0 };
        Certificate *c = &e->certificate;
        int r = run_program(&(RunOptions){ .argv = argv, .timeout_usec = 5 * USEC_PER_SEC }, &out,
                            NULL);

        if (r < 0) /* no openssl here: nobody can tell */
                c->path = NULL;
        else if (r != 0 || !parse_time(strbuf_text(&out), "notBefore=", &c->begin_sec) ||
                 !parse_time(strbuf_text(&out), "notAfter=", &c->end_sec))
                c->error = -EBADMSG;
}

void evidence_read_certificate(Evidence *e) {
        const char *path = e->agent->proxy_certificate, *full;
        Certificate *c = &e->certificate;

        if (!path && e->agent->proxy_acme && e->agent->proxy_domain)
                path = arena_printf(e->arena, "/etc/letsencrypt/live/%s/fullchain.pem",
                                    e->agent->proxy_domain);
        if (!path)
                return;
        full = arena_printf(e->arena, "%s%s", e->root, path);
        if (!full)
                return;
        if (access(full, F_OK) < 0) {
                *c = (Certificate){ .path = path, .error = -errno };
                return;
        }
        c->path = path;
        read_times(e, full);
}
