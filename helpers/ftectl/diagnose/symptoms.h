/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What log lines complain of: a table of the words in which libc, Python, Node.js, Go, systemd and
 * this package say the same few things, and the path, name or port that is meant. Pure.
 */

#include "base/arena.h"

typedef enum SymptomKind {
        SYMPTOM_PERMISSION,   /* EACCES */
        SYMPTOM_FORBIDDEN,    /* EPERM */
        SYMPTOM_READ_ONLY,    /* EROFS */
        SYMPTOM_NO_SPACE,     /* ENOSPC, EDQUOT */
        SYMPTOM_PORT_TAKEN,   /* EADDRINUSE; port */
        SYMPTOM_NOT_MAPPED,   /* a shared object on noexec; path */
        SYMPTOM_NAME,         /* of a host does not resolve; name */
        SYMPTOM_NOT_YET,      /* a certificate of the future */
        SYMPTOM_EXPIRED,      /* one of the past */
        SYMPTOM_MODULE,       /* a Python or Node.js module is missing; name */
        SYMPTOM_FILES,        /* EMFILE */
        SYMPTOM_TASKS,        /* no more threads or processes */
        SYMPTOM_MEMORY,       /* an allocation failed */
        SYMPTOM_OOM_KILL,     /* systemd saw the kernel kill */
        SYMPTOM_START_LIMIT,  /* systemd gave up */
        SYMPTOM_STOPPING,     /* systemd was told to stop it */
        SYMPTOM_LISTENS,      /* where it says that it listens; port */
        SYMPTOM_STEP,         /* systemd could not prepare the start */
        SYMPTOM_NAMESPACE,    /* the sandbox could not be set up; path */
        SYMPTOM_NO_DIRECTORY, /* ENOENT, with a path */
        SYMPTOM_BROWSER,      /* Chromium cannot make its own sandbox */
        SYMPTOM_SIGSYS,       /* the end by a forbidden system call */
        SYMPTOM_WATCHDOG,     /* systemd ended a hang */
        SYMPTOM_ENV,          /* what fte-env-precheck says */
        _SYMPTOM_MAX,
} SymptomKind;

typedef struct Symptom {
        SymptomKind kind;
        const char *line;
        const char *path; /* absolute; "" without one */
        const char *name; /* of a host or module; "" */
        uint64_t port;    /* 0: none */
        size_t index;     /* of the line */
} Symptom;

typedef struct Symptoms {
        Symptom *items; /* in the order of the lines */
        size_t n;
} Symptoms;

/* Looks at NULL-terminated lines. Everything in the arena; the lines must live as long. */
int symptoms_find(char *const *lines, Arena *arena, Symptoms *ret);

/* The last of a kind, or NULL. */
const Symptom *symptoms_last(const Symptoms *s, SymptomKind kind);
