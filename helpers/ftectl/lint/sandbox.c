/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The warnings of ftectl lint about a profile or plugin that does not fit the program: Chromium,
 * npx and what compiles at run time, and about a GPU that this host does not have.
 */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/format.h"
#include "base/fsat.h"
#include "base/parse.h"

#include "lint.h"

/* What Chromium takes, its helpers and a page. Seen: 190 MiB with an empty one. */
#define BROWSER_MEMORY_MIN (UINT64_C(1) << 30)

static const char *base_name(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

/* Whether the table has the last part of the path. */
static bool is_one_of(const char *path, const char *const names[]) {
        for (; *names; names++)
                if (streq(base_name(path), *names))
                        return true;
        return false;
}

/* The word of Exec=, or the interpreter of its program, that the table has. */
static const char *find_program(Warner *w, const char *const names[]) {
        for (char **word = w->agent->exec; word && *word; word++)
                if (is_one_of(*word, names))
                        return *word;
        return lint_interpreter(w) && is_one_of(lint_interpreter(w), names) ? lint_interpreter(w)
                                                                            : NULL;
}

/* Programs that write code and run it, which MemoryDenyWriteExecute= forbids. */
void lint_check_jit(Warner *w) {
        static const char *const jits[] = { "node",  "nodejs", "deno", "bun", "java",     "pypy",
                                            "pypy3", "dotnet", "npx",  "npm", "julia",    "luajit",
                                            "mono",  "ruby",   "php",  "erl", "beam.smp", NULL };
        static const char *const of_node[] = { "node", "nodejs", "npx", "npm", NULL };
        const Agent *a = w->agent;
        const char *jit;

        if (a->profile != PROFILE_STRICT || strv_contains(a->plugins, "node"))
                return;
        jit = find_program(w, jits);
        if (jit)
                WARN(w, SANDBOX, "Profile", profile,
                     "\"strict\" forbids memory that is written and then executed, and %s "
                     "compiles at run time; use Profile=ai%s",
                     base_name(jit),
                     is_one_of(jit, of_node) ? ", or Plugins=node in [Agent] beside it" : "");
}

/* ---- browsers ---- */

static bool has_directory(Warner *w, const char *path) {
        struct stat st;

        return path && *path == '/' && path[1] && fstatat(w->root_fd, path + 1, &st, 0) == 0 &&
               S_ISDIR(st.st_mode);
}

/* The library below dir, "/opt/x/node_modules", that drives a browser. */
static const char *find_library(Warner *w, const char *dir) {
        static const char *const names[] = { "playwright",     "playwright-core", "puppeteer",
                                             "puppeteer-core", "pyppeteer",       NULL };

        if (!has_directory(w, dir))
                return NULL;
        for (size_t i = 0; names[i]; i++)
                if (has_directory(w, arena_printf(w->arena, "%s/%s", dir, names[i])))
                        return names[i];
        return NULL;
}

/* In the venv that the program lies in: lib/python3.11/site-packages. */
static const char *find_in_venv(Warner *w, const char *bin) {
        const char *lib = arena_printf(w->arena, "%s/../lib", bin), *found = NULL;
        int fd = lib ? fsat_open_dir(w->root_fd, lib + 1) : -ENOMEM;
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        while (dir && !found && (entry = readdir(dir)))
                if (startswith(entry->d_name, "python3"))
                        found = find_library(w, arena_printf(w->arena, "%s/%s/site-packages", lib,
                                                             entry->d_name));
        if (dir)
                closedir(dir);
        else
                closep(&fd);
        return found;
}

/* Beside the files that Exec= names, and in the working directory. */
static const char *find_browser_library(Warner *w) {
        const char *directory = w->agent->working_directory, *found;

        found = directory ? find_library(w, arena_printf(w->arena, "%s/node_modules", directory))
                          : NULL;
        for (char **word = w->agent->exec; word && *word && !found; word++) {
                const char *slash = **word == '/' ? strrchr(*word, '/') : NULL;
                const char *dir =
                        slash ? arena_strndup(w->arena, *word, (size_t) (slash - *word)) : NULL;

                if (!dir || !*dir)
                        continue;
                found = find_library(w, arena_printf(w->arena, "%s/node_modules", dir));
                if (!found && word == w->agent->exec)
                        found = find_in_venv(w, dir);
        }
        return found;
}

static const char *find_browser(Warner *w) {
        static const char *const names[] = {
                "chromium",
                "chromium-browser",
                "chromium-headless-shell",
                "chrome",
                "google-chrome",
                "google-chrome-stable",
                "chrome-headless-shell",
                "headless_shell",
                "playwright",
                "puppeteer",
                NULL,
        };
        const char *program = find_program(w, names);

        return program ? base_name(program) : find_browser_library(w);
}

void lint_check_browser(Warner *w) {
        const Agent *a = w->agent;
        const char *browser;

        if (strv_contains(a->exec, "--no-sandbox")) {
                WARN(w, AGENT, "Exec", exec,
                     "\"--no-sandbox\" lets a web page do all that the agent can; remove it%s",
                     a->profile == PROFILE_BROWSER ? "" : ", and set Profile=browser");
                return;
        }
        if (a->profile == PROFILE_BROWSER || a->profile == PROFILE_TRUSTED)
                return;
        browser = find_browser(w);
        if (browser)
                WARN(w, SANDBOX, "Profile", profile,
                     "\"%s\" forbids the name spaces that Chromium makes its own sandbox of, and "
                     "%s "
                     "needs them; use Profile=browser",
                     profile_to_string(a->profile), browser);
}

void lint_check_browser_memory(Warner *w) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (w->agent->profile != PROFILE_BROWSER || w->agent->memory_bytes >= BROWSER_MEMORY_MIN)
                return;
        format_bytes(&b, w->agent->memory_bytes);
        WARN(w, LIMITS, "Memory", memory_bytes,
             "%s is little for a browser, which is killed when it takes more; set 1G or more",
             strbuf_text(&b));
}

