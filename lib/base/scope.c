/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The two rows of scope.h. The user's is made once, from where the home is. Not from
 * $XDG_CONFIG_HOME and the like: a shell may have others than the manager of the same person, and
 * the two must find the same files.
 */

#include <stdarg.h>
#include <stdio.h>

#include "base/scope.h"
#include "config.h"

#define STUB(reload)                                                                        \
        "The configuration has errors, so nothing was started. Correct the file, then run " \
        "\"" reload "\" and start this unit again."
#define T(literal) \
        { literal, sizeof(literal) - 1 }

/* A core dump would hold the agent's secrets, and writing one delays the restart. */
#define SERVICE "KillMode=control-group\nLimitCORE=0\n"
#define MODES   "StateDirectoryMode=0750\nLogsDirectoryMode=0750\n"
/* Without PYTHONUNBUFFERED a Python agent's last words before a crash are lost. */
#define HOME "Environment=PYTHONUNBUFFERED=1 HOME="
/*
 * "+": from inside the sandbox neither spool nor journal can be reached. "-": its end is no matter.
 */
#define HOOK  "-+" FTE_LIBEXECDIR "/fte-alert-hook record "
#define ENDED "ExecStopPost=-+" FTE_LIBEXECDIR "/fte-job ended "
/*
 * Because the names in these directories are every program's. Not "fte", for %S is ~/.config before
 * systemd 254.
 */
#define OWN "fte-agents/"

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
        .manager_address = "unix:path=/run/systemd/private",
        .credentials = "/run/credentials/",
        .runs = "/run/systemd/units/",
        .output = "/run/systemd/generator",
        .state_dirs = { "/var/lib/" },
        .log_dirs = { "/var/log/" },
        .state_top = "/var/lib/",
        .logs_top = "/var/log/",
        .runtime_top = "/run/",
        .install = "multi-user.target.wants/",
        .stub = STUB("systemctl daemon-reload"),
        .change = T(",\n# then run \"systemctl daemon-reload\".\n[Unit]\n"),
        .dependencies = T("Wants=network-online.target fte-users.service\n"
                          "After=network-online.target fte-users.service\n"),
        .service = T("Slice=fte.slice\n" SERVICE),
        .state = T(MODES "StateDirectory="),
        .logs = T("LogsDirectory="),
        .runtime = T("RuntimeDirectory="),
        .working = T("WorkingDirectory=/var/lib/"),
        .home = T(HOME "/var/lib/"),
        .log_file = T(" --file=/var/log/"),
        .hook = T(HOOK),
        .ended = T(ENDED),
};

const Scope *scope = &scope_system;

static Scope scope_user = {
        .is_user = true,
        .plugin_dirs = { [1] = FTE_PLUGINDIR "/user/" },
        /* Behind the two of the home. */
        .unit_dirs = { [2] = "etc/systemd/user",
                       "run/systemd/user",
                       "usr/local/share/systemd/user",
                       "usr/share/systemd/user",
                       "usr/local/lib/systemd/user",
                       "usr/lib/systemd/user" },
        .reload = "systemctl --user daemon-reload",
        .env_suffix = ".env",
        .state_top = "%S/" OWN,
        .logs_top = "%L/" OWN,
        .install = "default.target.wants/",
        .stub = STUB("systemctl --user daemon-reload"),
        .change = T(",\n# then run \"systemctl --user daemon-reload\".\n[Unit]\n"),
        /* A person's manager knows nothing of the network. */
        .dependencies = T("Wants=fte-alert-deliver.path\n"),
        .service = T("Slice=app-fte.slice\n" SERVICE),
        .state = T(MODES "StateDirectory=" OWN),
        .logs = T("LogsDirectory=" OWN),
        .runtime = T("RuntimeDirectory=" OWN),
        .working = T("WorkingDirectory=%S/" OWN),
        .home = T(HOME "%S/" OWN),
        .log_file = T(" --file=%L/" OWN),
        .hook = T(HOOK "--home=%h "),
        .ended = T(ENDED "--home=%h "),
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

/* What %t is. */
static const char *runtime_dir(void) {
        static char of_uid[64];
        const char *dir = getenv("XDG_RUNTIME_DIR");

        if (dir && *dir == '/' && strlen(dir) < SCOPE_HOME_BYTES)
                return dir;
        snprintf(of_uid, sizeof(of_uid), "/run/user/%u", geteuid());
        return of_uid;
}

/* Of a program that ends with it, and so never freed. */
_printf_(2, 3) static const char *text(bool *failed, const char *format, ...) {
        va_list args;
        char *made = NULL;
        int n;

        va_start(args, format);
        n = vasprintf(&made, format, args);
        va_end(args);
        if (n >= 0)
                return made;
        *failed = true;
        return NULL;
}

int scope_enter_user(const char *home) {
        const char *runtime = runtime_dir();
        Scope *s = &scope_user;
        bool failed = false;

        home = home ? home : getenv("HOME");
        if (!home || !home_is_good(home))
                return -EINVAL;
        s->config_dir = text(&failed, "%s/.config/fte/", home);
        s->env_top = text(&failed, "%s/.config/fte", home + 1);
        s->config_dirs[0] = s->config_dirs[SCOPE_CONFIG_DIRS - 1] = s->env_top;
        s->plugin_dirs[0] = text(&failed, "%s/.config/fte/plugins/", home);
        s->copy_dirs[0] = s->unit_dirs[0] = text(&failed, "%s/.config/systemd/user", home + 1);
        s->unit_dirs[1] = text(&failed, "%s/.local/share/systemd/user", home + 1);
        s->alert_spool = text(&failed, "%s/.local/state/fte-alert", home);
        s->job_state = text(&failed, "%s/.local/state/fte-job", home);
        s->runtime_top = text(&failed, "%s/" OWN, runtime);
        s->credentials = text(&failed, "%s/credentials/", runtime);
        s->runs = text(&failed, "%s/systemd/units/", runtime);
        s->output = text(&failed, "%s/systemd/generator", runtime);
        s->manager_address = text(&failed, "unix:path=%s/systemd/private", runtime);
        s->state_dirs[0] = text(&failed, "%s/.local/state/" OWN, home);
        s->state_dirs[1] = text(&failed, "%s/.config/" OWN, home);
        s->log_dirs[0] = text(&failed, "%s/.local/state/log/" OWN, home);
        s->log_dirs[1] = text(&failed, "%s/.config/log/" OWN, home);
        if (failed)
                return -ENOMEM;
        scope = s;
        return 0;
}
