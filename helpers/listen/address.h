/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The address of --address=, and a listening socket on it.
 */

#include <netinet/in.h>
#include <sys/un.h>

#include "base/macro.h"

typedef union ListenSockaddr {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
} ListenSockaddr;

typedef struct ListenAddress {
        ListenSockaddr address;
        socklen_t len;
} ListenAddress;

/* 127.0.0.1:8000, [::1]:8000 or an absolute path. -EINVAL. */
int address_parse(const char *text, ListenAddress *ret);

/* Whether fd is a stream socket that listens there. */
bool address_is_of(const ListenAddress *a, int fd);

/*
 * Opens it; what stands at a path, a socket of an earlier run, makes room. A descriptor that is
 * closed by exec, or negative errno.
 */
int address_open(const ListenAddress *a);
