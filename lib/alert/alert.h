/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An alert: what happened to an agent, and whom to tell. fte-alert-hook makes one and stores it,
 * fte-alert-deliver sends it, ftectl shows it. The text form (one "key=value" a line, values
 * C-escaped, "end" as the last line) is private to these three; version 1. No secret is in it:
 * a target names the credential that holds one.
 */

#include "base/arena.h"
#include "base/strbuf.h"

#define ALERT_ID_CHARS    32
#define ALERT_MAX_BYTES   ((size_t) 256 * 1024) /* of the text form */
#define ALERT_TARGETS_MAX 64
#define ALERT_LINES_MAX   1000

typedef enum AlertKind {
        ALERT_KIND_FAILURE,  /* the agent is down and systemd has given up on it */
        ALERT_KIND_RESTART,  /* it ended badly and is being restarted */
        ALERT_KIND_RECOVERY, /* it is healthy again */
        ALERT_KIND_REPEATED, /* the same failure came again and again: how often */
        ALERT_KIND_TEST,     /* somebody asked for it */
        _ALERT_KIND_MAX,
} AlertKind;

typedef enum TargetState {
        TARGET_WAITING,
        TARGET_SENT,
        TARGET_DEAD, /* will never succeed as it is */
        _TARGET_STATE_MAX,
} TargetState;

/* One way to tell somebody. */
typedef struct AlertTarget {
        const char *channel; /* "slack", "email" …: a row of the channel tables */
        const char
                *argument; /* of email the address, of command the words (C-escaped, by blanks) */
        const char *path;  /* of the file with the secret, or NULL; shown to people */
        const char *extra_path; /* a second one: WebhookSecret= of a webhook, the login of SMTP= */
        TargetState state;
        uint64_t attempts;
        uint64_t next_usec; /* CLOCK_REALTIME: not to be tried before; 0 at once */
        const char *answer; /* what came of the last attempt, for people; "" before it */
} AlertTarget;

#define ALERT_UNKNOWN UINT64_MAX

/* Strings live in an arena and are never NULL: "" is unknown. Numbers: ALERT_UNKNOWN is. */
typedef struct Alert {
        char id[ALERT_ID_CHARS + 1]; /* hex; the same for every channel and attempt */
        AlertKind kind;
        const char *agent, *unit, *description, *contact, *host, *environment;
        const char *invocation;             /* of the run that ended, hex */
        const char *result, *code, *status; /* systemd's words: exit-code, exited, 78/CONFIG */
        const char *smtp;                   /* SMTP= of the host, for its email targets */
        uint64_t time_usec;                 /* CLOCK_REALTIME, when it happened */
        uint64_t uptime_usec;               /* of the run that ended */
        uint64_t outage_usec;               /* of a recovery: how long the agent was not healthy */
        uint64_t restarts;                  /* NRestarts */
        uint64_t memory_peak_bytes;
        uint64_t repeated;        /* the same happened so many more times, not told apart */
        uint64_t not_before_usec; /* CLOCK_REALTIME: held back until then; 0 is at once */
        char **lines;             /* the last log lines, redacted, oldest first; or NULL */
        AlertTarget *targets;
        size_t n_targets;
} Alert;

const char *alert_kind_to_string(AlertKind kind);
/* _ALERT_KIND_MAX when there is no such kind. */
AlertKind alert_kind_from_string(const char *s);

/* Everything unknown: "", ALERT_UNKNOWN, and 0 where that means "none". The kind is the first. */
void alert_init(Alert *a);

/* A new id, from the kernel's random numbers. */
int alert_make_id(Alert *a);

/* Appends the text form. */
void alert_format(const Alert *a, StrBuf *b);

/*
 * Reads the text form, which need not be terminated and may come from a damaged disk. Strings go to
 * the arena. -EBADMSG with *ret_line (the line at fault, 0: the end is missing), -EFBIG, -ENOMEM.
 */
int alert_parse(const char *text, size_t len, Arena *arena, Alert *ret, unsigned *ret_line);

/* What people read first: "support-bot failed: exit-code (exited, 1/FAILURE)". One line. */
void alert_headline(const Alert *a, StrBuf *b);

/* Opens, joins and closes an incident at services that know incidents: the same for one agent. */
void alert_dedup_key(const Alert *a, StrBuf *b);

/* The credential that holds the content of path: "alert-" and 16 hex digits. buf has 24 bytes. */
void alert_credential_id(const char *path, char buf[static 24]);
