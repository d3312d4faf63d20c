/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Environment= and EnvironmentFile= (import.h). What everyone may read becomes Set=, what looks
 * like a secret goes into the env file. A value is in no note and no message.
 */

#include <fcntl.h>

#include "base/env-file.h"
#include "base/escape.h"
#include "base/fsat.h"
#include "base/parse.h"

#include "ftectl/env/text.h"
#include "import.h"

/* ---- into the env file ---- */

static void require(Import *im, const char *name) {
        strbuf_addf(&im->env_required, "%s%s", im->env_required.len > 0 ? " " : "", name);
}

/* -EINVAL: no env file can hold it. */
static int store_secret(Import *im, const char *name, const char *value) {
        StrBuf text = { 0 };
        int r = env_text_set(strbuf_text(&im->env_text), im->env_text.len, name, value, &text);

        if (r < 0) {
                if (text.text)
                        explicit_bzero(text.text, text.len);
                strbuf_done(&text);
                return r;
        }
        if (im->env_text.text)
                explicit_bzero(im->env_text.text, im->env_text.len);
        strbuf_done(&im->env_text);
        im->env_text = text;
        return 0;
}

static void note_name(Import *im, const ImportGroup *g, const UnitSetting *s, ImportFate fate,
                      const char *text) {
        import_note(im, &(ImportNote){ fate, s->place, g->section, g->key,
                                       fate != IMPORT_CARRIED ? NULL
                                       : text                 ? "the env file"
                                                              : "[Environment] Set",
                                       text, NULL });
}

static void take_secret(Import *im, const ImportGroup *g, const UnitSetting *s, const char *name,
                        const char *value) {
        if (im->env_file_is_kept)
                note_name(im, g, s, IMPORT_REFUSED,
                          arena_printf(im->arena,
                                       "%s looks like a secret, and the env file that exists is "
                                       "not touched: "
                                       "\"ftectl env %s set %s\"",
                                       name, im->draft->name, name));
        else if (store_secret(im, name, value) < 0)
                note_name(im, g, s, IMPORT_REFUSED,
                          arena_printf(im->arena,
                                       "%s looks like a secret, and no env file can hold its value",
                                       name));
        else
                note_name(im, g, s, IMPORT_CARRIED,
                          arena_printf(im->arena,
                                       "%s looks like a secret and everyone could read it in the "
                                       "unit: it is in "
                                       "the env file now; make a new one, the old one is known",
                                       name));
        require(im, name);
}

/* ---- Environment= ---- */

static void take_assignment(Import *im, const ImportGroup *g, const UnitSetting *s,
                            const char *word) {
        _cleanup_strbuf_ StrBuf quoted = { 0 };
        size_t n = env_name_span(word, strlen(word));
        const char *name = n > 0 ? arena_strndup(im->arena, word, n) : NULL;

        if (!name || word[n] != '=') {
                note_name(im, g, s, IMPORT_REFUSED,
                          "a word is no NAME=VALUE, and systemd ignores it");
                return;
        }
        if (env_name_is_reserved(word, n)) {
                note_name(im, g, s, IMPORT_REFUSED,
                          arena_printf(im->arena, "%s is systemd's own, and the helpers rely on it",
                                       name));
                return;
        }
        escape_word(&quoted, word, 0);
        if (draft_set(im->draft, SECTION_ENVIRONMENT, "Set",
                      arena_strdup(im->arena, strbuf_text(&quoted))))
                take_secret(im, g, s, name, word + n + 1);
        else
                note_name(im, g, s, IMPORT_CARRIED, NULL);
}

void import_environment(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        for (size_t i = 0; i < g->n; i++) {
                const ImportGroup one = { g->section, g->key, g->items + i, 1, g->items[i] };
                const char *value = import_value(im, &one);
                char **words;

                if (!value)
                        continue;
                if (parse_words(im->arena, value, PARSE_WORDS_QUOTED, &words) < 0)
                        import_refused(im, &one, "quotes or escapes that are not closed");
                else
                        for (; *words; words++)
                                take_assignment(im, g, g->items[i], *words);
        }
}

/* ---- EnvironmentFile= ---- */

static bool has_secrets(const Import *im) {
        return im->env_text.len > 0;
}

/* All of another file's variables into ours; 0, or why not. */
static const char *merge(Import *im, const char *path) {
        static char text[ENV_FILE_MAX_BYTES + 2];
        _cleanup_(env_file_done) EnvFile f = { 0 };
        const char *problem = NULL;
        ssize_t n = fsat_read(im->root_fd, path + 1, text, sizeof(text));

        if (n < 0)
                return arena_printf(im->arena,
                                    "one of its files cannot be read (%s); copy its lines into the "
                                    "env file of the agent",
                                    strerror((int) -n));
        if (env_file_parse(text, (size_t) n, &f) < 0 || f.n_problems > 0)
                problem = "one of its files has lines that are no assignment; copy the good ones "
                          "into the env "
                          "file of the agent";
        for (size_t i = 0; i < f.n_entries && !problem; i++) {
                const char *name =
                        arena_strndup(im->arena, f.entries[i].assignment, f.entries[i].name_len);

                if (!name || store_secret(im, name, env_entry_value(&f.entries[i])) < 0)
                        problem = "a value in one of its files cannot be kept in an env file";
        }
        explicit_bzero(text, sizeof(text));
        return problem;
}

