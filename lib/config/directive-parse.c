/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parsers of the directive table for plain things: text, names, numbers, times, words.
 * Each turns the text of one value into one field and says in a sentence what it wants; none
 * repeats the text. Paths, commands, addresses and times of runs are in the files beside it.
 */

#include <ctype.h>
#include <stdio.h>

#include "base/format.h"
#include "base/parse.h"
#include "config/instance.h"

/* ---- shared with the other parsers through directive.h ---- */

int directive_refuse(DirectiveValue *v, const char *problem) {
        v->problem = problem;
        return -EINVAL;
}

int directive_store_string(DirectiveValue *v, const char *s) {
        char *copy = arena_strdup(v->arena, s);

        if (!copy)
                return -ENOMEM;
        *(const char **) v->field = copy;
        return 0;
}

int directive_store_list(DirectiveValue *v, char **words) {
        char **old = *(char ***) v->field, **all;
        size_t n = strv_length(old), m = strv_length(words);

        if (n == 0) {
                *(char ***) v->field = words;
                return 0;
        }
        all = arena_new_n(v->arena, char *, n + m + 1);
        if (!all)
                return -ENOMEM;
        memcpy(all, old, n * sizeof(char *));
        memcpy(all + n, words, m * sizeof(char *));
        *(char ***) v->field = all;
        return 0;
}

int directive_store_words(DirectiveValue *v, bool (*is_valid)(const char *), const char *problem) {
        char **words;
        int r;

        r = parse_words(v->arena, v->text, PARSE_WORDS_PLAIN, &words);
        if (r < 0)
                return r;
        for (char **w = words; *w; w++)
                if (!is_valid(*w))
                        return directive_refuse(v, problem);
        return directive_store_list(v, words);
}

/* ---- text and names ---- */

int parse_string(DirectiveValue *v) {
        size_t len = strlen(v->text);

        if (v->row->max > 0 && len > v->row->max)
                return directive_refuse(v, "the text is too long");
        return directive_store_string(v, v->text);
}

/* What useradd and systemd-sysusers both take. */
static bool user_name_is_valid(const char *s) {
        size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-");

        return n > 0 && n <= AGENT_NAME_BYTES_MAX && !s[n] &&
               (islower((unsigned char) *s) || *s == '_');
}

int parse_name(DirectiveValue *v) {
        if (!user_name_is_valid(v->text))
                return directive_refuse(v, "must be a name of small letters, digits, - and _ that "
                                           "begins with a letter, at most 31 characters");
        return directive_store_string(v, v->text);
}

static bool is_name_byte(char c) {
        return isalnum((unsigned char) c) || strchr(":_.@\\-", c);
}

static bool unit_name_is_valid(const char *s) {
        static const char *const suffixes[] = { ".service", ".target", ".socket",   ".mount",
                                                ".path",    ".timer",  ".slice",    ".device",
                                                ".swap",    ".scope",  ".automount" };
        bool suffixed = false;

        for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
                suffixed = suffixed || (endswith(s, suffixes[i]) && endswith(s, suffixes[i]) > s);
        for (const char *p = s; *p; p++)
                if (!is_name_byte(*p))
                        return false;
        return suffixed && strlen(s) < 256 && !strstr(s, "@."); /* a template is no unit */
}

int parse_units(DirectiveValue *v) {
        return directive_store_words(v, unit_name_is_valid,
                                     "must be unit names with their suffix, such as "
                                     "postgresql.service");
}

static bool plugin_name_is_valid(const char *s) {
        size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

        return n > 0 && n <= INI_NAME_BYTES_MAX && !s[n] && *s != '-';
}

int parse_plugins(DirectiveValue *v) {
        return directive_store_words(v, plugin_name_is_valid,
                                     "must be names of files in /etc/fte/plugins or "
                                     "/usr/lib/fte/plugins, without .conf");
}

/* The good ones are kept although others are refused: each of those shows by a stub of its own. */
int parse_instances(DirectiveValue *v) {
        size_t n = 0, good = 0;
        char **words;
        int r;

        r = parse_words(v->arena, v->text, PARSE_WORDS_PLAIN, &words);
        if (r < 0)
                return r;
        for (; words[n]; n++)
                if (instance_name_is_good(words[n]))
                        words[good++] = words[n];
        words[good] = NULL;
        r = directive_store_list(v, words);
        if (r < 0 || good == n)
                return r;
        return directive_refuse(v, "must be instance names of letters, digits, _ . and -, which "
                                   "begin with a letter or digit and have at most 64 characters");
}

/* ---- numbers ---- */

int parse_bool(DirectiveValue *v) {
        if (parse_boolean(v->text, v->field) < 0)
                return directive_refuse(v, "must be yes or no");
        return 0;
}

