/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The configuration in a bundle (handoff.h): the agent's own files byte for byte, its overlay of
 * the host's environment as a fragment, and as the last fragment what it has from fte.conf, so that
 * the same holds on a host with another one. Of fte.conf nothing else is taken: SSH and the
 * firewall are the other host's own affair.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/env-file.h"
#include "base/escape.h"
#include "base/fsat.h"
#include "base/log.h"
#include "base/parse.h"
#include "config/instance.h"

#include "ftectl/env/store.h"
#include "ftectl/init/draft.h"
#include "handoff.h"

/* A fragment's name that sorts in front of nearly any, and one behind all of digits and letters. */
#define FIRST_FRAGMENT "0-environment"
#define LAST_FRAGMENT  "zz-of-the-host"

static int add_copy(Bundle *b, const char *path, int dir_fd, const char *file) {
        _cleanup_free_ char *text = malloc(INI_FILE_BYTES_MAX + 2);
        ssize_t n = text ? fsat_read(dir_fd, file, text, INI_FILE_BYTES_MAX + 2) : -ENOMEM;
        StrBuf *out;

        if (n < 0) {
                log_line(LOG_ERR, "%s: %s", file, strerror((int) -n));
                return (int) n;
        }
        out = bundle_add(b, path, 0644);
        if (!out)
                return -E2BIG;
        strbuf_add_bytes(out, text, (size_t) n);
        return 0;
}

/* NAME of the file NAME.conf: of an instance that of its template. */
static const char *file_name(Document *d) {
        return name_instance(d->agent.name) ? name_template(d->agent.name, &d->arena)
                                            : d->agent.name;
}

static const char *fragment_path(Document *d, const char *of, const char *name) {
        return doc_printf(d, "%s.conf.d/%s.conf", of, name);
}

/* As config_read_agent() finds them: the first directory that has a name, masks left out. */
static int add_fragments(Bundle *b, const char *of, unsigned char dirs) {
        _cleanup_(entries_done) Entries names = { 0 };
        int fds[CONFIG_DIRS_MAX] = { -EBADF, -EBADF, -EBADF, -EBADF, -EBADF }, r = 0;
        Document *d = b->document;
        const char *dir = doc_printf(d, "%s.conf.d", of);

        for (unsigned char i = 0; i < CONFIG_DIRS_MAX && r >= 0 && dir; i++) {
                if (!(dirs & (1u << i)))
                        continue;
                fds[i] = fsat_open_dir(d->config.dir_fds[i], dir);
                r = fds[i] < 0 ? fds[i] : entries_list_dir(&names, fds[i], i, false, &d->arena);
        }
        entries_sort(&names);
        for (size_t i = 0; i < names.n && r >= 0; i++) {
                const ConfigEntry *f = &names.items[i];
                const char *file = doc_printf(d, "%s.conf", f->name);

                if (!file || (i > 0 && streq(f->name, names.items[i - 1].name)) ||
                    fsat_is_mask(fds[f->dir], file))
                        continue;
                r = add_copy(b, fragment_path(d, of, f->name), fds[f->dir], file);
        }
        for (size_t i = 0; i < CONFIG_DIRS_MAX; i++)
                closep(&fds[i]);
        return r < 0 ? r : 0;
}

