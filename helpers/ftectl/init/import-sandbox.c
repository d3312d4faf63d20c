/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The rows about other units and the sandbox (import.h). What the profile has anyway is recognised
 * from the profile's own file in import.c.
 */

#include <limits.h>
#include <sys/stat.h>

#include "base/parse.h"

#include "import.h"

/* ---- other units ---- */

/* "/etc/agent/env" of "etc-agent-env.mount" (systemd.unit(5)); false: it does not fit. */
static bool mount_path(const char *unit, char *ret, size_t size) {
        const char *end = endswith(unit, ".mount");
        size_t n = 0;

        ret[n++] = '/';
        while (unit < end && n + 1 < size) {
                int high, low;

                if (startswith(unit, "\\x") && (high = ascii_hex_value(unit[2])) >= 0 &&
                    (low = ascii_hex_value(unit[3])) >= 0) {
                        ret[n++] = (char) (high << 4 | low);
                        unit += 4;
                } else {
                        ret[n++] = *unit == '-' ? '/' : *unit;
                        unit++;
                }
        }
        ret[n] = 0;
        return unit == end;
}

/* A unit "etc-agent-env.mount" does not test a file: a file is no mount. */
static bool is_mount_of_file(const Import *im, const char *unit) {
        char path[PATH_MAX];
        struct stat st;

        if (!endswith(unit, ".mount") || !mount_path(unit, path, sizeof(path)) || !path[1])
                return false;
        return fstatat(im->root_fd, path + 1, &st, 0) < 0 || !S_ISDIR(st.st_mode);
}

/* What every agent is ordered after anyway. */
static bool is_usual(const char *unit) {
        static const char *const usual[] = { "network.target",    "network-online.target",
                                             "basic.target",      "sysinit.target",
                                             "syslog.target",     "remote-fs.target",
                                             "nss-lookup.target", "local-fs.target" };

        for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
                if (streq(usual[i], unit))
                        return true;
        return false;
}

void import_dependency(Import *im, const ImportRow *row, const ImportGroup *g) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        const char *value, *problem = NULL;
        size_t refused = im->n[IMPORT_REFUSED];
        char **words;

        for (size_t i = 0; i < g->n; i++) {
                const ImportGroup one = { g->section, g->key, g->items + i, 1, g->items[i] };

                value = import_value(im, &one);
                if (!value || parse_words(im->arena, value, PARSE_WORDS_PLAIN, &words) < 0)
                        continue;
                for (; *words; words++)
                        if (is_mount_of_file(im, *words))
                                import_refused(
                                        im, &one,
                                        "a .mount unit is a mounted file system and no test "
                                        "for a file, and nothing is to be mounted there; the "
                                        "env file is checked at each start");
                        else if (!is_usual(*words) || streq(g->key, "Requires"))
                                strbuf_addf(&b, "%s%s", b.len > 0 ? " " : "", *words);
        }
        if (b.len == 0) {
                if (g->n > 0 && im->n[IMPORT_REFUSED] == refused)
                        import_covered(im, g, "agents start when the network is there");
                return;
        }
        value = arena_strdup(im->arena, strbuf_text(&b));
        if (row->to == SECTION_AGENT) {
                import_set(im, g, row->to, row->to_key, value);
                return;
        }
        problem = draft_pass(im->draft, row->to, row->to_key, value);
        if (problem)
                import_refused(im, g, problem);
        else
                import_carried(im, g, row->to, row->to_key);
}

/* ---- sandbox ---- */

void import_protect_system(Import *im, const ImportRow *row, const ImportGroup *g) {
        bool on = false;

        if (g->n == 0 || (parse_boolean(g->last->value, &on) == 0 && !on))
                import_refused(
                        im, g,
                        "the sandbox lets an agent write only to its own directories; name others "
                        "by ReadWritePaths= in [Sandbox], or use Profile=trusted");
        else if (streq(g->last->value, "strict"))
                import_pass(im, row, g);
        else
                import_refused(
                        im, g,
                        "the sandbox is stricter (ProtectSystem=strict): name what the agent "
                        "writes "
                        "outside /var/lib/NAME and /var/log/NAME by ReadWritePaths= in [Sandbox]");
}

/* Deny-lists add up; an allow-list would open again what the profile has closed. */
void import_system_calls(Import *im, const ImportRow *row, const ImportGroup *g) {
        for (size_t i = 0; i < g->n; i++)
                if (*g->items[i]->value != '~') {
                        import_refused(
                                im, g,
                                "the sandbox profile has a list of its own; when the journal names "
                                "a "
                                "call that was denied, allow that one by SystemCallFilter= in "
                                "[Service]");
                        return;
                }
        import_pass(im, row, g);
}

/* "/dev/nvidia0 rw" to "/dev/nvidia0:rw". */
void import_devices(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char **words;

        for (size_t i = 0; i < g->n; i++) {
                if (parse_words(im->arena, g->items[i]->value, PARSE_WORDS_PLAIN, &words) < 0 ||
                    !words[0])
                        continue;
                strbuf_addf(&b, "%s%s", b.len > 0 ? " " : "", words[0]);
                if (words[1])
                        strbuf_addf(&b, ":%s", words[1]);
        }
        if (b.len > 0)
                import_set(im, g, SECTION_SANDBOX, "Devices",
                           arena_strdup(im->arena, strbuf_text(&b)));
}
