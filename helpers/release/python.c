/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A virtual environment for Python code, in venv/ of the release: by uv where root has installed
 * it, else by the system's python3 and the pip that comes with it. With a directory wheels/ nothing
 * is downloaded.
 */

#include <dirent.h>
#include <fcntl.h>

#include "base/distribution.h"
#include "base/fsat.h"
#include "base/log.h"

#include "build.h"

#define PYTHON      "/usr/bin/python3"
#define VENV_PYTHON "venv/bin/python"
#define WORDS_MAX   16

typedef struct Words {
        const char *argv[WORDS_MAX + 1];
        size_t n;
} Words;

static void add(Words *w, const char *word) {
        if (word && w->n < WORDS_MAX)
                w->argv[w->n++] = word;
}

static void add_all(Words *w, const char *const *words) {
        for (; *words; words++)
                add(w, *words);
}

bool python_is_wanted(const BuildRun *b) {
        static const char *const files[] = { "requirements.txt", "pyproject.toml", "setup.py" };

        for (size_t i = 0; i < ARRAY_SIZE(files); i++)
                if (build_has(b, files[i]))
                        return true;
        return b->wheel != NULL;
}

/* Whether wheels/ has a file whose name begins so. */
static bool has_wheel_of(const BuildRun *b, const char *prefix) {
        int fd = fsat_open_dir(b->dir_fd, "wheels");
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        bool found = false;
        struct dirent *d;

        while (dir && !found && (d = readdir(dir)))
                found = startswith(d->d_name, prefix) && endswith(d->d_name, ".whl");
        if (dir)
                closedir(dir);
        return found;
}

static int failed(const char *what, int status) {
        log_line(LOG_ERR, "%s ended with status %d", what, status);
        return BUILD_EXIT_FAILED;
}

static int make_venv(BuildRun *b, const char *uv) {
        static const char *const by_python[] = { PYTHON, "-m", "venv", "--clear", "venv", NULL };
        const char *by_uv[] = { uv, "venv", "--python", PYTHON, "venv", NULL };
        int status = build_program(uv ? by_uv : by_python);

        if (status != 0 && !uv)
                log_line(LOG_ERR, "a virtual environment may need what is missing here; run: %s",
                         distribution_install(NULL, INSTALL, "python3-venv", &b->arena));
        return status == 0 ? 0 : failed("making the virtual environment", status);
}

/* The project is installed whole where nothing else says what it needs. */
static void add_what(const BuildRun *b, Words *w) {
        if (b->wheel) {
                char *path = arena_printf((Arena *) &b->arena, "wheels/%s", b->wheel);

                add(w, path);
        } else if (build_has(b, "requirements.txt")) {
                add(w, "-r");
                add(w, "requirements.txt");
        } else
                add(w, ".");
}

/* What builds the project itself, when it is not among the wheels, is that of the environment. */
static void add_offline(const BuildRun *b, Words *w) {
        static const char *const words[] = { "--no-index", "--find-links", "wheels", NULL };

        if (!b->wheel && build_has(b, "wheels")) {
                add_all(w, words);
                if (!has_wheel_of(b, "setuptools-"))
                        add(w, "--no-build-isolation");
        }
}

static int install(const BuildRun *b, const char *uv) {
        static const char *const by_pip[] = { VENV_PYTHON, "-m", "pip", "install", NULL };
        Words w = { .n = 0 };
        int status;

        if (uv) {
                const char *by_uv[] = { uv, "pip", "install", "--python", VENV_PYTHON, NULL };

                add_all(&w, by_uv);
        } else
                add_all(&w, by_pip);
        add_offline(b, &w);
        add_what(b, &w);
        status = build_program(w.argv);
        return status == 0 ? 0 : failed("installing the packages", status);
}

static int sync_locked(const char *uv) {
        const char *argv[] = { uv, "sync", "--frozen", "--no-dev", "--python", PYTHON, NULL };
        int status = build_program(argv);

        return status == 0 ? 0 : failed("uv sync", status);
}

int python_build(BuildRun *b) {
        const char *found = build_find_program("uv");
        const char *uv = found ? arena_strdup(&b->arena, found) : NULL;
        int status;

        if (!python_is_wanted(b)) {
                log_line(LOG_ERR, "Build=python needs a requirements.txt, a pyproject.toml or a "
                                  "setup.py; there is none");
                return BUILD_EXIT_REFUSED;
        }
        if (uv && !b->wheel && build_has(b, "uv.lock") && build_has(b, "pyproject.toml"))
                return sync_locked(uv);
        status = make_venv(b, uv);
        return status == 0 ? install(b, uv) : status;
}
