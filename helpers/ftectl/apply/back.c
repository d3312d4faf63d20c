/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The way back of ftectl apply: which files of what failed have changed since the last good apply,
 * and what came of putting these back. The work on the files is restore.c's.
 */

#include "base/escape.h"
#include "base/parse.h"

#include "apply.h"
#include "config/instance.h"
#include "ftectl/apply/put-back.h"

#define GROUPS_MAX (2 * PLUGINS_MAX + 4)

/* Whose files have changed: an agent's own and its plugins, or the host's. */
typedef struct Groups {
        const char *items[GROUPS_MAX];
        size_t n;
} Groups;

static void add_group(Groups *g, const Apply *a, const char *group) {
        if (g->n < GROUPS_MAX && !file_set_group_is_same(&a->files, &a->applied.files, group))
                g->items[g->n++] = group;
}

/* ---- doing it ---- */

/* The command with which the edit is tried again. */
static const char *retry_command(const Restore *s) {
        bool is_host = streq(s->name, FILE_SET_HOST), removes = false;
        _cleanup_strbuf_ StrBuf b = { 0 };

        strbuf_addf(&b, "cp -a %s/rejected/. /etc/fte/", s->directory);
        for (size_t i = 0; i < s->good->n; i++) {
                const SetFile *f = &s->good->files[i];

                if (!restore_has_group(s, f->group) || file_set_find(s->edit, f->path))
                        continue;
                strbuf_add(&b, removes ? " /etc/fte/" : " && rm /etc/fte/");
                escape_shell_word(&b, f->path);
                removes = true;
        }
        strbuf_addf(&b, " && ftectl apply%s%s", is_host ? "" : " ", is_host ? "" : s->name);
        return strbuf_check(&b) < 0 ? NULL : arena_strdup(s->arena, strbuf_text(&b));
}

static void fail(Apply *a, WayBack *back, const char *what, int error) {
        back->state = PUT_BACK_IMPOSSIBLE;
        back->note = arena_printf(&a->arena, "%s: %s", what, strerror(-error));
}

static void put_back(Apply *a, const char *name, const Groups *groups, WayBack *back) {
        _cleanup_(restore_done) Restore s = {
                .root_fd = a->root_fd,
                .etc_fd = a->etc_fd,
                .name = name,
                .groups = groups->items,
                .n_groups = groups->n,
                .good = &a->applied.files,
                .edit = &a->edit,
                .arena = &a->arena,
                .dir_fd = -EBADF,
        };
        int r = a->edit_error < 0 ? a->edit_error : restore_save(&s);

        if (r < 0) {
                fail(a, back,
                     "nothing is put back, because the edit cannot be saved in " REJECTED_DIRECTORY,
                     r);
                return;
        }
        back->rejected = s.directory;
        r = restore_put_back(&s);
        if (r < 0) {
                fail(a, back,
                     arena_printf(&a->arena,
                                  "/etc/fte cannot be written; what is to be put back there is in "
                                  "%s/applied",
                                  s.directory),
                     r);
                return;
        }
        back->state = PUT_BACK_DONE;
        back->retry = retry_command(&s);
        if (s.was_link)
                back->note = arena_printf(&a->arena, "/etc/fte/%s was a link, and is a file now",
                                          s.was_link);
}

/* ---- which files ---- */

static void note(Target *t, const char *why) {
        t->back.state = PUT_BACK_NONE;
        t->back.note = why;
}

/* Those that it links now, and those that only the version links that is put back. */
static void add_plugins(Groups *g, const Apply *a, const Target *t) {
        for (char **p = t->plugins; p && *p; p++)
                if (file_set_has_group(&a->applied.files, *p))
                        add_group(g, a, *p);
        for (char **p = a->applied.links; p && p[0] && p[1]; p += 2)
                if (streq(p[0], t->name) && !(t->plugins && strv_contains(t->plugins, p[1])) &&
                    file_set_has_group(&a->applied.files, p[1]))
                        add_group(g, a, p[1]);
}

static bool put_back_agent(Apply *a, Target *t) {
        Groups groups = { 0 };

        if (a->applied.time_usec == 0) {
                note(t, "no apply has succeeded before, so there is nothing to put back");
                return false;
        }
        if (!t->was_applied) {
                note(t, "it has never been well before, so there is nothing to put back");
                return false;
        }
        add_group(&groups, a, t->name);
        if (name_instance(t->name))
                add_group(&groups, a, name_template(t->name, &a->arena));
        add_plugins(&groups, a, t);
        if (groups.n == 0) {
                note(t, t->now.why == WHY_ENV ? "only its env file has changed, which is a secret "
                                                "and so is not kept; "
                                                "there is nothing to put back"
                                              : "its files are as they were when it was last well, "
                                                "so there is nothing "
                                                "to put back");
                return false;
        }
        put_back(a, t->name, &groups, &t->back);
        t->is_forced = t->back.state == PUT_BACK_DONE;
        return t->is_forced;
}

static bool put_back_host(Apply *a) {
        Groups groups = { 0 };

        if (a->applied.time_usec == 0)
                return false;
        add_group(&groups, a, FILE_SET_HOST);
        if (groups.n == 0)
                return false;
        put_back(a, FILE_SET_HOST, &groups, &a->host_back);
        return a->host_back.state == PUT_BACK_DONE;
}

/*
 * Once, for what is put back for one agent may be part of the edit of the next: a plugin that both
 * link. As it is at this moment, and not as it was judged: nobody's edit is to be lost.
 */
static void read_edit(Apply *a) {
        file_set_done(&a->edit);
        a->edit_error = file_set_read(&a->edit, a->etc_fd);
}

static bool can_go_back(const Target *t) {
        return t->has_file && outcome_is_failure(t->now.outcome);
}

static bool put_back_agents(Apply *a) {
        bool any = false;

        for (size_t i = 0; i < a->n && !apply_interrupted; i++) {
                Target *t = &a->targets[i];

                if (can_go_back(t) && t->back.state == PUT_BACK_UNTRIED)
                        any |= put_back_agent(a, t);
        }
        return any;
}

static bool put_back_for_all(Apply *a) {
        bool any = false;

        for (size_t i = 0; i < a->n; i++)
                any |= can_go_back(&a->targets[i]) && a->targets[i].was_applied;
        if (!any || apply_interrupted || !put_back_host(a))
                return false;
        for (size_t i = 0; i < a->n; i++)
                a->targets[i].is_forced |= can_go_back(&a->targets[i]) && a->targets[i].was_applied;
        return true;
}

bool apply_put_back(Apply *a, bool host) {
        bool any = false;

        for (size_t i = 0; i < a->n; i++)
                any |= can_go_back(&a->targets[i]);
        if (!any)
                return false;
        read_edit(a);
        return host ? put_back_for_all(a) : put_back_agents(a);
}
