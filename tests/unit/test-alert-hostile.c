/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Hostile alerts: every text field and 1,000 log lines full of the markup of all services, quotes,
 * line ends, emoji, bytes that are no text, and of every length. Whatever comes, the form is valid,
 * within the service's limits, and calls nobody.
 */

#include "channel-case.h"
#include "message.h"

/* ---- limits ---- */

typedef struct Limit {
        const char *channel;
        const char *path; /* names by "/", "*" for each of an array */
        size_t max;       /* UTF-16 units, or bytes */
        TextUnit unit;
} Limit;

static const Limit limits[] = {
        { "slack", "blocks/*/text/text", 3000, TEXT_UTF16 },
        { "slack", "blocks/0/text/text", 150, TEXT_UTF16 },
        { "slack", "blocks/*/fields/*/text", 2000, TEXT_UTF16 },
        { "discord", "embeds/*/title", 256, TEXT_UTF16 },
        { "discord", "embeds/*/description", 4096, TEXT_UTF16 },
        { "discord", "embeds/*/fields/*/value", 1024, TEXT_UTF16 },
        { "telegram", "text", 4096, TEXT_UTF16 },
        { "pagerduty", "payload/summary", 1024, TEXT_UTF16 },
        { "pagerduty", "dedup_key", 255, TEXT_UTF16 },
        { "ntfy", "message", 4096, TEXT_BYTES },
        { "ntfy", "title", 250, TEXT_BYTES },
};

static const struct {
        const char *channel;
        size_t max_bytes;
} bodies[] = { { "teams", 28 * 1024 }, { "pagerduty", 512 * 1024 }, { "slack", 64 * 1024 } };

/* Checks every text that the path leads to; returns how many there were. */
static size_t check_path(json_t *at, const char *path, const Limit *limit) {
        size_t n = strcspn(path, "/"), count = 0, index;
        char name[32];
        json_t *child;

        if (!*path) {
                size_t units;

                if (!json_is_string(at))
                        return 0;
                units = text_units(json_string_value(at), limit->unit);
                if (units > limit->max)
                        print_error("%s %s: %zu units\n", limit->channel, limit->path, units);
                assert_true(units <= limit->max);
                return 1;
        }
        snprintf(name, sizeof(name), "%.*s", (int) n, path);
        path += n + (path[n] == '/');
        if (streq(name, "*")) {
                json_array_foreach(at, index, child)
                        count += check_path(child, path, limit);
                return count;
        }
        child = ascii_isdigit(*name) ? json_array_get(at, (size_t) atoi(name))
                                     : json_object_get(at, name);
        return child ? check_path(child, path, limit) : 0;
}

static void check_limits(const char *channel, const StrBuf *body) {
        json_t *root = json_loadb(strbuf_text(body), body->len, 0, NULL);

        assert_non_null(root);
        for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
                if (streq(limits[i].channel, channel))
                        assert_true(check_path(root, limits[i].path, &limits[i]) > 0);
        for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
                if (streq(bodies[i].channel, channel)) {
                        if (body->len > bodies[i].max_bytes)
                                print_error("%s: %zu bytes\n", channel, body->len);
                        assert_true(body->len <= bodies[i].max_bytes);
                }
        json_decref(root);
}

/* Discord: 6,000 characters in title, description, names and values together. */
static void check_discord_total(const StrBuf *body) {
        json_t *root = json_loadb(strbuf_text(body), body->len, 0, NULL), *field;
        json_t *embed = json_array_get(json_object_get(root, "embeds"), 0);
        size_t units, i;

        units = text_units(json_string_value(json_object_get(embed, "title")), TEXT_UTF16) +
                text_units(json_string_value(json_object_get(embed, "description")), TEXT_UTF16);
        json_array_foreach(json_object_get(embed, "fields"), i, field)
                units += text_units(json_string_value(json_object_get(field, "name")), TEXT_UTF16) +
                         text_units(json_string_value(json_object_get(field, "value")),
                                    TEXT_UTF16);
        assert_true(units <= 6000);
        json_decref(root);
}

/* ---- alerts ---- */

static const char *const evils[] = {
        "<!channel> <!here> <@U123> <http://evil|click> &lt; *b* _i_ ~s~ `c` ```",
        "@everyone @here <@&1> [x](http://evil) **b** || # h > q",
        "\" \\ \" \\\\\" \\u0000 \\n '",
        "line\nend\r\nBcc: x\r\n\r\n.\r\n",
        "\x01\x02\x1b[31m\x7f\t\v\f",
        "\xff\xfe\xc3(\xf0\x9f\xed\xa0\x80\xc0\xaf",
        "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB",
        "\xE2\x80\xAE\xC2\x85\xC2\x9B\xEF\xBF\xBF",
        "=?UTF-8?B?eA==?= =20 ==",
        "",
};

