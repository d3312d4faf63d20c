/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A diagnosis for a tired person at night: how the agent is, the cause, what was seen of it, what
 * to type, and shortly what else it may be. Without a cause: what it is not, and the last lines of
 * the log.
 */

#include <signal.h>
#include <stdio.h>

#include "base/format.h"
#include "base/show.h"

#include "diagnose.h"
#include "ftectl/shared/terminal.h"

#define LAST_LINES 12

/* ---- how it is ---- */

/* Exit statuses of systemd itself (systemd.exec(5)) and of our helpers. */
static const struct {
        uint64_t status;
        const char *name;
} statuses[] = {
        { 78, "CONFIG, of the checks before the start" },
        { 126, "the program could not be executed" },
        { 127, "the program was not found" },
        { 200, "CHDIR" },
        { 203, "EXEC" },
        { 214, "SETSCHEDULER" },
        { 216, "GROUP" },
        { 217, "USER" },
        { 226, "NAMESPACE" },
        { 228, "SECCOMP" },
        { 238, "STATE_DIRECTORY" },
        { 240, "LOGS_DIRECTORY" },
        { 243, "CREDENTIALS, systemd could not read the env file" },
};

static void add_status(const Evidence *e, StrBuf *b) {
        if (e->unit.exec_code == CLD_KILLED || e->unit.exec_code == CLD_DUMPED) {
                strbuf_addf(b, "ended by SIG%s",
                            sigabbrev_np((int) e->unit.exec_status)
                                    ? sigabbrev_np((int) e->unit.exec_status)
                                    : "?");
                return;
        }
        strbuf_addf(b, "exit status %llu", (unsigned long long) e->unit.exec_status);
        for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
                if (statuses[i].status == e->unit.exec_status)
                        strbuf_addf(b, " (%s)", statuses[i].name);
}

static void add_state(const Evidence *e, StrBuf *b) {
        const UnitFacts *u = &e->unit;

        if (!u->known) {
                strbuf_add(b, "only its files were looked at");
                return;
        }
        if (streq(u->load, "not-found") || streq(u->load, "masked")) {
                strbuf_add(b, streq(u->load, "masked") ? "masked" : "not known to systemd");
                return;
        }
        show_string(b, streq(u->sub, "auto-restart") ? "waits for its next restart" : u->active);
        if (!streq(u->result, "success")) {
                strbuf_add(b, ", result ");
                show_string(b, u->result);
        }
        if (u->exec_code != UNKNOWN && u->exec_code > 0 &&
            (u->main_pid == 0 || u->main_pid == UNKNOWN)) {
                strbuf_add(b, ", ");
                add_status(e, b);
        }
        if (u->restarts != UNKNOWN && u->restarts > 0)
                strbuf_addf(b, ", %llu restart%s", (unsigned long long) u->restarts,
                            u->restarts == 1 ? "" : "s");
}

static void add_health(const Evidence *e, StrBuf *b) {
        if (e->probe == PROBE_STATE_NONE || !e->probe_text)
                return;
        show_string(b, e->agent->health_url);
        strbuf_addf(b, ": %s", e->probe_text);
}

/* ---- text ---- */

/* Lines with something before each; others' words are in them. */
static void print_lines(const StrBuf *text, const char *before, Style s) {
        for (const char *line = strbuf_text(text); *line;) {
                _cleanup_strbuf_ StrBuf b = { 0 };
                size_t n = strcspn(line, "\n");

                show_bytes(&b, line, n, '?');
                printf("%s%s%s%s\n", before, style(s), strbuf_text(&b), style(STYLE_PLAIN));
                line += n + (line[n] == '\n');
        }
}

static void show_first(const Evidence *e, const Diagnosis *d) {
        bool well = evidence_is_well(e) && !evidence_has_recovered(e);

        printf("\n%s%s: %s%s\n", style(well ? STYLE_YELLOW : STYLE_RED),
               well ? "It is well, but" : "Cause", d->cause->title, style(STYLE_PLAIN));
        print_lines(&d->seen, "  ", STYLE_PLAIN);
        printf("\nTo correct it:\n");
        print_lines(&d->fix, "  ", STYLE_BOLD);
        if (*diagnosis_requirement(d))
                printf("\nftectl validate checks it as %s.\n", diagnosis_requirement(d));
}

