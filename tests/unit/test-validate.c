/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The pure parts of ftectl validate: what sshd and nft say, the escapes of TAP and JUnit, commands
 * that are ready to paste, the lines of a flooded log.
 */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/escape.h"
#include "ftectl/validate/flood.h"
#include "ftectl/validate/nft.h"
#include "ftectl/validate/ssh.h"
#include "ftectl/validate/validate.h"

/* ---- texts ---- */

static void test_escapes(void **state _unused_) {
        static const struct {
                const char *in, *xml, *tap, *shell;
        } rows[] = {
                { "plain", "plain", "plain", "plain" },
                { "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&apos;", "a<b>&\"'", "'a<b>&\"'\\'''" },
                { "x # SKIP", "x # SKIP", "x \\# SKIP", "'x # SKIP'" },
                { "a\nnot ok 1", "a\nnot ok 1", "a?not ok 1", "'a\nnot ok 1'" },
                { "\033[2J\001", "?[2J?", "?[2J?", "'\033[2J\001'" },
                { "\xff\xc3\xa4", "?\xc3\xa4", "?\xc3\xa4", "'\xff\xc3\xa4'" },
                { "", "", "", "''" },
                { "/var/lib/a b", "/var/lib/a b", "/var/lib/a b", "'/var/lib/a b'" },
                { "-rf $HOME`x`;", "-rf $HOME`x`;", "-rf $HOME`x`;", "'-rf $HOME`x`;'" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                _cleanup_strbuf_ StrBuf xml = { 0 }, tap = { 0 }, shell = { 0 };

                xml_text(&xml, rows[i].in);
                tap_text(&tap, rows[i].in);
                escape_shell_word(&shell, rows[i].in);
                assert_string_equal(strbuf_text(&xml), rows[i].xml);
                assert_string_equal(strbuf_text(&tap), rows[i].tap);
                assert_string_equal(strbuf_text(&shell), rows[i].shell);
        }
}

static void test_findings(void **state _unused_) {
        Validation v = { 0 };
        Subject s = { .run = &v, .name = "bot" };
        Finding f = { 0 };

        s.agent.name = s.agent.account = s.agent.directory = "bot";
        s.agent.env_file = "/etc/my bot/.env";
        finding_bad(&s, &f, "a thing", "saw %d", 1);
        finding_bad(&s, &f, "a thing", "saw %d", 2);
        finding_bad(&s, &f, "another", "saw %d", 2);
        finding_fix(&s, &f, "chmod 0600 {env}", NULL);
        finding_fix(&s, &f, "chmod 0600 {env}", NULL);
        finding_fix(&s, &f, "chown {user}:{group} {1} {data} {log} {what}", "/x;y");
        assert_int_equal(f.verdict, VERDICT_BAD);
        assert_string_equal(f.seen, "saw 1; saw 2");
        assert_string_equal(f.wanted, "a thing; another");
        assert_string_equal(f.fix, "chmod 0600 '/etc/my bot/.env' && chown bot:bot '/x;y' /var/lib/bot "
                                   "/var/log/bot/app.log {what}");
        arena_done(&s.arena);
}

/* Each row has what the report and the command line need of it. */
static void test_table(void **state _unused_) {
        for (size_t i = 0; i < n_checks; i++) {
                const Check *c = &checks[i];

                assert_true(c->id && c->title && c->run && c->layer >= 1 && c->layer < _LAYER_MAX);
                assert_int_equal(c->disruptive,
                                 c->layer == LAYER_RESILIENCE || c->run == check_outside);
                assert_int_equal(c->disruptive, c->question != NULL);
                for (size_t k = 0; k < i; k++)
                        assert_false(streq(checks[k].title, c->title));
        }
}

/* ---- sshd -T ---- */

static void test_ssh(void **state _unused_) {
        SshSettings t;

        ssh_parse("port 22\npasswordauthentication no\nPubkeyAuthentication yes\n"
                  "passwordauthentication yes\nchallengeresponseauthentication yes\n"
                  "permitrootlogin prohibit-password\npermitemptypasswordsx yes\npasswordauthentication\n",
                  &t);
        assert_string_equal(t.password, "no"); /* the first is what holds */
        assert_string_equal(t.pubkey, "yes");
        assert_string_equal(t.keyboard, "yes");
        assert_string_equal(t.root, "prohibit-password");
        assert_string_equal(t.empty, "");
        ssh_parse("", &t);
        assert_string_equal(t.password, "");
}

/* ---- nft ---- */

#define MATCH(left, right) "{\"match\": {\"op\": \"==\", \"left\": " left ", \"right\": " right "}}"
#define DPORT(ports)       MATCH("{\"payload\": {\"protocol\": \"tcp\", \"field\": \"dport\"}}", ports)
#define STATE(states)      MATCH("{\"ct\": {\"key\": \"state\"}}", states)
#define ACCEPT             "{\"accept\": null}"
#define RULE_IN(chain, e)                                                                          \
        ", {\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"" chain "\", \"expr\": [" e "]}}"
#define RULE(e) RULE_IN("input", e)
#define BASE(family, policy, rules)                                                                \
        "{\"nftables\": [{\"metainfo\": {}}, {\"chain\": {\"family\": \"" family                   \
        "\", \"table\": \"t\", \"name\": \"input\", \"type\": \"filter\", \"hook\": \"input\", "     \
        "\"policy\": \"" policy "\"}}" rules "]}"

static const struct {
        const char *json;
        bool v4, v6, opaque;
        const char *why;
} nft_rows[] = {
        { "{\"nftables\": []}", false, false, false, "no chain looks at what comes in" },
        { BASE("inet", "drop", ""), true, true, false, "" },
        { BASE("ip", "drop", ""), true, false, false, "nothing looks at IPv6" },
        { BASE("inet", "accept", ""), false, false, false, "table inet t accepts what no rule refuses" },
        { BASE("inet", "accept", RULE("{\"counter\": {}}, {\"drop\": null}")), true, true, false, "" },
        { BASE("inet", "accept", RULE(DPORT("22") ", {\"drop\": null}")), false, false, false,
          "table inet t accepts what no rule refuses" },
        { BASE("inet", "drop", RULE(DPORT("22") ", " ACCEPT)), true, true, false, "" },
        { BASE("inet", "drop", RULE(DPORT("{\"set\": [22, 443]}") ", " ACCEPT)), true, true, false, "" },
        { BASE("inet", "drop", RULE(DPORT("{\"set\": [22, 25]}") ", " ACCEPT)), false, false, false,
          "table inet t lets in 25/tcp" },
        { BASE("inet", "drop", RULE(DPORT("{\"range\": [8000, 8010]}") ", " ACCEPT)), false, false, false,
          "table inet t lets in 8000-8010/tcp" },
        { BASE("inet", "drop", RULE(ACCEPT)), false, false, false, "table inet t lets in everything" },
        { BASE("inet", "drop", RULE(STATE("[\"established\", \"related\"]") ", " ACCEPT)), true, true, false,
          "" },
        { BASE("inet", "drop", RULE(STATE("[\"established\", \"new\"]") ", " ACCEPT)), false, false, false,
          "table inet t lets in everything" },
        { BASE("inet", "drop", RULE(MATCH("{\"meta\": {\"key\": \"iif\"}}", "\"lo\"") ", " ACCEPT)), true,
          true, false, "" },
        { BASE("inet", "drop", RULE(MATCH("{\"meta\": {\"key\": \"l4proto\"}}", "\"tcp\"") ", " ACCEPT)),
          false, false, false, "table inet t lets in everything" },
        { BASE("inet", "drop", RULE(MATCH("{\"meta\": {\"key\": \"l4proto\"}}", "\"icmp\"") ", " ACCEPT)),
          true, true, false, "" },
        { BASE("inet", "drop", RULE("{\"jump\": {\"target\": \"more\"}}") RULE_IN("more", DPORT("25") ", " ACCEPT)),
          false, false, false, "table inet t lets in 25/tcp" },
        { BASE("inet", "drop", RULE("{\"drop\": null}") RULE(ACCEPT)), true, true, false, "" },
        { BASE("inet", "drop", RULE(DPORT("\"@ports\"") ", " ACCEPT)
               ", {\"set\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"ports\", \"elem\": [22, 25]}}"),
          false, false, false, "table inet t lets in 25/tcp" },
        { BASE("inet", "drop", RULE(DPORT("\"@gone\"") ", " ACCEPT)), true, true, true, "" },
        { BASE("inet", "drop", RULE("{\"xt\": null}, " ACCEPT)), true, true, true, "" },
        { BASE("inet", "drop", RULE("{\"vmap\": {\"key\": {\"payload\": {\"protocol\": \"tcp\", \"field\": "
                                    "\"dport\"}}, \"data\": {\"set\": [[22, {\"accept\": null}], [25, "
                                    "{\"accept\": null}]]}}}")),
          false, false, false, "table inet t lets in 25/tcp" },
};

static void test_nft(void **state _unused_) {
        static char ssh[] = "22/tcp", https[] = "443/tcp";
        char *const allowed[] = { ssh, https, NULL };

        for (size_t i = 0; i < ARRAY_SIZE(nft_rows); i++) {
                _cleanup_json_ json_t *json = json_loads(nft_rows[i].json, 0, NULL);
                NftVerdict v;

                assert_non_null(json);
                assert_int_equal(nft_judge(json, allowed, &v), 0);
                if (v.closed_v4 != nft_rows[i].v4 || v.closed_v6 != nft_rows[i].v6 ||
                    v.opaque != nft_rows[i].opaque || !streq(strbuf_text(&v.why), nft_rows[i].why))
                        fail_msg("row %zu: %d %d %d \"%s\"", i, v.closed_v4, v.closed_v6, v.opaque,
                                 strbuf_text(&v.why));
                strbuf_done(&v.why);
        }
}

static void test_nft_nonsense(void **state _unused_) {
        static const char *const texts[] = { "{}", "[]", "{\"nftables\": 1}", "3" };
        NftVerdict v;

        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                _cleanup_json_ json_t *json = json_loads(texts[i], JSON_DECODE_ANY, NULL);

                assert_int_equal(nft_judge(json, NULL, &v), -EBADMSG);
        }
}

