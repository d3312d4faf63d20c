/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The texts that ftectl diagnose reads: log lines to symptoms, mount tables, drop-ins that undo.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "ftectl/diagnose/denied-calls.h"
#include "ftectl/diagnose/overrides.h"
#include "ftectl/diagnose/symptoms.h"
#include "ftectl/shared/mounts.h"

/* ---- lines ---- */

static const struct {
        const char *line;
        int kind; /* -1: none */
        const char *path, *name;
        uint64_t port;
} line_rows[] = {
        { "PermissionError: [Errno 13] Permission denied: '/var/lib/x/a b'", SYMPTOM_PERMISSION,
          "/var/lib/x/a b", "", 0 },
        { "Error: EACCES: permission denied, open '/var/lib/x/db'", SYMPTOM_PERMISSION,
          "/var/lib/x/db", "", 0 },
        { "open /var/lib/x/db: permission denied", SYMPTOM_PERMISSION, "/var/lib/x/db", "", 0 },
        { "sh: 1: cannot create /var/log/x/y: Permission denied", SYMPTOM_PERMISSION,
          "/var/log/x/y", "", 0 },
        { "sqlite3.OperationalError: attempt to write a readonly database", SYMPTOM_PERMISSION, "",
          "", 0 },
        { "x.service: Failed at step EXEC spawning /usr/x: Permission denied", SYMPTOM_STEP, "", "",
          0 },
        { "OSError: [Errno 30] Read-only file system: '/srv/x'", SYMPTOM_READ_ONLY, "/srv/x", "",
          0 },
        { "OSError: [Errno 98] Address already in use", SYMPTOM_PORT_TAKEN, "", "", 0 },
        { "[Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address "
          "already in "
          "use",
          SYMPTOM_PORT_TAKEN, "", "", 8000 },
        { "fte-listen: cannot listen on 127.0.0.1:8030: Address already in use; \"ss -tlnp\" shows "
          "who does",
          SYMPTOM_PORT_TAKEN, "", "", 8030 },
        { "Error: listen EADDRINUSE: address already in use 127.0.0.1:3000", SYMPTOM_PORT_TAKEN, "",
          "", 3000 },
        { "socket.gaierror: [Errno -3] Temporary failure in name resolution", SYMPTOM_NAME, "", "",
          0 },
        { "Error: getaddrinfo ENOTFOUND api.example.com", SYMPTOM_NAME, "", "api.example.com", 0 },
        { "HTTPSConnectionPool(host='api.x.org', port=443): NameResolutionError: Failed to resolve "
          "'api.x.org' ([Errno -2] Name or service not known)",
          SYMPTOM_NAME, "", "api.x.org", 0 },
        { "dial tcp: lookup db.x.org on 127.0.0.53:53: no such host", SYMPTOM_NAME, "", "db.x.org",
          0 },
        { "could not translate host name \"db\" to address: Name or service not known",
          SYMPTOM_NAME, "", "db", 0 },
        { "ModuleNotFoundError: No module named 'yaml.x'", SYMPTOM_MODULE, "", "yaml.x", 0 },
        { "Error: Cannot find module 'express'", SYMPTOM_MODULE, "", "express", 0 },
        { "x509: certificate has expired or is not yet valid: current time 2001", SYMPTOM_NOT_YET,
          "", "", 0 },
        { "certificate verify failed: certificate has expired (_ssl.c:1006)", SYMPTOM_EXPIRED, "",
          "", 0 },
        { "INFO: Uvicorn running on http://0.0.0.0:9000 (Press CTRL+C)", SYMPTOM_LISTENS, "", "",
          9000 },
        { "2026-11-24 10:00:00 listening on port 80", SYMPTOM_LISTENS, "", "", 80 },
        { "zygote_host_impl_linux.cc:128] No usable sandbox! If this is a Debian system, install",
          SYMPTOM_BROWSER, "", "", 0 },
        { "Chromium sandboxing failed!", SYMPTOM_BROWSER, "", "", 0 },
        { "Stopping x.service - An agent...", SYMPTOM_STOPPING, "", "", 0 },
        { "Stopping the world", -1, NULL, NULL, 0 },
        { "x.service: Failed with result 'oom-kill'.", SYMPTOM_OOM_KILL, "", "", 0 },
        { "see http://example.com/permission", -1, NULL, NULL, 0 },
        { "", -1, NULL, NULL, 0 },
};

static void test_lines(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(line_rows); i++) {
                char *lines[] = { (char *) line_rows[i].line, NULL };
                _cleanup_arena_ Arena arena = { 0 };
                Symptoms s;

                assert_int_equal(symptoms_find(lines, &arena, &s), 0);
                if (s.n != (line_rows[i].kind >= 0))
                        fail_msg("%s: %zu", lines[0], s.n);
                if (s.n == 0)
                        continue;
                if ((int) s.items[0].kind != line_rows[i].kind ||
                    !streq(s.items[0].path, line_rows[i].path) ||
                    !streq(s.items[0].name, line_rows[i].name) ||
                    s.items[0].port != line_rows[i].port)
                        fail_msg("%s: kind %d, path %s, name %s, port %llu", lines[0],
                                 (int) s.items[0].kind, s.items[0].path, s.items[0].name,
                                 (unsigned long long) s.items[0].port);
        }
}

