/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the files say, for ftectl apply: the generator's own code over all of them, with what each
 * agent is made of as a number, beside what is loaded. Agents that are gone are found by what they
 * left.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/parse.h"

#include "ftectl/shared/instances.h"
#include "ftectl/shared/loaded.h"
#include "planner.h"

/* ---- the list ---- */

static size_t position(const Apply *a, const char *name) {
        size_t low = 0, high = a->n;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (strcmp(a->targets[middle].name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

Target *apply_find(const Apply *a, const char *name) {
        size_t i = position(a, name);

        return i < a->n && streq(a->targets[i].name, name) ? &a->targets[i] : NULL;
}

static bool is_named(const Arguments *args, const char *name) {
        return args->n_words == 0 || instance_is_named(args->words, name);
}

/* Agents come in the order of their names, so nearly always at the end. */
Target *apply_add(Apply *a, const char *name) {
        size_t i = position(a, name);

        if (i < a->n && streq(a->targets[i].name, name))
                return &a->targets[i];
        if (a->n == a->size) {
                size_t size = MAX(a->size * 2, (size_t) 64);
                Target *targets = realloc(a->targets, size * sizeof(*targets));

                if (!targets) {
                        a->failed = true;
                        return NULL;
                }
                a->targets = targets;
                a->size = size;
        }
        memmove(a->targets + i + 1, a->targets + i, (a->n - i) * sizeof(*a->targets));
        a->targets[i] = (Target){
                .name = arena_strdup(&a->arena, name),
                .is_wanted = is_named(a->args, name),
                .was_applied = applied_has_agent(&a->applied, name),
                .load = "",
                .active = "",
                .sub = "",
                .status_text = "",
        };
        a->targets[i].made_of = a->targets[i].name;
        a->failed = a->failed || !a->targets[i].name;
        a->n++;
        return &a->targets[i];
}

/* ---- what is told of an agent ---- */

static const char *keep(Apply *a, const char *s) {
        const char *copy = s ? arena_strdup(&a->arena, s) : NULL;

        a->failed = a->failed || (s && !copy);
        return copy;
}

/* What is needed when the generator has forgotten it. */
void planner_keep_agent(Apply *a, Target *t, const Agent *agent) {
        RunFiles files;

        t->agent = (Agent){
                .name = t->name,
                .account = keep(a, agent->account),
                .directory = keep(a, agent->directory),
                .user = keep(a, agent->user),
                .env_file = keep(a, agent->env_file),
                .env_encrypted = agent->env_encrypted,
                .place = { keep(a, agent->place.file), 0 },
                .start_timeout_usec = agent->start_timeout_usec,
                .stop_timeout_usec = agent->stop_timeout_usec,
        };
        run_files(a->root_fd, agent, &files);
        t->newest_usec = files.newest_usec;
        t->env_usec = files.env_usec;
        t->has_file = true;
        t->has_proxy = agent->proxy_domain != NULL;
        t->is_enabled = agent->enabled;
        t->is_timer = agent->kind == KIND_JOB && agent->schedule;
        /* A timer that was started is well; its service is not waited for. */
        t->is_probed = t->is_timer || agent_notify(agent) != NOTIFY_NONE;
}

void planner_keep_plugins(Apply *a, Target *t, const Plan *p) {
        size_t n = 0;

        t->plugins = arena_new_n(&a->arena, char *, PLUGINS_MAX + 2);
        for (const PlanEntry *e = p->entries + p->n; e-- > p->entries && e->group == p->group;) {
                const char *name = e->is_link ? startswith(e->data, "/etc/fte/") : NULL;

                if (name && t->plugins && n <= PLUGINS_MAX)
                        t->plugins[n++] = (char *) keep(a, name);
        }
        a->failed = a->failed || !t->plugins;
}

static bool is_loaded(const Planner *p, uint32_t from_group) {
        return p->loaded_fd >= 0 && loaded_is_planned(p->loaded_fd, &p->generator.plan, from_group);
}

/*
 * An agent that was not named is only reloaded with the others. Where that would put the stub in
 * place of its unit, its errors count like those of the named ones; where the stub stands already,
 * they do not.
 */
static bool errors_count(const Planner *p, const Target *t) {
        return t->is_wanted || !is_loaded(p, p->last_group);
}

static void on_template(Planner *p, const Render *render) {
        Apply *a = p->apply;
        bool loaded = is_loaded(p, render->plan->group);

        p->last_group = render->plan->group;
        a->plan_changed |= !loaded;
        if (problems_any(render->problems) && (!loaded || is_named(a->args, render->agent->name)))
                report_add_problems(&a->report, render->problems);
        a->failed |= planner_add_template(p, render) < 0;
}

static void on_agent(void *userdata, const Render *render) {
        Planner *p = userdata;
        Apply *a = p->apply;
        Target *t;

        if (render->agent->is_template) {
                on_template(p, render);
                return;
        }
        t = apply_add(a, render->agent->name);
        if (!t)
                return;
        planner_keep_agent(a, t, render->agent);
        planner_keep_plugins(a, t, render->plan);
        fingerprint_planned(&p->prints, render->plan, t->name, &t->planned);
        fingerprint_loaded(&p->prints, p->loaded_fd, t->name, &t->loaded);
        p->last_group = render->plan->group;
        a->plan_changed |=
                t->planned.rendered != t->loaded.rendered || !is_loaded(p, p->last_group);
        if (problems_any(render->problems) && errors_count(p, t))
                report_add_problems(&a->report, render->problems);
}

static void on_problems(void *userdata, const Problems *problems) {
        Planner *p = userdata;

        if (problems == &p->generator.config.host_problems)
                report_add_problems(&p->apply->report, problems);
}

static void on_warning(void *userdata _unused_, const Agent *a _unused_,
                       const char *message _unused_) {
}

/* ---- agents that are gone ---- */

static void add_gone(Planner *p, const char *name) {
        char timer[NAME_MAX + sizeof(".timer")];
        Apply *a = p->apply;
        Target *t;

        if (name_is_template(name)) {
                a->failed |= planner_add_gone_template(p, name) < 0;
                return;
        }
        if (apply_find(a, name))
                return;
        t = apply_add(a, name);
        snprintf(timer, sizeof(timer), "%s.timer", name);
        if (t && p->loaded_fd >= 0 && loaded_is_ours(p->loaded_fd, timer))
                t->is_timer = true;
}

/* What is planned and was told of as no agent: a template, or what guards an agent's directories.
 */
static bool is_planned(const Plan *p, const char *unit) {
        for (size_t i = 0; i < p->n && strchr(unit, '@'); i++)
                if (streq(p->entries[i].path, unit))
                        return true;
        return false;
}

static void find_gone(Planner *p) {
        int fd = p->loaded_fd < 0 ? -EBADF : fsat_open_dir(p->loaded_fd, ".");
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                const char *end = endswith(entry->d_name, ".service");
                char name[NAME_MAX + 1];

                if (!end || startswith(entry->d_name, "fte-") ||
                    is_planned(&p->generator.plan, entry->d_name) ||
                    !loaded_is_ours(p->loaded_fd, entry->d_name))
                        continue;
                snprintf(name, sizeof(name), "%.*s", (int) (end - entry->d_name), entry->d_name);
                add_gone(p, name);
        }
        if (dir)
                closedir(dir);
        for (char **name = p->apply->applied.agents; name && *name; name++)
                add_gone(p, *name);
}

/* ---- all of it ---- */

static void forget_files(Apply *a) {
        for (size_t i = 0; i < a->n; i++) {
                Target *t = &a->targets[i];

                t->has_file = t->has_proxy = t->is_enabled = false;
                t->planned = t->loaded = (Fingerprint){ 0 };
        }
        a->plan_changed = false;
        a->report.n_errors = 0;
        strbuf_reset(&a->report.told);
        file_set_done(&a->files);
}

static int run_generator(Planner *p) {
        static const GeneratorEvents events = { on_problems, on_warning, on_agent };
        int r;

        p->generator.events = &events;
        p->generator.userdata = p;
        r = generator_run(&p->generator, &(ConfigOptions){ .root = p->apply->args->root });
        if (r >= 0 && !is_loaded(p, p->last_group + 1)) /* what the host gets besides */
                p->apply->plan_changed = true;
        return r;
}

int apply_plan(Apply *a) {
        Planner p = { .apply = a,
                      .loaded_fd = loaded_open(a->args->root),
                      .prints.root_fd = -EBADF };
        int r;

        forget_files(a);
        a->reload_usec = run_reload_usec(p.loaded_fd);
        r = a->etc_fd < 0 ? 0 : file_set_read(&a->files, a->etc_fd);
        if (r >= 0)
                r = fingerprinter_open(&p.prints, a->args->root);
        if (r >= 0)
                r = run_generator(&p);
        if (r >= 0)
                find_gone(&p);
        fingerprinter_done(&p.prints);
        generator_done(&p.generator);
        closep(&p.loaded_fd);
        return r < 0                                  ? r
               : a->failed || arena_failed(&a->arena) ? -ENOMEM
                                                      : (int) a->report.n_errors;
}

bool apply_is_loaded(const Apply *a) {
        _cleanup_(fingerprinter_done) Fingerprinter prints = { .root_fd = -EBADF };
        _cleanup_close_ int loaded_fd = loaded_open(a->args->root);

        if (fingerprinter_open(&prints, a->args->root) < 0)
                return false;
        for (size_t i = 0; i < a->n; i++) {
                const Target *t = &a->targets[i];
                Fingerprint now;

                if (!t->is_wanted || (t->is_by_hand && !t->has_file))
                        continue;
                fingerprint_loaded(&prints, loaded_fd, t->made_of, &now);
                if (now.rendered != (t->has_file ? t->planned.rendered : 0))
                        return false;
        }
        return true;
}
