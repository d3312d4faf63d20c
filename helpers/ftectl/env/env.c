/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl env: an agent's secrets, set without an editor and without a trace in a shell's history.
 * Values come in by the terminal or a pipe and go nowhere but into the file.
 */

#include <stdio.h>

#include "base/log.h"
#include "base/parse.h"
#include "base/scope.h"
#include "base/show.h"
#include "config/load.h"

#include "ftectl/arguments.h"
#include "ftectl/shared/agent-name.h"
#include "ftectl/shared/json.h"
#include "store.h"
#include "text.h"
#include "value.h"

typedef struct Env {
        const Arguments *args;
        Arena arena;
        Agent agent;
        EnvStore store;
} Env;

/* ---- the file ---- */

static int read_agent(Env *e) {
        Problems problems = { .arena = &e->arena };
        const char *name = e->args->words[0];
        ConfigEntry entry;
        int r = -ENOENT;
        Config c;

        if (config_open(&c, e->args->root, &e->arena) >= 0)
                r = config_find(&c, name, &entry);
        if (r >= 0)
                r = config_read_agent(&c, &entry, &e->arena, &problems, &e->agent);
        else
                (void) refuse_agent(&c, name);
        config_close(&c);
        if (r < 0)
                return r;
        if (!agent_has_env_file(&e->agent)) {
                log_line(LOG_ERR, "%s: [Environment] File=none says that there is no env file",
                         e->agent.place.file);
                return -EINVAL;
        }
        if (e->agent.env_encrypted) {
                log_line(LOG_ERR,
                         "%s: [Environment] Encrypted=yes; systemd-creds(1) changes such a file",
                         e->agent.place.file);
                return -EINVAL;
        }
        e->store.root = e->args->root;
        e->store.path = e->agent.env_file;
        return 0;
}

/* What is wrong with the file, without a value. */
static int parse_file(const Env *e, EnvFile *f) {
        _cleanup_strbuf_ StrBuf path = { 0 };
        int r = env_file_parse(e->store.text, e->store.len, f);

        strbuf_addf(&path, "%s%s", e->store.root, e->store.path);
        if (r < 0) {
                log_line(LOG_ERR, "%s: %s", strbuf_text(&path), strerror(-r));
                return r;
        }
        for (size_t i = 0; i < f->n_problems; i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                env_problem_describe(&f->problems[i], strbuf_text(&path), &b);
                log_line(LOG_ERR, "%.*s", (int) strcspn(strbuf_text(&b), "\n"), strbuf_text(&b));
        }
        return f->n_problems > 0 ? -EBADMSG : 0;
}

/* ---- list ---- */

static void show_name(const Env *e, const char *name, const EnvEntry *entry, json_t *list) {
        const char *state = !entry ? "missing" : *env_entry_value(entry) ? "set" : "empty";
        bool required = e->agent.env_required && strv_contains(e->agent.env_required, name);

        if (list)
                json_array_append_new(list, json_pack("{s:o, s:s, s:b}", "name", json_text(name),
                                                      "state", state, "required", required));
        else
                printf("%-32s %s%s\n", name, state, required ? ", required" : "");
}

static int list(Env *e) {
        _cleanup_(env_file_done) EnvFile f = { 0 };
        json_t *names = GIVEN(e->args, JSON) ? json_array() : NULL;
        bool all = true;
        int r = parse_file(e, &f);

        for (size_t i = 0; i < f.n_entries; i++) {
                const char *name =
                        arena_strndup(&e->arena, f.entries[i].assignment, f.entries[i].name_len);

                if (name)
                        show_name(e, name, &f.entries[i], names);
        }
        for (char **name = e->agent.env_required; name && *name; name++) {
                const EnvEntry *entry = env_file_find(&f, *name, strlen(*name));

                all = all && entry && *env_entry_value(entry);
                if (!entry)
                        show_name(e, *name, NULL, names);
        }
        if (names && json_print(json_pack("{s:o}", "names", names)) < 0)
                return EXIT_CANNOT;
        return r < 0 || !all ? EXIT_BAD : EXIT_GOOD;
}

/* ---- set ---- */

/* Between the two looks at the file a person has typed, and it may be another's by now. */
static int parse_for_change(const Env *e) {
        _cleanup_(env_file_done) EnvFile f = { 0 };
        int r = parse_file(e, &f);

        if (r < 0)
                log_line(LOG_ERR, "correct that first, in an editor");
        return r;
}

static int change(Env *e, const char *name, const char *value) {
        StrBuf text = { 0 };
        int r = env_text_set(e->store.text, e->store.len, name, value, &text);

        if (r >= 0)
                r = env_store_replace(&e->store, &text);
        else if (r == -EINVAL)
                log_line(LOG_ERR,
                         "%s: no env file can hold this value: it has control characters or is "
                         "not UTF-8",
                         name);
        else
                log_line(LOG_ERR, "%s: nothing is changed: %s", name, strerror(-r));
        if (text.text)
                explicit_bzero(text.text, text.len);
        strbuf_done(&text);
        return r;
}

/* The lock is held only while nobody is waited for. */
static int ask_and_store(Env *e, const char *name) {
        static char value[VALUE_MAX_BYTES + 1];
        int r = env_value_read(name, value);

        env_store_done(&e->store);
        if (r == 0)
                r = env_store_lock(&e->store);
        if (r == 0)
                r = parse_for_change(e);
        if (r == 0)
                r = change(e, name, value);
        explicit_bzero(value, sizeof(value));
        return r;
}

static int tell_set(const Env *e, const char *name) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (GIVEN(e->args, JSON))
                return json_print(json_pack("{s:o, s:o, s:o}", "agent", json_text(e->agent.name),
                                            "name", json_text(name), "file",
                                            json_text(e->agent.env_file)));
        strbuf_addf(&b, "%s is set in ", name);
        show_string(&b, e->agent.env_file);
        strbuf_add(&b, "; the agent gets it at: systemctl");
        strbuf_add(&b, SCOPE_SWITCH);
        strbuf_add(&b, " restart ");
        show_string(&b, e->agent.name);
        puts(strbuf_text(&b));
        return 0;
}

static int set(Env *e) {
        const char *name = e->args->words[2];
        int r;

        if (!env_name_is_valid(name)) {
                log_line(LOG_ERR,
                         "a name has letters, digits and _ and begins with no digit; the value is "
                         "read from the terminal or standard input");
                return EXIT_CANNOT;
        }
        if (env_store_check(&e->store) < 0)
                return EXIT_CANNOT;
        r = parse_for_change(e);
        if (r == 0)
                r = ask_and_store(e, name);
        if (r < 0)
                return r == -EPERM ? EXIT_CANNOT : EXIT_BAD;
        return tell_set(e, name) < 0 ? EXIT_CANNOT : EXIT_GOOD;
}

/* ---- */

static const struct {
        const char *word;
        size_t n_words;
        int (*run)(Env *e);
} verbs[] = { { "list", 2, list }, { "set", 3, set } };

static void env_done(Env *e) {
        env_store_done(&e->store);
        arena_done(&e->arena);
}

int command_env(const Arguments *a) {
        _cleanup_(env_done) Env e = { .args = a, .store = ENV_STORE_CLOSED };

        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
                if (!streq(a->words[1], verbs[i].word) || a->n_words != verbs[i].n_words)
                        continue;
                if (read_agent(&e) < 0 || env_store_read(&e.store) < 0)
                        return EXIT_CANNOT;
                return verbs[i].run(&e);
        }
        log_line(LOG_ERR, "env: write \"ftectl env NAME list\" or \"ftectl env NAME set KEY\"");
        return EXIT_CANNOT;
}
