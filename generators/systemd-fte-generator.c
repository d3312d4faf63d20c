/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * systemd-fte-generator(8): turns the files in /etc/fte into units, at boot and at each
 * daemon-reload. The whole program in order: read the configuration (lib/config), let each plugin
 * of the registry render an agent (generate.c, plugins/), collect what is to be written (plan.c),
 * write it (write.c). One bad file never harms another agent: a stub stands for it.
 * No IPC, no network, no other program; writes to the output directory alone
 * (systemd.generator(7)).
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fsat.h"
#include "base/log.h"
#include "config.h"
#include "generate.h"
#include "write.h"

#define LOGGED_PROBLEMS_MAX 50

static void log_problems(void *userdata _unused_, const Problems *problems) {
        size_t n = 0;

        for (const Problem *p = problems->first; p && n < LOGGED_PROBLEMS_MAX; p = p->next, n++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                problem_format(p, &b);
                log_line(LOG_ERR, "%s", strbuf_text(&b));
        }
        if (problems->n > n)
                log_line(LOG_ERR, "… and %zu more", problems->n - n);
}

static void log_warning(void *userdata _unused_, const Agent *a, const char *message) {
        log_line(LOG_WARNING, "%s: %s", a->place.file, message);
}

static void log_write_failed(const char *path, int error) {
        log_line(LOG_ERR, "%s: cannot be written: %s", path, strerror(-error));
}

static int write_plan(const Generator *g, const char *path) {
        _cleanup_close_ int fd = -EBADF;

        if (g->plan.n == 0)
                return 0;
        fd = fsat_open_dir(AT_FDCWD, path);
        if (fd < 0) {
                log_write_failed(path, fd);
                return fd;
        }
        return plan_write(&g->plan, fd, log_write_failed);
}

static int run(const char *output_dir) {
        static const GeneratorEvents events = { .problems = log_problems, .warn = log_warning };
        Generator g = { .events = &events };
        int r;

        r = generator_run(&g, &(ConfigOptions){ .root = getenv("FTE_ROOT") });
        if (r < 0)
                log_line(LOG_ERR, "nothing was generated: %s", strerror(-r));
        else
                r = write_plan(&g, output_dir);
        if (r >= 0 && g.bad)
                r = -EBADMSG;
        generator_done(&g);
        return r;
}

/* ---- command line ---- */

/* systemd tells its generators so from 251 on; older ones give them /dev/null for stderr. */
static bool is_run_by_systemd(void) {
        struct stat st;

        if (getenv("FTE_ROOT"))
                return false;
        if (getenv("SYSTEMD_SCOPE"))
                return true;
        return fstat(STDERR_FILENO, &st) < 0 ||
               (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

/*
 * A person's manager runs the same program under another name: which of the two it is, only systemd
 * 251 and newer say in the environment.
 */
#define USER_NAME "systemd-fte-user-generator"

static bool is_called(const char *path, const char *name) {
        const char *slash = strrchr(path, '/');

        return streq(slash ? slash + 1 : path, name);
}

static int usage(FILE *f) {
        fputs("Usage: systemd-fte-generator NORMAL-DIR [EARLY-DIR LATE-DIR]\n"
              "       " USER_NAME " NORMAL-DIR [EARLY-DIR LATE-DIR]\n"
              "Makes units of the agents in /etc/fte, under the second name of those in\n"
              "~/.config/fte; systemd runs it at boot and daemon-reload.\n"
              "\n"
              "  --help     show this text\n"
              "  --version  show the version\n"
              "\n"
              "Environment: FTE_ROOT=DIR reads the configuration below DIR.\n"
              "Exit status: 0 all good, 1 a file was bad or could not be written, 2 wrong usage.\n"
              "See systemd-fte-generator(8), fte.conf(5).\n",
              f);
        return f == stdout ? EXIT_SUCCESS : 2;
}

static int run_for_user(const char *output_dir) {
        int r = scope_enter_user(NULL);

        log_open(USER_NAME, false);
        if (geteuid() == 0 && !getenv("FTE_ROOT"))
                return EXIT_SUCCESS; /* agents never run as root */
        if (r >= 0)
                return run(output_dir) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        log_line(LOG_ERR, "nothing was generated: $HOME %s",
                 r == -EINVAL ? "is not set, or no path that a unit could have" : strerror(-r));
        return EXIT_FAILURE;
}

int main(int argc, char *argv[]) {
        if (argc == 2 && streq(argv[1], "--help"))
                return usage(stdout);
        if (argc == 2 && streq(argv[1], "--version"))
                return puts("systemd-fte-generator " FTE_VERSION) < 0;
        if ((argc != 2 && argc != 4) || *argv[1] == '-' || !*argv[1])
                return usage(stderr);
        umask(0022);
        if (is_called(argv[0], USER_NAME))
                return run_for_user(argv[1]);
        log_open("systemd-fte-generator", is_run_by_systemd());
        return run(argv[1]) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
