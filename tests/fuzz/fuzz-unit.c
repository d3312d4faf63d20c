/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libFuzzer target of the reader of foreign unit files and of what becomes of one. What must hold:
 * settings have lines of the file, every setting that counts has a note, and the configuration that
 * comes out is one that our own reader takes without a complaint.
 */

#include <stdio.h>

#include "base/env-file.h"
#include "ftectl/init/draft.h"
#include "ftectl/init/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
        if (!holds)
                abort();
}

static void check_settings(const UnitSettings *s, unsigned lines) {
        size_t n = 0;

        for (const UnitSetting *p = s->first; p; p = p->next, n++) {
                check(p->section && p->value && p->place.line >= 1 && p->place.line <= lines);
                check(!strchr(p->value, '\n') && (!p->key || !strpbrk(p->key, "=\n")));
        }
        check(n == s->n);
}

/* Not what only all of a file together can have, such as a missing Exec=. */
static void check_draft(const Draft *d, Arena *arena) {
        Problems problems = { .arena = arena };
        _cleanup_strbuf_ StrBuf text = { 0 };
        Agent agent = *agent_built_in();

        draft_render(d, &text);
        if (text.len > INI_FILE_BYTES_MAX)
                return;
        check(directive_read(&(DirectiveTarget){ &agent, NULL, "f" }, strbuf_text(&text), text.len, &problems) == 0);
        if (problems.first)
                fprintf(stderr, "%u: %s: %s\n%s\n", problems.first->place.line, problems.first->key,
                        problems.first->message, strbuf_text(&text));
        check(!problems_any(&problems));
}

static void check_env(const Import *im) {
        _cleanup_(env_file_done) EnvFile f = { 0 };

        check(env_file_parse(strbuf_text(&im->env_text), im->env_text.len, &f) == 0 && f.n_problems == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static Facts facts;
        _cleanup_arena_ Arena arena = { 0 };
        UnitSource source = { .name = "old.service", .file = "f", .is_installed = size % 2 };
        Draft draft = { .arena = &arena, .name = "new" };
        Import im = { .arena = &arena, .root = "", .root_fd = -EBADF, .source = &source, .facts = &facts,
                      .draft = &draft, .specifiers = { "old.service", "bob", NULL } };
        unsigned lines = 1;
        int r;

        for (size_t i = 0; i < size; i++)
                lines += data[i] == '\n';
        r = unit_file_parse((const char *) data, size, "f", &arena, &source.settings);
        check(r == 0 || (r == -EBADMSG && memchr(data, 0, size)));
        check_settings(&source.settings, lines);
        /* The walk is quadratic in the lines, which units have few of. */
        if (r == 0 && source.settings.n < 300) {
                check(import_unit(&im) == 0);
                check_draft(&draft, &arena);
                check_env(&im);
        }
        import_done(&im);
        return 0;
}
