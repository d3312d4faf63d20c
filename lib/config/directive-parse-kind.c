/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parsers of the directive table for what depends on the kind of an agent: when a job runs, and
 * the socket that systemd keeps for a service. Pure text; what fits which kind is in
 * validate-kind.c.
 */

#include <arpa/inet.h>

#include "base/parse.h"
#include "config/directive.h"

/* A time between runs, or a calendar expression; what is no time is judged as the latter. */
int parse_schedule(DirectiveValue *v) {
        bool has_letter = strpbrk(v->text, "abcdefghijklmnopqrstuvwxyz") != NULL;
        uint64_t usec;

        if (has_letter && parse_usec(v->text, &usec) == 0) {
                if (usec < v->row->min || usec > v->row->max)
                        return directive_refuse(v, "a time between runs must be from 1s to 366d");
                return directive_store_string(v, v->text);
        }
        if (calendar_is_valid(v->text))
                return directive_store_string(v, v->text);
        return directive_refuse(v, "must be a calendar expression such as daily, 02:30 or Mon..Fri "
                                   "02:30 (\"systemd-analyze calendar\" explains one), or the time "
                                   "between runs, such as 15min");
}

static const char *address_problem(const char *text) {
        char host[64];
        unsigned char address[16];
        const char *colon = strrchr(text, ':');
        size_t n = colon ? (size_t) (colon - text) : 0;
        bool bracketed = n > 2 && text[0] == '[' && text[n - 1] == ']';
        uint64_t port;

        if (!colon || n == 0 || n >= sizeof(host))
                return "must be ADDRESS:PORT such as 127.0.0.1:8000 or [::1]:8000, or the path of "
                       "a "
                       "unix socket below /run/NAME";
        memcpy(host, text + bracketed, n - 2 * bracketed);
        host[n - 2 * bracketed] = 0;
        if (inet_pton(bracketed ? AF_INET6 : AF_INET, host, address) != 1)
                return "needs a numeric address: 127.0.0.1:8000, [::1]:8000, or 0.0.0.0:8000 for "
                       "all";
        if (parse_uint(colon + 1, 65535, &port) < 0 || port == 0)
                return "the port must be a number from 1024 to 65535";
        return port < 1024 ? "ports below 1024 are for root; use one from 1024 on, with [Proxy] "
                             "before it"
                           : NULL;
}

int parse_listen(DirectiveValue *v) {
        const char *problem;

        if (*v->text == '/')
                return parse_path(v);
        problem = address_problem(v->text);
        return problem ? directive_refuse(v, problem) : directive_store_string(v, v->text);
}