static bool is_there(const Import *im, const char *path) {
        return *path == '/' && faccessat(im->root_fd, path + 1, F_OK, 0) == 0;
}

static const char *file_path(Import *im, const ImportGroup *g, const UnitSetting *s) {
        const ImportGroup one = { g->section, g->key, &s, 1, s };
        const char *value = import_value(im, &one);

        if (value && *value == '-' && !strpbrk(value, "*?[") && !is_there(im, value + 1)) {
                import_refused(im, &one,
                               "not carried, for it is not there, which \"-\" allowed; the agent "
                               "has an env "
                               "file of its own");
                return NULL;
        }
        if (value && *value == '-') {
                import_refused(
                        im, &one,
                        "carried, but \"-\" let it be missing: an env file that is missing is an "
                        "error for an agent");
                value++;
        }
        if (value && *value != '/') {
                import_refused(im, &one, "it is no absolute path");
                return NULL;
        }
        if (value && strpbrk(value, "*?[")) {
                import_refused(
                        im, &one,
                        "it is a pattern: put the variables of all its files into the env file");
                return NULL;
        }
        return value;
}

/* One file, and nothing to be put into it: it can stay where it is. Else all become the agent's
 * own. */
void import_environment_file(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        bool stays = g->n == 1 && !has_secrets(im); /* of Environment= */

        for (size_t i = 0; i < g->n; i++) {
                const ImportGroup one = { g->section, g->key, g->items + i, 1, g->items[i] };
                const char *path = file_path(im, g, g->items[i]), *problem;

                if (!path)
                        continue;
                if (stays) {
                        import_set(im, &one, SECTION_ENVIRONMENT, "File", path);
                        continue;
                }
                problem =
                        im->env_file_is_kept
                                ? "several sources for one env file, and that of the agent exists "
                                  "already and is not touched; add the lines by hand"
                                : merge(im, path);
                if (problem)
                        import_refused(im, &one, problem);
                else
                        note_name(im, g, g->items[i], IMPORT_CARRIED,
                                  "an agent has one env file: its variables are copied there; the "
                                  "old file is no "
                                  "longer read");
        }
}

/* ---- variables of the command ---- */

static bool file_sets(const char *text, size_t len, const char *name) {
        _cleanup_(env_file_done) EnvFile f = { 0 };

        if (env_file_parse(text, len, &f) < 0)
                return true;
        for (size_t i = 0; i < f.n_entries; i++)
                if (strlen(name) == f.entries[i].name_len &&
                    strncmp(f.entries[i].assignment, name, f.entries[i].name_len) == 0)
                        return true;
        return false;
}

/*
 * A file that stays where it is, or the agent's own that is kept; what cannot be read may have it.
 */
static bool other_file_sets(const Import *im, const char *name) {
        static char text[ENV_FILE_MAX_BYTES + 2];
        const char *own = arena_printf(im->arena, "/etc/%s/.env", im->draft->name);
        const char *path = draft_get(im->draft, SECTION_ENVIRONMENT, "File");
        ssize_t n;
        bool sets;

        path = path ? path : im->env_file_is_kept ? own : NULL;
        if (!path)
                return false;
        n = fsat_read(im->root_fd, path + 1, text, sizeof(text));
        sets = n < 0 || file_sets(text, (size_t) n, name);
        explicit_bzero(text, sizeof(text));
        return sets;
}

static bool is_set(const Import *im, const char *name) {
        static const char *const always[] = { "HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG" };
        size_t n = strlen(name);

        for (size_t i = 0; i < ARRAY_SIZE(always); i++)
                if (streq(always[i], name))
                        return true;
        for (const DraftLine *l = im->draft->first; l; l = l->next)
                if (l->section == SECTION_ENVIRONMENT && streq(l->key, "Set")) {
                        const char *value = l->value + (*l->value == '"');

                        if (strncmp(value, name, n) == 0 && value[n] == '=')
                                return true;
                }
        return env_name_is_reserved(name, n) ||
               file_sets(strbuf_text(&im->env_text), im->env_text.len, name) ||
               other_file_sets(im, name);
}

/* systemd drops a variable that is not set; for an agent it is an error at each start. */
void import_check_variables(Import *im) {
        const char *p = draft_get(im->draft, SECTION_AGENT, "Exec"), *name;
        size_t n;

        while (p && (p = strchr(p, '$'))) {
                if (p[1] == '$') {
                        p += 2;
                        continue;
                }
                p += p[1] == '{' ? 2 : 1;
                n = env_name_span(p, strlen(p));
                name = n > 0 ? arena_strndup(im->arena, p, n) : NULL;
                p += n;
                if (!name || is_set(im, name))
                        continue;
                import_note(im,
                            &(ImportNote){
                                    IMPORT_REFUSED,
                                    { im->source->file, 0 },
                                    "Service",
                                    "ExecStart",
                                    NULL,
                                    arena_printf(im->arena,
                                                 "$%s is set nowhere, which is an error for an "
                                                 "agent: set it by "
                                                 "Set= in [Environment], or take it out of Exec=",
                                                 name),
                                    NULL });
        }
}
