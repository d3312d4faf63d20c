/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The two rows of scope.h. The user's is made once, from where the home is. Not from
 * $XDG_CONFIG_HOME and the like: a shell may have others than the manager of the same person, and
 * the two must find the same files.
 */

#include <stdio.h>

#include "config/scope.h"
#include "config.h"

static const Scope scope_system = {
        .config_dirs = { "etc/fte", "run/fte", "usr/local/lib/fte", "usr/lib/fte", "etc/fte" },
        .config_dir = "/etc/fte/",
        .plugin_dirs = { "/etc/fte/plugins/", FTE_PLUGINDIR "/" },
        /* systemd.unit(5); /lib is the same where /usr is merged, and read there all the same. */
        .unit_dirs = { "etc/systemd/system", "run/systemd/system", "usr/local/lib/systemd/system",
                       "usr/lib/systemd/system", "lib/systemd/system" },
        .copy_dirs = { "etc/systemd/system", "run/systemd/system" },
        .env_top = "etc",
        .env_suffix = "/.env",
        .reload = "systemctl daemon-reload",
        .alert_spool = "/var/lib/fte-alert",
        .job_state = "/var/lib/fte-job",
        .own = "",
        .state_top = "/var/lib/",
        .logs_top = "/var/log/",
        .runtime_top = "/run/",
        .install = "multi-user.target.wants/",
        .wants = "network-online.target fte-users.service",
        .after = "network-online.target fte-users.service",
        .slice = "fte.slice",
        .hook_option = "",
};

const Scope *scope = &scope_system;

/*
 * Below "fte-agents", because the names in these directories are every program's. %S is ~/.config
 * before systemd 254, so it must not be "fte" either.
 */
static Scope scope_user = {
        .is_user = true,
        .reload = "systemctl --user daemon-reload",
        .env_suffix = ".env",
        .own = "fte-agents/",
        .state_top = "%S/fte-agents/",
        .logs_top = "%L/fte-agents/",
        .install = "default.target.wants/",
        .wants = "fte-alert-deliver.path",
        .after = NULL, /* a person's manager knows nothing of the network */
        .slice = "app-fte.slice",
        .hook_option = "--home=%h ",
};

/* Without what a unit or a message would have to quote. */
static bool home_is_good(const char *home) {
        size_t n = strlen(home);

        for (const char *p = home; *p; p++)
                if ((unsigned char) *p <= ' ' || strchr("\"'\\%:$", *p))
                        return false;
        return *home == '/' && n > 1 && n < SCOPE_HOME_BYTES && home[n - 1] != '/' &&
               !strstr(home, "/.") && !strstr(home, "//");
}

/* Of a program that ends with it, and so never freed. */
static const char *below(const char *home, const char *path, bool *failed) {
        char *s = NULL;

        if (asprintf(&s, "%s%s", home, path) < 0) {
                *failed = true;
                return NULL;
        }
        return s;
}

/* What %t is, where a configuration may speak of it too. */
static const char *runtime_top(bool *failed) {
        const char *dir = getenv("XDG_RUNTIME_DIR");
        char of_uid[64];

        snprintf(of_uid, sizeof(of_uid), "/run/user/%u", geteuid());
        return below(dir && *dir == '/' && strlen(dir) < SCOPE_HOME_BYTES ? dir : of_uid,
                     "/fte-agents/", failed);
}

int scope_enter_user(const char *home) {
        Scope *s = &scope_user;
        bool failed = false;

        home = home ? home : getenv("HOME");
        if (!home || !home_is_good(home))
                return -EINVAL;
        s->config_dir = below(home, "/.config/fte/", &failed);
        s->env_top = below(home + 1, "/.config/fte", &failed);
        s->config_dirs[0] = s->config_dirs[SCOPE_CONFIG_DIRS - 1] = s->env_top;
        s->plugin_dirs[0] = below(home, "/.config/fte/plugins/", &failed);
        s->plugin_dirs[1] = FTE_PLUGINDIR "/user/";
        s->copy_dirs[0] = s->unit_dirs[0] = below(home + 1, "/.config/systemd/user", &failed);
        s->unit_dirs[1] = below(home + 1, "/.local/share/systemd/user", &failed);
        s->unit_dirs[2] = "etc/systemd/user";
        s->unit_dirs[3] = "run/systemd/user";
        s->unit_dirs[4] = "usr/local/share/systemd/user";
        s->unit_dirs[5] = "usr/share/systemd/user";
        s->unit_dirs[6] = "usr/local/lib/systemd/user";
        s->unit_dirs[7] = "usr/lib/systemd/user";
        s->alert_spool = below(home, "/.local/state/fte-alert", &failed);
        s->job_state = below(home, "/.local/state/fte-job", &failed);
        s->runtime_top = runtime_top(&failed);
        if (failed)
                return -ENOMEM;
        scope = s;
        return 0;
}
