/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names of instances, and %i and %I in values (instance.h). The values of a known instance are
 * expanded before they are parsed, so that every rule sees what will run. A template's own unit
 * serves instances that nobody named: there the value is parsed with a stand-in, which then becomes
 * the specifier for systemd. Reads no file.
 */

#include "config/instance.h"
#include "base/parse.h"

/* ---- names ---- */

bool name_is_template(const char *name) {
        const char *at = strchr(name, '@');

        return at && at > name && !at[1];
}

const char *name_instance(const char *name) {
        const char *at = strchr(name, '@');

        return at && at > name && at[1] ? at + 1 : NULL;
}

/*
 * Fewer than systemd has: ":" divides in settings of directories, "\" is an escape in them, and a
 * second "@" would leave nobody sure where the name ends.
 */
bool instance_name_is_good(const char *s) {
        size_t n = 0;

        while (ascii_isalnum(s[n]) || (n > 0 && s[n] && strchr("_.-", s[n])))
                n++;
        return n > 0 && n <= INSTANCE_NAME_BYTES_MAX && !s[n];
}

const char *name_template(const char *name, Arena *arena) {
        const char *at = strchr(name, '@');

        return at ? arena_strndup(arena, name, (size_t) (at + 1 - name)) : NULL;
}

const char *name_directory(const char *name, Arena *arena) {
        const char *at = strchr(name, '@');
        char *directory;

        if (!at)
                return name;
        directory = arena_strdup(arena, name);
        if (directory)
                directory[at - name] = '-';
        return directory;
}

static int hex_digit(char c) {
        const char *digits = "0123456789abcdef", *p = strchr(digits, c | 0x20);

        return c && p ? (int) (p - digits) : -1;
}

/* As systemd-escape --unescape: "-" is "/", "\xNN" is a byte. */
static const char *unescape_instance(const char *s, Arena *arena) {
        char *text = arena_strdup(arena, s), *to = text;

        for (; text && *s; s++)
                if (s[0] == '\\' && s[1] == 'x' && hex_digit(s[2]) >= 0 && hex_digit(s[3]) >= 0) {
                        *to++ = (char) (hex_digit(s[2]) * 16 + hex_digit(s[3]));
                        s += 3;
                } else
                        *to++ = *s == '-' ? '/' : *s;
        if (text)
                *to = 0;
        return text;
}

static const char specifier_i[] = { SPECIFIER_BYTE, 'i', 0 };
static const char specifier_I[] = { SPECIFIER_BYTE, 'I', 0 };

int agent_take_name(Agent *a, const char *name, Arena *arena) {
        const char *at = strchr(name, '@');
        int n = at ? (int) (at - name) : 0;

        a->name = a->called = a->directory = a->account = name;
        a->instance = a->instance_path = NULL;
        a->is_template = name_is_template(name);
        if (!at || at == name)
                return 0;
        a->instance = a->is_template ? specifier_i : at + 1;
        a->instance_path = a->is_template ? specifier_I : unescape_instance(at + 1, arena);
        a->account = arena_strndup(arena, name, (size_t) n);
        a->called = arena_printf(arena, "%.*s@%s", n, name, a->instance);
        a->directory = arena_printf(arena, "%.*s-%s", n, name, a->instance);
        return a->instance_path && a->account && a->called && a->directory ? 0 : -ENOMEM;
}

void instance_check(const ConfigEntry *e, const Agent *a, Problems *problems) {
        if (name_instance(e->name) && !e->template_name)
                problems_add(problems, a->place, NULL, NULL,
                             "is no template; what concerns one instance stands in a file of any "
                             "name in the directory %s.conf.d",
                             e->name);
        if (e->template_name && !instance_name_is_good(name_instance(e->name)))
                problems_add(
                        problems, a->place, NULL, NULL,
                        "\"%s\" cannot be the name of an instance: letters, digits, _ . and -, "
                        "beginning with a letter or digit, at most %d characters; rename the "
                        "directory",
                        name_instance(e->name), INSTANCE_NAME_BYTES_MAX);
        if (e->clash && a->is_template)
                problems_add(problems, a->place, NULL, NULL,
                             "instances of it and of \"%s\" could have the same directories; "
                             "rename one of the two",
                             e->clash);
        else if (e->clash)
                problems_add(problems, a->place, NULL, NULL,
                             "the instance \"%s\" and the agent \"%s\" would have the same "
                             "directories, /var/lib/%s and others; rename one of the two",
                             a->instance, e->clash, a->directory);
}

