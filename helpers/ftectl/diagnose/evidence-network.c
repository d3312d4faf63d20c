/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Who listens, one probe of the health URL by the gate's own code, and the names that the agent
 * could not resolve. A name is asked for in a process of its own, for the resolver's time-outs add
 * up to longer than anybody waits.
 */

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/fsat.h"

#include "probe.h"
#include "report.h"

#include "evidence.h"

#define PROBE_MAX_USEC (3 * USEC_PER_SEC)
#define RESOLVE_MSEC   4000

/* ---- the probe ---- */

static ProbeState probe_state(ProbeOutcome outcome) {
        switch (outcome) {
        case PROBE_GOOD:
                return PROBE_STATE_GOOD;
        case PROBE_NO_CONNECTION:
                return PROBE_STATE_REFUSED;
        case PROBE_NO_ANSWER:
        case PROBE_UNFINISHED:
                return PROBE_STATE_SILENT;
        default:
                return PROBE_STATE_BAD;
        }
}

static void probe(Evidence *e) {
        static HttpSearch search;
        const Agent *a = e->agent;
        HealthCheck check = {
                .url = e->url,
                .expect_status = (unsigned) a->expect_status,
                .timeout_usec = MIN(a->health_timeout_usec, PROBE_MAX_USEC),
        };
        char text[REPORT_MAX_BYTES];
        ProbeResult result;
        int n;

        if (a->expect_body && http_search_init(&search, a->expect_body) >= 0)
                check.expect_body = &search;
        if (check.url.scheme != HEALTH_TCP) {
                n = http_request(&check.url, check.request, sizeof(check.request));
                if (n < 0)
                        return;
                check.request_len = (size_t) n;
        }
        result = probe_run(&check, -1);
        report_result(&check, &result, text);
        e->probe = probe_state(result.outcome);
        e->probe_text = arena_strdup(e->arena, text);
}

/* ---- names ---- */

/* An error of getaddrinfo(3), 0, or EAI_AGAIN when the time is up. */
static int resolve(const char *name) {
        int fds[2], error = EAI_AGAIN;
        struct pollfd p;
        pid_t pid;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return 0;
        pid = fork();
        if (pid == 0) {
                struct addrinfo *list;

                error = getaddrinfo(name, NULL, NULL, &list);
                _exit(write(fds[1], &error, sizeof(error)) == sizeof(error) ? 0 : 1);
        }
        close(fds[1]);
        p = (struct pollfd){ .fd = fds[0], .events = POLLIN };
        if (pid < 0 || (poll(&p, 1, RESOLVE_MSEC) > 0 && read(fds[0], &error, sizeof(error)) < 0))
                error = 0;
        close(fds[0]);
        if (pid > 0) {
                kill(pid, SIGKILL);
                while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        return error;
}

static const char *read_name_servers(const Evidence *e) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char text[4096], *save;

        if (evidence_read_file(e, "/etc/resolv.conf", text, sizeof(text)) < 0)
                return "none, for /etc/resolv.conf cannot be read";
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                const char *server = startswith(line, "nameserver ");

                if (server)
                        strbuf_addf(&b, "%s%s", b.len > 0 ? ", " : "", server);
        }
        return b.len > 0 ? arena_strdup(e->arena, strbuf_text(&b)) : "none in /etc/resolv.conf";
}

static bool is_host_name(const char *s) {
        return *s &&
               s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] ==
                       0;
}

/* Where the log does not say which name, it is told whether any is answered: "no such name" is one.
 */
static void look_up_names(Evidence *e) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_NAME);
        int error;

        if (!s)
                return;
        e->name_servers = read_name_servers(e);
        if (is_host_name(s->name) && e->lines_are_safe) {
                if (resolve(s->name) != 0)
                        e->unresolved = s->name;
                return;
        }
        error = resolve("name.invalid");
        if (error == EAI_AGAIN || error == EAI_FAIL || error == EAI_SYSTEM)
                e->unresolved = "name.invalid";
}

/* ---- all ---- */

static int read_listeners(Evidence *e) {
        _cleanup_close_ int proc = fsat_open_dir(AT_FDCWD, "/proc");
        int r = proc < 0 ? proc : listeners_read(proc, "self", e->arena, &e->listeners);

        if (r >= 0)
                r = listeners_find_owners(proc, e->arena, &e->listeners);
        return r == -ENOMEM ? r : 0;
}

int evidence_look_at_network(Evidence *e) {
        int r;

        if (*e->root)
                return 0;
        e->has_url =
                e->agent->health_url && health_url_parse(e->agent->health_url, &e->url, NULL) >= 0;
        /* The probe before the list: what it meets is in the list, unless it went away. */
        if (e->has_url)
                probe(e);
        r = read_listeners(e);
        look_up_names(e);
        return r;
}