static void show_others(const Diagnosis *list, size_t n) {
        if (n < 2)
                return;
        printf("\nAlso:\n");
        for (size_t i = 1; i < n; i++) {
                const char *seen = strbuf_text(&list[i].seen);
                _cleanup_strbuf_ StrBuf b = { 0 };

                show_bytes(&b, seen, strcspn(seen, "\n"), '?');
                printf("- %s%s%s\n", list[i].cause->title, b.len > 0 ? ": " : "", strbuf_text(&b));
        }
}

/* What would have been told, had it been so. */
static void show_ruled_out(const Evidence *e) {
        puts("\nRuled out: errors in the configuration, drop-ins that undo a setting, owners and "
             "modes in\n"
             "the agent's directories, file systems that are read-only, full or noexec, a missing "
             "program\n"
             "or interpreter, an expired certificate.");
        if (!e->agent->env_encrypted)
                puts("And the env file: it is private, and complete.");
        if (e->has_url)
                puts("And the port of its health check: nobody else has taken it.");
}

static void show_last_lines(const Evidence *e) {
        size_t n = 0;

        if (!e->lines || !e->lines_are_safe) {
                printf("\nThe log (%s): journalctl -u %s -n 50\n",
                       e->lines ? "not shown, for its secrets are not known any more"
                                : e->lines_reason,
                       e->name);
                return;
        }
        while (e->lines[n])
                n++;
        printf("\nThe last lines of the log, which may say more than any check:\n");
        for (size_t i = n > LAST_LINES ? n - LAST_LINES : 0; i < n; i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                show_string(&b, e->lines[i]);
                printf("  %s\n", strbuf_text(&b));
        }
        printf("More of it: journalctl -u %s -n 50\n", e->name);
}

void diagnose_show(const Evidence *e, const Diagnosis *list, size_t n) {
        _cleanup_strbuf_ StrBuf state = { 0 }, health = { 0 };
        bool well = evidence_is_well(e) || !e->unit.known;

        add_state(e, &state);
        add_health(e, &health);
        printf("%s%s%s: %s\n", style(STYLE_BOLD), e->name, style(STYLE_PLAIN), strbuf_text(&state));
        if (health.len > 0)
                printf("%s\n", strbuf_text(&health));
        if (n > 0) {
                show_first(e, &list[0]);
                show_others(list, n);
                if (list[0].cause->tells_no_reason)
                        show_last_lines(e);
                return;
        }
        if (well) {
                printf("\n%sNothing is wrong.%s\n", style(STYLE_GREEN), style(STYLE_PLAIN));
                return;
        }
        if (evidence_is_starting(e)) {
                printf("\n%sIt is being started; ask again in a moment.%s\n", style(STYLE_YELLOW),
                       style(STYLE_PLAIN));
                return;
        }
        printf("\n%sIt is not well, and no cause that is known here was found.%s\n",
               style(STYLE_YELLOW), style(STYLE_PLAIN));
        show_ruled_out(e);
        show_last_lines(e);
}

/* ---- JSON ---- */

static json_t *lines_to_json(const StrBuf *text) {
        json_t *list = json_array();

        for (const char *line = strbuf_text(text); *line;) {
                size_t n = strcspn(line, "\n");

                json_array_append_new(list, json_text_n(line, n));
                line += n + (line[n] == '\n');
        }
        return list;
}

static json_t *diagnosis_to_json(const Diagnosis *d) {
        return json_pack("{s:s, s:s, s:i, s:s, s:o, s:o}", "id", d->cause->id, "title",
                         d->cause->title, "likelihood", d->likelihood, "requirement",
                         diagnosis_requirement(d), "seen", lines_to_json(&d->seen), "fix",
                         lines_to_json(&d->fix));
}

json_t *diagnose_to_json(const Evidence *e, const Diagnosis *list, size_t n) {
        _cleanup_strbuf_ StrBuf state = { 0 }, health = { 0 };
        json_t *causes_json = json_array();
        bool known = e->unit.known;

        add_state(e, &state);
        add_health(e, &health);
        for (size_t i = 0; i < n; i++)
                json_array_append_new(causes_json, diagnosis_to_json(&list[i]));
        return json_pack("{s:o, s:o, s:o, s:o, s:o}", "agent", json_text(e->name), "well",
                         known ? json_boolean(evidence_is_well(e)) : json_null(), "state",
                         json_text(strbuf_text(&state)), "health",
                         json_text_or_null(strbuf_text(&health)), "causes", causes_json);
}