static int add_overlay(Bundle *b) {
        const Config *c = &b->document->config;
        const char *file = doc_printf(b->document, "%s.conf", file_name(b->document));

        for (size_t i = 0; i < CONFIG_DIRS_MAX && file && c->host.environment; i++) {
                if (c->overlay_fds[i] < 0 ||
                    faccessat(c->overlay_fds[i], file, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (fsat_is_mask(c->overlay_fds[i], file))
                        return 0;
                return add_copy(b,
                                fragment_path(b->document, file_name(b->document), FIRST_FRAGMENT),
                                c->overlay_fds[i], file);
        }
        return 0;
}

/* ---- what it has of the host ---- */

static bool is_of_host(const Place *p) {
        return p->file && strstr(p->file, "/fte.conf");
}

static bool has_host_list(const Document *d, const Directive *row) {
        return (row->flags & DIRECTIVE_LIST) &&
               *(char *const *const *) ((const char *) &d->config.host.defaults + row->offset);
}

/* A list is written whole: what the agent's files add is in it already. */
static void add_value(Document *d, const Directive *row, SectionId *section, StrBuf *b) {
        _cleanup_strbuf_ StrBuf value = { 0 };

        directive_value_text(row, &d->agent, &value);
        if (*section != row->section)
                strbuf_addf(b, "[%s]\n", section_to_string(row->section));
        *section = row->section;
        if (row->flags & DIRECTIVE_LIST)
                strbuf_addf(b, "%s=\n", row->key);
        if (row->parse != parse_env_assignment) {
                strbuf_addf(b, "%s=%s\n", row->key, strbuf_text(&value));
                return;
        }
        for (char **w = *(char ***) ((char *) &d->agent + row->offset); *w; w++) {
                strbuf_addf(b, "%s=", row->key);
                escape_word(b, *w, 0);
                strbuf_addc(b, '\n');
        }
}

static void add_passed(const Document *d, SectionId section, StrBuf *b) {
        bool any = false;

        for (const PassThrough *p = d->agent.pass_through; p; p = p->next) {
                if (p->section != section || !is_of_host(&p->place))
                        continue;
                strbuf_addf(b, any ? "%s%s=%s\n" : "[%s]\n%s=%s\n",
                            any ? "" : section_to_string(section), p->key, p->value);
                any = true;
        }
}

static void add_host_settings(Bundle *b) {
        _cleanup_strbuf_ StrBuf text = { 0 };
        Document *d = b->document;
        SectionId section = _SECTION_INVALID;
        StrBuf *out;

        for (size_t i = 0; i < n_directives && directives[i].section < SECTION_HOST; i++) {
                const Directive *row = &directives[i];
                Place p = agent_place(&d->agent, row->offset);

                if (!(row->flags & DIRECTIVE_HOST_ONLY) && p.file &&
                    (is_of_host(&p) || has_host_list(d, row)))
                        add_value(d, row, &section, &text);
        }
        add_passed(d, SECTION_UNIT, &text);
        add_passed(d, SECTION_SERVICE, &text);
        if (text.len == 0)
                return;
        out = bundle_add(b, fragment_path(d, d->agent.name, LAST_FRAGMENT), 0644);
        if (!out)
                return;
        strbuf_add(out, "; What the agent had from fte.conf of the host that this was made on.\n");
        strbuf_add_bytes(out, text.text, text.len);
        out->failed = out->failed || text.failed;
}

int handoff_add_config(Bundle *b) {
        Document *d = b->document;
        const char *name = file_name(d), *file = doc_printf(d, "%s.conf", name ? name : "");
        ConfigEntry e;
        int r = name && file ? config_find(&d->config, d->agent.name, &e) : -ENOMEM;

        if (r == 0)
                r = add_copy(b, file, d->config.dir_fds[e.dir], file);

        if (r == 0)
                r = add_overlay(b);
        if (r == 0)
                r = add_fragments(b, name, e.fragment_dirs);
        if (r == 0 && e.own_fragment_dirs)
                r = add_fragments(b, d->agent.name, e.own_fragment_dirs);
        if (r == 0)
                add_host_settings(b);
        return r;
}

/* ---- the env template ---- */

static void add_names(Bundle *b, const EnvFile *f, StrBuf *out) {
        char **required = b->document->agent.env_required;

        for (char **name = required; name && *name; name++)
                strbuf_addf(out, "\n# required\n%s=\n", *name);
        for (size_t i = 0; i < f->n_entries; i++) {
                const char *name = arena_strndup(&b->document->arena, f->entries[i].assignment,
                                                 f->entries[i].name_len);

                if (name && !strv_contains(required, name))
                        strbuf_addf(out, "\n# was set where this was made; not required\n#%s=\n",
                                    name);
        }
}

int handoff_add_env(Bundle *b) {
        Document *d = b->document;
        EnvStore store = ENV_STORE_CLOSED;
        _cleanup_(env_file_done) EnvFile f = { 0 };
        StrBuf *out;
        int r = 0;

        if (!doc_has_env(d))
                return 0;
        store.root = d->args->root;
        store.path = d->agent.env_file;
        if (!d->agent.env_encrypted)
                r = env_store_read(&store);
        if (r == 0 && store.text)
                r = env_file_parse(store.text, store.len, &f);
        out = r == 0 ? bundle_add(b, "env.template", 0644) : NULL;
        if (out) {
                strbuf_add(out, doc_fill(d, "# Variables of {name}, for {env} (mode 0600, owner "
                                            "root). A value belongs\n"
                                            "# there and never into this file.\n"));
                add_names(b, &f, out);
        }
        env_store_done(&store);
        return r;
}
