/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The reader of foreign unit files, what specifiers mean, and how a value of a unit comes out in a
 * draft of ours, table by table.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ftectl/init/draft.h"
#include "ftectl/init/import.h"

typedef struct Row {
        const char *text;
        const char *want; /* "[section]key=value@line" joined by newlines; a line that is none has no "=" */
} Row;

static const Row rows[] = {
        { "", "" },
        { "# c\n; d\n\n", "" },
        { "[Service]\nExecStart=/bin/a\n", "[Service]ExecStart=/bin/a@2\n" },
        { "[Service]\r\nA = b \r\n", "[Service]A=b@2\n" },
        { "\xEF\xBB\xBF[Unit]\nA=1", "[Unit]A=1@2\n" },
        { "[S]\nA=x \\\n  y\nB=1\n", "[S]A=x    y@2\n[S]B=1@4\n" },
        { "[S]\nA=x\\\n# no\n;no\ny\n", "[S]A=x y@2\n" },
        { "[S]\nA=x\\\\\nB=1\n", "[S]A=x\\\\@2\n[S]B=1@3\n" },
        { "[S]\nA=x\\", "[S]A=x@2\n" },
        { "[S]\nA=\nA==b=\n", "[S]A=@2\n[S]A==b=@3\n" },
        { "A=1\n[S]\nnonsense\n", "[]A=1@1\n[S]-@3\n" },
        { "[]\nA=1\n", "[]A=1@2\n" },
        { "[S\nA=1\n", "[]-@1\n[]A=1@2\n" },
        { "=x\n", "[]=x@1\n" },
};

static void test_parse(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                _cleanup_arena_ Arena arena = { 0 };
                _cleanup_strbuf_ StrBuf b = { 0 };
                UnitSettings s = { 0 };

                assert_int_equal(unit_file_parse(rows[i].text, strlen(rows[i].text), "f", &arena, &s), 0);
                for (const UnitSetting *p = s.first; p; p = p->next)
                        strbuf_addf(&b, "[%s]%s%s%s@%u\n", p->section, p->key ? p->key : "-", p->key ? "=" : "",
                                    p->value, p->place.line);
                assert_string_equal(strbuf_text(&b), rows[i].want);
        }
}

static void test_parse_nul(void **state _unused_) {
        _cleanup_arena_ Arena arena = { 0 };
        UnitSettings s = { 0 };

        assert_int_equal(unit_file_parse("[S]\nA=\0\n", 8, "f", &arena, &s), -EBADMSG);
        assert_null(s.first);
}

static void test_specifiers(void **state _unused_) {
        static const struct {
                const char *value, *want;
                int error;
                char letter;
        } cases[] = {
                { "plain", "plain", 0, 0 },
                { "%%d %n", "%d a-b@c.service", 0, 0 },
                { "%N %p %i", "a-b@c a-b c", 0, 0 },
                { "%E%S%L%C%t", "/etc/var/lib/var/log/var/cache/run", 0, 0 },
                { "%u %h", "bob /home/bob", 0, 0 },
                { "%H", NULL, -ENOKEY, 'H' },
                { "50%", NULL, -EINVAL, 0 },
        };
        const UnitSpecifiers s = { "a-b@c.service", "bob", "/home/bob" };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_arena_ Arena arena = { 0 };
                char *out = NULL, letter = 0;

                assert_int_equal(unit_specifiers_expand(cases[i].value, &s, &arena, &out, &letter), cases[i].error);
                assert_int_equal(letter, cases[i].letter);
                if (cases[i].want)
                        assert_string_equal(out, cases[i].want);
        }
}

/* ---- ExecStart= to Exec= ---- */

static const char *import_one(Arena *arena, const char *key, const char *value, SectionId section,
                              const char *our_key, size_t *ret_refused) {
        const UnitSource source = { .name = "old.service", .file = "f" };
        static Facts facts;
        Draft draft = { .arena = arena, .name = "new" };
        const char *text = arena_printf(arena, "[Service]\nUser=bob\nRestart=always\n%s=%s\n", key, value);
        UnitSource filled = source;
        Import im = { .arena = arena, .root_fd = -EBADF, .root = "", .source = &filled, .facts = &facts, .draft = &draft,
                      .specifiers = { "old.service", "bob", NULL } };

        assert_int_equal(unit_file_parse(text, strlen(text), "f", arena, &filled.settings), 0);
        assert_int_equal(import_unit(&im), 0);
        *ret_refused = im.n[IMPORT_REFUSED];
        import_done(&im);
        return draft_get(&draft, section, our_key);
}

