/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a service is made of, as a number, by which a change is seen: the lines of its unit and
 * drop-ins that mean something (no comments, in which line numbers move), where links lead, and
 * what stands there. The order of files does not matter.
 */

#include "generate.h"

typedef struct Fingerprint {
        uint64_t rendered;     /* what the generator makes; 0: nothing */
        uint64_t full;         /* with what is behind links, and the admin's own drop-ins */
        uint64_t content_usec; /* the newest change of the latter, CLOCK_REALTIME; 0: there are none
                                */
} Fingerprint;

/* Contents behind links are read once for all agents. */
typedef struct Fingerprinter {
        int root_fd;
        struct FingerprintLink {
                const char *target;
                uint64_t hash, changed_usec;
        } links[64];
        size_t n_links;
        char *buf; /* scratch */
} Fingerprinter;

int fingerprinter_open(Fingerprinter *f, const char *root);
void fingerprinter_done(Fingerprinter *f);

/* Of an agent while the generator tells of it: the entries of the plan's last group. */
void fingerprint_planned(Fingerprinter *f, const Plan *p, const char *agent, Fingerprint *ret);
/* Of what systemd has loaded for it (loaded_open()): without .full. */
void fingerprint_loaded(Fingerprinter *f, int loaded_fd, const char *agent, Fingerprint *ret);

/* For a text: the hash of its lines that are neither empty nor comments. */
uint64_t fingerprint_text(const char *path, const char *text, size_t len);
