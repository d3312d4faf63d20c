/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The pure parts of what is made of the host: texts for nginx, nft and sshd, and whose login it is.
 */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "host/firewall-text.h"
#include "host/nginx-site.h"
#include "host/sshd-text.h"

#include "ftectl/host/host.h"

/* ---- nginx ---- */

static void test_version(void **state) {
        assert_int_equal(nginx_version_parse("nginx version: nginx/1.18.0 (Ubuntu)\n"), 1018000);
        assert_int_equal(nginx_version_parse("nginx version: nginx/1.30.6"), 1030006);
        assert_int_equal(nginx_version_parse("nginx version: openresty/1.21.4.1"), 0);
        assert_int_equal(nginx_version_parse("nginx/1.x"), 0);
        assert_int_equal(nginx_version_parse(""), 0);
}

static const char *render(const Agent *a, unsigned version, StrBuf *b) {
        const NginxFacts facts = { .version = version, .has_ipv6 = true };

        strbuf_reset(b);
        return nginx_site_render(&(NginxSite){ .agent = a,
                                               .facts = &facts,
                                               .certificate = "/c.pem",
                                               .key = "/k.pem",
                                               .fingerprint = "sha256:x",
                                               .acme_root = "/acme" },
                                 b);
}

static void test_http2(void **state) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        Agent a = { .name = "a", .directory = "a",
                    .proxy_domain = "a.example.com",
                    .health_url = "http://127.0.0.1:80/h" };

        assert_null(render(&a, NGINX_VERSION(1, 25, 0), &b));
        assert_non_null(strstr(b.text, "listen 443 ssl http2;"));
        assert_null(strstr(b.text, "http2 on;"));
        assert_null(render(&a, NGINX_VERSION(1, 25, 1), &b));
        assert_non_null(strstr(b.text, "listen [::]:443 ssl;\n        http2 on;"));
        assert_non_null(strstr(b.text, "server 127.0.0.1 max_fails=0;"));
}

static void test_upstreams(void **state) {
        static const struct {
                const char *upstream, *health, *want;
        } rows[] = {
                { "http://10.0.0.1:9000", "http://127.0.0.1:80/h", "server 10.0.0.1:9000 max_fails=0;" },
                { "unix:/run/a/s", NULL, "server unix:/run/a/s max_fails=0;" },
                { NULL, "http://[::1]:8000/h", "server [::1]:8000 max_fails=0;" },
                { NULL, "unix:/run/a/h.sock:/health", "server unix:/run/a/h.sock max_fails=0;" },
                { NULL, "http://localhost:8000/", "server localhost:8000 max_fails=0;" },
                { NULL, "tcp://127.0.0.1:1", NULL },
                { NULL, NULL, NULL },
        };
        _cleanup_strbuf_ StrBuf b = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                Agent a = { .name = "a", .directory = "a",
                            .proxy_domain = "a.b",
                            .proxy_upstream = rows[i].upstream,
                            .health_url = rows[i].health };
                const char *problem = render(&a, NGINX_VERSION(1, 22, 1), &b);

                if (!rows[i].want)
                        assert_non_null(problem);
                else
                        assert_non_null(strstr(b.text, rows[i].want));
        }
}

/* What the front page or a quote in a path must not do. */
static void test_health_path(void **state) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        Agent a = { .name = "a", .directory = "a",
                    .proxy_domain = "a.b",
                    .health_url = "http://127.0.0.1:80/h?deep=1" };

        assert_null(render(&a, 1022001, &b));
        assert_non_null(strstr(b.text, "location = \"/h\" {"));
        a.proxy_expose_health = true;
        assert_null(render(&a, 1022001, &b));
        assert_null(strstr(b.text, "location = "));
        a.proxy_expose_health = false;
        a.health_url = "http://127.0.0.1:80/";
        assert_null(render(&a, 1022001, &b));
        assert_null(strstr(b.text, "location = "));
}

static void test_no_syntax_in_paths(void **state) {
        static const char *const bad[] = { "/srv/$host", "/srv/a;b", "/srv/{a}", "/srv/#" };
        _cleanup_strbuf_ StrBuf b = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                Agent a = { .name = "a", .directory = "a",
                            .proxy_domain = "a.b",
                            .proxy_upstream = "http://a:1",
                            .proxy_static_root = bad[i] };

                assert_non_null(render(&a, 1022001, &b));
        }
}

