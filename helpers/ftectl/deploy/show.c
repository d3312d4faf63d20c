/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What ftectl deploy and rollback say in the end, to people and as JSON.
 */

#include <stdio.h>

#include "base/format.h"
#include "base/show.h"
#include "ftectl/shared/terminal.h"

#include "deploy.h"

static const struct {
        const char *name;
        const char *text;
        bool is_bad, was_switched;
} verdicts[_VERDICT_MAX] = {
        [VERDICT_DONE] = { "done", "", false, true },
        [VERDICT_SOURCE] = { "source-refused", "the source was refused", true, false },
        [VERDICT_BUILD] = { "build-failed", "the build failed", true, false },
        [VERDICT_CHECK] = { "check-failed", "Check= of [Deploy] failed", true, false },
        [VERDICT_PUT_BACK] = { "put-back", "it did not get healthy", true, true },
        [VERDICT_BOTH_BAD] = { "both-bad", "it did not get healthy", true, true },
        [VERDICT_NO_WAY_BACK] = { "stopped", "it did not get healthy", true, true },
        [VERDICT_CANCELED] = { "canceled",
                               "switched, but somebody else has stopped the agent or begun "
                               "something else with it",
                               true, true },
        [VERDICT_INTERRUPTED] = { "interrupted", "interrupted", true, false },
};

/* ---- text ---- */

static void add_name(const Deploy *d, Style s, StrBuf *b) {
        strbuf_addf(b, "%s%s%s: ", style(s), d->name, style(STYLE_PLAIN));
}

/* A job is not run for a trial: only its program knows whether it may be done twice. */
static void add_done_job(const Deploy *d, StrBuf *b) {
        strbuf_addf(b, "release %s is for its next run; to run it now: systemctl start %s\n",
                    d->release.id, d->name);
}

static void add_done_running(const Deploy *d, StrBuf *b) {
        strbuf_addf(b, "runs release %s; %shealthy%s after ", d->release.id, style(STYLE_GREEN),
                    style(STYLE_PLAIN));
        format_duration(b, d->took_usec);
        strbuf_addc(b, '\n');
}

static void add_done(const Deploy *d, StrBuf *b) {
        char previous[RELEASE_ID_BYTES];

        add_name(d, STYLE_GREEN, b);
        if (d->agent.kind == KIND_JOB)
                add_done_job(d, b);
        else
                add_done_running(d, b);
        if (store_link(&d->store, PREVIOUS_LINK, previous) > 0 && !streq(previous, d->release.id))
                strbuf_addf(b, "    to go back to %s: ftectl rollback %s\n", previous, d->name);
}

static void add_back(const Deploy *d, StrBuf *b) {
        if (d->verdict == VERDICT_NO_WAY_BACK)
                strbuf_addf(b, "    it was stopped: there is no release to go back to\n");
        if (d->verdict == VERDICT_PUT_BACK) {
                strbuf_addf(b, "    put back: release %s, %shealthy%s after ", d->before,
                            style(STYLE_GREEN), style(STYLE_PLAIN));
                format_duration(b, d->back.took_usec);
                strbuf_addc(b, '\n');
        }
        if (d->verdict == VERDICT_BOTH_BAD) {
                strbuf_addf(b, "    put back: release %s, which is not healthy either", d->before);
                if (!isempty(d->back.cause)) {
                        strbuf_add(b, ": ");
                        show_text(b, d->back.cause, 400);
                }
                strbuf_addf(b, "\n    the cause is another, then; next: ftectl diagnose %s\n",
                            d->name);
        }
}

static void add_interrupted(const Deploy *d, StrBuf *b) {
        char now[RELEASE_ID_BYTES];

        if (store_link(&d->store, CURRENT_LINK, now) > 0 && streq(now, d->release.id))
                strbuf_addf(b,
                            "    release %s was begun, and systemd goes on with it; to go back: "
                            "ftectl rollback %s\n",
                            now, d->name);
        else
                strbuf_add(b, "    what runs was not touched\n");
}

static void add_bad(const Deploy *d, StrBuf *b) {
        bool is_build = d->verdict == VERDICT_BUILD || d->verdict == VERDICT_CHECK ||
                        d->verdict == VERDICT_SOURCE;

        add_name(d, STYLE_RED, b);
        strbuf_addf(b, "%sFAILED%s: ", style(STYLE_RED), style(STYLE_PLAIN));
        if (*d->release.id)
                strbuf_addf(b, "release %s: ", d->release.id);
        strbuf_add(b, verdicts[d->verdict].text);
        if (!isempty(d->cause)) {
                strbuf_add(b, ": ");
                show_text(b, d->cause, 400);
        }
        strbuf_addc(b, '\n');
        if (d->log.lines || d->log.reason)
                log_lines_show(&d->log, "    | ", b);
        if (is_build)
                strbuf_addf(b,
                            "    what runs was not touched; all that it said: "
                            "/var/lib/fte/deploys/%s/last-failure.log\n",
                            d->name);
        if (d->verdict == VERDICT_INTERRUPTED)
                add_interrupted(d, b);
        add_back(d, b);
}

/* ---- JSON ---- */

json_t *release_to_json(const Release *r) {
        return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:b, s:b}", "id", r->id, "state",
                         release_state_to_string(r->state), "time", json_time(r->time_usec),
                         "source", json_text_or_null(r->source), "sha256",
                         json_text_or_null(r->sha256), "cause", json_text_or_null(r->cause),
                         "bytes", (json_int_t) r->bytes, "files", (json_int_t) r->files, "current",
                         r->is_current, "previous", r->is_previous);
}

static json_t *to_json(const Deploy *d) {
        char now[RELEASE_ID_BYTES] = "", previous[RELEASE_ID_BYTES] = "";

        (void) store_link(&d->store, CURRENT_LINK, now);
        (void) store_link(&d->store, PREVIOUS_LINK, previous);
        return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "agent", d->name,
                         "result", verdicts[d->verdict].name, "well", !verdicts[d->verdict].is_bad,
                         "release", json_text_or_null(d->release.id), "current",
                         json_text_or_null(now), "previous", json_text_or_null(previous), "cause",
                         json_text_or_null(d->cause), "log", log_lines_to_json(&d->log), "seconds",
                         json_seconds(d->took_usec > 0 ? d->took_usec : UINT64_MAX));
}

int deploy_show(const Deploy *d) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        int status = verdicts[d->verdict].is_bad ? EXIT_BAD : EXIT_GOOD;

        if (GIVEN(d->args, JSON))
                return json_print(to_json(d)) < 0 ? EXIT_CANNOT : status;
        if (d->verdict == VERDICT_DONE)
                add_done(d, &b);
        else
                add_bad(d, &b);
        fputs(strbuf_text(&b), stdout);
        return status;
}
