/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The end of ftectl apply: the files of all that is well become the configuration to go back to,
 * those of what is not stay as they were kept; and what each agent runs with is noted.
 */

#include "base/log.h"
#include "base/parse.h"

#include "apply.h"
#include "config/instance.h"

static bool is_full(const Apply *a) {
        return a->args->n_words == 0;
}

bool apply_is_well(const Target *t) {
        return t->is_wanted && !outcome_is_bad(t->now.outcome) &&
               !(t->was_retried && outcome_is_bad(t->first.outcome));
}

/* ---- which files are new ---- */

static bool takes_new_plugin(const Apply *a, const char *group) {
        bool linked = false;

        for (size_t i = 0; i < a->n; i++) {
                const Target *t = &a->targets[i];

                if (!t->has_file || !t->plugins || !strv_contains(t->plugins, group))
                        continue;
                if (t->is_wanted && !apply_is_well(t))
                        return false;
                linked |= t->is_wanted;
        }
        return linked || is_full(a);
}

/* fte.conf concerns all of them: it is good when none failed that it could have changed. */
static bool takes_new_host(const Apply *a) {
        for (size_t i = 0; i < a->n; i++)
                if (a->targets[i].has_file && a->targets[i].is_changed &&
                    !apply_is_well(&a->targets[i]))
                        return false;
        return is_full(a) && a->host_back.state == PUT_BACK_UNTRIED;
}

static bool takes_new(const Apply *a, const char *group) {
        const Target *t;

        if (streq(group, FILE_SET_HOST))
                return takes_new_host(a);
        if (startswith(group, "plugins/"))
                return takes_new_plugin(a, group);
        if (name_is_template(group))
                return apply_takes_new_template(a, group);
        t = apply_find(a, group);
        return t ? apply_is_well(t) : is_full(a);
}

/* ---- the new set ---- */

/* From two lists by path one list by path. The bytes stay where they are. */
static int merge(const Apply *a, FileSet *ret) {
        const FileSet *new = &a->files, *old = &a->applied.files;

        ret->files = malloc((new->n + old->n + 1) * sizeof(*ret->files));
        if (!ret->files)
                return -ENOMEM;
        for (size_t i = 0, k = 0; i < new->n || k < old->n;) {
                int order = i == new->n   ? 1
                            : k == old->n ? -1
                                          : strcmp(new->files[i].path, old->files[k].path);
                const SetFile *f = order <= 0 ? &new->files[i] : NULL,
                              *g = order >= 0 ? &old->files[k] : NULL;
                bool is_new = takes_new(a, (f ? f : g)->group);

                if (is_new && f)
                        ret->files[ret->n++] = *f;
                else if (!is_new && g)
                        ret->files[ret->n++] = *g;
                i += f != NULL;
                k += g != NULL;
        }
        return 0;
}

static bool is_kept_agent(const Target *t) {
        if (t->is_by_hand || (!t->has_file && t->is_wanted && apply_is_well(t)))
                return false; /* nobody asks for it, or it was stopped */
        return t->was_applied || (t->has_file && apply_is_well(t));
}

typedef struct Links {
        char **words;
        size_t n, size;
} Links;

static int add_link(Links *l, const char *agent, const char *plugin) {
        if (l->n + 3 > l->size) {
                size_t size = MAX(l->size * 2, (size_t) 64);
                char **words = realloc(l->words, size * sizeof(*words));

                if (!words)
                        return -ENOMEM;
                l->words = words;
                l->size = size;
        }
        l->words[l->n++] = (char *) agent;
        l->words[l->n++] = (char *) plugin;
        l->words[l->n] = NULL;
        return 0;
}

/* The plugins of what is well as of now, those of the rest as they were. */
static int list_links(const Apply *a, Links *ret) {
        int r = 0;

        for (size_t i = 0; i < a->n && r >= 0; i++) {
                const Target *t = &a->targets[i];

                if (!t->has_file || !apply_is_well(t))
                        continue;
                for (char **p = t->plugins; p && *p && r >= 0; p++)
                        r = add_link(ret, t->name, *p);
        }
        for (char **p = a->applied.links; p && p[0] && p[1] && r >= 0; p += 2) {
                const Target *t = apply_find(a, p[0]);

                if (t && is_kept_agent(t) && !(t->has_file && apply_is_well(t)))
                        r = add_link(ret, p[0], p[1]);
        }
        return r;
}

int apply_keep(Apply *a) {
        char **agents = arena_new_n(&a->arena, char *, a->n + 1);
        Links links = { 0 };
        FileSet files = { 0 };
        size_t n = 0;
        int r = agents ? merge(a, &files) : -ENOMEM;

        for (size_t i = 0; i < a->n && r >= 0; i++)
                if (is_kept_agent(&a->targets[i]))
                        agents[n++] = (char *) a->targets[i].name;
        if (r >= 0)
                r = list_links(a, &links);
        if (r >= 0)
                r = applied_commit(&a->applied, &files, agents, n, links.words);
        free(links.words);
        file_set_done(&files);
        if (r < 0)
                log_line(LOG_ERR,
                         APPLIED_DIRECTORY
                         ": the configuration that is applied now cannot be kept, "
                         "so a later apply would go back to an older one: %s",
                         strerror(-r));
        return r;
}

/* ---- what runs ---- */

static int write_notes(Apply *a) {
        int r = running_write(&a->running, a->root_fd);

        if (r < 0)
                log_line(LOG_WARNING,
                         "/run/fte/running: %s; the next apply may restart more than it must",
                         strerror(-r));
        return r;
}

int apply_note_loaded(Apply *a) {
        for (size_t i = 0; i < a->n; i++) {
                const Target *t = &a->targets[i];

                if (!*t->run_id || t->loaded.rendered == 0 || t->run_usec < a->reload_usec ||
                    t->planned.content_usec > a->reload_usec ||
                    running_find(&a->running, t->name, t->run_id))
                        continue;
                (void) running_note(&a->running, t->name, t->run_id,
                                    t->planned.full - t->planned.rendered + t->loaded.rendered);
        }
        return write_notes(a);
}

int apply_note_runs(Apply *a) {
        for (size_t i = 0; i < a->n; i++) {
                const Target *t = &a->targets[i];
                char id[RUN_ID_BYTES] = "";
                uint64_t usec;

                if (!t->is_wanted || outcome_is_bad(t->now.outcome))
                        continue;
                (void) run_find(a->root_fd, t->name, id, &usec);
                (void) running_note(&a->running, t->name, t->has_file ? id : "", t->planned.full);
        }
        return write_notes(a);
}
