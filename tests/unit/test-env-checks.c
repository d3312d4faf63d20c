/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The judgements of the precheck that are tables: placeholders (and, as important, real values that
 * must pass), reserved names, file systems without modes.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/env-file.h"
#include "../../helpers/env-precheck/file-check.h"
#include "../../helpers/env-precheck/value-check.h"

static const char *const placeholders[] = {
        "changeme",
        "ChangeMe",
        "CHANGEME",
        "change-me",
        "change_me",
        "change me",
        "changeme!",
        "changeme123",
        "change-me-in-production",
        "changeit",
        "changethis",
        "CHANGE_THIS_KEY",
        "todo",
        "TODO",
        "To-Do",
        "tbd",
        "TBD",
        "T.B.D.",
        "tba",
        "fixme",
        "FIXME!",
        "replaceme",
        "replace-me",
        "REPLACE_WITH_YOUR_KEY",
        "replace with your key",
        "placeholder",
        "example",
        "dummy",
        "undefined",
        "redacted",
        "[redacted]",
        "set-me",
        "fill-me-in",
        "insert_your_key",
        "paste-your-token",
        "put your key here",
        "xxx",
        "XXX",
        "xXxX",
        "xxxxxxxxxxxxxxxx",
        "***",
        "********",
        "...",
        "......",
        "???",
        "---",
        "___",
        "sk-xxxx",
        "sk-XXXXXXXXXXXX",
        "sk-proj-xxxxxxxx",
        "xoxb-xxxx-xxxx-xxxx",
        "ghp_xxxxxxxxxxxx",
        "sk-...",
        "sk-abc...",
        "<key>",
        "<your OpenAI API key>",
        "<>",
        "<sqlite database URL>",
        "{{ openai_key }}",
        "{{key}}",
        "${OPENAI_API_KEY}",
        "[your key]",
        "[YOUR_KEY]",
        "your-key",
        "your_key",
        "YOUR_API_KEY",
        "your-api-key-here",
        "your_openai_api_key_here",
        "yourkey",
        "your-secret",
        "your OpenAI key",
        "Your API key here",
        "sk-your-key",
        "sk-your-openai-key-here",
        "my-your-token",
        "insert-key-here",
        "key_goes_here",
        "  changeme  ",
        "\tTODO\n",
        "postgres://app:changeme@db/app",
        "postgres://user:<password>@localhost/db",
        "mysql://u:your-password@h/d?x=y",
        "redis://:xxxx@h:6379/0",
        "amqp://u:***@h//",
        "https://u:change-me@h:1/p?q#f",
};

static const char *const real_values[] = {
        "",
        " ",
        "a",
        "x",
        "xx",
        "..",
        "-",
        "**",
        "1",
        "0",
        "true",
        "no",
        "none",
        "null",
        "sk-1",
        "sk-proj-4fGh7xxQ",
        "sk-abcxxxx1",
        "xxx1",
        "axxxx",
        "a.xxx",
        "AKIAIOSFODNN7EXAMPLE1",
        "b64==",
        "aGVyZQ==",
        "here",
        "there",
        "in-there",
        "adhere",
        "yours",
        "yourself",
        "your",
        "youronlinedb",
        "xyour-b",
        "todoist",
        "todo.db",
        "todo-app",
        "mastodon",
        "tbd1",
        "sqlite:////var/lib/todo/todo.db",
        "sqlite:////var/lib/example/your.db",
        "examples",
        "example.com",
        "example-bucket",
        "https://example.com/",
        "dummy-v2",
        "postgres://localhost/app",
        "postgres://app:pg-4711@localhost/changeme",
        "postgres://app@db/app",
        "postgres://app:@db/app",
        "http://h/p:changeme@x",
        "postgres://todo:real@your-host/x",
        "p@ss:changeme",
        "a://b",
        "://",
        "://:@",
        "Your order is our delight",
        "your friendly agent",
        "How can I help with your order",
        "We are here",
        "Hello...",
        "Thinking ...",
        "<b>hi</b>",
        "<a> to <b>",
        "a<b",
        "{{a}} and {{b}}",
        "${A}/${B}",
        "{\"key\":\"value\"}",
        "-----BEGIN PRIVATE KEY-----",
        "/etc/ssl/xxxx",
        "password",
        "secret",
        "hunter2",
        "unchangeme",
        "exchange-me",
        "rechangeit",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "550e8400-e29b-41d4-a716-446655440000",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4eHh4In0.x-xxx",
        "ghp_0123456789abcdefghijklmnopqrstuvxxxx",
        "redactedly",
        "Z\xc3\xbcrich",
        "\xe2\x80\xa6",
};

