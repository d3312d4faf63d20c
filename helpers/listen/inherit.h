/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The descriptors that systemd passes (sd_listen_fds(3)): which of them is ours, and how they are
 * handed on.
 */

#include "address.h"

/* By which systemd keeps our socket, and gives it back. */
#define LISTEN_NAME "fte-listen"

#define INHERITED_MAX 64

typedef struct Inherited {
        int fds[INHERITED_MAX]; /* others than ours, above where they are to be */
        char *names[INHERITED_MAX];
        size_t n;
        int own_fd;     /* ours, or -EBADF */
        bool was_other; /* one of our name was there that listens elsewhere; it is closed */
} Inherited;

/* Takes all of them from their places, closed by exec. 0 or negative errno. */
int inherit_take(const ListenAddress *a, Inherited *ret);

/* Puts fd in the first place and the others behind it, and says so in the environment. */
int inherit_pass(const Inherited *in, int fd);
