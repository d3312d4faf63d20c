/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which instances of templates there are (instance.h): those in Instances=, and those that have
 * fragments of their own. They become entries beside the agents, so that whoever goes through the
 * entries sees each as an agent of its own. Also finds an entry by name, of an instance that is
 * only ever started by hand as well, and sees whose directories would be the same.
 */

#include "config/instance.h"

/* Among the first n of the entries, which are sorted. */
static ConfigEntry *find_among(const Config *c, size_t n, const char *name) {
        size_t low = 0, high = n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(c->entries[middle].name, name);

                if (order == 0)
                        return &c->entries[middle];
                *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
        }
        return NULL;
}

static ConfigEntry *find_entry(const Config *c, const char *name) {
        return find_among(c, c->n_entries, name);
}

/* An entry of a template's instance, with fragments of its own or without. */
static ConfigEntry make_instance(const ConfigEntry *template, const char *name,
                                 unsigned char own_fragment_dirs) {
        ConfigEntry e = *template;

        e.name = name;
        e.template_name = template->name;
        e.own_fragment_dirs = own_fragment_dirs;
        e.clash = NULL;
        e.prefix = entry_prefix(name, strlen(name));
        return e;
}

static const ConfigEntry *find_template(const Config *c, const char *instance) {
        const char *name = name_template(instance, c->arena);
        const ConfigEntry *e = name ? find_entry(c, name) : NULL;

        return e && !e->fragments_only ? e : NULL;
}

/* Those that have only fragments take their template's file; without one they are of nothing. */
static void adopt_fragments(Config *c) {
        size_t n = 0;

        for (size_t i = 0; i < c->n_entries; i++) {
                const ConfigEntry *e = &c->entries[i], *template;

                if (!e->fragments_only)
                        continue;
                template = find_template(c, e->name);
                if (template)
                        c->entries[i] = make_instance(template, e->name, e->fragment_dirs);
        }
        for (size_t i = 0; i < c->n_entries; i++)
                if (!c->entries[i].fragments_only)
                        c->entries[n++] = c->entries[i];
        c->n_entries = n;
}

static int add_instance(Config *c, size_t n_sorted, const ConfigEntry *template,
                        const char *instance) {
        char *name = arena_printf(c->arena, "%s%s", template->name, instance);
        ConfigEntry *e = name ? find_among(c, n_sorted, name) : NULL, *entries;

        if (!name)
                return -ENOMEM;
        if (!e) {
                entries = realloc(c->entries, (c->n_entries + 1) * sizeof(*entries));
                if (!entries)
                        return -ENOMEM;
                c->entries = entries;
                e = &entries[c->n_entries++];
                *e = make_instance(template, name, 0);
        }
        e->is_wanted = true;
        return 0;
}

static void sort_entries(Config *c) {
        entries_sort(&(Entries){ c->entries, c->n_entries, c->n_entries });
}

static bool is_repeated(char **words, char **word) {
        while (words < word && !streq(*words, *word))
                words++;
        return words < word;
}

/* What is wrong with the template is told when it is read as such. */
static int add_instances_of(Config *c, size_t n_sorted, const ConfigEntry *template) {
        _cleanup_arena_ Arena arena = { 0 };
        Problems problems = { .arena = &arena };
        Agent agent;
        int r;

        r = config_read_agent(c, template, &arena, &problems, &agent);
        for (char **i = agent.instances; r >= 0 && i && *i; i++)
                if (!is_repeated(agent.instances, i))
                        r = add_instance(c, n_sorted, template, *i);
        return r;
}

/* Those that somebody asks about, and that nobody has to have named before. */
static int add_asked(Config *c) {
        int r = 0;

        for (char *const *name = c->options.instances; name && *name && r >= 0; name++) {
                const char *instance = name_instance(*name);
                const ConfigEntry *template = instance && instance_name_is_good(instance)
                                                      ? find_template(c, *name)
                                                      : NULL;
                ConfigEntry copy;

                if (!template || find_entry(c, *name))
                        continue;
                copy = *template;
                r = add_instance(c, c->n_entries, &copy, instance);
                if (r < 0)
                        break;
                c->entries[c->n_entries - 1].is_wanted = false;
                sort_entries(c);
        }
        return r;
}

/* ---- the same directories ---- */

/*
 * Another agent or instance with these directories: "a-b-c" is of the agent "a-b-c", of "a@b-c" and
 * of "a-b@c". For a template, "a-b@", another whose instances could have the same: "a@".
 */
static const ConfigEntry *find_clash(const Config *c, const ConfigEntry *e, const char *directory) {
        const ConfigEntry *other = name_is_template(e->name) ? NULL : find_entry(c, directory);
        char name[256];

        for (const char *p = directory; (p = strchr(p, '-')) && !other; p++) {
                size_t n = (size_t) (p - directory);

                if (strlen(directory) >= sizeof(name))
                        return NULL;
                strcpy(name, directory);
                name[n] = '@';
                if (name_is_template(e->name))
                        name[n + 1] = 0;
                other = streq(name, e->name) ? NULL : find_entry(c, name);
        }
        return other;
}

/* Only instances and templates are at fault: an agent that has its name keeps its directories. */
static void note_clashes(Config *c) {
        for (size_t i = 0; i < c->n_entries; i++) {
                ConfigEntry *e = &c->entries[i];
                const char *directory =
                        strchr(e->name, '@') ? name_directory(e->name, c->arena) : NULL;
                const ConfigEntry *other = directory ? find_clash(c, e, directory) : NULL;

                e->clash = other ? other->name : NULL;
        }
}

int config_add_instances(Config *c) {
        bool any = false;
        int r = 0;

        for (size_t i = 0; i < c->n_entries && !any; i++)
                any = strchr(c->entries[i].name, '@') != NULL;
        if (!any) /* nearly always */
                return 0;
        adopt_fragments(c);
        for (size_t i = 0, n = c->n_entries; i < n && r >= 0; i++) {
                ConfigEntry e = c->entries[i];

                if (name_is_template(e.name))
                        r = add_instances_of(c, n, &e);
        }
        sort_entries(c);
        if (r >= 0)
                r = add_asked(c);
        note_clashes(c);
        return arena_failed(c->arena) ? -ENOMEM : r;
}

int config_find(const Config *c, const char *name, ConfigEntry *ret) {
        const ConfigEntry *e = find_entry(c, name), *template = NULL;
        const char *instance = name_instance(name);
        ConfigEntry made;

        if (e) {
                *ret = *e;
                return 0;
        }
        if (instance && instance_name_is_good(instance))
                template = find_template(c, name);
        if (!template)
                return -ENOENT;
        made = make_instance(template, arena_strdup(c->arena, name), 0);
        if (!made.name)
                return -ENOMEM;
        e = find_clash(c, &made, name_directory(name, c->arena));
        made.clash = e ? e->name : NULL;
        *ret = made;
        return 0;
}
