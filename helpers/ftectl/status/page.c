/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The page of one agent, and JSON of all. Each says everything that is known; the page also says
 * what to do next.
 */

#include <stdio.h>

#include "base/format.h"
#include "base/scope.h"
#include "base/show.h"

#include "ftectl/shared/terminal.h"
#include "status.h"

void status_add_time(StrBuf *b, uint64_t usec) {
        uint64_t now = now_usec();

        if (usec == UNKNOWN || usec == 0) {
                strbuf_addc(b, '-');
                return;
        }
        show_time(b, usec);
        if (usec < now) {
                strbuf_add(b, " (");
                format_duration(b, (now - usec) / USEC_PER_SEC * USEC_PER_SEC);
                strbuf_add(b, " ago)");
        }
}

static void add_of(StrBuf *b, uint64_t n, uint64_t limit, void (*add)(StrBuf *b, uint64_t n)) {
        if (n == UNKNOWN) {
                strbuf_addc(b, '-');
                return;
        }
        add(b, n);
        if (limit != UNKNOWN) {
                strbuf_add(b, " of ");
                add(b, limit);
        }
}

static void row_state(const AgentStatus *a, StrBuf *b) {
        strbuf_addf(b, "%s (%s)", *a->active ? a->active : "inactive",
                    *a->sub ? a->sub : "not loaded");
        if (a->changed_usec != UNKNOWN && a->changed_usec > 0) {
                strbuf_add(b, " since ");
                status_add_time(b, a->changed_usec);
        }
        if (!isempty(a->result) && !streq(a->result, "success")) {
                strbuf_addf(b, ", result %s", a->result);
                if (a->exit_status != UNKNOWN)
                        strbuf_addf(b, " (%llu)", (unsigned long long) a->exit_status);
                strbuf_add(b, scope->is_user ? "; why: journalctl --user -u "
                                             : "; why: ftectl diagnose ");
                show_string(b, a->name);
        }
}

static void row_health(const AgentStatus *a, StrBuf *b) {
        show_text(b, isempty(a->status_text) ? "-" : a->status_text, 200);
        if (*a->health_url) {
                strbuf_add(b, ", ");
                show_text(b, a->health_url, 200);
        }
}

static void row_restarts(const AgentStatus *a, StrBuf *b) {
        add_of(b, a->restarts, UNKNOWN, strbuf_add_uint);
}

static void row_process(const AgentStatus *a, StrBuf *b) {
        add_of(b, a->main_pid == 0 ? UNKNOWN : a->main_pid, UNKNOWN, strbuf_add_uint);
}

static void row_memory(const AgentStatus *a, StrBuf *b) {
        add_of(b, a->memory_bytes, a->memory_max_bytes, show_size);
        if (a->memory_peak_bytes != UNKNOWN) {
                strbuf_add(b, ", peak ");
                show_size(b, a->memory_peak_bytes);
        }
}

static void row_cpu(const AgentStatus *a, StrBuf *b) {
        if (a->cpu_usec == UNKNOWN) {
                strbuf_addc(b, '-');
                return;
        }
        format_duration(b, a->cpu_usec);
        if (a->cpu_permille != UNKNOWN)
                strbuf_addf(b, " (%llu.%llu%%)", (unsigned long long) (a->cpu_permille / 10),
                            (unsigned long long) (a->cpu_permille % 10));
}

static void row_tasks(const AgentStatus *a, StrBuf *b) {
        add_of(b, a->tasks, a->tasks_max, strbuf_add_uint);
}

static void row_log(const AgentStatus *a, StrBuf *b) {
        add_of(b, a->log_bytes, a->log_bytes == UNKNOWN ? UNKNOWN : a->log_max_bytes, show_size);
        if (*a->log_file) {
                strbuf_add(b, ", ");
                show_string(b, a->log_file);
        }
        strbuf_addf(b, " (journalctl%s -u ", SCOPE_SWITCH);
        show_string(b, a->name);
        strbuf_add(b, " -f)");
}

static void row_release(const AgentStatus *a, StrBuf *b) {
        if (!*a->release) {
                strbuf_add(b, "-");
                return;
        }
        strbuf_add(b, a->release);
        if (a->release_is_unproven) {
                strbuf_add(b, ", whose deployment was interrupted; to go back: ftectl rollback ");
                show_string(b, a->name);
        }
}

static void row_backup(const AgentStatus *a, StrBuf *b) {
        const BackupStatus *s = &a->backup;

        status_add_time(b, a->backup_usec);
        if (s->bytes > 0) {
                strbuf_add(b, ", ");
                show_size(b, s->bytes);
        }
        if (s->missing > 0)
                strbuf_addf(b, ", %llu files are missing in it", (unsigned long long) s->missing);
        if (s->failed_usec > 0) {
                strbuf_add(b, "; failed ");
                status_add_time(b, s->failed_usec);
                strbuf_add(b, ", see: journalctl -u fte-backup@");
                show_string(b, a->name);
        }
        if (s->unverified_usec > 0) {
                strbuf_add(b, "; not good when tried out ");
                status_add_time(b, s->unverified_usec);
        } else if (s->verified_usec > 0) {
                strbuf_add(b, "; tried out ");
                status_add_time(b, s->verified_usec);
        }
        if (s->same_device > 0)
                strbuf_add(b, "; on the file system of the data: a disk that breaks takes both, "
                              "set Target=");
}

