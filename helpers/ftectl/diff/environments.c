/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl diff: what the generator would make of agents in two environments, side by side. Comments
 * are left out, for they name the files that differ by their very nature. Exit status as diff(1).
 * Reads, never writes.
 */

#include "base/log.h"
#include "base/scope.h"

#include "ftectl/lint/lint.h"
#include "ftectl/shared/agent-name.h"
#include "ftectl/shared/diff.h"
#include "ftectl/shared/environments.h"
#include "ftectl/shared/instances.h"
#include "ftectl/shared/json.h"
#include "ftectl/shared/loaded.h"

/* One environment: the files of the agents that were asked for, by path. */
typedef struct Side {
        const char *environment;
        char *const *names; /* NULL: all */
        bool *seen;         /* of the names; of both sides */
        Report *report;     /* of both sides */
        Generator generator;
        const PlanEntry **entries;
        size_t n;
        uint32_t *groups;
        size_t n_groups, n_agents;
        bool failed;
} Side;

static bool is_asked(const Side *s, const char *name) {
        bool asked = !s->names;

        for (size_t i = 0; s->names && s->names[i]; i++)
                if (instance_is_named((char *[]){ s->names[i], NULL }, name))
                        asked = s->seen[i] = true;
        return asked;
}

/* As lint does: an overlay over no agent would make no difference, and is meant to make one. */
static void on_problems(void *userdata, const Problems *problems) {
        Side *s = userdata;

        if (problems == &s->generator.config.host_problems ||
            (problems == &s->generator.overlay_problems && !s->names))
                report_add_problems(s->report, problems);
}

static void on_warning(void *userdata _unused_, const Agent *a _unused_,
                       const char *message _unused_) {
}

static void on_agent(void *userdata, const Render *r) {
        Side *s = userdata;
        uint32_t *groups;

        if (!is_asked(s, r->agent->name))
                return;
        report_add_problems(s->report, r->problems);
        groups = realloc(s->groups, (s->n_groups + 1) * sizeof(*groups));
        s->failed |= !groups;
        if (!groups)
                return;
        s->groups = groups;
        s->groups[s->n_groups++] = r->plan->group;
        s->n_agents++;
}

static int compare_paths(const void *pa, const void *pb) {
        return strcmp((*(const PlanEntry *const *) pa)->path,
                      (*(const PlanEntry *const *) pb)->path);
}

static int collect(Side *s) {
        const Plan *p = &s->generator.plan;

        s->entries = calloc(p->n + 1, sizeof(*s->entries));
        if (!s->entries || s->failed)
                return -ENOMEM;
        for (size_t i = 0, k = 0; i < p->n; i++) { /* both are in the order of the groups */
                while (k < s->n_groups && s->groups[k] < p->entries[i].group)
                        k++;
                if (k < s->n_groups && s->groups[k] == p->entries[i].group)
                        s->entries[s->n++] = &p->entries[i];
        }
        qsort(s->entries, s->n, sizeof(*s->entries), compare_paths);
        return 0;
}

static int side_read(Side *s, const char *root) {
        static const GeneratorEvents events = { on_problems, on_warning, on_agent };
        const ConfigOptions options = { .root = root, .environment = s->environment };
        int r = environment_check(root, s->environment);

        if (r < 0)
                return r;
        s->generator.events = &events;
        s->generator.userdata = s;
        r = generator_run(&s->generator, &options);
        r = r < 0 ? r : collect(s);
        if (r < 0)
                log_line(LOG_ERR, "%s: %s", *root ? root : "/", strerror(-r));
        return r;
}

static void side_done(Side *s) {
        generator_done(&s->generator);
        free(s->entries);
        free(s->groups);
}

/* ---- the difference ---- */

static void text_of(const PlanEntry *e, StrBuf *b) {
        _cleanup_strbuf_ StrBuf all = { 0 };

        if (!e)
                return;
        loaded_planned(e, &all);
        for (const char *line = strbuf_text(&all); *line;) {
                size_t n = strcspn(line, "\n") + (line[strcspn(line, "\n")] != 0);

                if (*line != '#')
                        strbuf_add_bytes(b, line, n);
                line += n;
        }
}

