/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The order of build.h. Everything here runs as a user without rights and may be at the mercy of
 * the code that it builds: what it leaves is judged and taken over by ftectl.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/fsat.h"
#include "base/log.h"

#include "build.h"
#include "unpack.h"
#include "wheel.h"

/* ---- programs ---- */

const char *build_find_program(const char *name) {
        static const char *const directories[] = { "/usr/local/bin/", "/usr/bin/", "/bin/" };
        static char path[64];

        for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
                snprintf(path, sizeof(path), "%s%s", directories[i], name);
                if (access(path, X_OK) == 0)
                        return path;
        }
        return NULL;
}

bool build_has(const BuildRun *b, const char *path) {
        return faccessat(b->dir_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void print_words(const char *const *argv) {
        fputs("+", stdout);
        for (; *argv; argv++)
                printf(" %s", *argv);
        puts("");
        fflush(stdout);
}

int build_program(const char *const *argv) {
        int status;
        pid_t pid;

        print_words(argv);
        pid = fork();
        if (pid == 0) {
                int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

                if (null_fd >= 0)
                        (void) dup2(null_fd, STDIN_FILENO);
                execv(argv[0], (char *const *) argv);
                fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
                _exit(127);
        }
        if (pid < 0)
                return 126;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return 126;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Nothing is asked, nothing is kept, and no directory of a person is looked into. */
static int set_environment(void) {
        static const char *const rows[][2] = {
                { "HOME", "/tmp/home" },
                { "LC_ALL", "C.UTF-8" },
                { "NO_COLOR", "1" },
                { "CI", "1" },
                { "PIP_NO_INPUT", "1" },
                { "PIP_NO_CACHE_DIR", "1" },
                { "PIP_DISABLE_PIP_VERSION_CHECK", "1" },
                { "PIP_NO_WARN_SCRIPT_LOCATION", "1" },
                { "UV_CACHE_DIR", "/tmp/home/uv" },
                { "UV_LINK_MODE", "copy" },
                { "UV_NO_PROGRESS", "1" },
                { "UV_PYTHON_DOWNLOADS", "never" },
                { "UV_PROJECT_ENVIRONMENT", "venv" },
                { "npm_config_update_notifier", "false" },
                { "npm_config_audit", "false" },
                { "npm_config_fund", "false" },
                { "npm_config_progress", "false" },
        };

        if (mkdir("/tmp/home", 0700) < 0 && errno != EEXIST)
                return -errno;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (setenv(rows[i][0], rows[i][1], 1) < 0)
                        return -errno;
        return 0;
}

/* ---- the source ---- */

static int copy_wheel(BuildRun *b) {
        _cleanup_close_ int dir_fd = -EBADF, fd = -EBADF;
        char buf[65536];
        ssize_t n;

        if (fsat_mkdir(b->dir_fd, "wheels") < 0)
                return -errno;
        dir_fd = fsat_open_dir(b->dir_fd, "wheels");
        fd = openat(dir_fd, b->wheel, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0)
                return -errno;
        while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0) {
                int r = fd_write_all(fd, buf, (size_t) n);

                if (r < 0)
                        return r;
        }
        return n < 0 ? -errno : 0;
}

static int refuse(const char *why) {
        log_line(LOG_ERR, "%s", why);
        return BUILD_EXIT_REFUSED;
}

static int unpack(BuildRun *b) {
        Unpack u = { .dir_fd = b->dir_fd, .bytes_max = b->bytes_max, .files_max = b->files_max };
        int r = unpack_run(&u, STDIN_FILENO), status = 0;

        if (r < 0)
                status = refuse(r == -ENOMEM ? "memory is out" : strbuf_text(&u.problem));
        else
                printf("unpacked %llu files and directories, %llu bytes\n",
                       (unsigned long long) u.files, (unsigned long long) u.bytes);
        unpack_done(&u);
        if (status == 0 && b->flatten && unpack_flatten(b->dir_fd) < 0)
                status = refuse("the directory around all cannot be left out");
        return status;
}

static int take_source(BuildRun *b) {
        _cleanup_strbuf_ StrBuf name = { 0 };
        int r = wheel_name(STDIN_FILENO, &name);

        if (r < 0)
                return refuse("this is a wheel without valid tags");
        if (lseek(STDIN_FILENO, 0, SEEK_SET) != 0)
                return refuse("the source is no file");
        if (r == 0)
                return unpack(b);
        b->wheel = arena_strdup(&b->arena, strbuf_text(&name));
        r = b->wheel ? copy_wheel(b) : -ENOMEM;
        if (r < 0)
                return refuse(strerror(-r));
        printf("this is the wheel %s\n", b->wheel);
        return 0;
}

/* ---- the whole ---- */

static const struct {
        Build kind;
        bool (*is_wanted)(const BuildRun *b);
        int (*build)(BuildRun *b);
} kinds[] = {
        { BUILD_PYTHON, python_is_wanted, python_build },
        { BUILD_NODE, node_is_wanted, node_build },
};

static int build(BuildRun *b) {
        size_t n = 0;

        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
                bool wanted = b->kind == kinds[i].kind ||
                              (b->kind == BUILD_AUTO && kinds[i].is_wanted(b));
                int status = wanted ? kinds[i].build(b) : 0;

                if (status != 0)
                        return status;
                n += wanted;
        }
        if (n == 0)
                puts("there is nothing to build");
        return 0;
}

int build_run(BuildRun *b) {
        int status;

        umask(0022);
        setvbuf(stdout, NULL, _IOLBF, 0);
        b->dir_fd = fsat_open_dir(AT_FDCWD, b->dir);
        if (b->dir_fd < 0 || fchdir(b->dir_fd) < 0 || set_environment() < 0) {
                log_line(LOG_ERR, "%s: %s", b->dir, strerror(errno));
                return BUILD_EXIT_FAILED;
        }
        status = take_source(b);
        if (status == 0)
                status = build(b);
        closep(&b->dir_fd);
        arena_done(&b->arena);
        return status;
}