static void test_exec(void **state _unused_) {
        static const struct {
                const char *unit, *ours;
                size_t refused;
        } cases[] = {
                { "/bin/a b c", "/bin/a b c", 0 },
                { "/bin/a 'b c' \"d\\\"e\"", "/bin/a \"b c\" \"d\\\"e\"", 0 },
                { "/bin/a %%s 100%%", "/bin/a %s 100%", 0 },
                { "/bin/a $A ${B} $$c", "/bin/a $A ${B} $$c", 2 }, /* both are set nowhere */
                { ":/bin/a $A", "/bin/a $$A", 0 },
                { "-/bin/a", "/bin/a", 1 },
                { "@/bin/a argv0 b", "/bin/a b", 1 },
                { "+/bin/a", "/bin/a", 1 },
                { "!!/bin/a", "/bin/a", 1 },
                { "/bin/a \"\" x", "/bin/a \"\" x", 0 },
                { "/bin/a '#x' ';y' '#'", "/bin/a \\x23x \\x3by \"#\"", 0 },
                { "/bin/a --api-key q8f3k2", "/bin/a --api-key q8f3k2", 1 },
                { "/bin/a ; /bin/b", NULL, 1 },
                { "/bin/a --daemon", NULL, 1 },
                { "/bin/a %H", NULL, 1 },
                { "/bin/a \"b", NULL, 1 },
                { "bin/a", NULL, 1 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_arena_ Arena arena = { 0 };
                size_t refused = 0;
                const char *exec = import_one(&arena, "ExecStart", cases[i].unit, SECTION_AGENT, "Exec", &refused);

                if (cases[i].ours)
                        assert_string_equal(exec, cases[i].ours);
                else
                        assert_null(exec);
                assert_int_equal(refused, cases[i].refused);
        }
}

/* Every word that systemd reads from the unit is what our reader reads from Exec=. */
static void test_keys(void **state _unused_) {
        static const struct {
                const char *key, *value;
                SectionId section;
                const char *our_key, *ours;
        } cases[] = {
                { "RestartSec", "3", SECTION_RESTART, "Delay", "3" },
                { "TimeoutStopSec", "1min 30s", SECTION_AGENT, "StopTimeout", "1min 30s" },
                { "TimeoutStartSec", "infinity", SECTION_HEALTH, "StartTimeout", NULL },
                { "CPUQuota", "150%", SECTION_LIMITS, "CPU", "150%" },
                { "MemoryMax", "50%", SECTION_LIMITS, "Memory", NULL },
                { "MemoryLimit", "1G", SECTION_LIMITS, "Memory", "1G" },
                { "LimitNOFILE", "1024:65536", SECTION_LIMITS, "OpenFiles", "65536" },
                { "WorkingDirectory", "-/opt/%N", SECTION_AGENT, "WorkingDirectory", "/opt/old" },
                { "WorkingDirectory", "~", SECTION_AGENT, "WorkingDirectory", NULL },
                { "Environment", "A=b \"C=d e\"", SECTION_ENVIRONMENT, "Set", "\"C=d e\"" },
                { "Environment", "API_KEY=x", SECTION_ENVIRONMENT, "Set", NULL },
                { "Environment", "API_KEY=x", SECTION_ENVIRONMENT, "Required", "API_KEY" },
                { "EnvironmentFile", "/etc/x.env", SECTION_ENVIRONMENT, "File", "/etc/x.env" },
                { "EnvironmentFile", "-/etc/x.env", SECTION_ENVIRONMENT, "File", NULL }, /* is not there */
                { "StandardOutput", "append:/srv/x/a.log", SECTION_LOGGING, "File", "/srv/x/a.log" },
                { "ReadWritePaths", "-/a +/b", SECTION_SANDBOX, "ReadWritePaths", "/a /b" },
                { "DeviceAllow", "/dev/nvidia0 rw", SECTION_SANDBOX, "Devices", "/dev/nvidia0:rw" },
                { "Type", "notify", SECTION_HEALTH, "Notify", "native" },
                { "Type", "forking", SECTION_HEALTH, "Notify", NULL },
                { "WatchdogSec", "30", SECTION_HEALTH, "Watchdog", NULL },
                { "Nice", "5", SECTION_SERVICE, "Nice", "5" },
                { "Nonsense", "1", SECTION_SERVICE, "Nonsense", NULL },
                { "KillMode", "mixed", SECTION_SERVICE, "KillMode", NULL },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_arena_ Arena arena = { 0 };
                size_t refused;
                const char *ours = import_one(&arena, cases[i].key, cases[i].value, cases[i].section,
                                              cases[i].our_key, &refused);

                if (cases[i].ours)
                        assert_string_equal(ours, cases[i].ours);
                else
                        assert_null(ours);
        }
}

/* ---- defaults ---- */

/* What is shown as a default means the same when somebody takes the ";" off. */
static void test_defaults(void **state _unused_) {
        for (size_t i = 0; i < n_directives && directives[i].section < SECTION_HOST; i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };
                _cleanup_arena_ Arena arena = { 0 };
                const Directive *row = &directives[i];
                Agent a = *agent_built_in();
                DirectiveValue v = { .arena = &arena, .row = row };

                directive_default_text(row, "new", &b);
                if (b.len == 0)
                        continue;
                v.text = strbuf_text(&b);
                v.field = (char *) &a + row->offset;
                if (row->parse(&v) < 0)
                        fail_msg("%s=%s: %s", row->key, strbuf_text(&b), v.problem);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse), cmocka_unit_test(test_parse_nul), cmocka_unit_test(test_specifiers),
                cmocka_unit_test(test_exec),  cmocka_unit_test(test_keys),      cmocka_unit_test(test_defaults),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
