/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the generator would make of an agent: shown whole (--dry-run), or against what it made at
 * the last daemon-reload (--diff), which is what systemd has loaded. Reads, never writes.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/scope.h"
#include "base/show.h"

#include "ftectl/shared/diff.h"
#include "ftectl/shared/loaded.h"
#include "ftectl/shared/terminal.h"
#include "lint.h"

/* Configuration is others' words, and so is what stands in the directory of the loaded units. */
static void print_text(FILE *out, const char *text, size_t len) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        show_lines(&b, text, len, '?');
        fputs(strbuf_text(&b), out);
}

static void print_path(FILE *out, const char *before, const char *path) {
        fprintf(out, "%s%s/", before, scope->output);
        print_text(out, path, strcspn(path, "\n"));
}

void plan_show(const Plan *p, uint32_t from_group, FILE *out) {
        for (const PlanEntry *e = p->entries; e < p->entries + p->n; e++) {
                if (e->group < from_group)
                        continue;
                fputs(style(STYLE_BOLD), out);
                print_path(out, "# ", e->path);
                fputs(e->is_link ? " -> " : style(STYLE_PLAIN), out);
                fputs(e->is_link ? "" : "\n", out);
                print_text(out, e->data, e->is_link ? strlen(e->data) : e->len);
                fprintf(out, "%s\n", e->is_link ? style(STYLE_PLAIN) : "");
                fputs(e->is_link ? "\n" : "", out);
        }
}

json_t *plan_to_json(const Plan *p, uint32_t from_group) {
        json_t *list = json_array();

        for (const PlanEntry *e = p->entries; e < p->entries + p->n; e++)
                if (e->group >= from_group)
                        json_array_append_new(list, json_pack("{s:o, s:o}", "path",
                                                              json_path(scope->output, e->path),
                                                              e->is_link ? "target" : "content",
                                                              json_text(e->data)));
        return list;
}

/* ---- against what is loaded ---- */

typedef struct Differ {
        const Plan *plan;
        uint32_t from_group;
        int dir_fd; /* -EBADF: nothing is loaded */
        FILE *out;
        json_t *changes;
        size_t n;
} Differ;

static void print_hunks(FILE *out, const char *hunks) {
        while (*hunks) {
                size_t n = strcspn(hunks, "\n");
                Style s = *hunks == '-'   ? STYLE_RED
                          : *hunks == '+' ? STYLE_GREEN
                          : *hunks == '@' ? STYLE_GREY
                                          : STYLE_PLAIN;

                fputs(style(s), out);
                print_text(out, hunks, n);
                fprintf(out, "%s\n", style(STYLE_PLAIN));
                hunks += n + (hunks[n] == '\n');
        }
}

static void compare(Differ *d, const char *path, const char *old, const char *new) {
        _cleanup_strbuf_ StrBuf hunks = { 0 };
        const char *change = !*old ? "added" : !*new ? "removed" : "changed";
        int r;

        if (streq(old, new))
                return;
        d->n++;
        r = diff_unified(old, new, &hunks);
        if (d->changes) {
                json_array_append_new(d->changes,
                                      json_pack("{s:o, s:s, s:o}", "path",
                                                json_path(scope->output, path), "change", change,
                                                "diff", json_text(strbuf_text(&hunks))));
                return;
        }
        fputs(style(STYLE_BOLD), d->out);
        print_path(d->out, "--- ", path);
        print_path(d->out, " (loaded)\n+++ ", path);
        fprintf(d->out, " (%s at the next daemon-reload)%s\n", change, style(STYLE_PLAIN));
        if (r < 0)
                fprintf(d->out, "too different to be shown: %s\n", strerror(-r));
        print_hunks(d->out, strbuf_text(&hunks));
}

static void compare_entry(Differ *d, const PlanEntry *e) {
        _cleanup_free_ char *old = loaded_read(d->dir_fd, e->path);
        _cleanup_strbuf_ StrBuf new = { 0 };

        if (!old)
                return;
        loaded_planned(e, &new);
        compare(d, e->path, old, strbuf_text(&new));
}

static bool is_planned(const Differ *d, const char *path) {
        for (const PlanEntry *e = d->plan->entries + d->plan->n; e-- > d->plan->entries;)
                if (e->group >= d->from_group && streq(e->path, path))
                        return true;
        return false;
}

static void compare_removed(Differ *d, const char *path) {
        _cleanup_free_ char *old = NULL;
        struct stat st;

        if (is_planned(d, path) || fstatat(d->dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return;
        old = loaded_read(d->dir_fd, path);
        if (old)
                compare(d, path, old, "");
}

/* What was made for the agent and is not to be made again. */
static void compare_old_files(Differ *d, const char *agent) {
        char path[PATH_MAX];
        struct dirent *entry;
        int fd;
        DIR *dir;

        snprintf(path, sizeof(path), "%s.service", agent);
        compare_removed(d, path);
        snprintf(path, sizeof(path), "%s%s.service", scope->install, agent);
        compare_removed(d, path);
        snprintf(path, sizeof(path), "%s.service.d", agent);
        fd = fsat_open_dir(d->dir_fd, path);
        dir = fd < 0 ? NULL : fdopendir(fd);
        while (dir && (entry = readdir(dir))) {
                if (*entry->d_name == '.')
                        continue;
                snprintf(path, sizeof(path), "%s.service.d/%s", agent, entry->d_name);
                compare_removed(d, path);
        }
        if (dir)
                closedir(dir);
}

/* Agents that were made and whose files are gone. */
static void compare_gone_agents(Differ *d) {
        int fd = fsat_open_dir(d->dir_fd, ".");
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        d->from_group = 0;
        while (dir && (entry = readdir(dir))) {
                const char *end = endswith(entry->d_name, ".service");
                char agent[NAME_MAX + 1];

                if (!end || is_planned(d, entry->d_name) ||
                    !loaded_is_ours(d->dir_fd, entry->d_name))
                        continue;
                snprintf(agent, sizeof(agent), "%.*s", (int) (end - entry->d_name), entry->d_name);
                compare_old_files(d, agent);
        }
        if (dir)
                closedir(dir);
}

size_t plan_diff(const PlanDiff *what, const char *root, FILE *out, json_t *changes) {
        const Plan *p = what->plan;
        Differ d = { .plan = p, .from_group = what->from_group, .out = out, .changes = changes };

        d.dir_fd = loaded_open(root);
        for (const PlanEntry *e = p->entries; e < p->entries + p->n; e++)
                if (e->group >= what->from_group)
                        compare_entry(&d, e);
        if (d.dir_fd >= 0 && what->agent)
                compare_old_files(&d, what->agent);
        else if (d.dir_fd >= 0)
                compare_gone_agents(&d);
        closep(&d.dir_fd);
        return d.n;
}
