/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parsers of the directive table for what is run: commands, and the names and values of
 * environment variables. What a secret could be is refused where everyone could read it.
 */

#include <ctype.h>
#include <stdio.h>

#include "base/env-file.h"
#include "base/parse.h"
#include "config/directive.h"

int parse_exec(DirectiveValue *v) {
        char **words;
        int r;

        r = parse_words(v->arena, v->text, PARSE_WORDS_QUOTED, &words);
        if (r == -EINVAL)
                return directive_refuse(v, "unbalanced quotes or an unknown backslash escape");
        if (r < 0)
                return r;
        if (!words[0] || !*words[0])
                return directive_refuse(v, "no command");
        if (strchr("-+!@:|", *words[0]))
                return directive_refuse(v, "prefixes such as - or + before the command are not "
                                           "allowed; begin with the program's path");
        if (strchr(words[0], '$'))
                return directive_refuse(v, "the program's path cannot hold a variable");
        if (*words[0] != '/' && strchr(words[0], '/'))
                return directive_refuse(v, "the program must be an absolute path, or a name "
                                           "without a slash that is looked up in $PATH");
        *(char ***) v->field = words;
        return 0;
}

int parse_env_names(DirectiveValue *v) {
        return directive_store_words(v, env_name_is_valid,
                                     "must be variable names of letters, digits and _; the "
                                     "values belong into the env file");
}

/* These hold secrets by their very name, and a unit is readable by everyone. */
static bool env_name_is_secret(const char *s, size_t n) {
        static const char *const ends[] = { "_KEY", "TOKEN", "_PASS", "_PWD" };
        static const char *const parts[] = { "PASSWORD", "PASSWD",     "PASSPHRASE", "SECRET",
                                             "APIKEY",   "API_KEY",    "ACCESS_KEY", "PRIVATE_KEY",
                                             "AUTH_KEY", "CREDENTIAL", "TOKEN_" };
        char name[129];

        snprintf(name, sizeof(name), "%.*s", (int) n, s);
        for (char *p = name; *p; p++)
                *p = *p == '-' ? '_' : (char) toupper((unsigned char) *p);
        if (endswith(name, "PUBLIC_KEY") || startswith(name, "TOKENIZERS_"))
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
                if (endswith(name, ends[i]))
                        return true;
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
                if (strstr(name, parts[i]))
                        return true;
        return streq(name, "KEY") || streq(name, "PASS");
}

/* "postgres://user:password@host/" */
static bool value_is_secret(const char *value) {
        const char *rest = strstr(value, "://"), *at, *colon;

        if (!rest)
                return false;
        rest += 3;
        at = strpbrk(rest, "@/");
        colon = strchr(rest, ':');
        return at && *at == '@' && colon && colon < at;
}

static bool assignment_is_secret(const char *name, size_t n, const char *value) {
        return env_name_is_secret(name, n) || value_is_secret(value);
}

/* "--api-key=VALUE" or "--api-key VALUE"; a path or a variable leads to the secret and is none. */
bool command_has_secret(char *const *words) {
        for (; words && *words; words++) {
                const char *name = startswith(*words, "--"), *value;

                if (!name && value_is_secret(*words))
                        return true;
                if (!name)
                        continue;
                value = strchr(name, '=') ? strchr(name, '=') + 1 : words[1];
                if (value && *value && !strchr("$/.-", *value) &&
                    assignment_is_secret(name, strcspn(name, "="), value))
                        return true;
        }
        return false;
}

int parse_env_assignment(DirectiveValue *v) {
        char **words;
        size_t n;
        int r;

        r = parse_words(v->arena, v->text, PARSE_WORDS_QUOTED, &words);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || !words[0])
                return directive_refuse(v, "unbalanced quotes or an unknown backslash escape");
        if (words[1])
                return directive_refuse(v, "one NAME=VALUE a line; quote a value with white space, "
                                           "as in Set=\"GREETING=hello world\"");
        n = env_name_span(words[0], strlen(words[0]));
        if (n == 0 || n > 128 || words[0][n] != '=')
                return directive_refuse(v, "must be NAME=VALUE");
        if (assignment_is_secret(words[0], n, words[0] + n + 1))
                return directive_refuse(v, "this looks like a secret, and everyone can read units; "
                                           "put it into the env file (File=)");
        if (env_name_is_reserved(words[0], n))
                return directive_refuse(v, "systemd sets this variable and the helpers rely on it");
        return directive_store_list(v, words);
}