static void row_alert(const AgentStatus *a, StrBuf *b) {
        status_add_time(b, a->alert_usec);
        if (!isempty(a->alert)) {
                strbuf_add(b, ": ");
                show_text(b, a->alert, 120);
        }
}

static void add_apply(StrBuf *b, const AgentStatus *a) {
        if (scope->is_user)
                strbuf_addf(b, "%s && systemctl --user restart ", scope->reload);
        else
                strbuf_add(b, "ftectl apply ");
        show_string(b, a->name);
}

static void row_config(const AgentStatus *a, StrBuf *b) {
        show_string(b, a->file);
        switch (a->config) {
        case CONFIG_ERRORS:
                strbuf_addf(b, ": %zu error%s; see: ftectl%s lint ", a->n_errors,
                            a->n_errors == 1 ? "" : "s", SCOPE_SWITCH);
                show_string(b, a->name);
                return;
        case CONFIG_RELOAD:
                strbuf_add(b, ": changed, and not loaded yet; then: ");
                add_apply(b, a);
                return;
        case CONFIG_RESTART:
                strbuf_add(b, ": it or the env file has changed since the start; then: ");
                add_apply(b, a);
                return;
        default:
                strbuf_add(b, ": in use");
        }
}

static const struct {
        const char *title;
        void (*add)(const AgentStatus *a, StrBuf *b);
        bool of_job;
} rows[] = {
        { "Schedule", status_add_schedule, true },
        { "Last run", status_add_last_run, true },
        { "State", row_state },
        { "Health", row_health },
        { "Restarts", row_restarts },
        { "Main PID", row_process },
        { "Memory", row_memory },
        { "CPU", row_cpu },
        { "Tasks", row_tasks },
        { "Log", row_log },
        { "Release", row_release },
        { "Backup", row_backup },
        { "Alert", row_alert },
        { "Config", row_config },
};

void status_show_page(const AgentStatus *a) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        strbuf_add(&b, style(STYLE_BOLD));
        show_string(&b, a->name);
        strbuf_add(&b, style(STYLE_PLAIN));
        if (*a->description) {
                strbuf_add(&b, " - ");
                show_text(&b, a->description, 256);
        }
        strbuf_addc(&b, '\n');
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                if (rows[i].of_job && a->kind != KIND_JOB)
                        continue;
                strbuf_addf(&b, "%s%10s:%s ", style(STYLE_GREY), rows[i].title, style(STYLE_PLAIN));
                rows[i].add(a, &b);
                strbuf_addc(&b, '\n');
        }
        fputs(strbuf_text(&b), stdout);
}

/* ---- JSON ---- */

static json_t *backup_to_json(const BackupStatus *s) {
        return json_pack("{s:o, s:o, s:I, s:b, s:o, s:o, s:o}", "made", json_time(s->made_usec),
                         "bytes", json_number(s->made_usec > 0 ? s->bytes : UNKNOWN),
                         "missing_files", (json_int_t) s->missing, "same_file_system",
                         s->same_device > 0, "failed", json_time(s->failed_usec), "verified",
                         json_time(s->verified_usec), "found_bad", json_time(s->unverified_usec));
}

static json_t *agent_to_json(const AgentStatus *a) {
        const char *detail;
        Health h = status_is_running(a) ? status_health(a->status_text, &detail) : HEALTH_NONE;
        json_t *json = json_pack(
                "{s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s}", "name", json_text(a->name),
                "description", json_text_or_null(a->description), "state",
                *a->active ? a->active : "inactive", "sub_state", *a->sub ? a->sub : "dead",
                "health", h == HEALTH_NONE ? json_null() : json_string(status_health_to_string(h)),
                "status", json_text_or_null(a->status_text), "restarts", json_number(a->restarts),
                "since", json_time(a->active_usec), "result", json_text_or_null(a->result),
                "config", status_config_to_string(a->config));

        json_object_set_new(json, "kind", json_string(status_kind_to_string(a)));
        json_object_set_new(json, "job", status_job_to_json(a));
        json_object_set_new(json, "config_errors", json_number(a->n_errors));
        json_object_set_new(json, "config_file", json_text(a->file));
        json_object_set_new(json, "memory_bytes", json_number(a->memory_bytes));
        json_object_set_new(json, "memory_max_bytes", json_number(a->memory_max_bytes));
        json_object_set_new(json, "cpu_seconds", json_seconds(a->cpu_usec));
        json_object_set_new(json, "tasks", json_number(a->tasks));
        json_object_set_new(json, "log_file", json_text_or_null(a->log_file));
        json_object_set_new(json, "log_bytes", json_number(a->log_bytes));
        json_object_set_new(json, "last_backup", json_time(a->backup_usec));
        json_object_set_new(json, "backup", backup_to_json(&a->backup));
        json_object_set_new(json, "release", json_text_or_null(a->release));
        json_object_set_new(json, "last_alert", json_time(a->alert_usec));
        return json;
}

json_t *status_to_json(const Status *s) {
        json_t *list = json_array();

        for (size_t i = 0; i < s->n; i++)
                json_array_append_new(list, agent_to_json(&s->agents[i]));
        return json_pack("{s:o}", "agents", list);
}