void lint_check_browser_host(Warner *w) {
        for (const UsernsSetting *s = userns_settings;
             s->name && w->agent->profile == PROFILE_BROWSER; s++)
                if (userns_is_refused(w, s))
                        WARN(w, SANDBOX, "Profile", profile,
                             "this host gives the name spaces of Chromium's sandbox to nobody but "
                             "root (/%s is %s); put %s=%s into a file in /etc/sysctl.d%s",
                             s->path, s->bad, s->name, s->good, s->or_else);
}

/* ---- npx, GPUs ---- */

void lint_check_npx(Warner *w) {
        static const char *const names[] = { "npx", "npm", NULL };
        const char *const program = w->agent->exec ? w->agent->exec[0] : NULL;

        if (program && is_one_of(program, names) && !strv_contains(w->agent->plugins, "node"))
                WARN(w, AGENT, "Plugins", plugins,
                     "without \"node\" all that %s fetches lies in the agent's home, is backed up, "
                     "and a start waits for the registry; set Plugins=node",
                     base_name(program));
}

static bool exists(Warner *w, const char *path) {
        return faccessat(w->root_fd, path, F_OK, 0) == 0;
}

/* Below another root there is no telling, nor where a file is looked at before it is installed. */
void lint_check_gpu(Warner *w) {
        if (!strv_contains(w->agent->plugins, "gpu") || !exists(w, "proc/devices"))
                return;
        if (!exists(w, "dev/nvidiactl") && !exists(w, "dev/kfd") && !exists(w, "dev/dri"))
                WARN(w, AGENT, "Plugins", plugins,
                     "\"gpu\", and this host has none of /dev/nvidiactl, /dev/kfd and /dev/dri; "
                     "load the driver of the GPU at boot (/etc/modules-load.d)");
        else if (exists(w, "dev/nvidiactl") && !exists(w, "dev/nvidia-uvm"))
                WARN(w, AGENT, "Plugins", plugins,
                     "\"gpu\", and there is no /dev/nvidia-uvm, which CUDA cannot make from within "
                     "the sandbox; put nvidia_uvm into a file in /etc/modules-load.d and run "
                     "\"nvidia-modprobe -u -c 0\" at boot");
}
