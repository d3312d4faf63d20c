/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The address of a health check, as [Health] URL= and fte-health-gate --url= take it:
 *   http://127.0.0.1:8000/health   http://[::1]:8000/   http://localhost:8000/
 *   unix:/run/agent/http.sock:/health   tcp://127.0.0.1:9000
 * One parser, so that the generator refuses what the gate could not probe.
 */

#include <netinet/in.h>
#include <sys/un.h>

#include "base/macro.h"

typedef enum HealthScheme {
        HEALTH_HTTP, /* HTTP/1.1 over TCP */
        HEALTH_UNIX, /* HTTP/1.1 over a unix stream socket */
        HEALTH_TCP,  /* a connection that is accepted is healthy */
} HealthScheme;

typedef union HealthAddress {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
} HealthAddress;

typedef struct HealthUrl {
        HealthScheme scheme;
        HealthAddress address; /* what to connect to; for "localhost" 127.0.0.1 */
        socklen_t address_len;
        bool is_localhost; /* try ::1 with the same port when 127.0.0.1 refuses */
        char host[272];    /* for the Host: header, with the port when it is not 80 */
        const char *path;  /* into the text that was parsed; "/" when it names none; NULL for tcp */
} HealthUrl;

/*
 * Parses text, which must outlive *ret. On failure -EINVAL, and *ret_problem (if not NULL) is a
 * static sentence that says what is wrong and what to write instead; it repeats nothing of text.
 */
int health_url_parse(const char *text, HealthUrl *ret, const char **ret_problem);
