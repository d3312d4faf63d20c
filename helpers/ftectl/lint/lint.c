/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl lint: what the generator would say of the configuration, and more. It runs the generator's
 * own code over all of it, for the verdict about one agent can depend on another, and reports on
 * those that were named. Changes nothing.
 */

#include <fcntl.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/parse.h"
#include "base/scope.h"

#include "ftectl/shared/agent-name.h"
#include "ftectl/shared/environments.h"
#include "ftectl/shared/instances.h"
#include "lint.h"

typedef struct Lint {
        const Arguments *args;
        Generator generator;
        Report report;
        Arena arena;             /* of the run */
        char **names;            /* what was named, NULL-terminated; NULL: everything */
        bool *seen;              /* of the names */
        json_t *units, *changes; /* with --json */
        size_t n_agents, n_changes;
        uint32_t last_group; /* of the plan, that an agent had */
} Lint;

/* ---- what was asked for ---- */

/* NAME of "…/NAME.conf", or of a fragment "…/NAME.conf.d/…"; *ret_file is the former. */
static int file_to_name(Lint *l, const char *path, char **ret_name, char **ret_file) {
        const char *fragments = strstr(path, ".conf.d/");
        char *file = fragments ? arena_strndup(&l->arena, path,
                                               (size_t) (fragments - path) + strlen(".conf"))
                               : arena_strdup(&l->arena, path);
        const char *slash = file ? strrchr(file, '/') : NULL, *base = slash ? slash + 1 : file;

        if (!file)
                return -ENOMEM;
        if (!endswith(base, ".conf") || streq(base, ".conf")) {
                log_line(LOG_ERR, "%s: a configuration file is called NAME.conf; rename it", path);
                return -EINVAL;
        }
        *ret_name = arena_strndup(&l->arena, base, strlen(base) - strlen(".conf"));
        *ret_file = file;
        return *ret_name ? 0 : -ENOMEM;
}

/* Whether file stands where it is found by itself: then it needs not be given. */
static bool is_installed(const Lint *l, const char *file) {
        const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
        struct stat given, found;

        if (stat(file, &given) < 0)
                return false;
        for (size_t i = 0; i < CONFIG_DIR_GIVEN && config_dir_name(i); i++) {
                char path[4096];

                snprintf(path, sizeof(path), "%s/%s/%s", l->args->root, config_dir_name(i), base);
                if (lstat(path, &found) == 0) /* the first of the name is what counts */
                        return found.st_dev == given.st_dev && found.st_ino == given.st_ino;
        }
        return false;
}

static int sort_words(Lint *l, char **ret_files) {
        size_t n_names = 0, n_files = 0;
        int r = 0;

        for (size_t i = 0; i < l->args->n_words && r >= 0; i++) {
                char *word = l->args->words[i], *file;

                if (!strchr(word, '/') && !endswith(word, ".conf")) {
                        l->names[n_names++] = word;
                        continue;
                }
                r = file_to_name(l, word, &l->names[n_names], &file);
                if (r < 0)
                        return r;
                n_names++;
                if (access(file, F_OK) < 0) {
                        r = -errno;
                        log_line(LOG_ERR, "%s: %s", file, strerror(-r));
                } else if (!is_installed(l, file))
                        ret_files[n_files++] = file;
        }
        return r;
}

/* The index of a name, or -1; without names everything is wanted, at index 0. */
static int find_wanted(const Lint *l, const char *name) {
        if (!l->names)
                return 0;
        for (int i = 0; l->names[i]; i++)
                if (instance_is_named((char *[]){ l->names[i], NULL }, name))
                        return i;
        return -1;
}

/* A name that no file has. */
static int check_seen(const Lint *l) {
        const Config *c = &l->generator.config;
        int r = 0;

        for (size_t i = 0; l->names && l->names[i]; i++) {
                if (!l->seen[i] && !(streq(l->names[i], "fte") && c->host_entry.name))
                        r = refuse_agent(c, l->names[i]);
        }
        return r;
}

/* ---- while the generator runs ---- */

/* Agents' problems come with the agent; those of fte.conf concern every agent, and so are always
 * told. */
static void on_problems(void *userdata, const Problems *problems) {
        Lint *l = userdata;

        if (problems == &l->generator.config.host_problems ||
            (problems == &l->generator.overlay_problems && !l->names))
                report_add_problems(&l->report, problems);
}

static void on_warning(void *userdata, const Agent *a, const char *message) {
        Lint *l = userdata;

        if (find_wanted(l, a->name) >= 0)
                report_add(&l->report,
                           &(Finding){ .place = a->place, .message = message, .id = "copy" });
}

/* Of the agent that is told at the moment, or with NULL what the host gets besides. */
static void tell_plan(Lint *l, const char *agent) {
        const Plan *p = &l->generator.plan;
        uint32_t group = agent ? p->group : l->last_group + 1;

        l->last_group = p->group;
        if (GIVEN(l->args, DRY_RUN) && l->units)
                json_array_append_new(l->units, json_pack("{s:s?, s:o}", "agent", agent, "files",
                                                          plan_to_json(p, group)));
        else if (GIVEN(l->args, DRY_RUN))
                plan_show(p, group, stdout);
        if (GIVEN(l->args, DIFF))
                l->n_changes += plan_diff(&(PlanDiff){ p, group, agent }, l->args->root, stdout,
                                          l->changes);
}

