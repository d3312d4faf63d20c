/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * agent-name.h. Knows names only; what is wrong with a file is lint's to say.
 */

#include "base/edit-distance.h"
#include "base/log.h"

#include "agent-name.h"

/* Without the slash: two arguments of "%.*s". */
#define CONFIG_DIR_SHOWN (int) strlen(scope->config_dir) - 1, scope->config_dir

int refuse_agent(const Config *c, const char *name) {
        EditGuess g = edit_guess(name);

        for (size_t i = 0; i < c->n_entries; i++)
                edit_guess_try(&g, c->entries[i].name);
        if (g.best)
                log_line(LOG_ERR, "there is no %s.conf in %.*s; did you mean %s?", name,
                         CONFIG_DIR_SHOWN, g.best);
        else
                log_line(LOG_ERR, "there is no %s.conf in %.*s; \"ftectl%s %s", name,
                         CONFIG_DIR_SHOWN, SCOPE_SWITCH,
                         c->n_entries > 0 ? "status\" lists the agents"
                                          : "init NAME\" makes an agent");
        return -ENOENT;
}

int refuse_agent_below(const char *root, const char *name) {
        _cleanup_arena_ Arena arena = { 0 };
        Config c;

        if (config_open(&c, root, &arena) >= 0)
                (void) refuse_agent(&c, name);
        else
                log_line(LOG_ERR, "there is no %s.conf in %.*s", name, CONFIG_DIR_SHOWN);
        config_close(&c);
        return -ENOENT;
}