/* ---- the flood ---- */

static char top[] = "/tmp/fte-flood.XXXXXX";

static void put(const char *name, int from, int to, const char *more) {
        char path[256];
        FILE *f;

        snprintf(path, sizeof(path), "%s/%s", top, name);
        f = fopen(path, "we");
        assert_non_null(f);
        for (int i = from; i <= to; i++)
                fprintf(f, "flood %08d " FLOOD_PADDING "\n", i);
        fputs(more, f);
        fclose(f);
}

static void expect(const char *problem) {
        FloodResult r;

        assert_int_equal(flood_read(AT_FDCWD, top, &r), 0);
        if (problem)
                assert_string_equal(r.problem ? r.problem : "none", problem);
        else
                assert_null(r.problem);
}

static void test_flood(void **state _unused_) {
        char command[64];

        assert_non_null(mkdtemp(top));
        put("app.log.2", 4001, 4400, "");
        put("app.log.1", 4401, 4900, "");
        put("app.log", 4901, FLOOD_LINES, "");
        expect(NULL);
        put("app.log", 4901, FLOOD_LINES - 1, "");
        expect("the last line is missing");
        put("app.log", 4902, FLOOD_LINES, "");
        expect("lines are lost");
        put("app.log", 4900, FLOOD_LINES, "");
        expect("a line is there twice");
        put("app.log", 4901, FLOOD_LINES - 1, "flood 00005000 ....\n");
        expect("a line is torn");
        put("app.log", 4401, FLOOD_LINES, "");
        expect("a file is larger than MaxSize=");
        put("app.log", 4901, FLOOD_LINES, "");
        put("app.log.4", 1, 2, "");
        expect("there are more files than Keep= allows");
        snprintf(command, sizeof(command), "rm -r %s/*", top);
        assert_int_equal(system(command), 0);
        put("app.log", 4901, FLOOD_LINES, "");
        expect("nothing was rotated");
        snprintf(command, sizeof(command), "rm -r %s", top);
        assert_int_equal(system(command), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_escapes),      cmocka_unit_test(test_findings),
                cmocka_unit_test(test_table),        cmocka_unit_test(test_ssh),
                cmocka_unit_test(test_nft),          cmocka_unit_test(test_nft_nonsense),
                cmocka_unit_test(test_flood),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
