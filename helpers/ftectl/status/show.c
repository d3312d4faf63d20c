/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How ftectl status looks: a table with a line an agent, a page for one, JSON. A column is a row
 * here; on a narrow terminal those that matter least go first. Finds nothing out itself.
 */

#include <stdio.h>

#include "base/format.h"
#include "base/scope.h"
#include "base/show.h"

#include "ftectl/shared/terminal.h"
#include "status.h"

#define CELL_BYTES 64

/* ---- words ---- */

static const char *const config_names[_CONFIG_STATE_MAX] = {
        [CONFIG_IN_USE] = "ok",
        [CONFIG_ERRORS] = "errors",
        [CONFIG_RELOAD] = "reload",
        [CONFIG_RESTART] = "restart",
};

static const struct {
        const char *name, *prefix; /* of what fte-health-gate says */
        Style style;
} healths[_HEALTH_MAX] = {
        [HEALTH_NONE] = { "-", NULL, STYLE_PLAIN },
        [HEALTH_STARTING] = { "starting", "starting: ", STYLE_YELLOW },
        [HEALTH_HEALTHY] = { "healthy", "healthy: ", STYLE_GREEN },
        [HEALTH_FAILING] = { "failing", NULL, STYLE_YELLOW },
        [HEALTH_UNHEALTHY] = { "unhealthy", "unhealthy: ", STYLE_RED },
};

const char *status_config_to_string(ConfigState state) {
        return config_names[state];
}

const char *status_health_to_string(Health health) {
        return healths[health].name;
}

Health status_health(const char *text, const char **ret_detail) {
        const char *failed = strstr(text, " failed: ");

        for (Health h = 0; h < _HEALTH_MAX; h++) {
                const char *rest = healths[h].prefix ? startswith(text, healths[h].prefix) : NULL;

                if (rest) {
                        *ret_detail = rest;
                        return h;
                }
        }
        *ret_detail = failed && ascii_isdigit(*text) ? failed + strlen(" failed: ") : "";
        return failed && ascii_isdigit(*text) ? HEALTH_FAILING : HEALTH_NONE;
}

bool status_is_running(const AgentStatus *a) {
        static const char *const states[] = { "active", "activating", "reloading", "deactivating" };

        for (size_t i = 0; i < ARRAY_SIZE(states); i++)
                if (streq(a->active, states[i]))
                        return true;
        return false;
}

/* ---- cells ---- */

static Style state_style(const AgentStatus *a) {
        if (streq(a->active, "active"))
                return STYLE_GREEN;
        if (streq(a->active, "failed"))
                return STYLE_RED;
        return status_is_running(a) ? STYLE_YELLOW : STYLE_GREY;
}

static Style cell_name(const AgentStatus *a, StrBuf *b) {
        show_string(b, a->name);
        return STYLE_BOLD;
}

/* While systemd waits for the next try it calls that "activating (auto-restart)". */
static Style cell_state(const AgentStatus *a, StrBuf *b) {
        show_string(b, streq(a->sub, "auto-restart") ? a->sub
                       : *a->active                  ? a->active
                                                     : "inactive");
        return state_style(a);
}

static Style cell_health(const AgentStatus *a, StrBuf *b) {
        const char *detail, *in;
        Health h;

        if (a->kind == KIND_JOB && !status_is_running(a)) {
                const char *last = status_job_to_string(a);

                show_text(b, last, 24);
                return streq(last, "ok") ? STYLE_GREEN : streq(last, "-") ? STYLE_PLAIN : STYLE_RED;
        }
        h = status_is_running(a) ? status_health(a->status_text, &detail) : HEALTH_NONE;
        strbuf_add(b, healths[h].name);
        in = h == HEALTH_HEALTHY ? strstr(detail, " in ") : NULL;
        if (in) {
                strbuf_addc(b, ' ');
                show_text(b, in + strlen(" in "), 12);
        }
        return healths[h].style;
}

static void add_number(StrBuf *b, uint64_t n) {
        if (n == UNKNOWN)
                strbuf_addc(b, '-');
        else
                strbuf_add_uint(b, n);
}

static Style cell_restarts(const AgentStatus *a, StrBuf *b) {
        add_number(b, a->restarts);
        return a->restarts != UNKNOWN && a->restarts > 0 ? STYLE_YELLOW : STYLE_PLAIN;
}

static void add_ago(StrBuf *b, uint64_t usec) {
        uint64_t now = now_usec();

        if (usec == UNKNOWN || usec == 0)
                strbuf_addc(b, '-');
        else /* whole seconds */
                format_duration(b, usec < now ? (now - usec) / USEC_PER_SEC * USEC_PER_SEC : 0);
}

static Style cell_uptime(const AgentStatus *a, StrBuf *b) {
        add_ago(b, streq(a->active, "active") ? a->active_usec : UNKNOWN);
        return STYLE_PLAIN;
}

static void add_size(StrBuf *b, uint64_t bytes) {
        if (bytes == UNKNOWN)
                strbuf_addc(b, '-');
        else
                show_size(b, bytes);
}

static Style cell_memory(const AgentStatus *a, StrBuf *b) {
        add_size(b, a->memory_bytes);
        if (a->memory_bytes == UNKNOWN || a->memory_max_bytes == UNKNOWN)
                return STYLE_PLAIN;
        strbuf_addc(b, '/');
        show_size(b, a->memory_max_bytes);
        return a->memory_bytes > a->memory_max_bytes / 10 * 9 ? STYLE_RED : STYLE_PLAIN;
}

