/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The rows about account, directories, restarts, limits and output (import.h).
 */

#include "base/parse.h"

#include "import.h"

/* ---- account ---- */

static const Account *account_of(const Import *im, const char *user) {
        const Account *a = facts_account(im->facts, user);
        uint64_t uid;

        if (a || parse_uint(user, UINT32_MAX, &uid) < 0)
                return a;
        for (size_t i = 0; i < im->facts->n_accounts; i++)
                if (im->facts->accounts[i].uid == uid)
                        return &im->facts->accounts[i];
        return NULL;
}

void import_user(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        const char *user = g->n > 0 ? import_value(im, g) : NULL;
        const Account *a = user ? account_of(im, user) : NULL;

        if (!user)
                return;
        if (streq(user, "root") || streq(user, "0") || (a && a->uid == 0))
                import_refused(im, g,
                               arena_printf(im->arena,
                                            "it ran as root, and agents never do: it gets the "
                                            "account %s, which "
                                            "must be able to read what it needs",
                                            im->draft->name));
        else if (streq(user, im->draft->name) && !a)
                import_covered(im, g, "the account has the agent's name");
        else
                import_set(im, g, SECTION_AGENT, "User", a ? a->name : user);
}

void import_group(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        const char *group = g->n > 0 ? import_value(im, g) : NULL;
        const char *user = import_find(im, "Service", "User");

        if (!group)
                return;
        if (streq_ptr(user, group) || streq(group, im->draft->name))
                import_covered(im, g, "it is the user's own group");
        else if (streq(group, "root") || streq(group, "0"))
                import_refused(
                        im, g,
                        "the group root is as good as root; the agent gets a group of its own");
        else
                import_set(im, g, SECTION_AGENT, "Group", group);
}

/* ---- directories ---- */

void import_directory(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        const char *path = g->n > 0 ? import_value(im, g) : NULL;

        if (!path)
                return;
        path += *path == '-';
        if (streq(path, "~"))
                import_covered(im, g, "the agent's directory is its home, /var/lib/NAME");
        else
                import_set(im, g, SECTION_AGENT, "WorkingDirectory", path);
}

/* StateDirectory= and its kin: the agent has such directories of its own name. */
void import_own_directory(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        const char *value = g->n > 0 ? import_value(im, g) : NULL;
        const char *where = streq(g->key, "StateDirectory")  ? "/var/lib"
                            : streq(g->key, "LogsDirectory") ? "/var/log"
                                                             : "/etc";

        if (!value)
                return;
        if (streq(value, im->draft->name))
                import_covered(im, g, "it is the agent's name");
        else
                import_refused(
                        im, g,
                        arena_printf(
                                im->arena,
                                "the agent's own is %s/%s: move what is in the old one there while "
                                "it "
                                "is stopped, or name the old one by ReadWritePaths= in [Sandbox]",
                                where, im->draft->name));
}

/* ---- restarts and times ---- */

void import_restart(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        static const char *const others[] = { "on-success", "on-abort", "on-watchdog" };

        for (size_t i = 0; g->n > 0 && i < ARRAY_SIZE(others); i++)
                if (streq(others[i], g->last->value)) {
                        import_refused(
                                im, g,
                                "an agent is restarted when it fails, always, or not at all: "
                                "on-failure is used");
                        return;
                }
        if (g->n > 0)
                import_set(im, g, SECTION_RESTART, "When", g->last->value);
}

/* What Burst= rounds take, with all that is carried over so far or comes later in the unit. */
static uint64_t window_min_usec(const Import *im) {
        const struct {
                const char *section, *keys[3];
                size_t offset;
        } rows[] = {
                { "Service",
                  { "TimeoutStartSec", "TimeoutSec" },
                  offsetof(Agent, start_timeout_usec) },
                { "Service",
                  { "TimeoutStopSec", "TimeoutSec" },
                  offsetof(Agent, stop_timeout_usec) },
                { "Service", { "RestartSec" }, offsetof(Agent, restart_delay_usec) },
        };
        const char *burst = import_find(im, "Unit", "StartLimitBurst");
        Agent a = *agent_built_in();
        uint64_t n;

        burst = burst ? burst : import_find(im, "Service", "StartLimitBurst");
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                for (const char *const *key = rows[i].keys; *key; key++) {
                        const char *value = import_find(im, rows[i].section, *key);

                        if (value && parse_usec(value, &n) == 0 && n > 0 &&
                            n < 24 * 3600 * USEC_PER_SEC)
                                *(uint64_t *) ((char *) &a + rows[i].offset) = n;
                }
        if (burst && parse_uint(burst, 1000, &n) == 0 && n > 0)
                a.restart_burst = n;
        return agent_window_min_usec(&a);
}

