/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What ftectl apply says: a line for each agent that something was done with, why one is not well,
 * what was put back and how to go on; the same as JSON. Agents that were left alone are only
 * counted.
 */

#include <stdio.h>

#include "base/format.h"
#include "base/show.h"

#include "apply.h"
#include "ftectl/shared/terminal.h"

static const struct {
        const char *name, *done, *to_do; /* JSON; people */
} actions[_ACTION_MAX] = {
        [ACTION_NONE] = { "none", "not touched", "leave alone" },
        [ACTION_START] = { "start", "started", "start" },
        [ACTION_RESTART] = { "restart", "restarted", "restart" },
        [ACTION_STOP] = { "stop", "stopped", "stop" },
};

static const struct {
        const char *name, *text;
} whys[_WHY_MAX] = {
        [WHY_UNCHANGED] = { "unchanged", "nothing has changed" },
        [WHY_NEW] = { "new", "it is new" },
        [WHY_DOWN] = { "down", "it was not running" },
        [WHY_FAILED] = { "failed", "it had failed" },
        [WHY_RETRYING] = { "retrying", "it failed again and again" },
        [WHY_CONFIG] = { "configuration", "its configuration has changed" },
        [WHY_CONTENT] = { "content",
                          "its unit, a plugin or a drop-in has changed since its start" },
        [WHY_ENV] = { "env-file", "its env file has changed" },
        [WHY_NEWER] = { "newer", "its files are newer than its start" },
        [WHY_GONE] = { "gone", "its file is gone" },
        [WHY_DISABLED] = { "disabled", "it does not run, and Enabled=no says that it need not" },
        [WHY_PUT_BACK] = { "put-back", "what held before was put back" },
        [WHY_DEPLOYED] = { "deployed", "a release was deployed" },
        [WHY_ROLLED_BACK] = { "rolled-back", "an earlier release was asked for" },
};

static const struct {
        const char *name, *text;
        bool is_bad;
} outcomes[_OUTCOME_MAX] = {
        [OUTCOME_UNTOUCHED] = { "untouched", "", false },
        [OUTCOME_WELL] = { "well", "healthy", false },
        [OUTCOME_STOPPED] = { "stopped", "", false },
        [OUTCOME_FAILED] = { "failed", "FAILED", true },
        [OUTCOME_LATE] = { "late", "FAILED", true },
        [OUTCOME_MASKED] = { "masked",
                             "not started, because it is masked; to allow it: systemctl unmask ",
                             true },
        [OUTCOME_CANCELED] = { "canceled", "left as it is", true },
        [OUTCOME_CUT] = { "unfinished",
                          "begun, and systemd goes on with it; look with: ftectl status ", true },
        [OUTCOME_NOT_BEGUN] = { "not-begun", "not touched yet", true },
};

static const char *const put_back_names[] = {
        [PUT_BACK_UNTRIED] = NULL,
        [PUT_BACK_NONE] = "nothing",
        [PUT_BACK_DONE] = "done",
        [PUT_BACK_IMPOSSIBLE] = "impossible",
};

bool outcome_is_bad(Outcome outcome) {
        return outcomes[outcome].is_bad;
}

bool apply_is_bad(const Apply *a) {
        for (size_t i = 0; i < a->n; i++)
                if (outcome_is_bad(a->targets[i].now.outcome) ||
                    a->targets[i].back.state != PUT_BACK_UNTRIED)
                        return true;
        return apply_interrupted || a->is_broken || a->proxy_is_bad ||
               a->host_back.state != PUT_BACK_UNTRIED;
}

/* ---- text ---- */

static void add_name(StrBuf *b, const Target *t, Style s) {
        strbuf_add(b, style(s));
        show_string(b, t->name);
        strbuf_addf(b, "%s: ", style(STYLE_PLAIN));
}

