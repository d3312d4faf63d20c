/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Causes that lie in limits and in what the sandbox denies.
 */

#include <signal.h>
#include <stdio.h>

#include "base/format.h"

#include "ftectl/shared/terminal.h"
#include "rules-say.h"

/* Twice the limit, or what the key's default is when there is none. */
static void fix_limit(Diagnosis *d, const Evidence *e, const char *key, uint64_t value) {
        char setting[64];

        snprintf(setting, sizeof(setting), "%s=%llu", key, (unsigned long long) value);
        fix_setting(d, e, "Limits", setting);
}

/* ---- memory ---- */

static void say_memory(Diagnosis *d, const Evidence *e) {
        _cleanup_strbuf_ StrBuf limit = { 0 }, peak = { 0 };

        if (e->unit.memory_max_bytes == UNKNOWN)
                return;
        show_size(&limit, e->unit.memory_max_bytes);
        SEEN(d, "the limit is %s", strbuf_text(&limit));
        if (e->memory_peak_bytes != UNKNOWN) {
                show_size(&peak, e->memory_peak_bytes);
                SEEN(d, ", and the most that it has used since its start %s", strbuf_text(&peak));
        }
        SEEN(d, "\n");
}

static void fix_memory(Diagnosis *d, const Evidence *e) {
        _cleanup_strbuf_ StrBuf setting = { 0 };

        strbuf_add(&setting, "Memory=");
        if (e->unit.memory_max_bytes < UINT64_MAX / 2)
                format_bytes(&setting, 2 * e->unit.memory_max_bytes);
        else
                strbuf_add(&setting, "1G");
        fix_setting(d, e, "Limits", strbuf_text(&setting));
}

int rule_memory(const Evidence *e, Diagnosis *d) {
        const Symptom *killed = symptoms_last(&e->symptoms, SYMPTOM_OOM_KILL);
        const Symptom *failed = symptoms_last(&e->symptoms, SYMPTOM_MEMORY);
        bool result = streq(e->unit.result, "oom-kill");
        bool counted = e->oom_kills != UNKNOWN && e->oom_kills > 0;

        if (!result && !counted && !((killed || failed) && in_trouble(e)))
                return LIKELY_NOT;
        if (result || killed || counted)
                SEEN(d, "the kernel has killed a process of the agent for want of memory\n");
        say_memory(d, e);
        diagnosis_quote(d, e, killed ? killed : failed);
        fix_memory(d, e);
        if (result || (killed && in_trouble(e)))
                return LIKELY_CERTAIN;
        return counted ? (in_trouble(e) ? LIKELY_STRONG : LIKELY_SIDE) : LIKELY_FAIR + 5;
}

/* ---- numbers ---- */

int rule_open_files(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_FILES);
        uint64_t limit = e->unit.open_files_max == UNKNOWN ? 1024 : e->unit.open_files_max;

        if (!s || !in_trouble(e))
                return LIKELY_NOT;
        SEEN(d, "the limit is %llu open files\n", (unsigned long long) limit);
        diagnosis_quote(d, e, s);
        fix_limit(d, e, "OpenFiles", MAX(4 * limit, (uint64_t) 4096));
        return LIKELY_STRONG + 3;
}

int rule_tasks(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_TASKS);
        bool counted = e->tasks_refused != UNKNOWN && e->tasks_refused > 0;

        if ((!s && !counted) || !in_trouble(e))
                return LIKELY_NOT;
        if (e->unit.tasks_max != UNKNOWN)
                SEEN(d, "the limit is %llu processes and threads\n",
                     (unsigned long long) e->unit.tasks_max);
        if (counted)
                SEEN(d, "the kernel has refused %llu more\n",
                     (unsigned long long) e->tasks_refused);
        diagnosis_quote(d, e, s);
        fix_limit(d, e, "Tasks", e->unit.tasks_max == UNKNOWN ? 512 : 4 * e->unit.tasks_max);
        return s ? LIKELY_STRONG + 3 : LIKELY_FAIR;
}

/* ---- system calls ---- */

static void fix_call(Diagnosis *d, const Evidence *e) {
        char setting[96];

        if (!e->denied_call || ascii_isdigit(*e->denied_call)) {
                FIX(d,
                    "journalctl -k -g 'type=1326|SECCOMP'   # says which call\n"
                    "and allow it: SystemCallFilter=CALL in [Service] of %s\n",
                    e->config_file);
                return;
        }
        snprintf(setting, sizeof(setting), "SystemCallFilter=%s", e->denied_call);
        FIX(d, "if the agent is to be allowed that:\n");
        fix_setting(d, e, "Service", setting);
}

int rule_seccomp(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_FORBIDDEN);
        const Symptom *sigsys = symptoms_last(&e->symptoms, SYMPTOM_SIGSYS);
        bool killed =
                sigsys || ((e->unit.exec_code == CLD_KILLED || e->unit.exec_code == CLD_DUMPED) &&
                           e->unit.exec_status == SIGSYS);

        if (!in_trouble(e) || (!killed && !s))
                return LIKELY_NOT;
        if (killed)
                SEEN(d,
                     "the kernel has ended it by SIGSYS, as it does for a forbidden system call\n");
        if (e->denied_call)
                SEEN(d, "the call is %s%s\n", ascii_isdigit(*e->denied_call) ? "number " : "",
                     e->denied_call);
        diagnosis_quote(d, e, s ? s : sigsys);
        fix_call(d, e);
        if (killed)
                return LIKELY_CERTAIN;
        return !*s->path || e->denied_call ? LIKELY_STRONG - 2 : LIKELY_FAIR - 10;
}

/* ---- browsers ---- */

int rule_browser_sandbox(const Evidence *e, Diagnosis *d) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_BROWSER);

        if (!s || !in_trouble(e))
                return LIKELY_NOT;
        diagnosis_quote(d, e, s);
        SEEN(d, "its own sandbox is made of name spaces, and the agent may make none\n");
        if (e->agent->profile != PROFILE_BROWSER) {
                fix_setting(d, e, "Sandbox", "Profile=browser");
                return LIKELY_CERTAIN;
        }
        FIX(d, "ftectl lint %s   # says when the host forbids it\n", e->agent->name);
        FIX(d, "systemctl cat %s   # says when a drop-in does\n", e->agent->name);
        return LIKELY_STRONG;
}