/* Whether the two differ, told in text or JSON; negative errno. */
static int compare(const Side *sides, const PlanEntry *a, const PlanEntry *b, json_t *changes) {
        _cleanup_strbuf_ StrBuf old = { 0 }, new = { 0 }, hunks = { 0 };
        const char *path = (a ? a : b)->path;
        int r;

        text_of(a, &old);
        text_of(b, &new);
        if (!a == !b && streq(strbuf_text(&old), strbuf_text(&new)))
                return 0;
        r = diff_unified(strbuf_text(&old), strbuf_text(&new), &hunks);
        if (r == -ENOMEM)
                return r;
        if (changes)
                json_array_append_new(changes, json_pack("{s:s, s:s, s:o}", "path", path, "change",
                                                         !a   ? "added"
                                                         : !b ? "removed"
                                                              : "changed",
                                                         "diff", json_text(strbuf_text(&hunks))));
        else
                printf("--- %s (%s%s)\n+++ %s (%s%s)\n%s", path, sides[0].environment,
                       a ? "" : ": none", path, sides[1].environment, b ? "" : ": none",
                       r < 0 ? "too different to be shown\n" : strbuf_text(&hunks));
        return 1;
}

static int compare_all(const Side *sides, json_t *changes) {
        int n = 0;

        for (size_t i = 0, k = 0; i < sides[0].n || k < sides[1].n;) {
                const PlanEntry *a = i < sides[0].n ? sides[0].entries[i] : NULL;
                const PlanEntry *b = k < sides[1].n ? sides[1].entries[k] : NULL;
                int order = !a ? 1 : !b ? -1 : strcmp(a->path, b->path), r;

                r = compare(sides, order <= 0 ? a : NULL, order >= 0 ? b : NULL, changes);
                if (r < 0)
                        return r;
                n += r;
                i += order <= 0;
                k += order >= 0;
        }
        return n;
}

/* Whether all is there that was asked for, and can be compared; else says what is not. */
static bool can_compare(const Side *sides) {
        char *const *names = sides[0].names;
        bool can = true;

        for (size_t i = 0; names && names[i]; i++)
                if (!sides[0].seen[i])
                        can = refuse_agent(&sides[0].generator.config, names[i]) >= 0;
        if (!names && sides[0].n_agents + sides[1].n_agents == 0) {
                log_line(LOG_ERR, "there is no agent in %.*s; \"ftectl%s init NAME\" makes one",
                         (int) strlen(scope->config_dir) - 1, scope->config_dir, SCOPE_SWITCH);
                can = false;
        }
        if (sides[0].report->n_errors > 0) {
                log_line(LOG_ERR, "the files have errors, so what would differ cannot be told");
                can = false;
        }
        return can;
}

static int run(const Arguments *args, Side *sides) {
        json_t *changes = NULL;
        int n;

        for (size_t i = 0; i < 2; i++)
                if (side_read(&sides[i], args->root) < 0)
                        return EXIT_CANNOT;
        if (!can_compare(sides))
                return EXIT_CANNOT;
        changes = GIVEN(args, JSON) ? json_array() : NULL;
        n = compare_all(sides, changes);
        if (changes && json_print(json_pack("{s:s, s:s, s:o}", "from", sides[0].environment, "to",
                                            sides[1].environment, "changes", changes)) < 0)
                return EXIT_CANNOT;
        return n < 0 ? EXIT_CANNOT : n > 0 ? EXIT_BAD : EXIT_GOOD;
}

int command_diff(const Arguments *args) {
        char *const *names = args->n_words > 1 ? args->words + 1 : NULL;
        _cleanup_free_ bool *seen = calloc(args->n_words, sizeof(*seen));
        _cleanup_(report_done) Report report = { .root = args->root, .out = stderr, .once = true };
        Side sides[2];
        int r = EXIT_CANNOT;

        for (size_t i = 0; i < 2; i++)
                sides[i] =
                        (Side){ .environment = i == 0 ? VALUE(args, ENVIRONMENT) : args->words[0],
                                .names = names,
                                .seen = seen,
                                .report = &report };
        if (!sides[0].environment)
                log_line(LOG_ERR, "name two environments: ftectl diff --environment ENV ENV NAME");
        else if (!seen)
                log_line(LOG_ERR, "%s", strerror(ENOMEM));
        else
                r = run(args, sides);
        for (size_t i = 0; i < 2; i++)
                side_done(&sides[i]);
        return r;
}