static void add_failure(StrBuf *b, const Attempt *at) {
        strbuf_addf(b, "%s%s%s", style(STYLE_RED), outcomes[at->outcome].text, style(STYLE_PLAIN));
        if (!isempty(at->cause)) {
                strbuf_add(b, ": ");
                show_text(b, at->cause, 400);
        }
        strbuf_addf(b, " (%s, because %s)\n", actions[at->action].done, whys[at->why].text);
        if (at->log.lines || at->log.reason)
                log_lines_show(&at->log, "    | ", b);
}

static void add_well(StrBuf *b, const Target *t, const Attempt *at) {
        strbuf_addf(b, "%s, because %s", actions[at->action].done, whys[at->why].text);
        if (t->is_timer && at->outcome == OUTCOME_WELL)
                strbuf_add(b, "; a job: it runs at its next time");
        else if (at->outcome == OUTCOME_WELL) {
                strbuf_addf(b, "; %shealthy%s after ", style(STYLE_GREEN), style(STYLE_PLAIN));
                format_duration(b, at->took_usec);
        }
        strbuf_add(b, "\n");
}

static void add_attempt(StrBuf *b, const Target *t, const Attempt *at) {
        if (outcome_is_failure(at->outcome))
                add_failure(b, at);
        else if (!outcome_is_bad(at->outcome))
                add_well(b, t, at);
        else {
                strbuf_addf(b, "%s%s%s", style(STYLE_YELLOW), outcomes[at->outcome].text,
                            style(STYLE_PLAIN));
                if (endswith(outcomes[at->outcome].text, " "))
                        show_string(b, t->name);
                if (!isempty(at->cause))
                        strbuf_addf(b, ": %s", at->cause);
                strbuf_add(b, "\n");
        }
}

/* Where the edit is, and what to type next. */
static void add_edit(StrBuf *b, const WayBack *back) {
        if (!back->rejected)
                return;
        strbuf_addf(b, "    the edit that failed is kept: %s/rejected\n", back->rejected);
        strbuf_addf(b, "    see the difference:  cd %s && diff -ruN applied rejected\n",
                    back->rejected);
        if (back->retry) {
                strbuf_add(b, "    try it again:        ");
                show_string(b, back->retry);
                strbuf_addc(b, '\n');
        }
}

static void add_way_back(StrBuf *b, const Apply *a, const WayBack *back) {
        if (back->state == PUT_BACK_DONE) {
                strbuf_add(b, "    put back: the files as of ");
                show_time(b, a->applied.time_usec);
                strbuf_addc(b, '\n');
        }
        if (back->note) {
                strbuf_add(b, "    ");
                show_string(b, back->note);
                strbuf_addc(b, '\n');
        }
        add_edit(b, back);
}

static void add_target(StrBuf *b, const Apply *a, const Target *t) {
        const Attempt *first = t->was_retried ? &t->first : &t->now;
        bool bad = outcome_is_bad(t->now.outcome);

        add_name(b, t,
                 bad                                                ? STYLE_RED
                 : t->was_retried && outcome_is_bad(first->outcome) ? STYLE_YELLOW
                                                                    : STYLE_GREEN);
        add_attempt(b, t, first);
        add_way_back(b, a, &t->back);
        if (t->was_retried) {
                strbuf_add(b, "    then: ");
                add_attempt(b, t, &t->now);
                if (bad && t->back.state == PUT_BACK_DONE)
                        strbuf_add(b, "    putting the files back did not help, so the cause is "
                                      "another\n");
        }
        if (outcome_is_failure(t->now.outcome))
                strbuf_addf(b, "    next: ftectl diagnose %s\n", t->name);
}

static bool is_worth_a_line(const Target *t) {
        return t->is_wanted && (t->now.action != ACTION_NONE || t->was_retried);
}

static void add_rest(StrBuf *b, const Apply *a) {
        size_t unchanged = 0, disabled = 0, others = 0;

        for (size_t i = 0; i < a->n; i++) {
                const Target *t = &a->targets[i];

                unchanged += t->is_wanted && t->has_file && !is_worth_a_line(t) &&
                             t->now.why == WHY_UNCHANGED;
                disabled += t->is_wanted && !is_worth_a_line(t) && t->now.why == WHY_DISABLED;
                others += !t->is_wanted && t->planned.rendered != t->loaded.rendered;
        }
        if (unchanged > 0)
                strbuf_addf(b, "%zu agent%s unchanged, and not touched\n", unchanged,
                            unchanged == 1 ? "" : "s");
        if (disabled > 0)
                strbuf_addf(b, "%zu not running, as Enabled=no says\n", disabled);
        if (others > 0)
                strbuf_addf(b, "%zu other%s changed too, and not named: ftectl apply\n", others,
                            others == 1 ? " has" : "s have");
}