static void test_calls(void **state _unused_) {
        assert_string_equal(denied_call_in("    os.sched_setaffinity(0, {0})"),
                            "sched_setaffinity");
        assert_string_equal(denied_call_in("    os.nice(-5)"), "setpriority");
        assert_null(denied_call_in("dismount(x)"));
        assert_null(denied_call_in("OSError: [Errno 1] Operation not permitted"));
}

/* ---- mounts ---- */

static void test_mounts(void **state _unused_) {
        char text[] = "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw\n"
                      "22 21 0:20 / /var/lib/a ro,nosuid - tmpfs tmpfs rw\n"
                      "23 21 0:21 / /mnt/a\\040b rw,noexec - ext4 /dev/sdb ro,errors=remount-ro\n"
                      "24 21 0:22 / /var/lib/a rw - tmpfs over rw\n"
                      "nonsense\n";
        _cleanup_arena_ Arena arena = { 0 };
        Mounts m;

        assert_int_equal(mounts_parse(text, &arena, &m), 0);
        assert_int_equal(m.n, 4);
        assert_string_equal(mounts_find(&m, "/")->source, "/dev/sda");
        assert_string_equal(mounts_find(&m, "/var/lib/ab")->point, "/");
        assert_string_equal(mounts_find(&m, "/var/lib/a/x")->source, "over");
        assert_false(mounts_find(&m, "/var/lib/a")->read_only);
        assert_true(mounts_find(&m, "/mnt/a b/x")->read_only);
        assert_true(mounts_find(&m, "/mnt/a b/x")->noexec);
}

/* ---- drop-ins ---- */

static const struct {
        const char *dropin; /* of the admin */
        const char *key;    /* that it undoes, NULL: none */
        const char *loaded;
        unsigned line;
} dropin_rows[] = {
        { "[Service]\nMemoryMax=1G\n", "MemoryMax", "1G", 2 },
        { "[Service]\nMemoryMax=512M\n", NULL, NULL, 0 },
        { "[Service]\nMemoryMax = 1G\nMemoryMax=512M\n", NULL, NULL, 0 },
        { "# MemoryMax=1G\n[Service]\nEnvironment=A=b\n", NULL, NULL, 0 },
        { "[Service]\nSystemCallFilter=mount\n", NULL, NULL, 0 },
        { "[Service]\n\nSystemCallFilter=\n", "SystemCallFilter", "", 3 },
        { "[Service]\nExecStart=\nExecStart=/bin/other\n", "ExecStart", "/bin/other", 2 },
        { "[Service]\nUser=root\n", "User", "root", 2 },
        { "[Unit]\nDescription=other\n", NULL, NULL, 0 },
};

static void test_dropins(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(dropin_rows); i++) {
                const UnitText files[] = {
                        { "/run/systemd/generator/a.service",
                          "[Unit]\nDescription=a\n[Service]\nUser=a\nExecStart=/bin/"
                          "a\nMemoryMax=512M\n",
                          true },
                        { "/run/systemd/generator/a.service.d/10-sandbox.conf",
                          "[Service]\nSystemCallFilter=@system-service\nSystemCallFilter=~@mount\n",
                          true },
                        { "/etc/systemd/system/a.service.d/x.conf", dropin_rows[i].dropin, false },
                };
                _cleanup_arena_ Arena arena = { 0 };
                Override found[OVERRIDES_MAX];
                int n = overrides_find(files, ARRAY_SIZE(files), &arena, found);

                if (n != !!dropin_rows[i].key)
                        fail_msg("row %zu: %d", i, n);
                if (n == 0)
                        continue;
                assert_string_equal(found[0].key, dropin_rows[i].key);
                assert_string_equal(found[0].loaded, dropin_rows[i].loaded);
                assert_string_equal(found[0].file, "/etc/systemd/system/a.service.d/x.conf");
                assert_int_equal(found[0].line, dropin_rows[i].line);
        }
}

static void test_later_one_of_ours_wins(void **state _unused_) {
        const UnitText files[] = {
                { "unit", "[Service]\nMemoryMax=512M\n", true },
                { "05-x.conf", "[Service]\nMemoryMax=1G\n", false },
                { "90-agent.conf", "[Service]\nMemoryMax=512M\n", true },
        };
        _cleanup_arena_ Arena arena = { 0 };
        Override found[OVERRIDES_MAX];

        assert_int_equal(overrides_find(files, ARRAY_SIZE(files), &arena, found), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lines),
                cmocka_unit_test(test_calls),
                cmocka_unit_test(test_mounts),
                cmocka_unit_test(test_dropins),
                cmocka_unit_test(test_later_one_of_ours_wins),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