/* text of n bytes: evil again and again */
static char *repeat(Arena *arena, const char *evil, size_t n) {
        char *text = arena_alloc_text(arena, n + 1);
        size_t len = strlen(evil);

        assert_non_null(text);
        for (size_t i = 0; i < n; i++)
                text[i] = len > 0 ? evil[i % len] : 'x';
        text[n] = 0;
        return text;
}

static void make_evil(ChannelCase *c, const char *evil, size_t n, size_t n_lines) {
        char *text = repeat(&c->arena, evil, n);
        Alert *a = &c->alert;

        a->agent = a->unit = a->description = a->contact = a->host = a->environment = text;
        a->invocation = a->result = a->code = a->status = text;
        a->lines = arena_new_n(&c->arena, char *, n_lines + 1);
        for (size_t i = 0; i < n_lines; i++)
                a->lines[i] = text;
}

static void check(const char *channel, ChannelCase *c) {
        const char *text;

        c->target.argument = streq(channel, "email") ? "ops@example.com" : "/bin/true";
        text = case_format(c, channel);
        if (streq(channel, "email"))
                return; /* tests/alert-deliver looks at mails as a receiver does */
        check_limits(channel, &c->out.body);
        if (streq(channel, "discord")) {
                check_discord_total(&c->out.body);
                assert_non_null(strstr(text, "\"allowed_mentions\":{\"parse\":[]}"));
        }
        if (streq(channel, "slack"))
                assert_null(strpbrk(text, "<>"));
}

static void test_hostile(void **state) {
        static const size_t lengths[] = { 0,  1,  2,   3,   5,   60,  61,  62,
                                          63, 64, 147, 150, 151, 600, 3000 };

        for (size_t k = 0; k < n_channels; k++)
                for (size_t e = 0; e < ARRAY_SIZE(evils); e++)
                        for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
                                ChannelCase c;

                                case_init(&c, "https://s/x 5");
                                if (streq(channels[k].name, "telegram"))
                                        c.secret.words[0] = "1:a";
                                make_evil(&c, evils[e], lengths[i], i % 3 * 13);
                                check(channels[k].name, &c);
                                case_done(&c);
                        }
}

static void test_huge(void **state) {
        for (size_t k = 0; k < n_channels; k++)
                for (size_t e = 0; e < ARRAY_SIZE(evils); e++) {
                        ChannelCase c;

                        case_init(&c, "https://s/x 5");
                        if (streq(channels[k].name, "telegram"))
                                c.secret.words[0] = "1:a";
                        make_evil(&c, evils[e], 100 * 1024, 2);
                        check(channels[k].name, &c);
                        case_done(&c);
                }
}

static void test_many_lines(void **state) {
        for (size_t k = 0; k < n_channels; k++) {
                ChannelCase c;

                case_init(&c, "https://s/x 5");
                if (streq(channels[k].name, "telegram"))
                        c.secret.words[0] = "1:a";
                make_evil(&c, "\"\\<é", 40, 1000);
                check(channels[k].name, &c);
                case_done(&c);
        }
}

/* The newest lines are what counts, and how many are missing is said. */
static void test_last_lines(void **state) {
        static const char *const with_limit[] = { "slack", "discord", "teams", "telegram", "ntfy" };

        for (size_t k = 0; k < ARRAY_SIZE(with_limit); k++) {
                ChannelCase c;
                const char *text;

                case_init(&c, streq(with_limit[k], "telegram") ? "1:a 5" : "https://s/x");
                c.alert.lines = arena_new_n(&c.arena, char *, 1001);
                for (int i = 0; i < 1000; i++)
                        c.alert.lines[i] = arena_printf(&c.arena, "line %04d with some words", i);
                text = case_format(&c, with_limit[k]);
                assert_non_null(strstr(text, "line 0999"));
                assert_null(strstr(text, "line 0000"));
                assert_non_null(strstr(text, "earlier lines left out)"));
                case_done(&c);
        }
}

/* A telegram entity must not leave its text, or the message is refused. */
static void test_telegram_entities(void **state) {
        static const size_t lengths[] = { 0, 1, 300, 4000, 5000, 100000 };

        for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
                ChannelCase c;
                json_t *root, *entity;
                size_t k, units;

                case_init(&c, "1:a 5");
                make_evil(&c, "x\xF0\x9F\x91\xA9", lengths[i], 3);
                root = json_loads(case_format(&c, "telegram"), 0, NULL);
                units = text_units(json_string_value(json_object_get(root, "text")), TEXT_UTF16);
                json_array_foreach(json_object_get(root, "entities"), k, entity)
                        assert_true((size_t) (json_integer_value(
                                                      json_object_get(entity, "offset")) +
                                              json_integer_value(
                                                      json_object_get(entity, "length"))) <= units);
                json_decref(root);
                case_done(&c);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_hostile),    cmocka_unit_test(test_huge),
                cmocka_unit_test(test_many_lines), cmocka_unit_test(test_last_lines),
                cmocka_unit_test(test_telegram_entities),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
