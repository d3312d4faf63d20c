/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Templates for ftectl apply: nothing to start themselves, but what their instances are made of,
 * also those that are in no file because somebody started them by hand.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/parse.h"

#include "ftectl/shared/instances.h"
#include "ftectl/shared/loaded.h"
#include "planner.h"

typedef struct Visit {
        Planner *planner;
        const Render *render;
} Visit;

typedef struct Gone {
        Planner *planner;
        bool had_timer; /* the template, so what runs of its instances is that */
} Gone;

/* It was an agent of its own until now, and Instances= has it no longer: then it is gone. */
static bool had_own_unit(const Planner *p, const char *name) {
        char path[NAME_MAX + 1];

        snprintf(path, sizeof(path), "%s.service", name);
        return applied_has_agent(&p->apply->applied, name) ||
               (p->loaded_fd >= 0 && faccessat(p->loaded_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
}

static int add_by_hand(void *userdata, const char *name) {
        const Visit *v = userdata;
        Planner *p = v->planner;
        Apply *a = p->apply;
        Problems problems = { .arena = &a->arena };
        const char *template = v->render->agent->name;
        ConfigEntry entry;
        Agent agent;
        Target *t;
        int r;

        if (!instance_is_by_hand(&p->generator.config, name, &entry) || had_own_unit(p, name))
                return 0;
        r = config_read_agent(&p->generator.config, &entry, &a->arena, &problems, &agent);
        t = r < 0 ? NULL : apply_add(a, name);
        if (!t)
                return r < 0 ? r : -ENOMEM;
        planner_keep_agent(a, t, &agent);
        planner_keep_plugins(a, t, v->render->plan);
        t->is_by_hand = true;
        t->made_of = arena_strdup(&a->arena, template);
        t->was_applied = file_set_has_group(&a->applied.files, template);
        if (!t->made_of)
                return -ENOMEM;
        fingerprint_planned(&p->prints, v->render->plan, template, &t->planned);
        fingerprint_loaded(&p->prints, p->loaded_fd, template, &t->loaded);
        return 0;
}

int planner_add_template(Planner *p, const Render *render) {
        Visit visit = { p, render };
        Apply *a = p->apply;
        int r = instances_visit_running(a->root_fd, render->agent->name, add_by_hand, &visit);

        /* What ran when the first round began, and has failed in it, is to run again. */
        for (size_t i = 0; i < a->n && r >= 0; i++)
                if (a->targets[i].is_by_hand && !a->targets[i].has_file &&
                    startswith(a->targets[i].name, render->agent->name))
                        r = add_by_hand(&visit, a->targets[i].name);
        return r;
}

static int add_gone_instance(void *userdata, const char *name) {
        const Gone *gone = userdata;
        Apply *a = gone->planner->apply;
        Target *t;

        if (apply_find(a, name))
                return 0;
        t = apply_add(a, name);
        if (!t)
                return -ENOMEM;
        t->is_timer = gone->had_timer;
        return 0;
}

int planner_add_gone_template(Planner *p, const char *template) {
        char timer[NAME_MAX + sizeof(".timer")];
        Gone gone = { .planner = p };

        snprintf(timer, sizeof(timer), "%s.timer", template);
        gone.had_timer = p->loaded_fd >= 0 && loaded_is_ours(p->loaded_fd, timer);
        return instances_visit_running(p->apply->root_fd, template, add_gone_instance, &gone);
}

bool apply_takes_new_template(const Apply *a, const char *template) {
        bool any = false;

        for (size_t i = 0; i < a->n; i++) {
                const Target *t = &a->targets[i];
                const char *rest = startswith(t->name, template);

                if (!rest || !*rest || !t->has_file)
                        continue;
                if (t->is_wanted && !apply_is_well(t))
                        return false;
                any |= t->is_wanted;
        }
        return any || a->args->n_words == 0 || strv_contains(a->args->words, template);
}
