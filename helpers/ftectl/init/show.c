/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What ftectl init says: what was written, what became of each setting of the old unit, and what to
 * type next. No value of a setting is in it.
 */

#include <stdio.h>

#include "base/parse.h"
#include "base/scope.h"
#include "base/show.h"

#include "ftectl/shared/terminal.h"
#include "init.h"

#define STEPS_MAX 64

/* ---- steps ---- */

static void step(Init *in, const char *text) {
        size_t n = 0;

        while (in->steps[n])
                n++;
        if (n + 1 < STEPS_MAX)
                in->steps[n] = text;
}

/* Its drop-ins go with it, or they would count for the agent. */
static void move_old_unit(Init *in) {
        static const char suffix[] = ".before-fte"; /* no unit's, so systemd passes it over */

        step(in, arena_printf(&in->arena, "systemctl disable --now %s", in->source.name));
        step(in, arena_printf(&in->arena, "mv %s %s%s", in->source.file, in->source.file, suffix));
        for (char **dir = in->source.drop_in_dirs; dir && *dir; dir++)
                if (startswith(*dir, "/etc/"))
                        step(in, arena_printf(&in->arena, "mv %s %s%s", *dir, *dir, suffix));
}

/* What came from the unit is in the env file already, unless that was there before. */
static void add_env_steps(Init *in) {
        const char *required = draft_get(&in->draft, SECTION_ENVIRONMENT, "Required");
        char **names;

        if (required && in->env_file_is_kept &&
            parse_words(&in->arena, required, PARSE_WORDS_PLAIN, &names) == 0)
                for (; *names; names++)
                        step(in, arena_printf(&in->arena, "ftectl%s env %s set %s", SCOPE_SWITCH,
                                              in->name, *names));
        else if (!in->source.name)
                step(in,
                     arena_printf(&in->arena,
                                  "ftectl%s env %s set KEY      # for each secret; then name it in "
                                  "Required= of %s",
                                  SCOPE_SWITCH, in->name, in->file));
}

/*
 * The port of "--port 8000", "--port=8000", "-p 8000" or "-b 127.0.0.1:8000"; NULL: none is told.
 */
static const char *port_of_exec(Init *in) {
        static const char *const options[] = { "--port", "-p", "--bind", "-b", "--listen" };
        const char *exec = draft_get(&in->draft, SECTION_AGENT, "Exec"), *value, *colon;
        char **words;
        uint64_t port;

        if (!exec || parse_words(&in->arena, exec, PARSE_WORDS_QUOTED, &words) < 0)
                return NULL;
        for (; *words; words++)
                for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
                        value = startswith(*words, options[i]);
                        value = !value          ? NULL
                                : *value == '=' ? value + 1
                                : *value        ? NULL
                                                : words[1];
                        colon = value ? strrchr(value, ':') : NULL;
                        value = colon ? colon + 1 : value;
                        if (value && parse_uint(value, 65535, &port) == 0 && port > 0)
                                return value;
                }
        return NULL;
}

static const char *health_step(Init *in) {
        const char *port = port_of_exec(in);

        if (streq_ptr(draft_get(&in->draft, SECTION_HEALTH, "Notify"), "native"))
                return arena_printf(&in->arena,
                                    "editor %s      # Watchdog= in [Health], if it feeds one",
                                    in->file);
        return arena_printf(
                &in->arena,
                "editor %s      # URL=http://127.0.0.1:%s/health in [Health], if it answers "
                "there",
                in->file, port ? port : "PORT");
}

int init_make_steps(Init *in) {
        in->steps = arena_new_n(&in->arena, const char *, STEPS_MAX);
        if (!in->steps)
                return -ENOMEM;
        if (isempty(draft_get(&in->draft, SECTION_AGENT, "Exec")))
                step(in, arena_printf(&in->arena, "editor %s      # fill in Exec=", in->file));
        else if (!draft_get(&in->draft, SECTION_HEALTH, "URL"))
                step(in, health_step(in));
        add_env_steps(in);
        if (in->unit_is_in_the_way)
                move_old_unit(in);
        step(in, arena_printf(&in->arena, "ftectl%s lint %s", SCOPE_SWITCH, in->name));
        if (in->source.is_installed && !in->unit_is_in_the_way)
                step(in, arena_printf(&in->arena,
                                      "systemctl disable --now %s      # both would use the same "
                                      "ports and files",
                                      in->source.name));
        if (scope->is_user) {
                step(in, scope->reload);
                step(in, arena_printf(&in->arena, "systemctl --user start %s", in->name));
        } else
                step(in, arena_printf(&in->arena, "ftectl apply %s", in->name));
        return arena_failed(&in->arena) ? -ENOMEM : 0;
}

