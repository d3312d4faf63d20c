/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The warnings of ftectl lint about times and sockets. The generator checks calendar expressions by
 * their grammar; here systemd itself is asked, which knows the zones, and whether a time ever
 * comes.
 */

#include "base/run.h"
#include "config/directive.h"
#include "ftectl/deploy/deploy.h"

#include "lint.h"

typedef enum Calendar {
        CALENDAR_GOOD, /* or nobody could tell */
        CALENDAR_BAD,
        CALENDAR_NEVER,
} Calendar;

static Calendar ask(const char *expression) {
        const char *argv[] = { "systemd-analyze", "calendar", "--", expression, NULL };
        _cleanup_strbuf_ StrBuf output = { 0 };
        int r = run_program(&(RunOptions){ .argv = argv, .timeout_usec = 5 * USEC_PER_SEC },
                            &output, NULL);

        if (r == 1)
                return CALENDAR_BAD;
        return r == 0 && strstr(strbuf_text(&output), "Next elapse: never") ? CALENDAR_NEVER
                                                                            : CALENDAR_GOOD;
}

void lint_check_schedule(Warner *w) {
        static const struct {
                SectionId section;
                const char *key;
                size_t offset;
        } rows[] = {
                { SECTION_AGENT, "Schedule", offsetof(Agent, schedule) },
                { SECTION_BACKUP, "Schedule", offsetof(Agent, backup_schedule) },
                { SECTION_BACKUP, "Verify", offsetof(Agent, backup_verify) },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const char *text =
                        *(const char *const *) ((const char *) w->agent + rows[i].offset);
                Place place = agent_place(w->agent, rows[i].offset);
                Calendar c;

                if (!text || !place.file || streq(text, "none") ||
                    (rows[i].section == SECTION_AGENT && agent_interval_usec(w->agent) > 0))
                        continue;
                c = ask(text);
                if (c != CALENDAR_GOOD)
                        warner_add(w, rows[i].section, rows[i].key, place,
                                   c == CALENDAR_NEVER
                                           ? "this time never comes; \"systemd-analyze calendar\" "
                                             "tells when it would"
                                           : "systemd does not take it, so it would never run; is "
                                             "there such a time zone? \"systemd-analyze calendar\" "
                                             "explains");
        }
}

/* Whoever deploys code restarts often; then it is worth to know what a restart costs. */
void lint_check_restart_gap(Warner *w) {
        const Agent *a = w->agent;

        if ((a->n_set[SECTION_DEPLOY] == 0 && !agent_uses_current(a)) || a->kind != KIND_SERVICE ||
            a->listen || !a->health_url)
                return;
        WARN(w, AGENT, "Listen", listen,
             "not set, so connections are refused while a deployment restarts the agent%s; set it "
             "when the server can take an open socket (uvicorn --fd 3)",
             a->proxy_domain ? ", and only the page of nginx covers that" : "");
}