static void test_placeholders(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++)
                if (!value_is_placeholder(placeholders[i]))
                        fail_msg("passes: %s", placeholders[i]);
}

static void test_real_values(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(real_values); i++)
                if (value_is_placeholder(real_values[i]))
                        fail_msg("refused: %s", real_values[i]);
}

/* Keys as generators make them: none of 200,000 is refused. */
static void test_random_keys(void **state) {
        static const char alphabet[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        uint64_t seed = 42;

        for (int i = 0; i < 200000; i++) {
                char key[25];

                for (size_t k = 0; k < sizeof(key) - 1; k++) {
                        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
                        key[k] = alphabet[seed >> 58];
                }
                key[sizeof(key) - 1] = 0;
                if (value_is_placeholder(key))
                        fail_msg("refused: %s", key);
        }
}

static void test_reserved(void **state) {
        static const char *const reserved[] = { "NOTIFY_SOCKET",         "WATCHDOG_USEC",
                                                "WATCHDOG_PID",          "LISTEN_FDS",
                                                "CREDENTIALS_DIRECTORY", "INVOCATION_ID",
                                                "JOURNAL_STREAM" };
        static const char *const free_names[] = { "",
                                                  "NOTIFY",
                                                  "NOTIFY_SOCKETS",
                                                  "LISTEN_ADDR",
                                                  "LISTEN_PORT",
                                                  "WATCHDOG_TIMEOUT",
                                                  "PATH",
                                                  "HOME",
                                                  "LD_PRELOAD",
                                                  "LD_LIBRARY_PATH",
                                                  "notify_socket" };

        for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
                assert_true(env_name_is_reserved(reserved[i], strlen(reserved[i])));
        for (size_t i = 0; i < ARRAY_SIZE(free_names); i++)
                assert_false(env_name_is_reserved(free_names[i], strlen(free_names[i])));
        assert_true(env_name_is_reserved("LISTEN_FDS=3", 10));
}

static void test_file_systems(void **state) {
        static const struct {
                uint64_t f_type;
                const char *mount_type;
                const char *result;
        } rows[] = {
                { 0x4d44, "", "vfat" },
                { 0x2011BAB0, "", "exfat" },
                { 0x7366746E, "", "ntfs3" },
                { 0xFF534D42, "", "cifs" },
                { 0xFFFFFFFFFF534D42, "", "cifs" }, /* a signed 32-bit f_type */
                { 0xEF53, "", NULL },               /* ext4 */
                { 0x9123683E, "", NULL },           /* btrfs */
                { 0x58465342, "", NULL },           /* xfs */
                { 0x01021994, "", NULL },           /* tmpfs */
                { 0x794C7630, "", NULL },           /* overlayfs */
                { 0x6969, "", NULL },               /* nfs */
                { 0x65735546, "fuseblk", "fuseblk" },
                { 0x65735546, "fuse.sshfs", NULL },
                { 0x65735546, "", NULL },
                { 0xEF53, "fuseblk", NULL },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const char *name = file_system_without_modes(rows[i].f_type, rows[i].mount_type);

                if (!streq_ptr(name, rows[i].result))
                        fail_msg("row %zu: %s", i, name ? name : "NULL");
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_placeholders), cmocka_unit_test(test_real_values),
                cmocka_unit_test(test_random_keys),  cmocka_unit_test(test_reserved),
                cmocka_unit_test(test_file_systems),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