void import_window(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        uint64_t usec;

        if (g->n == 0)
                return;
        if (parse_usec(g->last->value, &usec) == 0 && usec == 0)
                import_refused(im, g,
                               "0 switched the limit off, and a crash loop would never have ended; "
                               "Window= in [Restart] is computed");
        else if (parse_usec(g->last->value, &usec) == 0 && usec < window_min_usec(im))
                import_refused(
                        im, g,
                        "shorter than its StartLimitBurst= starts can take, so an agent that hangs "
                        "at start would never have tripped it; Window= in [Restart] is computed");
        else
                import_set(im, g, SECTION_RESTART, "Window", g->last->value);
}

void import_timeout(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        if (g->n == 0)
                return;
        import_set(im, g, SECTION_HEALTH, "StartTimeout", g->last->value);
        import_set(im, g, SECTION_AGENT, "StopTimeout", g->last->value);
}

void import_kill_mode(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        if (g->n == 0 || streq(g->last->value, "control-group"))
                import_covered(im, g, "agents have KillMode=control-group");
        else
                import_refused(
                        im, g,
                        "all processes of an agent get SIGTERM at a stop, and what is left after "
                        "StopTimeout= gets SIGKILL");
}

/* ---- limits ---- */

/* "soft:hard": the agent may raise the soft one to the hard one anyway. */
void import_open_files(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        const char *colon = g->n > 0 ? strchr(g->last->value, ':') : NULL;

        if (g->n > 0)
                import_set(im, g, SECTION_LIMITS, "OpenFiles", colon ? colon + 1 : g->last->value);
}

/* ---- output ---- */

static const char *file_of(const char *value) {
        static const char *const kinds[] = { "append:", "file:", "truncate:" };

        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
                if (startswith(value, kinds[i]))
                        return startswith(value, kinds[i]);
        return NULL;
}

static bool is_journal(const char *value) {
        return streq(value, "inherit") || startswith(value, "journal") ||
               startswith(value, "syslog") || startswith(value, "kmsg");
}

void import_output(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        const char *value = g->n > 0 ? import_value(im, g) : NULL;
        const char *path = value ? file_of(value) : NULL;

        if (!value)
                return;
        if (path)
                import_set(im, g, SECTION_LOGGING, "File", path);
        else if (is_journal(value))
                import_covered(im, g, "all output is in the journal, and in a file beside it");
        else
                import_refused(im, g, "an agent's output goes to the journal and its log file");
}

void import_error(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        const char *value = g->n > 0 ? g->last->value : "inherit";

        if (is_journal(value) || streq_ptr(import_find(im, "Service", "StandardOutput"), value))
                import_covered(im, g, "errors go where the output goes");
        else
                import_refused(im, g,
                               "errors go where the output goes: the journal and the log file");
}

/* ---- install ---- */

void import_wanted_by(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        static const char *const usual[] = { "multi-user.target", "default.target",
                                             "graphical.target" };
        char **words;

        for (size_t i = 0; i < g->n; i++) {
                if (parse_words(im->arena, g->items[i]->value, PARSE_WORDS_PLAIN, &words) < 0)
                        return;
                for (; *words; words++)
                        if (!strv_contains((char *const[]){ (char *) usual[0], (char *) usual[1],
                                                            (char *) usual[2], NULL },
                                           *words)) {
                                import_refused(im, g, "agents start with multi-user.target");
                                return;
                        }
        }
        if (im->source->is_installed && !im->source->is_wanted &&
            !draft_set(im->draft, SECTION_AGENT, "Enabled", "no"))
                import_note(im, &(ImportNote){ IMPORT_CARRIED, g->last->place, g->section, g->key,
                                               "[Agent] Enabled",
                                               "it is not enabled, so it did not start at boot; "
                                               "with Enabled=no in "
                                               "[Agent] the agent does not either",
                                               NULL });
        else
                import_covered(im, g, "agents start with multi-user.target, see Enabled=");
}