/* ---- nft ---- */

static void test_ports(void **state) {
        char *allow[] = { (char *) "443/tcp", (char *) "53/udp", (char *) "22/tcp",
                          (char *) "443/tcp", NULL };
        char *none[] = { NULL };
        _cleanup_strbuf_ StrBuf b = { 0 };

        firewall_render(allow, "fte.conf:1", &b);
        assert_non_null(strstr(b.text, "                tcp dport { 22, 443 } accept\n"
                                       "                udp dport { 53 } accept\n"));
        assert_true(firewall_allows(allow, 53, "udp"));
        assert_false(firewall_allows(allow, 53, "tcp"));
        assert_false(firewall_allows(NULL, 22, "tcp"));
        assert_true(firewall_text_allows(b.text, 22, "tcp"));
        assert_true(firewall_text_allows(b.text, 443, "tcp"));
        assert_true(firewall_text_allows(b.text, 53, "udp"));
        assert_false(firewall_text_allows(b.text, 53, "tcp"));
        assert_false(firewall_text_allows(b.text, 44, "tcp"));
        assert_false(firewall_text_allows("", 22, "tcp"));
        strbuf_reset(&b);
        firewall_render(none, "fte.conf:1", &b);
        assert_null(strstr(b.text, "dport {"));
        assert_non_null(strstr(b.text, "policy drop"));
}

/* ---- sshd ---- */

static const char effective[] =
        "port 22\nport 2222\npasswordauthentication no\nkbdinteractiveauthentication no\n"
        "permitrootlogin without-password\npubkeyauthentication yes\n"
        "permitemptypasswords no\nhostbasedauthentication no\nx11forwarding no\n"
        "logingracetime 30\n";

static void test_sshd(void **state) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        Host h;
        const char *value;
        size_t n;

        host_init(&h);
        h.ssh_permit_root_login = 1;
        assert_false(sshd_differs(&h, effective, &b));
        h.ssh_permit_root_login = 0;
        assert_true(sshd_differs(&h, effective, &b));
        assert_string_equal(b.text, "PermitRootLogin is without-password and not no");
        strbuf_reset(&b);
        assert_true(sshd_differs(&h, "", &b));
        assert_string_equal(b.text, "PasswordAuthentication is unknown and not no");
        value = sshd_value(effective, "Port", NULL, &n);
        assert_memory_equal(value, "22", n);
        value = sshd_value(effective, "Port", value, &n);
        assert_memory_equal(value, "2222", n);
        assert_null(sshd_value(effective, "Port", value, &n));
        strbuf_reset(&b);
        h.ssh_password_authentication = true;
        sshd_render(&h, "fte.conf:1", &b);
        assert_non_null(strstr(b.text, "PasswordAuthentication yes\n"));
        assert_null(strstr(b.text, "KbdInteractive"));
}

/* ---- logins ---- */

typedef struct Row {
        const char *pid, *comm, *cmdline;
        long ppid, session;
        unsigned tty;
        unsigned long long start; /* ticks */
} Row;

static char *make_proc(const Row *rows, size_t n) {
        static char dir[] = "/tmp/fte-proc.XXXXXX";
        char path[256];

        memcpy(dir, "/tmp/fte-proc.XXXXXX", sizeof(dir));
        assert_non_null(mkdtemp(dir));
        for (size_t i = 0; i < n; i++) {
                FILE *f;

                snprintf(path, sizeof(path), "%s/%s", dir, rows[i].pid);
                assert_int_equal(mkdir(path, 0755), 0);
                snprintf(path, sizeof(path), "%s/%s/stat", dir, rows[i].pid);
                f = fopen(path, "w");
                assert_non_null(f);
                fprintf(f, "%s (%s) S %ld 1 %ld %u 1 0 0 0 0 0 0 0 0 0 20 0 1 0 %llu 0\n",
                        rows[i].pid, rows[i].comm, rows[i].ppid, rows[i].session, rows[i].tty,
                        rows[i].start);
                fclose(f);
                snprintf(path, sizeof(path), "%s/%s/cmdline", dir, rows[i].pid);
                f = fopen(path, "w");
                assert_non_null(f);
                fputs(rows[i].cmdline ? rows[i].cmdline : "", f);
                fclose(f);
        }
        return dir;
}

