/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parsers of the directive table for what other machines are told or reached by: URLs,
 * addresses, ports, mail, devices. Strict in form only: nothing here resolves or connects.
 */

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>

#include "base/health-url.h"
#include "base/parse.h"
#include "config/directive.h"

int parse_health_url(DirectiveValue *v) {
        HealthUrl url;

        if (health_url_parse(v->text, &url, &v->problem) < 0)
                return -EINVAL;
        return directive_store_string(v, v->text);
}

/* "10.0.0.0/8", "::1", or one of the words systemd knows. */
static bool address_is_valid(const char *s) {
        static const char *const words[] = { "any", "localhost", "link-local", "multicast" };
        const char *slash = strchr(s, '/');
        uint8_t address[16];
        uint64_t prefix;
        char host[INET6_ADDRSTRLEN];
        int n;

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (streq(s, words[i]))
                        return true;
        n = slash ? (int) (slash - s) : (int) strlen(s);
        if (n >= (int) sizeof(host))
                return false;
        snprintf(host, sizeof(host), "%.*s", n, s);
        if (inet_pton(AF_INET, host, address) == 1)
                return !slash || parse_uint(slash + 1, 32, &prefix) == 0;
        if (inet_pton(AF_INET6, host, address) == 1)
                return !slash || parse_uint(slash + 1, 128, &prefix) == 0;
        return false;
}

int parse_addresses(DirectiveValue *v) {
        return directive_store_words(v, address_is_valid,
                                     "must be addresses or networks such as 10.0.0.0/8 or ::1, or "
                                     "localhost, link-local, multicast, any; names are not "
                                     "resolved");
}

/* "/dev/nvidia0" or "/dev/dri/card0:rw" or "char-drm"; systemd takes patterns for drivers only. */
static bool device_is_valid(const char *s) {
        const char *colon = strchr(s, ':');
        size_t n = colon ? (size_t) (colon - s) : strlen(s);

        if (!startswith(s, "/dev/") && !startswith(s, "char-") && !startswith(s, "block-"))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char) s[i]) && !strchr(*s == '/' ? "/_.-" : "/_.-*?", s[i]))
                        return false;
        if (strstr(s, "/..") || n < 6)
                return false;
        return !colon || (colon[1] && strspn(colon + 1, "rwm") == strlen(colon + 1));
}

int parse_devices(DirectiveValue *v) {
        return directive_store_words(v, device_is_valid,
                                     "must be devices such as /dev/nvidia0 or char-drm, with :r or "
                                     ":rw behind it for the access (default rw)");
}

static bool host_name_is_valid(const char *s, size_t n) {
        if (n == 0 || n > 253 || *s == '-' || *s == '.')
                return false;
        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char) s[i]) && s[i] != '-' && s[i] != '.')
                        return false;
        return s[n - 1] != '-' && s[n - 1] != '.';
}

int parse_domain(DirectiveValue *v) {
        if (!host_name_is_valid(v->text, strlen(v->text)) || !strchr(v->text, '.'))
                return directive_refuse(v, "must be one full domain name, such as "
                                           "support.example.com");
        return directive_store_string(v, v->text);
}

static bool email_is_valid(const char *s) {
        const char *at = strrchr(s, '@');

        if (!at || at == s || at - s > 64 || !host_name_is_valid(at + 1, strlen(at + 1)))
                return false;
        for (const char *p = s; p < at; p++)
                if (!isalnum((unsigned char) *p) && !strchr(".!#$%&'*+/=?^_`{|}~-", *p))
                        return false;
        return true;
}

int parse_emails(DirectiveValue *v) {
        return directive_store_words(v, email_is_valid,
                                     "must be mail addresses, separated by white space");
}

/* The authority of a URL: host, [v6] or name, and a port. */
static bool authority_is_valid(const char *s) {
        const char *colon = strrchr(s, ':');
        uint64_t port;
        size_t n;

        if (*s == '[') {
                const char *end = strchr(s, ']');
                char host[INET6_ADDRSTRLEN];
                uint8_t address[16];

                if (!end || end - s - 1 >= (int) sizeof(host))
                        return false;
                snprintf(host, sizeof(host), "%.*s", (int) (end - s - 1), s + 1);
                if (inet_pton(AF_INET6, host, address) != 1)
                        return false;
                return !end[1] || (end[1] == ':' && parse_uint(end + 2, 65535, &port) == 0);
        }
        n = colon ? (size_t) (colon - s) : strlen(s);
        return host_name_is_valid(s, n) &&
               (!colon || (parse_uint(colon + 1, 65535, &port) == 0 && port > 0));
}

int parse_smtp(DirectiveValue *v) {
        const char *rest = startswith(v->text, "smtps://");

        if (!rest)
                rest = startswith(v->text, "smtp://");
        if (!rest || !authority_is_valid(rest))
                return directive_refuse(v, "must be smtp://HOST:PORT or smtps://HOST:PORT, without "
                                           "a user or password");
        return directive_store_string(v, v->text);
}

int parse_upstream(DirectiveValue *v) {
        const char *rest = startswith(v->text, "http://"), *un = startswith(v->text, "unix:/");

        if (un ? strpbrk(un, " \t\"'\\;{}$") != NULL : !rest || !authority_is_valid(rest))
                return directive_refuse(v, "must be http://HOST:PORT or unix:/PATH");
        return directive_store_string(v, v->text);
}

/* "10r/s" or "600r/m", as nginx counts. */
int parse_rate(DirectiveValue *v) {
        size_t n = strspn(v->text, "0123456789");

        if (n == 0 || n > 6 || strspn(v->text, "0") == n ||
            (!streq(v->text + n, "r/s") && !streq(v->text + n, "r/m")))
                return directive_refuse(v, "must be requests a second or minute and client, such "
                                           "as 10r/s");
        return directive_store_string(v, v->text);
}

static bool port_is_valid(const char *s) {
        size_t n = strspn(s, "0123456789");
        uint64_t port = 0;
        char digits[6];

        if (n == 0 || n >= sizeof(digits))
                return false;
        snprintf(digits, sizeof(digits), "%.*s", (int) n, s);
        return parse_uint(digits, 65535, &port) == 0 && port > 0 &&
               (streq(s + n, "/tcp") || streq(s + n, "/udp"));
}

int parse_ports(DirectiveValue *v) {
        return directive_store_words(v, port_is_valid, "must be ports such as 22/tcp 443/tcp");
}
