/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Listening sockets: the tables of a /proc of our own, and a socket of this very process in the
 * real one.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/fsat.h"

#include "base/sockets.h"

static void put(int fd, const char *path, const char *text) {
        int f = fsat_write(fd, path, text, strlen(text));

        assert_true(f >= 0);
        close(f);
}

static const char tcp[] =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000   998        0 4711 1 "
        "0000000000000000 100 0 0 10 0\n"
        "   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1\n"
        "   2: 0100007F:0016 0100007F:8000 01 00000000:00000000 00:00000000 00000000     0        0 4713 1\n";
static const char tcp6[] =
        "  sl  local_address                         remote_address                        st\n"
        "   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A "
        "00000000:00000000 00:00000000 00000000     0        0 4714 1\n"
        "   1: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A "
        "00000000:00000000 00:00000000 00000000     0        0 4715 1\n";
static const char unixes[] =
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 4716 /run/a b/http.sock\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 4717 @abstract\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03 4718 /run/connected\n"
        "0000000000000000: 00000002 00000000 00000000 0002 01 4719 /run/datagram\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 4720\n";

static int make_proc(char *dir) {
        int fd;

        assert_non_null(mkdtemp(dir));
        fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        for (size_t i = 0; i < 6; i++)
                assert_int_equal(mkdirat(fd, (const char *[]){ "self", "self/net", "77", "77/fd",
                                                               "1", "1/fd" }[i],
                                         0755), 0);
        assert_int_equal(symlinkat("socket:[4711]", fd, "1/fd/9"), 0); /* kept for 77 */
        assert_int_equal(symlinkat("socket:[4715]", fd, "1/fd/10"), 0);
        put(fd, "self/net/tcp", tcp);
        put(fd, "self/net/tcp6", tcp6);
        put(fd, "self/net/unix", unixes);
        put(fd, "77/comm", "python3\n");
        put(fd, "77/cgroup", "1:name=systemd:/fte.slice/x.service/sub\n0::/\n");
        assert_int_equal(symlinkat("socket:[4711]", fd, "77/fd/3"), 0);
        assert_int_equal(symlinkat("/dev/null", fd, "77/fd/0"), 0);
        return fd;
}

static void remove_proc(const char *dir) {
        char command[128];

        snprintf(command, sizeof(command), "rm -r %s", dir);
        assert_int_equal(system(command), 0);
}

static void test_tables(void **state _unused_) {
        static const char *const texts[] = { "127.0.0.1:8000", "0.0.0.0:80", "[::1]:8080", "[::]:443",
                                             "/run/a b/http.sock", "@abstract" };
        static const char cmdline[] = "it calls itself this\0/opt/x/main.py\0--token=secret";
        char dir[] = "/tmp/test-sockets.XXXXXX";
        _cleanup_close_ int fd = make_proc(dir);
        _cleanup_arena_ Arena arena = { 0 };
        Listeners l;
        int f;

        assert_int_equal(listeners_read(fd, "self", &arena, &l), 0);
        assert_int_equal(l.n, ARRAY_SIZE(texts));
        for (size_t i = 0; i < l.n; i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                listener_format(&l.items[i], &b);
                assert_string_equal(strbuf_text(&b), texts[i]);
        }
        assert_int_equal(l.items[0].uid, 998);
        assert_int_equal(listeners_find_owners(fd, &arena, &l), 0);
        assert_int_equal(l.items[0].pid, 77);
        assert_string_equal(l.items[0].command, "python3");
        assert_string_equal(l.items[0].unit, "x.service");
        assert_int_equal(l.items[1].pid, 0);
        assert_int_equal(l.items[3].pid, 1);
        f = fsat_write(fd, "77/cmdline", cmdline, sizeof(cmdline));
        close(f);
        assert_int_equal(symlinkat("/usr/bin/python3", fd, "77/exe"), 0);
        assert_string_equal(process_command(fd, 77, &arena), "/usr/bin/python3 /opt/x/main.py");
        remove_proc(dir);
}

static const struct {
        const char *url;
        int takes; /* which of the table, or -1 */
} takes_rows[] = {
        { "http://127.0.0.1:8000/", 0 },  { "http://127.0.0.2:8000/", -1 },
        { "http://127.0.0.1:80/", 1 },    { "tcp://[::1]:8080", 2 },
        { "tcp://127.0.0.1:8080", -1 },   { "http://[::1]:443/", 3 },
        { "http://127.0.0.1:443/", 3 },   { "http://127.0.0.1:22/", -1 },
        { "unix:/run/connected:/", -1 },  { "tcp://[::1]:80", -1 },
};

static void test_takes(void **state _unused_) {
        char dir[] = "/tmp/test-sockets.XXXXXX";
        _cleanup_close_ int fd = make_proc(dir);
        _cleanup_arena_ Arena arena = { 0 };
        Listeners l;

        assert_int_equal(listeners_read(fd, "self", &arena, &l), 0);
        for (size_t i = 0; i < ARRAY_SIZE(takes_rows); i++) {
                HealthUrl u;
                int found = -1;

                assert_int_equal(health_url_parse(takes_rows[i].url, &u, NULL), 0);
                for (size_t k = 0; k < l.n; k++)
                        if (listener_takes(&l.items[k], &u.address))
                                found = (int) k;
                if (found != takes_rows[i].takes)
                        fail_msg("%s: %d", takes_rows[i].url, found);
        }
        remove_proc(dir);
}

static void test_our_own(void **state _unused_) {
        _cleanup_close_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        HealthAddress a = { .in = { .sin_family = AF_INET } };
        _cleanup_arena_ Arena arena = { 0 };
        socklen_t len = sizeof(a);
        Listeners l;

        a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        assert_int_equal(bind(fd, &a.sa, sizeof(a.in)), 0);
        assert_int_equal(listen(fd, 1), 0);
        assert_int_equal(getsockname(fd, &a.sa, &len), 0);
        assert_int_equal(listeners_read(proc, "self", &arena, &l), 0);
        assert_int_equal(listeners_find_owners(proc, &arena, &l), 0);
        for (size_t i = 0; i < l.n; i++)
                if (l.items[i].family == AF_INET && listener_takes(&l.items[i], &a)) {
                        assert_int_equal(l.items[i].pid, getpid());
                        assert_non_null(strstr(l.items[i].command, "test-ftectl-sockets"));
                        return;
                }
        fail_msg("not among %zu", l.n);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_tables),
                cmocka_unit_test(test_takes),
                cmocka_unit_test(test_our_own),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