static void look(const Row *rows, size_t n, Connection *ret) {
        char command[64], *dir = make_proc(rows, n);

        assert_int_equal(connection_find(dir, rows[0].pid, ret), 0);
        snprintf(command, sizeof(command), "rm -rf %s", dir);
        assert_int_equal(system(command), 0);
}

#define TICK ((uint64_t) USEC_PER_SEC / (uint64_t) sysconf(_SC_CLK_TCK))
#define PTS  (136u << 8)

static void test_ssh_login(void **state) {
        const Row rows[] = {
                { "90", "ftectl) (x", NULL, 80, 50, PTS, 9000 },
                { "80", "sudo", NULL, 50, 50, PTS, 8999 },
                { "50", "bash", NULL, 45, 50, PTS, 5001 },
                { "45", "sshd", "sshd: op@pts/0", 40, 40, 0, 5000 },
                { "40", "sshd", "sshd: op [priv]", 10, 40, 0, 4000 },
                { "10", "sshd", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", 1, 10, 0,
                  100 },
                { "1", "systemd", NULL, 0, 1, 0, 1 },
        };
        Connection c;

        look(rows, ARRAY_SIZE(rows), &c);
        assert_int_equal(c.kind, CONNECTION_SSH);
        assert_int_equal(c.start_usec, 4000 * TICK);
}

/* OpenSSH 9.8: the listener and the connections are different programs. Started by a socket: no
 * listener. */
static void test_ssh_session(void **state) {
        const Row rows[] = {
                { "50", "bash", NULL, 45, 50, PTS, 5001 },
                { "45", "sshd-session", NULL, 40, 40, 0, 5000 },
                { "40", "sshd-session", NULL, 10, 40, 0, 4500 },
                { "10", "sshd", "sshd: x [listener] 0 of 1", 1, 10, 0, 100 },
                { "1", "systemd", NULL, 0, 1, 0, 1 },
        };
        const Row socket[] = {
                { "50", "bash", NULL, 45, 50, PTS, 5001 },
                { "45", "sshd", "sshd: root@pts/0", 1, 45, 0, 4600 },
                { "1", "systemd", NULL, 0, 1, 0, 1 },
        };
        Connection c;

        look(rows, ARRAY_SIZE(rows), &c);
        assert_int_equal(c.start_usec, 4500 * TICK);
        look(socket, ARRAY_SIZE(socket), &c);
        assert_int_equal(c.kind, CONNECTION_SSH);
        assert_int_equal(c.start_usec, 4600 * TICK);
}

static void test_other_logins(void **state) {
        const Row console[] = {
                { "60", "ftectl", NULL, 50, 50, (4u << 8) | 1, 7000 },
                { "50", "bash", NULL, 40, 50, (4u << 8) | 1, 6000 },
                { "40", "login", NULL, 1, 40, (4u << 8) | 1, 100 },
                { "1", "systemd", NULL, 0, 1, 0, 1 },
        };
        const Row tmux[] = {
                { "60", "ftectl", NULL, 50, 50, PTS | 3, 7000 },
                { "50", "bash", NULL, 40, 50, PTS | 3, 6000 },
                { "40", "tmux: server", NULL, 1, 40, 0, 100 },
                { "1", "systemd", NULL, 0, 1, 0, 1 },
        };
        const Row service[] = {
                { "60", "ftectl", NULL, 1, 60, 0, 7000 },
                { "1", "systemd", NULL, 0, 1, 0, 1 },
        };
        Connection c;

        look(console, ARRAY_SIZE(console), &c);
        assert_int_equal(c.kind, CONNECTION_CONSOLE);
        assert_int_equal(c.start_usec, 6000 * TICK);
        look(tmux, ARRAY_SIZE(tmux), &c);
        assert_int_equal(c.kind, CONNECTION_UNKNOWN);
        look(service, ARRAY_SIZE(service), &c);
        assert_int_equal(c.kind, CONNECTION_UNKNOWN);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_version),
                cmocka_unit_test(test_http2),
                cmocka_unit_test(test_upstreams),
                cmocka_unit_test(test_health_path),
                cmocka_unit_test(test_no_syntax_in_paths),
                cmocka_unit_test(test_ports),
                cmocka_unit_test(test_sshd),
                cmocka_unit_test(test_ssh_login),
                cmocka_unit_test(test_ssh_session),
                cmocka_unit_test(test_other_logins),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
