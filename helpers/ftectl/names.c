/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl --list=agents|alerts|environments: names for the completion of the shells. Must be quick
 * and silent, and print nothing that a shell could take for more than a word: a file may be called
 * anything.
 */

#include "config/instance.h"
#include "config/overlays.h"
#include "config/validate.h"
#include "ftectl/alert/spool.h"
#include "globals.h"

static void add_agents(StrBuf *b) {
        _cleanup_arena_ Arena arena = { 0 };
        Config c;

        if (config_open(&c, getenv("FTE_ROOT"), &arena) >= 0)
                for (size_t i = 0; i < c.n_entries; i++)
                        if (agent_name_is_good(c.entries[i].name) ||
                            template_name_is_good(c.entries[i].name))
                                strbuf_addf(b, "%s\n", c.entries[i].name);
        config_close(&c);
}

static void add_alerts(StrBuf *b) {
        _cleanup_(spool_close) Spool s = SPOOL_CLOSED;
        _cleanup_arena_ Arena arena = { 0 };
        const char *root = getenv("FTE_ROOT");

        if (!root && geteuid() != 0 && !scope->is_user)
                return;
        if (alert_spool_enter(root ? root : "", &s) < 0)
                return;
        for (SpoolBox box = SPOOL_WAITING; box <= SPOOL_DEAD; box++) {
                char **names;

                if (spool_list(&s, box, &arena, &names) < 0)
                        continue;
                for (; *names; names++)
                        strbuf_addf(b, "%s\n", strchr(*names, '-') + 1);
        }
}

static void add_environments(StrBuf *b) {
        _cleanup_arena_ Arena arena = { 0 };
        char **names;
        Config c;

        if (config_open(&c, getenv("FTE_ROOT"), &arena) >= 0 &&
            config_environments(&c, &arena, &names) >= 0)
                for (; *names; names++)
                        if (instance_name_is_good(*names))
                                strbuf_addf(b, "%s\n", *names);
        config_close(&c);
}

int names_print(const char *what, StrBuf *b) {
        static const struct {
                const char *what;
                void (*add)(StrBuf *b);
        } kinds[] = { { "agents", add_agents },
                      { "alerts", add_alerts },
                      { "environments", add_environments } };

        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
                if (streq(kinds[i].what, what)) {
                        kinds[i].add(b);
                        return 0;
                }
        return -EINVAL;
}
