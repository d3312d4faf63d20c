/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The pure parts of fte-backup: the texts in an archive, names, and what is remembered.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/backup-status.h"
#include "manifest.h"
#include "sqlite-copy.h"
#include "store.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_names(void **state _unused_) {
        static const char *const good[] = { "a", "a/b", "..a", "a../b", ".hidden", "a b\n", "..." };
        static const char *const bad[] = { "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/./b", "a/../b" };

        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                assert_true(member_name_is_valid(good[i]));
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                assert_false(member_name_is_valid(bad[i]));
}

static void test_lines(void **state _unused_) {
        static const char *const paths[] = { "a", "a b", "new\nline", "back\\slash", "cr\r", "\\n", "\xff", "  " };
        unsigned char sum[SUM_BYTES] = { 0x01, 0xfe };

        for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
                _cleanup_strbuf_ StrBuf line = { 0 }, path = { 0 };

                manifest_add_line(&line, sum, paths[i]);
                assert_int_equal(line.text[line.len - 1], '\n');
                assert_null(memchr(line.text, '\n', line.len - 1));
                assert_int_equal(manifest_parse_line(line.text, line.len - 1, &path), 0);
                assert_string_equal(strbuf_text(&path), paths[i]);
        }
}

static void test_bad_lines(void **state _unused_) {
        static const char *const bad[] = { "", "\\", HEX, HEX "  ", HEX " x", "\\" HEX "  a\\", "\\" HEX "  a\\x",
                                           "G" HEX "  a", HEX "  a\nb" };

        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                _cleanup_strbuf_ StrBuf path = { 0 };

                assert_int_equal(manifest_parse_line(bad[i], strlen(bad[i]), &path), -EBADMSG);
        }
}

static void test_info(void **state _unused_) {
        char *paths[] = { (char *) "/var/lib/bot", (char *) "/srv/a b\nc", (char *) "/srv", NULL };
        _cleanup_arena_ Arena arena = { 0 };
        _cleanup_strbuf_ StrBuf b = { 0 };
        unsigned line;
        Info info;

        info_format(&(Info){ .agent = "bot", .host = "h", .time = "t", .bytes = 42, .paths = paths }, &b);
        assert_int_equal(info_parse(b.text, b.len, &arena, &info, &line), 0);
        assert_string_equal(info.agent, "bot");
        assert_int_equal(info.bytes, 42);
        assert_int_equal(info.n_paths, 3);
        for (size_t i = 0; i < 3; i++)
                assert_string_equal(info.paths[i], paths[i]);
        assert_int_equal(info_find(&info, "var/lib/bot"), 0);
        assert_int_equal(info_find(&info, "var/lib/bot/x"), 0);
        assert_int_equal(info_find(&info, "srv/x"), 2);
        assert_int_equal(info_find(&info, "var/lib/bots"), -ENOENT);
        assert_int_equal(info_find(&info, "var/lib"), -ENOENT);
        for (size_t len = 0; len < b.len; len++) /* every beginning is bad, or less */
                if (info_parse(b.text, len, &arena, &info, &line) == 0)
                        assert_true(info.n_paths < 3);
}

static void test_seal(void **state _unused_) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        Seal seal = { .n_entries = 7, .metadata = HEX }, read;

        seal_format(&seal, &b);
        assert_int_equal(seal_parse(b.text, b.len, &read), 0);
        assert_int_equal(read.n_entries, 7);
        strbuf_reset(&b);
        note_add(&b, "what", "pa\nth");
        seal_format(&seal, &b);
        assert_int_equal(seal_parse(b.text, b.len, &read), 0);
        assert_string_equal(read.metadata, HEX);
        for (size_t len = 0; len < b.len; len++)
                assert_int_equal(seal_parse(b.text, len, &read), -EBADMSG);
}

static void test_store_names(void **state _unused_) {
        assert_true(store_name_is_good("bot", "bot-20261124T150351Z.tar.zst"));
        assert_true(store_name_is_good("bot", "bot-20261124T150351Z_02.tar.zst"));
        assert_true(store_name_is_good("a-b", "a-b-20261124T150351Z.tar.zst"));
        assert_false(store_name_is_good("a", "a-b-20261124T150351Z.tar.zst"));
        assert_false(store_name_is_good("bot", ".bot.part"));
        assert_false(store_name_is_good("bot", "bot-20261124T150351Z.tar"));
        assert_false(store_name_is_good("bot", "bot-20261124T150351Z.tar.zst.old"));
        assert_false(store_name_is_good("bot", "bot-20261124x150351Z.tar.zst"));
}

static void test_companions(void **state _unused_) {
        assert_int_equal(sqlite_companion_base("x.db-wal"), 4);
        assert_int_equal(sqlite_companion_base("x-journal"), 1);
        assert_int_equal(sqlite_companion_base("x-shm"), 1);
        assert_int_equal(sqlite_companion_base("-wal"), 0);
        assert_int_equal(sqlite_companion_base("x.db"), 0);
}

static void test_status(void **state _unused_) {
        char dir[] = "/tmp/test-backup-XXXXXX", path[64];
        const BackupStatus s = { .made_usec = 1, .bytes = 2, .missing = 3, .same_device = 1, .failed_usec = 4,
                                 .verified_usec = 5, .unverified_usec = 6 };
        BackupStatus read;
        int fd;

        assert_non_null(mkdtemp(dir));
        fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(backup_status_read(fd, "bot", &read), -ENOENT);
        assert_int_equal(backup_status_write(fd, "bot", &s), 0);
        assert_int_equal(backup_status_read(fd, "bot", &read), 0);
        assert_memory_equal(&read, &s, sizeof(s));
        snprintf(path, sizeof(path), "%s/bot.status", dir);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(dir), 0);
        close(fd);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names),       cmocka_unit_test(test_lines),
                cmocka_unit_test(test_bad_lines),   cmocka_unit_test(test_info),
                cmocka_unit_test(test_seal),        cmocka_unit_test(test_store_names),
                cmocka_unit_test(test_companions),  cmocka_unit_test(test_status),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
