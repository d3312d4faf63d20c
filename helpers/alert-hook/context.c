/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The environment of context.h, and the names of exit statuses. Three callers, told apart by what
 * systemd sets for them on 249 and newer: ExecStopPost= has $SERVICE_RESULT, fte-alert@.service
 * says so by an option (and has $MONITOR_* from 251 on), ExecStartPost= has neither.
 */

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/parse.h"
#include "context.h"

static const char *get(const char *name) {
        const char *value = getenv(name);

        return value ? value : "";
}

void context_read(HookCaller caller, Context *ret) {
        Context c = { .event = HOOK_HEALTHY };

        if (caller == HOOK_BY_WATCH) {
                c.event = HOOK_FAILED;
                c.invocation = c.code = c.status = "";
                c.result = RESULT_OVERDUE;
        } else if (caller == HOOK_BY_ON_FAILURE) {
                c.event = HOOK_FAILED;
                c.invocation = get("MONITOR_INVOCATION_ID");
                c.result = get("MONITOR_SERVICE_RESULT");
                c.code = get("MONITOR_EXIT_CODE");
                c.status = get("MONITOR_EXIT_STATUS");
        } else {
                c.invocation = get("INVOCATION_ID");
                c.result = get("SERVICE_RESULT");
                c.code = get("EXIT_CODE");
                c.status = get("EXIT_STATUS");
                if (*c.result)
                        c.event = streq(c.result, "success") ? HOOK_STOPPED : HOOK_ENDED;
        }
        if (strlen(c.invocation) != ALERT_ID_CHARS)
                c.invocation = "";
        clearenv(); /* the strings stay where the kernel has put them */
        *ret = c;
}

/* ---- names ---- */

typedef struct StatusName {
        unsigned char status;
        const char *name;
} StatusName;

/* systemd.exec(5), "Process Exit Codes": libc's, LSB's, BSD's and systemd's own. */
static const StatusName status_names[] = {
        { 0, "SUCCESS" },
        { 1, "FAILURE" },
        { 2, "INVALIDARGUMENT" },
        { 3, "NOTIMPLEMENTED" },
        { 4, "NOPERMISSION" },
        { 5, "NOTINSTALLED" },
        { 6, "NOTCONFIGURED" },
        { 7, "NOTRUNNING" },
        { 64, "USAGE" },
        { 65, "DATAERR" },
        { 66, "NOINPUT" },
        { 67, "NOUSER" },
        { 68, "NOHOST" },
        { 69, "UNAVAILABLE" },
        { 70, "SOFTWARE" },
        { 71, "OSERR" },
        { 72, "OSFILE" },
        { 73, "CANTCREAT" },
        { 74, "IOERR" },
        { 75, "TEMPFAIL" },
        { 76, "PROTOCOL" },
        { 77, "NOPERM" },
        { 78, "CONFIG" },
        { 200, "CHDIR" },
        { 201, "NICE" },
        { 202, "FDS" },
        { 203, "EXEC" },
        { 204, "MEMORY" },
        { 205, "LIMITS" },
        { 206, "OOM_ADJUST" },
        { 207, "SIGNAL_MASK" },
        { 208, "STDIN" },
        { 209, "STDOUT" },
        { 210, "CHROOT" },
        { 211, "IOPRIO" },
        { 212, "TIMERSLACK" },
        { 213, "SECUREBITS" },
        { 214, "SETSCHEDULER" },
        { 215, "CPUAFFINITY" },
        { 216, "GROUP" },
        { 217, "USER" },
        { 218, "CAPABILITIES" },
        { 219, "CGROUP" },
        { 220, "SETSID" },
        { 221, "CONFIRM" },
        { 222, "STDERR" },
        { 224, "PAM" },
        { 225, "NETWORK" },
        { 226, "NAMESPACE" },
        { 227, "NO_NEW_PRIVILEGES" },
        { 228, "SECCOMP" },
        { 229, "SELINUX_CONTEXT" },
        { 230, "PERSONALITY" },
        { 231, "APPARMOR_PROFILE" },
        { 232, "ADDRESS_FAMILIES" },
        { 233, "RUNTIME_DIRECTORY" },
        { 235, "CHOWN" },
        { 236, "SMACK_PROCESS_LABEL" },
        { 237, "KEYRING" },
        { 238, "STATE_DIRECTORY" },
        { 239, "CACHE_DIRECTORY" },
        { 240, "LOGS_DIRECTORY" },
        { 241, "CONFIGURATION_DIRECTORY" },
        { 242, "NUMA_POLICY" },
        { 243, "CREDENTIALS" },
        { 245, "BPF" },
};

static const char *exit_name(uint64_t status) {
        for (size_t i = 0; i < ARRAY_SIZE(status_names); i++)
                if (status_names[i].status == status)
                        return status_names[i].name;
        return NULL;
}

static void add_signal(const char *status, StrBuf *b) {
        uint64_t n;
        const char *name;

        if (parse_uint(status, SIGRTMAX, &n) < 0)
                for (n = 1; n < _NSIG; n++) {
                        name = sigabbrev_np((int) n);
                        if (name && streq(name, status))
                                break;
                }
        name = n < _NSIG ? sigabbrev_np((int) n) : NULL;
        if (!name) {
                strbuf_add(b, status);
                return;
        }
        strbuf_add_uint(b, n);
        strbuf_addc(b, '/');
        strbuf_add(b, name);
}

void context_status_name(const char *code, const char *status, StrBuf *b) {
        const char *name = NULL;
        uint64_t n;

        if (streq(code, "killed") || streq(code, "dumped")) {
                add_signal(status, b);
                return;
        }
        strbuf_add(b, status);
        if (parse_uint(status, 255, &n) == 0)
                name = exit_name(n);
        if (name) {
                strbuf_addc(b, '/');
                strbuf_add(b, name);
        }
}

const char *context_code_name(int32_t code) {
        switch (code) {
        case CLD_EXITED:
                return "exited";
        case CLD_KILLED:
                return "killed";
        case CLD_DUMPED:
                return "dumped";
        default:
                return "";
        }
}
