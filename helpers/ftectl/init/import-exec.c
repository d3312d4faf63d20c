/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ExecStart= to Exec= (import.h): one command, without prefixes, in our quoting. "%" is literal in
 * Exec=, so specifiers are replaced; "$" means the same in both, except behind the prefix ":".
 */

#include "base/escape.h"
#include "base/parse.h"
#include "config/directive.h"

#include "import.h"

/* The prefixes of systemd.service(5), with what is to be said of each. */
static const struct {
        const char *prefix;
        const char *text;
} prefixes[] = {
        { "!!", "the prefix \"!!\": nothing of an agent runs with privileges" },
        { "!", "the prefix \"!\": nothing of an agent runs with privileges" },
        { "+", "the prefix \"+\": nothing of an agent runs with privileges" },
        { "-", "the prefix \"-\": a failure of an agent is one" },
        { "@", "the prefix \"@\": the program's own path is its name" },
        { "|", "the prefix \"|\": an agent needs no login shell" },
        { ":", NULL },
};

typedef struct Command {
        bool literal_dollar, has_name;
        char **words;
} Command;

static const char *skip_prefixes(Import *im, const ImportGroup *g, const char *s, Command *c) {
        bool found = true;

        while (found) {
                found = false;
                for (size_t i = 0; i < ARRAY_SIZE(prefixes) && !found; i++) {
                        const char *rest = startswith(s, prefixes[i].prefix);

                        if (!rest)
                                continue;
                        found = true;
                        s = rest;
                        c->has_name = c->has_name || *prefixes[i].prefix == '@';
                        c->literal_dollar = c->literal_dollar || *prefixes[i].prefix == ':';
                        if (prefixes[i].text)
                                import_refused(im, g, prefixes[i].text);
                }
        }
        return s;
}

/* A word for Exec=, where a comment begins with ";" or "#" behind a blank. */
static void add_word(StrBuf *b, const char *word, bool literal_dollar) {
        strbuf_add(b, b->len > 0 ? " " : "");
        if ((*word == ';' || *word == '#') && word[1]) {
                strbuf_add(b, *word == ';' ? "\\x3b" : "\\x23");
                word++;
        } else if (streq(word, "#")) {
                strbuf_add(b, "\"#\"");
                return;
        }
        escape_word(b, word, literal_dollar ? ESCAPE_DOLLAR : 0);
}

static const char *words_problem(char *const *words) {
        if (!words[0])
                return "there is no command";
        if (strv_contains(words, ";"))
                return "several commands, with \";\" between them: an agent is one program; write "
                       "a script";
        for (size_t i = 1; words[i]; i++)
                if (streq(words[i], "--daemon") || streq(words[i], "--daemonize"))
                        return "it was told to go to the background; take that option away";
        return NULL;
}

static bool is_everybodys_address(const char *word) {
        const char *value =
                startswith(word, "--") && strchr(word, '=') ? strchr(word, '=') + 1 : word;

        return startswith(value, "0.0.0.0") || startswith(value, "[::]") || streq(value, "::");
}

/* What is right while one develops, or everybody's to read. */
static void note_habits(Import *im, const ImportGroup *g, char *const *words) {
        for (size_t i = 1; words[0] && words[i]; i++) {
                if (streq(words[i], "--reload") || streq(words[i], "--debug"))
                        import_refused(
                                im, g,
                                arena_printf(im->arena,
                                             "carried, but %s is for development: take it out",
                                             words[i]));
                else if (is_everybodys_address(words[i]))
                        import_refused(
                                im, g,
                                "carried, but it listens on all addresses, so that clients can "
                                "come "
                                "past nginx and TLS: write 127.0.0.1 when [Proxy] is before it");
        }
        if (command_has_secret(words))
                import_refused(
                        im, g,
                        arena_printf(
                                im->arena,
                                "carried, but a word looks like a secret, which everyone can read "
                                "in the file and by ps: make a new one, put that into the env file "
                                "by \"ftectl env %s set KEY\", and write $KEY instead",
                                im->draft->name));
}

void import_exec(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        const char *value = g->n > 0 ? import_value(im, g) : NULL, *problem = NULL;
        Command c = { 0 };

        if (!value)
                return;
        if (g->n > 1) {
                import_refused(
                        im, g,
                        "more than one ExecStart=: an agent is one program; write a script, or "
                        "make an agent of each");
                return;
        }
        value = skip_prefixes(im, g, value, &c);
        if (parse_words(im->arena, value, PARSE_WORDS_QUOTED, &c.words) < 0)
                problem = "quotes or escapes that are not closed";
        else
                problem = words_problem(c.words);
        if (problem) {
                import_refused(im, g, problem);
                return;
        }
        for (size_t i = 0; c.words[i]; i++)
                if (!(c.has_name && i == 1)) /* argv[0] */
                        add_word(&b, c.words[i], c.literal_dollar);
        value = arena_strdup(im->arena, strbuf_text(&b));
        if (value && import_set(im, g, SECTION_AGENT, "Exec", value))
                note_habits(im, g, c.words);
}

void import_stop_post(Import *im, const ImportRow *row, const ImportGroup *g) {
        for (size_t i = 0; i < g->n; i++)
                if (strstr(g->items[i]->value, "MAINPID"))
                        import_refused(im, g,
                                       "carried, but $MAINPID is empty by then and no exit status; "
                                       "$SERVICE_RESULT, $EXIT_CODE and $EXIT_STATUS are");
        import_pass(im, row, g);
}

void import_type(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        static const struct {
                const char *type;
                const char *text; /* NULL: carried */
        } types[] = {
                { "notify", NULL },
                { "notify-reload", NULL },
                { "forking",
                  "an agent stays in the foreground: take -d, --daemon or \"daemonize yes\" out of "
                  "the command or its configuration" },
                { "oneshot",
                  "an agent runs all the time; what ends by itself belongs into a timer's service, "
                  "which can stay as it is" },
                { "dbus", "readiness is told by Notify= in [Health]" },
        };

        for (size_t i = 0; g->n > 0 && i < ARRAY_SIZE(types); i++) {
                if (!streq(types[i].type, g->last->value))
                        continue;
                if (types[i].text)
                        import_refused(im, g, types[i].text);
                else
                        import_set(im, g, SECTION_HEALTH, "Notify", "native");
                return;
        }
        import_covered(im, g, "the program is the main process");
}

void import_watchdog(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        const char *type = import_find(im, "Service", "Type");

        if (type && startswith(type, "notify") && g->n > 0)
                import_set(im, g, SECTION_HEALTH, "Watchdog", g->last->value);
        else
                import_refused(
                        im, g,
                        "Type= is not notify, so nobody fed it; a URL= in [Health] does that");
}