static void on_agent(void *userdata, const Render *r) {
        Lint *l = userdata;
        int i = find_wanted(l, r->agent->name);

        if (i < 0)
                return;
        for (int k = i; k == i || (l->names && l->names[k]); k++) /* it may be named twice */
                l->seen[k] = l->seen[k] || !l->names ||
                             instance_is_named((char *[]){ l->names[k], NULL }, r->agent->name);
        l->n_agents += !r->agent->is_template;
        report_add_problems(&l->report, r->problems);
        if (!problems_any(r->problems) && !r->agent->is_template)
                lint_warn_all(&(Warner){ .agent = r->agent,
                                         .root = l->args->root,
                                         .root_fd = l->generator.config.root_fd,
                                         .report = &l->report,
                                         .arena = &l->generator.agent_arena });
        if (!r->agent->is_by_hand) /* it has no files of its own */
                tell_plan(l, r->agent->name);
}

/* ---- the end ---- */

static int finish_json(Lint *l) {
        json_t *json = json_pack("{s:I, s:I, s:I, s:o}", "agents", (json_int_t) l->n_agents,
                                 "errors", (json_int_t) l->report.n_errors, "warnings",
                                 (json_int_t) l->report.n_warnings, "findings", l->report.findings);

        if (GIVEN(l->args, DRY_RUN))
                json_object_set_new(json, "units", l->units);
        if (GIVEN(l->args, DIFF))
                json_object_set_new(json, "changes", l->changes);
        return json_print(json);
}

static int finish(Lint *l) {
        if (GIVEN(l->args, JSON))
                return finish_json(l);
        if (GIVEN(l->args, DIFF) && l->n_changes == 0)
                puts("Nothing would change.");
        report_summary(&l->report, l->n_agents);
        return 0;
}

static int run(Lint *l, char *const *files) {
        static const GeneratorEvents events = { on_problems, on_warning, on_agent };
        const ConfigOptions options = {
                .root = l->args->root,
                .environment = VALUE(l->args, ENVIRONMENT),
                .files = files,
                .instances = l->names,
        };
        int r;

        l->generator.events = &events;
        l->generator.userdata = l;
        if (options.environment && environment_check(l->args->root, options.environment) < 0)
                return -ENOENT;
        r = generator_run(&l->generator, &options);
        if (r < 0) {
                log_line(LOG_ERR, "%s: %s", *l->args->root ? l->args->root : "/", strerror(-r));
                return r;
        }
        r = check_seen(l);
        if (r < 0)
                return r;
        if (!l->names || find_wanted(l, "fte") >= 0)
                lint_warn_host(&l->generator.config, &l->report);
        if (!l->names && !scope->is_user)
                lint_warn_accounts(&l->generator, &l->report);
        if (!l->names)
                tell_plan(l, NULL);
        return 0;
}

static void lint_done(Lint *l) {
        generator_done(&l->generator);
        report_done(&l->report);
        arena_done(&l->arena);
}

int command_lint(const Arguments *a) {
        _cleanup_(lint_done) Lint l = { .args = a };
        bool json = GIVEN(a, JSON);
        char **files = arena_new_n(&l.arena, char *, a->n_words + 1);
        int r = files ? 0 : -ENOMEM;

        l.seen = arena_new_n(&l.arena, bool, a->n_words + 1);
        l.names = a->n_words > 0 ? arena_new_n(&l.arena, char *, a->n_words + 1) : NULL;
        if (!l.seen || (a->n_words > 0 && !l.names))
                r = -ENOMEM;
        if (r == 0)
                r = sort_words(&l, files);
        if (r < 0)
                return EXIT_CANNOT;
        l.report = (Report){
                .root = a->root,
                .files = files,
                .out = GIVEN(a, DRY_RUN) || GIVEN(a, DIFF) ? stderr : stdout,
                .findings = json ? json_array() : NULL,
        };
        l.units = json && GIVEN(a, DRY_RUN) ? json_array() : NULL;
        l.changes = json && GIVEN(a, DIFF) ? json_array() : NULL;
        if (run(&l, files) < 0) { /* else finish() gives them away */
                json_decref(l.report.findings);
                json_decref(l.units);
                json_decref(l.changes);
                return EXIT_CANNOT;
        }
        if (finish(&l) < 0)
                return EXIT_CANNOT;
        return l.report.n_errors > 0 ? EXIT_BAD : EXIT_GOOD;
}

int lint_named(const char *root, char *name, json_t *findings, size_t *ret_errors) {
        char *names[] = { name, NULL };
        bool seen[ARRAY_SIZE(names)] = { false };
        const Arguments a = { .root = root, .words = names, .n_words = 1 };
        _cleanup_(lint_done) Lint l = { .args = &a, .names = names, .seen = seen };
        int r;

        l.report = (Report){ .root = root, .out = stdout, .findings = findings };
        r = run(&l, NULL);
        if (r < 0)
                return r;
        if (!findings)
                report_summary(&l.report, l.n_agents);
        *ret_errors = l.report.n_errors;
        return 0;
}
