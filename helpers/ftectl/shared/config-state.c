/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * config-state.h. What runs is told apart from what is loaded: somebody may have reloaded and
 * restarted nothing.
 */

#include "ftectl/shared/loaded.h"

#include "config-state.h"

int config_look_open(ConfigLook *l, const char *root) {
        int r;

        *l = CONFIG_LOOK_CLOSED;
        l->loaded_fd = loaded_open(root);
        r = fingerprinter_open(&l->prints, root);
        return r < 0 ? r : running_read(&l->running, l->prints.root_fd);
}

void config_look_close(ConfigLook *l) {
        running_done(&l->running);
        fingerprinter_done(&l->prints);
        closep(&l->loaded_fd);
        *l = CONFIG_LOOK_CLOSED;
}

static void compare_run(ConfigLook *l, const Agent *a, RunFacts *facts, ConfigVerdict *ret) {
        int root_fd = l->prints.root_fd;
        char id[RUN_ID_BYTES];
        RunFiles files;

        if (!run_find(root_fd, a->name, id, &facts->start_usec))
                return;
        facts->id = id;
        facts->reload_usec = run_reload_usec(l->loaded_fd);
        run_files(root_fd, a, &files);
        facts->newest_usec = files.newest_usec;
        facts->env_usec = run_env_usec(root_fd, a, files.env_usec, facts->start_usec);
        ret->change = running_compare(&l->running, a->name, facts);
        if (ret->change == RUN_UNCHANGED)
                return;
        ret->state = CONFIG_RESTART;
        ret->file = ret->change == RUN_ENV ? a->env_file : files.newest;
}

static ConfigState judge_unit(ConfigLook *l, const Render *render, Fingerprint *planned,
                              Fingerprint *loaded) {
        const Plan *p = render->plan;
        const char *name = render->agent->name;

        if (render_is_stub(render))
                return CONFIG_ERRORS;
        if (l->loaded_fd < 0 || !loaded_is_planned(l->loaded_fd, p, p->group))
                return CONFIG_RELOAD;
        fingerprint_planned(&l->prints, p, name, planned);
        fingerprint_loaded(&l->prints, l->loaded_fd, name, loaded);
        return planned->rendered == loaded->rendered ? CONFIG_IN_USE : CONFIG_RELOAD;
}

void config_judge_by_hand(ConfigLook *l, const Agent *a, ConfigVerdict *ret) {
        RunFacts facts = { .planned = &l->template_planned, .loaded = &l->template_loaded };

        *ret = (ConfigVerdict){ .state = l->template_state };
        if (ret->state == CONFIG_IN_USE)
                compare_run(l, a, &facts, ret);
}

void config_judge(ConfigLook *l, const Render *render, ConfigVerdict *ret) {
        const Agent *a = render->agent;
        Fingerprint planned, loaded;

        if (a->is_template) {
                l->template_state =
                        judge_unit(l, render, &l->template_planned, &l->template_loaded);
                *ret = (ConfigVerdict){ .state = l->template_state };
                return;
        }
        if (a->is_by_hand) {
                config_judge_by_hand(l, a, ret);
                return;
        }
        *ret = (ConfigVerdict){ .state = judge_unit(l, render, &planned, &loaded) };
        if (ret->state == CONFIG_IN_USE)
                compare_run(l, a, &(RunFacts){ .planned = &planned, .loaded = &loaded }, ret);
}

const char *run_change_text(RunChange change, const char *file, Arena *arena) {
        static const char *const texts[] = {
                [RUN_CONFIG] = "%s says something else than what the agent was started with",
                [RUN_CONTENT] = "a plugin, profile or drop-in of %s says something else than when "
                                "the agent was started",
                [RUN_NEWER] = "%s was changed after the start of the agent, and systemd has loaded "
                              "it since; with what the agent was started is not known",
                [RUN_ENV] = "%s was changed after the start of the agent",
        };
        const char *hole = texts[change] ? strstr(texts[change], "%s") : NULL;

        return hole ? arena_printf(arena, "%.*s%s%s", (int) (hole - texts[change]), texts[change],
                                   file ? file : "", hole + 2)
                    : NULL;
}
