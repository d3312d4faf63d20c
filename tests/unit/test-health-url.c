/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The addresses of health checks: what each good form means, and that each bad one is refused with
 * a sentence that repeats nothing of it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "base/health-url.h"

typedef struct GoodRow {
        const char *text;
        HealthScheme scheme;
        const char *address; /* of IP, or the socket's path */
        unsigned port;
        const char *host; /* the header, NULL for tcp */
        const char *path;
        bool is_localhost;
} GoodRow;

static const GoodRow good_rows[] = {
        { "http://127.0.0.1:8000/health", HEALTH_HTTP, "127.0.0.1", 8000, "127.0.0.1:8000", "/health", 0 },
        { "http://127.0.0.1", HEALTH_HTTP, "127.0.0.1", 80, "127.0.0.1", "/", 0 },
        { "http://127.0.0.1:80/", HEALTH_HTTP, "127.0.0.1", 80, "127.0.0.1", "/", 0 },
        { "http://127.0.0.1:65535/a?b=c&d=%20", HEALTH_HTTP, "127.0.0.1", 65535, "127.0.0.1:65535",
          "/a?b=c&d=%20", 0 },
        { "http://0.0.0.0:1/", HEALTH_HTTP, "0.0.0.0", 1, "0.0.0.0:1", "/", 0 },
        { "http://[::1]:8000/health", HEALTH_HTTP, "::1", 8000, "[::1]:8000", "/health", 0 },
        { "http://[::1]", HEALTH_HTTP, "::1", 80, "[::1]", "/", 0 },
        { "http://[fe80::1:2]/a:b", HEALTH_HTTP, "fe80::1:2", 80, "[fe80::1:2]", "/a:b", 0 },
        { "http://localhost:8000/", HEALTH_HTTP, "127.0.0.1", 8000, "localhost:8000", "/", 1 },
        { "http://LocalHost/x", HEALTH_HTTP, "127.0.0.1", 80, "LocalHost", "/x", 1 },
        { "http://127.0.0.1:8000/@x", HEALTH_HTTP, "127.0.0.1", 8000, "127.0.0.1:8000", "/@x", 0 },
        { "unix:/run/agent/http.sock:/health", HEALTH_UNIX, "/run/agent/http.sock", 0, "localhost",
          "/health", 0 },
        { "unix:/run/agent/http.sock", HEALTH_UNIX, "/run/agent/http.sock", 0, "localhost", "/", 0 },
        { "unix:/run/a:/b:c", HEALTH_UNIX, "/run/a", 0, "localhost", "/b:c", 0 },
        { "tcp://127.0.0.1:9000", HEALTH_TCP, "127.0.0.1", 9000, NULL, NULL, 0 },
        { "tcp://[::1]:9000", HEALTH_TCP, "::1", 9000, NULL, NULL, 0 },
        { "tcp://localhost:9000", HEALTH_TCP, "127.0.0.1", 9000, NULL, NULL, 1 },
};

static const char *const bad_texts[] = {
        "", "http", "http:", "http:/", "http://", "127.0.0.1:8000/health", "/health", "ftp://127.0.0.1/",
        "HTTP://127.0.0.1/", "https://127.0.0.1/", "http:///health", "http://:8000/",
        "http://127.0.0.1:/", "http://127.0.0.1:0/", "http://127.0.0.1:65536/", "http://127.0.0.1:+80/",
        "http://127.0.0.1:80 80/", "http://127.0.0.1:99999999999999999999/", "http://127.0.0.1:8x/",
        "http://127.0.0.1.5/", "http://127.1/", "http://256.0.0.1/", "http://example.org/",
        "http://user:topsecret@127.0.0.1/", "http://[::1", "http://[]/", "http://[::1]8000/",
        "http://[127.0.0.1]/", "http://[::g]/", "http://::1/", "http://127.0.0.1?x", "http://127.0.0.1/#a",
        "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/\x7f", "http://127.0.0.1/\xc3\xa4",
        "http://localhost.:80/", "unix:", "unix:x", "unix:/", "unix:/:/health", "unix:/run/", "unix:/run/:/h",
        "unix:/run/a:health", "unix:/run/a:",
        ("unix:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaa"),
        "tcp://127.0.0.1", "tcp://127.0.0.1:9000/", "tcp://:9000", "tcp://127.0.0.1:9000?x",
};

static void check_address(const GoodRow *row, const HealthUrl *u) {
        char text[INET6_ADDRSTRLEN];

        switch (u->address.sa.sa_family) {
        case AF_INET:
                assert_int_equal(u->address_len, sizeof(u->address.in));
                assert_int_equal(ntohs(u->address.in.sin_port), row->port);
                assert_string_equal(inet_ntop(AF_INET, &u->address.in.sin_addr, text, sizeof(text)),
                                    row->address);
                break;
        case AF_INET6:
                assert_int_equal(u->address_len, sizeof(u->address.in6));
                assert_int_equal(ntohs(u->address.in6.sin6_port), row->port);
                assert_string_equal(inet_ntop(AF_INET6, &u->address.in6.sin6_addr, text, sizeof(text)),
                                    row->address);
                break;
        default:
                assert_int_equal(u->address.sa.sa_family, AF_UNIX);
                assert_string_equal(u->address.un.sun_path, row->address);
        }
}

static void test_good(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(good_rows); i++) {
                const GoodRow *row = &good_rows[i];
                const char *problem = "";
                HealthUrl u;

                if (health_url_parse(row->text, &u, &problem) < 0)
                        fail_msg("%s: %s", row->text, problem);
                assert_int_equal(u.scheme, row->scheme);
                assert_int_equal(u.is_localhost, row->is_localhost);
                if (row->host)
                        assert_string_equal(u.host, row->host);
                if (row->path)
                        assert_string_equal(u.path, row->path);
                else
                        assert_null(u.path);
                check_address(row, &u);
        }
}

static void test_bad(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(bad_texts); i++) {
                HealthUrl u = { .address_len = 4711 };
                const char *problem = NULL;

                if (health_url_parse(bad_texts[i], &u, &problem) != -EINVAL)
                        fail_msg("taken: %s", bad_texts[i]);
                assert_non_null(problem);
                assert_null(strstr(problem, "secret"));
                assert_int_equal(u.address_len, 4711);
                assert_int_equal(health_url_parse(bad_texts[i], &u, NULL), -EINVAL);
        }
}

static void test_length(void **state) {
        char text[1026];
        HealthUrl u;

        memset(text, 'x', sizeof(text));
        memcpy(text, "http://127.0.0.1/", 17);
        text[1025] = 0;
        assert_int_equal(health_url_parse(text, &u, NULL), -EINVAL);
        text[1024] = 0;
        assert_int_equal(health_url_parse(text, &u, NULL), 0);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_good),
                cmocka_unit_test(test_bad),
                cmocka_unit_test(test_length),
        };

        return cmocka_run_group_tests_name("health-url", tests, NULL, NULL);
}