/* ---- values ---- */

static bool has_specifier(const char *text) {
        return strstr(text, "%i") || strstr(text, "%I");
}

/* Two strings in place of two others, both of two bytes or more or both given by length. */
typedef struct Exchange {
        const char *from[2], *to[2];
} Exchange;

static char *exchange(const Exchange *x, const char *text, Arena *arena) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        while (*text) {
                bool found = false;

                for (size_t i = 0; i < 2 && !found; i++)
                        if (startswith(text, x->from[i])) {
                                strbuf_add(&b, x->to[i]);
                                text += strlen(x->from[i]);
                                found = true;
                        }
                if (!found)
                        strbuf_addc(&b, *text++);
        }
        return b.failed ? NULL : arena_strndup(arena, strbuf_text(&b), b.len);
}

static int exchange_list(const Exchange *x, char ***field, Arena *arena) {
        size_t n = strv_length(*field);
        char **words = arena_new_n(arena, char *, n + 1);

        for (size_t i = 0; words && i < n; i++) {
                words[i] = exchange(x, (*field)[i], arena);
                if (!words[i])
                        return -ENOMEM;
        }
        if (!words)
                return -ENOMEM;
        *field = words;
        return 0;
}

static bool row_is_list(const Directive *d) {
        return (d->flags & DIRECTIVE_LIST) || d->parse == parse_exec;
}

/* The stand-ins of what was parsed become specifiers. */
static int exchange_field(const DirectiveValue *v, const Exchange *x) {
        const char **field = v->field;

        if (row_is_list(v->row))
                return exchange_list(x, v->field, v->arena);
        *field = exchange(x, *field, v->arena);
        return *field ? 0 : -ENOMEM;
}

#define DIGITS_BYTES 5

/* Where a number is wanted, as in a port, only a number passes: digits that the text has not. */
static bool choose_digits(const char *text, int length, char digits[static 2 * DIGITS_BYTES]) {
        size_t n = 0;

        memset(digits, 0, 2 * DIGITS_BYTES);
        for (char c = '1'; c <= '9' && n < 2; c++)
                if (!strchr(text, c))
                        memset(digits + n++ * DIGITS_BYTES, c, (size_t) length);
        return n == 2;
}

static int parse_with(DirectiveValue *v, const char *i, const char *I) {
        const Exchange in = { { "%i", "%I" }, { i, I } };
        const Exchange out = { { i, I }, { specifier_i, specifier_I } };
        const char *text = v->text;
        int r;

        v->text = exchange(&in, text, v->arena);
        r = v->text ? v->row->parse(v) : -ENOMEM;
        v->text = text;
        return r < 0 ? r : exchange_field(v, &out);
}

static int parse_of_template(DirectiveValue *v) {
        static const int lengths[] = { 1, 4 }; /* the end of a port, and all of one */
        char digits[2 * DIGITS_BYTES];
        int r = parse_with(v, "zz0inst0zz", "zz0path0zz");

        for (size_t i = 0; i < ARRAY_SIZE(lengths) && r == -EINVAL; i++)
                if (choose_digits(v->text, lengths[i], digits))
                        r = parse_with(v, digits, digits + DIGITS_BYTES);
        return r;
}

int directive_parse_instance(DirectiveValue *v, const Agent *a) {
        if (!a->instance || !(v->row->flags & DIRECTIVE_INSTANCE) || !has_specifier(v->text))
                return v->row->parse(v);
        if (a->is_template)
                return parse_of_template(v);
        v->text = exchange(&(Exchange){ { "%i", "%I" }, { a->instance, a->instance_path } },
                           v->text, v->arena);
        return v->text ? v->row->parse(v) : -ENOMEM;
}
