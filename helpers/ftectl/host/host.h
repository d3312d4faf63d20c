/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between the files of "ftectl host": what is to be different on this host, what is kept of how it
 * was, and the steps there and back.
 */

#include "config/load.h"
#include "host/aside.h"
#include "host/proxy-sites.h"

#include "ftectl/arguments.h"

#define HOST_DIR   "/var/lib/fte/host"
#define HOST_RULES HOST_DIR "/firewall.nft"
#define HOST_ADDED HOST_DIR "/added" /* ports that we opened in another firewall, one a line */

#define HOST_TRY_USEC (2 * 60 * USEC_PER_SEC)

typedef enum Backend {
        BACKEND_NFT,
        BACKEND_UFW,
        BACKEND_FIREWALLD,
        _BACKEND_MAX,
} Backend;

/* A file that is to be written, or with new NULL removed. */
typedef struct HostChange {
        const char *path;
        const char *old, *new; /* contents; NULL: there is none */
        struct HostChange *next;
} HostChange;

typedef struct HostText {
        const char *text;
        struct HostText *next;
} HostText;

/* A port of the other firewall: in what it keeps, in what rules now, or both. */
typedef struct HostPort {
        const char *text; /* "22/tcp" */
        bool lasting, now;
        struct HostPort *next;
} HostPort;

typedef struct HostPlan {
        const char *root; /* "" for the system */
        Arena arena;
        Config config;
        bool has_ssh, has_firewall;             /* the section is there */
        const char *ssh_place, *firewall_place; /* "/etc/fte/fte.conf:3" */
        const char *sshd;                       /* the program; NULL: not installed */
        Backend backend;
        HostChange *changes, **changes_tail;
        const char *zone;       /* firewalld's, that ports are opened in */
        HostPort *open, *close; /* what the other firewall's own program is to be told */
        bool has_proxy; /* nginx is there, and something is or was behind it */
        ProxySet proxy_now;
        ProxyResult proxy;
        HostText *refusals, **refusals_tail; /* why try would not be safe */
        HostText *warnings, **warnings_tail; /* what somebody may not expect of it */
} HostPlan;

/* Looks and changes nothing. Returns 0 or a negative errno, which it has logged. */
int host_plan_make(HostPlan *p, const char *root);
void host_plan_done(HostPlan *p);
size_t host_plan_size(const HostPlan *p);

/*
 * A file that is to have this content, or with NULL is to be gone; nothing when it is so already.
 */
void host_change(HostPlan *p, const char *path, const char *new);
/* Adds to the refusals; message is in the arena or static. */
void host_refuse(HostPlan *p, const char *message);
void host_warn(HostPlan *p, const char *message);
/* What sshd is to be given, judged aside, and who could still log in then. */
void host_check_sshd(HostPlan *p);
void host_check_keys(HostPlan *p);
/* That sshd's own ports stay open, and who else listens at one that would be closed. */
void host_check_ports(HostPlan *p);
void host_check_closing(HostPlan *p);

/* ---- single files (host/files.c) ---- */

struct stat;

typedef struct HostContent {
        const char *data;
        size_t len;
        const struct stat *like; /* owner, mode and times; NULL: root's, 0644, now */
} HostContent;

int host_full_path(char *buf, size_t size, const char *root, const char *path);
int host_make_dir(const char *root, const char *path, unsigned mode);
int host_replace(const char *root, const char *path, const HostContent *c);
/* A file's length and its content with a NUL behind it, malloc'ed. */
ssize_t host_read_whole(const char *root, const char *path, char **ret);
/* Replaces one file below root, whole or not at all; NULL removes it. */
int host_write(const char *root, const char *path, const char *text);
/* In the arena; NULL: not there, or not readable. */
const char *host_read(const char *root, const char *path, Arena *arena);

/* ---- sshd (host/sshd.c) ---- */

/* As if what is planned were in effect, for nobody but this process (host/aside.h). */
int host_sshd_enter(const HostPlan *p, Aside *ret);
/*
 * "sshd -T" for a login of user from where this login comes from, or with user NULL in general. 0
 * or negative errno.
 */
int host_sshd_effective(const HostPlan *p, const char *user, StrBuf *ret);
/* Whether sshd takes what was just written; what is wrong goes to problem. */
bool host_sshd_is_good(const HostPlan *p, StrBuf *problem);
/* sshd reads its files again. Waits for nothing. */
int host_sshd_reload(const char *root);

/* ---- firewall (host/firewall.c) ---- */

Backend host_firewall_find(const char *root, Arena *arena);
const char *host_firewall_name(Backend b);
void host_firewall_plan(HostPlan *p);
/* The files of a firewall that is not ours, which its own program changes. */
const char *const *host_firewall_files(const char *root, Backend b, Arena *arena);
int host_firewall_apply(const HostPlan *p, StrBuf *problem);
/* Opens or closes it in what rules now, as long as that goes on; nothing when it does not run. */
int host_firewall_now(const char *root, const char *zone, const char *port, bool open);
/* After its files were put back. */
int host_firewall_reload(const char *root, Backend b, StrBuf *problem);

/* ---- what is kept (host/keep.c) ---- */

typedef struct Kept {
        uint64_t until_usec;   /* CLOCK_REALTIME */
        uint64_t applied_usec; /* CLOCK_BOOTTIME; 0: not yet */
        bool other_boot;       /* it was begun before the last boot */
        Backend backend;
} Kept;

/* Takes the lock that every verb but plan and status needs; -EAGAIN: somebody else has it. */
int host_lock(const char *root);
/* Keeps everything that the plan is going to change. Durable when it returns. */
int host_keep(HostPlan *p, uint64_t until_usec);
int host_keep_applied(const char *root);
/* 0, or -ENOENT: nothing waits for a confirmation. */
int host_kept(const char *root, Kept *ret);
/* Puts everything back that was kept: as many files as can be. */
int host_restore(const char *root);
/* Forgets it; outcome is a line for status, "confirmed 1764000000000000". */
int host_forget(const char *root, const char *outcome);

/* ---- the way back by itself (host/timer.c) ---- */

int host_timer_arm(const char *root);
int host_timer_disarm(const char *root);
/* Files, sshd, firewall, nginx. What failed is logged. */
int host_revert_all(const char *root, const Kept *kept);

/* ---- who confirms (host/connection.c) ---- */

typedef enum ConnectionKind {
        CONNECTION_SSH,
        CONNECTION_CONSOLE,
        CONNECTION_UNKNOWN, /* tmux, a service, a container's shell */
} ConnectionKind;

typedef struct Connection {
        ConnectionKind kind;
        uint64_t start_usec; /* CLOCK_BOOTTIME, to a hundredth of a second, rounded down */
        bool is_local;       /* by ssh, from this machine itself, which no firewall stops */
} Connection;

/* Through which login the process is there; proc is "/proc". */
int connection_find(const char *proc, const char *pid, Connection *ret);
