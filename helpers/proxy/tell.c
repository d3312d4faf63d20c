/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * tell.h. Each line says what to do next, and what nginx said is quoted line by line.
 */

#include "base/log.h"

#include "tell.h"

static void tell_output(const char *output) {
        for (const char *p = output; *p;) {
                size_t n = strcspn(p, "\n");

                if (n > 0)
                        log_line(LOG_ERR, "  %.*s", (int) n, p);
                p += n + (p[n] == '\n');
        }
}

void tell_refused(const char *agent, const char *output) {
        if (agent)
                log_line(LOG_ERR,
                         "%s: nginx refuses its block, and goes on with what it had of this "
                         "agent, if that was good; correct [Proxy] and run: systemctl start "
                         "fte-proxy. It said:",
                         agent);
        else
                log_line(LOG_ERR, "nginx refuses what all agents share, so no block can change. It "
                                  "said:");
        tell_output(output);
}

void tell_problems(const ProxyResult *result) {
        for (const ProxyProblem *i = result->problems; i; i = i->next)
                log_line(LOG_ERR, "%s%s%s", i->agent ? i->agent : "", i->agent ? ": " : "",
                         i->message);
}

/* nginx keeps the first block of a name and says so in passing: the admin's come before ours. */
static void tell_conflicts(const char *output) {
        for (const char *p = output; (p = strstr(p, "conflicting server name"));
             p += strcspn(p, "\n"))
                log_line(LOG_WARNING,
                         "another block in nginx answers to a Domain= of ours, and goes first: "
                         "nginx says: %.*s",
                         (int) strcspn(p, "\n"), p);
}

void tell_outcome(int outcome, const ProxyResult *result, const StrBuf *output) {
        switch (outcome) {
        case APPLY_SAME:
                log_line(LOG_DEBUG, "nothing has changed");
                break;
        case APPLY_ALL:
                tell_conflicts(strbuf_text(output));
                log_line(LOG_INFO, "nginx serves %zu agents", result->set.n);
                break;
        case APPLY_PART: /* tell_refused() has said which */
                break;
        case APPLY_FOREIGN:
                log_line(LOG_ERR,
                         "nginx refuses its own configuration, also without anything of ours; "
                         "nothing was changed. Correct what it names, then run: systemctl "
                         "start fte-proxy. It said:");
                tell_output(strbuf_text(output));
        }
}
