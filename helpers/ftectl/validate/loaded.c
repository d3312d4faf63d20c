/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whether what systemd and the kernel hold is what the INI file means: a drop-in of somebody else
 * can undo any line of the unit. The file that does it is named.
 */

#include <sys/stat.h>

#include "base/format.h"
#include "base/fsat.h"

#include "ftectl/status/status.h"
#include "validate.h"

typedef enum Kind { TIMES, SIZES, NUMBERS } Kind;

typedef struct Row {
        const char *key; /* of the unit */
        Kind unit;
        uint64_t loaded, wanted;
} Row;

static const char *value_text(Subject *s, Kind unit, uint64_t n) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (unit == TIMES)
                format_usec(&b, n);
        else if (unit == SIZES || n == UINT64_MAX)
                format_bytes(&b, n);
        else
                strbuf_add_uint(&b, n);
        return arena_strdup(&s->arena, strbuf_text(&b));
}

static void differ(Subject *s, Finding *f, const char *key, const char *loaded,
                   const char *wanted) {
        const char *override = subject_override(s, key);

        finding_bad(s, f, arena_printf(&s->arena, "%s=%s", key, wanted), "%s=%s is loaded%s%s", key,
                    loaded, override ? ", by " : "", override ? override : "");
        finding_fix_override(s, f, key);
}

static void compare(Subject *s, Finding *f, const Row *rows, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (rows[i].loaded != rows[i].wanted)
                        differ(s, f, rows[i].key, value_text(s, rows[i].unit, rows[i].loaded),
                               value_text(s, rows[i].unit, rows[i].wanted));
}

/* ---- NFR-003 ---- */

void check_restart_loaded(Subject *s, Finding *f) {
        static const char *const when[] = {
                [RESTART_ON_FAILURE] = "on-failure",
                [RESTART_ALWAYS] = "always",
                [RESTART_ON_ABNORMAL] = "on-abnormal",
                [RESTART_NO] = "no",
        };
        const Agent *a = &s->agent;
        const UnitFacts *u = &s->unit;
        const Row rows[] = {
                { "RestartSec", TIMES, u->delay_usec, a->restart_delay_usec },
                { "StartLimitBurst", NUMBERS, u->burst, a->restart_burst },
                { "StartLimitIntervalSec", TIMES, u->window_usec, agent_window_usec(a) },
                { "TimeoutStartSec", TIMES, u->start_timeout_usec, a->start_timeout_usec },
                { "TimeoutStopSec", TIMES, u->stop_timeout_usec, a->stop_timeout_usec },
                { "WatchdogSec", TIMES, u->watchdog_usec, agent_watchdog_usec(a) },
        };

        if (s->unit_error < 0 || !streq(u->load, "loaded")) {
                finding_skip(s, f, "the unit is not loaded");
                return;
        }
        compare(s, f, rows, ARRAY_SIZE(rows));
        if (!streq(u->restart, when[a->restart_when]))
                differ(s, f, "Restart", u->restart, when[a->restart_when]);
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "Restart=%s after %s, given up at %llu within %s", u->restart,
                             value_text(s, TIMES, u->delay_usec), (unsigned long long) u->burst,
                             value_text(s, TIMES, u->window_usec));
}

/* ---- NFR-002 ---- */

/* What the kernel enforces; a limit that is no whole number of pages is rounded down. */
static void compare_kernel(Subject *s, Finding *f) {
        uint64_t page = (uint64_t) sysconf(_SC_PAGESIZE), limit;
        _cleanup_close_ int fd = *s->unit.control_group
                                         ? cgroup_open(s->run->args->root, s->unit.control_group)
                                         : -ENOENT;
        char text[64] = "";

        if (fd < 0 || fsat_read(fd, "memory.max", text, sizeof(text)) <= 0)
                return;
        limit = cgroup_parse_number(text);
        if (limit != UNKNOWN && limit / page == s->agent.memory_bytes / page)
                return;
        finding_bad(s, f,
                    arena_printf(&s->arena, "memory.max of %s",
                                 value_text(s, SIZES, s->agent.memory_bytes)),
                    "the kernel has %.*s", (int) strcspn(text, "\n"), text);
        finding_fix(s, f, "systemctl daemon-reload && systemctl restart {name}", NULL);
}

void check_limits_loaded(Subject *s, Finding *f) {
        const Row rows[] = {
                { "MemoryMax", SIZES, s->unit.memory_max, s->agent.memory_bytes },
                { "MemorySwapMax", SIZES, s->unit.swap_max, 0 },
        };
        struct stat st;

        if (s->unit_error < 0 || !streq(s->unit.load, "loaded")) {
                finding_skip(s, f, "the unit is not loaded");
                return;
        }
        if (s->agent.memory_bytes == BYTES_INFINITY) {
                finding_skip(s, f, "[Limits] Memory=infinity: there is no limit");
                return;
        }
        compare(s, f, rows, ARRAY_SIZE(rows));
        if (f->verdict == VERDICT_NOT_RUN && unit_is_active(s))
                compare_kernel(s, f);
        if (f->verdict != VERDICT_NOT_RUN)
                return;
        if (unit_is_active(s) && *s->unit.control_group &&
            subject_stat(
                    s,
                    arena_printf(&s->arena, "/sys/fs/cgroup%s/memory.max", s->unit.control_group),
                    &st) < 0)
                finding_skip(s, f,
                             "%s is loaded, but this kernel has no memory control group (cgroup "
                             "v2) to enforce it; boot with systemd.unified_cgroup_hierarchy=1",
                             value_text(s, SIZES, s->unit.memory_max));
        else
                finding_good(s, f, "%s, without swap", value_text(s, SIZES, s->unit.memory_max));
}
