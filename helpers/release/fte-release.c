/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-release(8): the two jobs of a deployment that ftectl leaves to a program with fewer rights
 * and more libraries than it has itself.
 *
 *   pack DIRECTORY   a tar archive of it to standard output
 *   build            in the sandbox of the build, as no one: standard input to a release
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "base/log.h"
#include "base/parse.h"
#include "config.h"

#include "build.h"
#include "pack.h"

#define EXIT_USAGE    2
#define DEFAULT_BYTES (UINT64_C(1) << 30)
#define DEFAULT_FILES UINT64_C(200000)

static const char usage[] =
        "Usage: fte-release pack [--max-bytes=N] [--max-files=N] DIRECTORY >ARCHIVE\n"
        "       fte-release build --into=DIRECTORY [--build=auto|python|node|none] [--flatten]\n"
        "                         [--max-bytes=N] [--max-files=N] <SOURCE\n"
        "Used by \"ftectl deploy\"; see fte-release(8).\n";

typedef struct Options {
        const char *verb, *directory;
        BuildRun build;
} Options;

static bool take_kind(Options *o, const char *value) {
        static const char *const names[] = { "auto", "python", "node", "none" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (streq(names[i], value)) {
                        o->build.kind = (Build) i;
                        return true;
                }
        return false;
}

static bool take_option(Options *o, const char *word) {
        const char *value;

        if ((value = startswith(word, "--max-bytes=")))
                return parse_uint(value, UINT64_MAX, &o->build.bytes_max) == 0;
        if ((value = startswith(word, "--max-files=")))
                return parse_uint(value, UINT64_MAX, &o->build.files_max) == 0;
        if ((value = startswith(word, "--build=")))
                return take_kind(o, value);
        if ((value = startswith(word, "--into=")))
                return *(o->directory = value) == '/';
        o->build.flatten |= streq(word, "--flatten");
        return streq(word, "--flatten");
}

static int wrong_usage(void) {
        fputs(usage, stderr);
        return EXIT_USAGE;
}

static int verb_pack(const Options *o) {
        Pack p = { .bytes_max = o->build.bytes_max, .files_max = o->build.files_max };
        int r = pack_run(&p, o->directory, STDOUT_FILENO);

        if (r < 0)
                log_line(LOG_ERR, "%s", p.problem.len > 0 ? p.problem.text : strerror(-r));
        strbuf_done(&p.problem);
        return r < 0 ? BUILD_EXIT_REFUSED : 0;
}

int main(int argc, char **argv) {
        Options o = { .build = { .bytes_max = DEFAULT_BYTES, .files_max = DEFAULT_FILES } };

        /* No setlocale(): libarchive then stores names as they are. */
        log_open("fte-release", false);
        signal(SIGPIPE, SIG_DFL);
        for (int i = 1; i < argc; i++) {
                if (streq(argv[i], "--help") || streq(argv[i], "-h"))
                        return fputs(usage, stdout) < 0;
                if (streq(argv[i], "--version"))
                        return puts("fte-release " FTE_VERSION) < 0;
                if (startswith(argv[i], "-")) {
                        if (!take_option(&o, argv[i]))
                                return wrong_usage();
                } else if (!o.verb)
                        o.verb = argv[i];
                else if (!o.directory)
                        o.directory = argv[i];
                else
                        return wrong_usage();
        }
        if (!o.verb || !o.directory)
                return wrong_usage();
        if (streq(o.verb, "pack"))
                return verb_pack(&o);
        if (!streq(o.verb, "build"))
                return wrong_usage();
        o.build.dir = o.directory;
        return build_run(&o.build);
}