/* The bounds of a row as a sentence, made in the arena; the numbers are the table's, not the
 * text's. */
static int refuse_range(DirectiveValue *v, const char *what,
                        void (*format)(StrBuf *b, uint64_t n)) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        const char *problem;

        strbuf_addf(&b, "must be %s, ", what);
        strbuf_add(&b, v->row->max > 0 ? "from " : "at least ");
        format(&b, v->row->min);
        if (v->row->max > 0) {
                strbuf_add(&b, " to ");
                format(&b, v->row->max);
        }
        problem = b.failed ? NULL : arena_strdup(v->arena, strbuf_text(&b));
        return problem ? directive_refuse(v, problem) : -ENOMEM;
}

static bool in_range(const Directive *d, uint64_t n) {
        return n >= d->min && (d->max == 0 || n <= d->max);
}

int parse_number(DirectiveValue *v) {
        uint64_t n;

        if (parse_uint(v->text, UINT64_MAX - 1, &n) < 0 || !in_range(v->row, n))
                return refuse_range(v, "a number", strbuf_add_uint);
        *(uint64_t *) v->field = n;
        return 0;
}

int parse_number_or_infinity(DirectiveValue *v) {
        if (!streq(v->text, "infinity"))
                return parse_number(v);
        *(uint64_t *) v->field = UINT64_MAX;
        return 0;
}

int parse_uid(DirectiveValue *v) {
        uint64_t n;

        if (parse_uint(v->text, 60000, &n) < 0 || n == 0)
                return directive_refuse(v, "must be a number from 1 to 60000; agents never run as "
                                           "root (0)");
        *(uint64_t *) v->field = n;
        return 0;
}

int parse_time(DirectiveValue *v) {
        uint64_t usec;

        if (parse_usec(v->text, &usec) < 0 || !in_range(v->row, usec))
                return refuse_range(v, "a time such as 10s or 2min", format_usec);
        *(uint64_t *) v->field = usec;
        return 0;
}

int parse_size(DirectiveValue *v) {
        uint64_t bytes;

        if (parse_bytes(v->text, &bytes) < 0 || bytes == BYTES_INFINITY || !in_range(v->row, bytes))
                return refuse_range(v, "a size such as 512M or 2G", format_bytes);
        *(uint64_t *) v->field = bytes;
        return 0;
}

int parse_size_or_infinity(DirectiveValue *v) {
        if (!streq(v->text, "infinity"))
                return parse_size(v);
        *(uint64_t *) v->field = BYTES_INFINITY;
        return 0;
}

int parse_cpu(DirectiveValue *v) {
        unsigned percent;

        if (parse_percent(v->text, &percent) < 0 || !in_range(v->row, percent))
                return directive_refuse(v, "must be a percentage of one CPU, such as 80% or 150%");
        *(unsigned *) v->field = percent;
        return 0;
}

/* ---- enumerations ---- */

static int refuse_names(DirectiveValue *v, const char *intro) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        const char *problem;

        strbuf_add(&b, intro);
        for (size_t i = 0; v->row->names[i]; i++)
                strbuf_addf(&b, "%s %s", i > 0 ? "," : "", v->row->names[i]);
        problem = b.failed ? NULL : arena_strdup(v->arena, strbuf_text(&b));
        return problem ? directive_refuse(v, problem) : -ENOMEM;
}

static int find_name(const Directive *d, const char *s) {
        for (int i = 0; d->names[i]; i++)
                if (streq(d->names[i], s))
                        return i;
        return -EINVAL;
}

int parse_enum(DirectiveValue *v) {
        int i = find_name(v->row, v->text);

        if (i < 0)
                return refuse_names(v, "must be one of");
        *(int *) v->field = i;
        return 0;
}

/* What people look for among the profiles and is a plugin, since it goes with each of them. */
int parse_profile(DirectiveValue *v) {
        if (streq(v->text, "node"))
                return directive_refuse(v, "is a plugin, for any profile: Plugins=node in [Agent]");
        if (streq(v->text, "gpu"))
                return directive_refuse(v, "is a plugin, for any profile: Plugins=gpu in [Agent]");
        return parse_enum(v);
}

int parse_flags_of(DirectiveValue *v) {
        unsigned flags = 0;
        char **words;
        int r;

        r = parse_words(v->arena, v->text, PARSE_WORDS_PLAIN, &words);
        if (r < 0)
                return r;
        for (; *words; words++) {
                int i = find_name(v->row, *words);

                if (i < 0)
                        return refuse_names(v, "must be some of");
                flags |= 1u << i;
        }
        *(unsigned *) v->field = flags;
        return 0;
}