static void add_host(StrBuf *b, const Apply *a) {
        if (a->host_back.state == PUT_BACK_UNTRIED)
                return;
        strbuf_addf(b, "%sfte.conf%s: agents failed with it\n", style(STYLE_YELLOW),
                    style(STYLE_PLAIN));
        add_way_back(b, a, &a->host_back);
}

void apply_show_result(const Apply *a) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (a->report.findings) {
                (void) json_print(apply_to_json(a));
                return;
        }
        for (size_t i = 0; i < a->n; i++)
                if (is_worth_a_line(&a->targets[i]))
                        add_target(&b, a, &a->targets[i]);
        add_host(&b, a);
        add_rest(&b, a);
        if (apply_interrupted)
                strbuf_add(
                        &b,
                        "Interrupted: the units are loaded, nothing more was begun and nothing put "
                        "back. To go on: ftectl apply\n");
        fputs(strbuf_text(&b), stdout);
}

void apply_show_plan(const Apply *a) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (a->report.findings) {
                (void) json_print(apply_to_json(a));
                return;
        }
        for (size_t i = 0; i < a->n; i++) {
                const Target *t = &a->targets[i];

                if (t->todo == ACTION_NONE)
                        continue;
                add_name(&b, t, STYLE_BOLD);
                strbuf_addf(&b, "would %s, because %s\n", actions[t->todo].to_do,
                            whys[t->now.why].text);
        }
        add_rest(&b, a);
        if (b.len == 0)
                strbuf_add(&b, "There is nothing to do.\n");
        fputs(strbuf_text(&b), stdout);
}

/* ---- JSON ---- */

static json_t *attempt_to_json(const Attempt *at) {
        return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "action", actions[at->action].name,
                         "why", whys[at->why].name, "outcome", outcomes[at->outcome].name,
                         "seconds", json_seconds(at->took_usec > 0 ? at->took_usec : UINT64_MAX),
                         "cause", json_text_or_null(at->cause), "log", log_lines_to_json(&at->log));
}

static json_t *way_back_to_json(const WayBack *back) {
        if (back->state == PUT_BACK_UNTRIED)
                return json_null();
        return json_pack("{s:s, s:o, s:o}", "state", put_back_names[back->state], "note",
                         json_text_or_null(back->note), "rejected",
                         json_text_or_null(back->rejected));
}

static json_t *target_to_json(const Target *t) {
        json_t *json = attempt_to_json(&t->now);

        json_object_set_new(json, "name", json_text(t->name));
        json_object_set_new(json, "first",
                            t->was_retried ? attempt_to_json(&t->first) : json_null());
        json_object_set_new(json, "put_back", way_back_to_json(&t->back));
        return json;
}

json_t *apply_to_json(const Apply *a) {
        json_t *list = json_array();

        for (size_t i = 0; i < a->n; i++)
                if (a->targets[i].is_wanted && a->report.n_errors == 0)
                        json_array_append_new(list, target_to_json(&a->targets[i]));
        return json_pack("{s:b, s:b, s:b, s:b, s:b, s:I, s:O, s:o, s:o}", "dry_run",
                         GIVEN(a->args, DRY_RUN), "reloaded", a->is_reloaded, "interrupted",
                         (int) apply_interrupted, "proxy_is_bad", a->proxy_is_bad, "well",
                         a->report.n_errors == 0 && !apply_is_bad(a), "errors",
                         (json_int_t) a->report.n_errors, "findings", a->report.findings, "agents",
                         list, "fte_conf_put_back", way_back_to_json(&a->host_back));
}
