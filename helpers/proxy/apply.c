/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * apply.h. What nginx says of an error seldom names the agent (a certificate, a name that does not
 * resolve), so the agents at fault are found by trying halves: with one bad block of n some
 * 2 log n tests. They are made aside (host/aside.h), so that somebody else's reload never meets
 * what nginx has not accepted. Where this process may not have a view of its own, as in a container
 * without CAP_SYS_ADMIN, what is tried is what everybody sees.
 */

#include <fcntl.h>
#include <stdio.h>

#include "host/aside.h"

#include "apply.h"

#define MARKER_BYTES 4096

typedef struct Search {
        const Apply *apply;
        ProxySet good; /* what nginx has accepted so far */
        const char **changed;
        size_t n_changed, n_refused;
} Search;

/* ---- who was killed leaves what is untested, or what nginx was not told of ---- */

static const char *marker(const Apply *a, char buf[static MARKER_BYTES]) {
        snprintf(buf, MARKER_BYTES, "%s" PROXY_DIR "/.untested", a->nginx->root);
        return buf;
}

static bool is_untested(const Apply *a) {
        char path[MARKER_BYTES];

        return access(marker(a, path), F_OK) == 0;
}

/* It is on the disk before the set is: proxy_set_install() syncs the whole. */
static int mark(const Apply *a) {
        char path[MARKER_BYTES];
        _cleanup_close_ int fd = open(marker(a, path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        return fd < 0 ? -errno : 0;
}

void apply_done(const Apply *a) {
        char path[MARKER_BYTES];

        (void) unlink(marker(a, path));
}

static int install(const Apply *a, const ProxySet *set) {
        int r = mark(a);

        return r < 0 ? r : proxy_set_install(a->nginx->root, set);
}

/* ---- one test ---- */

static int enter_aside(const Apply *a, Aside *ret) {
        static const char *const keep[] = { "certificates", "acme", NULL };
        const char *shared = proxy_shared_path(a->nginx->root), *slash;
        char dir[64];

        if (!shared)
                return -ENOENT;
        slash = strrchr(shared, '/');
        snprintf(dir, sizeof(dir), "%.*s", (int) (slash - shared), shared);
        return aside_enter(
                a->nginx->root,
                (const AsideDir[]){ { PROXY_DIR, keep, NULL }, { dir, NULL, slash + 1 } }, 2, ret);
}

static int try_set(const Apply *a, const ProxySet *set, StrBuf *output) {
        _cleanup_aside_ Aside aside = ASIDE_NONE;
        int r = enter_aside(a, &aside);

        r = r < 0 ? install(a, set) : proxy_set_install(a->nginx->root, set);
        return r < 0 ? r : nginx_test(a->nginx, output);
}

static bool is_changed(const Search *s, const char *name) {
        return !streq_ptr(proxy_set_find(&s->good, name), proxy_set_find(s->apply->wanted, name));
}

static int find_changed(Search *s) {
        const Apply *a = s->apply;

        s->changed = calloc(s->good.n + a->wanted->n + 1, sizeof(*s->changed));
        if (!s->changed)
                return -ENOMEM;
        for (size_t i = 0; i < a->wanted->n; i++)
                if (is_changed(s, a->wanted->files[i].name))
                        s->changed[s->n_changed++] = a->wanted->files[i].name;
        for (size_t i = 0; i < s->good.n; i++)
                if (!proxy_set_find(a->wanted, s->good.files[i].name))
                        s->changed[s->n_changed++] = s->good.files[i].name;
        return 0;
}

/* Takes n changes on if nginx accepts them together, else each half by itself. */
static int take(Search *s, const char **changed, size_t n) {
        _cleanup_strbuf_ StrBuf output = { 0 };
        _cleanup_proxy_set_ ProxySet set = { 0 };
        int r = proxy_set_copy(&s->good, &set);

        for (size_t i = 0; i < n && r == 0; i++)
                r = proxy_set_put(&set, changed[i], proxy_set_find(s->apply->wanted, changed[i]));
        if (r == 0)
                r = try_set(s->apply, &set, &output);
        if (r < 0)
                return r;
        if (r == 0) {
                ProxySet old = s->good;

                s->good = set;
                set = old;
                return 0;
        }
        if (n == 1) {
                s->n_refused++;
                s->apply->refused(changed[0], strbuf_text(&output));
                return 0;
        }
        r = take(s, changed, n / 2);
        return r < 0 ? r : take(s, changed + n / 2, n - n / 2);
}

/* The newest set that nginx accepts: what it has, or if that has become bad nothing of ours. */
static int find_base(Search *s, StrBuf *output) {
        const Apply *a = s->apply;
        const ProxySet nothing = { 0 };
        int r = try_set(a, a->now, output);

        if (r <= 0)
                return r < 0 ? r : proxy_set_copy(a->now, &s->good);
        if (a->now->n == 0 && !a->now->shared)
                return 1;
        r = try_set(a, &nothing, output);
        return r;
}

static int search(Search *s, StrBuf *output) {
        const Apply *a = s->apply;
        int r = find_base(s, output);

        if (r < 0)
                return r;
        if (r > 0) { /* somebody else's mistake, which ours must not be mixed with */
                r = proxy_set_install(a->nginx->root, a->now);
                return r < 0 ? r : APPLY_FOREIGN;
        }
        strbuf_reset(output);
        s->good.shared = a->wanted->shared;
        r = find_changed(s);
        if (r == 0)
                r = try_set(a, &s->good, output);
        if (r > 0) {
                a->refused(NULL, strbuf_text(output));
                s->good.shared = a->now->shared;
                s->n_refused++;
        } else if (r == 0 && s->n_changed > 0)
                r = take(s, s->changed, s->n_changed);
        if (r < 0)
                return r;
        if (s->good.n == 0)
                s->good.shared = NULL;
        r = install(a, &s->good);
        return r < 0 ? r : s->n_refused > 0 ? APPLY_PART : APPLY_ALL;
}

static int try_all(const Apply *a, StrBuf *output) {
        Search s = { .apply = a };
        int r = try_set(a, a->wanted, output);

        if (r == 0) {
                r = install(a, a->wanted);
                r = r < 0 ? r : APPLY_ALL;
        } else if (r > 0) {
                strbuf_reset(output);
                r = search(&s, output);
        }
        if (r < 0) /* as far as it goes */
                (void) proxy_set_install(a->nginx->root, a->now);
        proxy_set_done(&s.good);
        free(s.changed);
        return r;
}

int apply_run(const Apply *a, StrBuf *output) {
        return proxy_set_equal(a->now, a->wanted) && !is_untested(a) ? APPLY_SAME
                                                                     : try_all(a, output);
}
