/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of denied-calls.h: of the groups @privileged, @resources, @keyring, @mount, @module,
 * @raw-io, @reboot, @swap, @clock, @debug, @cpu-emulation, @obsolete what programs do call.
 */

#include <sys/syscall.h>

#include "denied-calls.h"

#define ROW(call) { SYS_##call, #call, #call "(" }

static const struct {
        long number;
        const char *name, *words;
} rows[] = {
        ROW(sched_setaffinity), ROW(sched_setscheduler), ROW(sched_setparam), ROW(sched_setattr),
        ROW(setpriority), ROW(ioprio_set), ROW(mbind), ROW(set_mempolicy), ROW(migrate_pages),
        ROW(move_pages), ROW(prlimit64), ROW(chroot), ROW(pivot_root), ROW(mount), ROW(umount2),
        ROW(unshare), ROW(setns), ROW(setuid), ROW(setgid), ROW(setreuid), ROW(setregid),
        ROW(setresuid), ROW(setresgid), ROW(setgroups), ROW(setfsuid), ROW(setfsgid), ROW(chown),
        ROW(fchown), ROW(lchown), ROW(fchownat), ROW(capset), ROW(bpf), ROW(perf_event_open),
        ROW(ptrace), ROW(process_vm_readv), ROW(process_vm_writev), ROW(keyctl), ROW(add_key),
        ROW(request_key), ROW(userfaultfd), ROW(io_uring_setup), ROW(io_uring_enter),
        ROW(io_uring_register), ROW(init_module), ROW(finit_module), ROW(delete_module),
        ROW(kexec_load), ROW(reboot), ROW(swapon), ROW(swapoff), ROW(settimeofday),
        ROW(clock_settime), ROW(clock_adjtime), ROW(adjtimex), ROW(personality), ROW(acct),
        ROW(quotactl), ROW(nfsservctl), ROW(vhangup), ROW(syslog), ROW(sethostname),
        ROW(setdomainname), ROW(name_to_handle_at), ROW(open_by_handle_at), ROW(fanotify_init),
        /* what the libraries call them */
        { SYS_setpriority, "setpriority", "nice(" },
        { SYS_clock_settime, "clock_settime", "clock_settime_ns(" },
        { SYS_umount2, "umount2", "umount(" },
        { SYS_prlimit64, "prlimit64", "setrlimit(" },
        { SYS_setuid, "setuid", "seteuid(" },
        { SYS_setgid, "setgid", "setegid(" },
        { SYS_setgroups, "setgroups", "initgroups(" },
        { SYS_io_uring_setup, "io_uring_setup", "io_uring_queue_init" },
};

const char *denied_call_name(Arena *arena, unsigned long number) {
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if ((unsigned long) rows[i].number == number)
                        return rows[i].name;
        return arena_printf(arena, "%lu", number);
}

/* A word of its own: "mount(", not "dismount(". */
static bool has_word(const char *line, const char *words) {
        for (const char *p = strstr(line, words); p; p = strstr(p + 1, words))
                if (p == line || (!ascii_isalnum(p[-1]) && p[-1] != '_'))
                        return true;
        return false;
}

const char *denied_call_in(const char *line) {
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (has_word(line, rows[i].words))
                        return rows[i].name;
        return NULL;
}