static Style cell_cpu(const AgentStatus *a, StrBuf *b) {
        if (a->cpu_permille == UNKNOWN)
                strbuf_addc(b, '-');
        else
                strbuf_addf(b, "%llu.%llu%%", (unsigned long long) (a->cpu_permille / 10),
                            (unsigned long long) (a->cpu_permille % 10));
        return STYLE_PLAIN;
}

static Style cell_tasks(const AgentStatus *a, StrBuf *b) {
        add_number(b, a->tasks);
        return STYLE_PLAIN;
}

static Style cell_log(const AgentStatus *a, StrBuf *b) {
        add_size(b, a->log_bytes);
        return STYLE_PLAIN;
}

static Style cell_backup(const AgentStatus *a, StrBuf *b) {
        add_ago(b, a->backup_usec);
        if (a->backup.failed_usec > 0 || a->backup.unverified_usec > 0 || a->backup.missing > 0)
                return STYLE_RED;
        return a->backup.same_device > 0 ? STYLE_YELLOW : STYLE_PLAIN;
}

static Style cell_alert(const AgentStatus *a, StrBuf *b) {
        add_ago(b, a->alert_usec);
        return STYLE_PLAIN;
}

static Style cell_config(const AgentStatus *a, StrBuf *b) {
        strbuf_add(b, config_names[a->config]);
        return a->config == CONFIG_ERRORS   ? STYLE_RED
               : a->config == CONFIG_IN_USE ? STYLE_PLAIN
                                            : STYLE_YELLOW;
}

/* ---- the table ---- */

static const struct {
        const char *title;
        Style (*cell)(const AgentStatus *a, StrBuf *b);
        unsigned rank; /* the highest goes first when there is no room; 0 stays */
        bool right;
} columns[] = {
        { "NAME", cell_name, 0, false },     { "STATE", cell_state, 0, false },
        { "HEALTH", cell_health, 1, false }, { "RESTARTS", cell_restarts, 3, true },
        { "UPTIME", cell_uptime, 4, true },  { "MEMORY", cell_memory, 5, true },
        { "CPU", cell_cpu, 6, true },        { "TASKS", cell_tasks, 9, true },
        { "LOG", cell_log, 8, true },        { "BACKUP", cell_backup, 10, true },
        { "ALERT", cell_alert, 7, true },    { "CONFIG", cell_config, 2, false },
};

#define N_COLUMNS ARRAY_SIZE(columns)

static size_t text_width(const char *s) {
        size_t n = 0;

        for (; *s; s++)
                n += ((unsigned char) *s & 0xc0) != 0x80;
        return n;
}

static void measure(const Status *s, size_t *widths) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        for (size_t c = 0; c < N_COLUMNS; c++) {
                widths[c] = strlen(columns[c].title);
                for (size_t i = 0; i < s->n; i++) {
                        strbuf_reset(&b);
                        columns[c].cell(&s->agents[i], &b);
                        widths[c] = MAX(widths[c], text_width(strbuf_text(&b)));
                }
        }
}

/* Width 0: the column is left out. */
static void make_room(size_t *widths, size_t room) {
        for (unsigned rank = N_COLUMNS; rank > 0 && room > 0; rank--) {
                size_t total = 0;

                for (size_t c = 0; c < N_COLUMNS; c++)
                        total += widths[c] > 0 ? widths[c] + 2 : 0;
                if (total <= room + 2)
                        return;
                for (size_t c = 0; c < N_COLUMNS; c++)
                        if (columns[c].rank == rank)
                                widths[c] = 0;
        }
}

static void add_cell(StrBuf *line, size_t c, size_t width, const char *text, Style s) {
        size_t pad = width - MIN(width, text_width(text));

        for (size_t i = 0; columns[c].right && i < pad; i++)
                strbuf_addc(line, ' ');
        strbuf_addf(line, "%s%s%s", s == STYLE_PLAIN ? "" : style(s), text,
                    s == STYLE_PLAIN ? "" : style(STYLE_PLAIN));
        for (size_t i = 0; !columns[c].right && i < pad && c + 1 < N_COLUMNS; i++)
                strbuf_addc(line, ' ');
        strbuf_add(line, c + 1 < N_COLUMNS ? "  " : "");
}

void status_show_table(const Status *s, unsigned room) {
        _cleanup_strbuf_ StrBuf out = { 0 }, b = { 0 };
        size_t widths[N_COLUMNS];

        if (s->n == 0) {
                printf("There is no agent: put NAME.conf into %.*s, see fte.conf(5).\n",
                       (int) strlen(scope->config_dir) - 1, scope->config_dir);
                return;
        }
        measure(s, widths);
        make_room(widths, room);
        for (size_t c = 0; c < N_COLUMNS; c++)
                if (widths[c] > 0)
                        add_cell(&out, c, widths[c], columns[c].title, STYLE_GREY);
        strbuf_addc(&out, '\n');
        for (size_t i = 0; i < s->n; i++) {
                for (size_t c = 0; c < N_COLUMNS; c++) {
                        Style st;

                        if (widths[c] == 0)
                                continue;
                        strbuf_reset(&b);
                        st = columns[c].cell(&s->agents[i], &b);
                        add_cell(&out, c, widths[c], strbuf_text(&b), st);
                }
                strbuf_addc(&out, '\n');
        }
        fputs(strbuf_text(&out), stdout);
}