/* ---- text ---- */

static void show_note(const ImportNote *n, FILE *out) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        strbuf_add(&b, "  ");
        show_string(&b, n->place.file);
        if (n->place.line > 0)
                strbuf_addf(&b, ":%u", n->place.line);
        strbuf_add(&b, ": ");
        if (*n->section) {
                strbuf_addc(&b, '[');
                show_string(&b, n->section);
                strbuf_add(&b, "] ");
        }
        if (n->key) {
                show_string(&b, n->key);
                strbuf_add(&b, ": ");
        }
        show_string(&b, n->text);
        strbuf_addc(&b, '\n');
        fputs(strbuf_text(&b), out);
}

static void show_import(const Init *in, FILE *out) {
        const Import *im = &in->import;

        fprintf(out,
                "\nFrom %s: %zu settings carried over, %zu that every agent has anyway, %s%zu to "
                "look at%s\n",
                in->source.file, im->n[IMPORT_CARRIED], im->n[IMPORT_COVERED], style(STYLE_YELLOW),
                im->n[IMPORT_REFUSED], style(STYLE_PLAIN));
        fputs(im->n[IMPORT_REFUSED] > 0 ? "Not carried over, or not as it was:\n" : "", out);
        for (const ImportNote *n = im->first; n; n = n->next)
                if (n->fate == IMPORT_REFUSED)
                        show_note(n, out);
        for (const ImportNote *n = im->first; n; n = n->next)
                if (n->fate == IMPORT_CARRIED && n->text)
                        show_note(n, out);
        fputc('\n', out);
}

void init_show(const Init *in) {
        bool dry = GIVEN(in->args, DRY_RUN);
        FILE *out = dry ? stderr : stdout;

        if (dry)
                fputs(strbuf_text(&in->text), stdout);
        else
                printf("%s%s is written.\n", in->args->root, in->file);
        if (in->env_file && !dry)
                printf("%s%s is written, for %s alone (mode 0600).\n", in->args->root, in->env_file,
                       scope->is_user ? "you" : "root");
        else if (in->env_file_is_kept)
                fprintf(out, "The env file of the agent exists and is kept as it is.\n");
        if (in->source.name)
                show_import(in, out);
        if (in->unit_is_in_the_way)
                fprintf(out, "The old unit has the agent's name: it stays in force until it is "
                             "moved away.\n");
}

/* ---- JSON ---- */

static json_t *notes_to_json(const Init *in, ImportFate fate) {
        json_t *list = json_array();

        for (const ImportNote *n = in->import.first; n; n = n->next)
                if (n->fate == fate)
                        json_array_append_new(
                                list,
                                json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "file",
                                          json_text(n->place.file), "line",
                                          n->place.line > 0 ? json_integer(n->place.line)
                                                            : json_null(),
                                          "section", json_text(n->section), "key",
                                          json_text_or_null(n->key), "to", json_text_or_null(n->to),
                                          "text", json_text_or_null(n->text)));
        return list;
}

int init_show_json(const Init *in, json_t *findings) {
        json_t *steps = json_array(), *json;
        bool dry = GIVEN(in->args, DRY_RUN);

        for (const char **s = in->steps; *s; s++)
                json_array_append_new(steps, json_text(*s));
        json = json_pack("{s:s, s:o, s:s, s:s?, s:b, s:o, s:o, s:o, s:o, s:o}", "agent", in->name,
                         "from", json_text_or_null(in->source.file), "file", in->file, "env_file",
                         in->env_file, "written", !dry, "carried",
                         notes_to_json(in, IMPORT_CARRIED), "covered",
                         notes_to_json(in, IMPORT_COVERED), "not_carried",
                         notes_to_json(in, IMPORT_REFUSED), "findings", findings, "steps", steps);
        if (dry && json)
                json_object_set_new(json, "content", json_text(strbuf_text(&in->text)));
        return json_print(json);
}
