/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The options of options.h, one table row each. Opens nothing.
 */

#include "base/options.h"
#include "base/log.h"
#include "base/parse.h"
#include "cut.h"
#include "options.h"

/* Below a page nothing is gained, and a file would hold a line or two. */
#define MAX_SIZE_MIN_BYTES 4096

static const char usage[] =
        "Usage: fte-log-tee --file=PATH [OPTION]... -- COMMAND [ARGUMENT]...\n"
        "Runs COMMAND in its own place; what it prints goes to where it went before and to a "
        "file.\n"
        "\n"
        "  --file=PATH         the log file, an absolute path; it is appended to\n"
        "  --max-size=BYTES    the file never gets larger (104857600)\n"
        "  --keep=N            so many full files are kept, as PATH.1, PATH.2 … (7)\n"
        "  --compress=BOOLEAN  full files are compressed, to PATH.1.zst … (yes)\n"
        "  --help, --version\n"
        "\n"
        "Exit status: COMMAND's own; 127 or 126 when it cannot be run, 2 on wrong usage, 1 when\n"
        "the process that writes the file cannot be started.\n"
        "fte-log-tee(8) tells more.\n";

static int parse_file(const char *value, void *options) {
        Options *o = options;
        const char *slash = strrchr(value, '/');

        if (value[0] != '/' || !slash[1] || strlen(slash + 1) > LOG_NAME_BYTES_MAX ||
            strlen(value) >= PATH_MAX)
                return -EINVAL;
        o->log.path = value;
        o->log.name = slash + 1;
        return 0;
}

static int parse_max_size(const char *value, void *options) {
        Options *o = options;
        uint64_t bytes;

        if (parse_uint(value, INT64_MAX, &bytes) < 0 || bytes < MAX_SIZE_MIN_BYTES)
                return -EINVAL;
        o->log.max_bytes = bytes;
        return 0;
}

static int parse_keep(const char *value, void *options) {
        Options *o = options;
        uint64_t n;

        if (parse_uint(value, KEEP_MAX, &n) < 0)
                return -EINVAL;
        o->log.keep = (unsigned) n;
        return 0;
}

static int parse_compress(const char *value, void *options) {
        Options *o = options;

        return parse_boolean(value, &o->log.compress);
}

static const OptionRow option_rows[] = {
        { "file", parse_file, "the absolute path of a file" },
        { "max-size", parse_max_size, "a number of bytes, at least 4096" },
        { "keep", parse_keep, "a number from 0 to 1000" },
        { "compress", parse_compress, "yes or no" },
};

static const OptionTable option_table = {
        .program = "fte-log-tee",
        .usage = usage,
        .rows = option_rows,
        .n_rows = ARRAY_SIZE(option_rows),
};

int options_parse(int argc, char **argv, Options *ret) {
        int r;

        *ret = (Options){ .log = {
                                  .max_bytes = UINT64_C(100) << 20, .keep = 7, .compress = true } };
        r = options_read(&option_table, argc, argv, ret, &ret->command);
        if (r >= 0 || ret->log.path)
                return r;
        log_line(LOG_ERR, "--file is missing: it names the log file");
        return EXIT_USAGE;
}
