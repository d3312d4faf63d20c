/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The options of options.h, one table row each. Prints usage errors itself, since they go to the
 * person who typed them; starts nothing.
 */

#include "base/log.h"
#include "base/options.h"
#include "base/parse.h"
#include "config.h"

#include "options.h"

static const char usage[] =
        "Usage: fte-health-gate [OPTION]... -- COMMAND [ARGUMENT]...\n"
        "Runs COMMAND in its own place and tells the service manager when it is healthy.\n"
        "\n"
        "  --url=URL              what to probe: http://127.0.0.1:8000/health,\n"
        "                         unix:/run/agent/http.sock:/health or tcp://127.0.0.1:9000;\n"
        "                         without it, --file= and --command= COMMAND is ready at once\n"
        "  --file=PATH            a file that COMMAND touches while it is well\n"
        "  --max-age=SEC          so long may it stay as it is (60)\n"
        "  --command=WORD         a command that ends with 0 while COMMAND is well; again for "
        "each\n"
        "                         of its words\n"
        "  --expect-status=CODE   the status of a good answer (200)\n"
        "  --expect-body=TEXT     a text that a good answer's body contains\n"
        "  --interval=SEC         from one probe to the next (10)\n"
        "  --timeout=SEC          for a whole answer, or the command (2)\n"
        "  --failures=N           so many bad answers in a row are a hang (3)\n"
        "  --help, --version\n"
        "\n"
        "Exit status: COMMAND's own; 127 or 126 when it cannot be run, 2 on wrong usage, 1 when\n"
        "the prober cannot be started.\n"
        "fte-health-gate(8) tells more.\n";

static HttpSearch expect_body;

static int parse_seconds(const char *value, uint64_t max_usec, uint64_t *ret_usec) {
        uint64_t usec;

        if (parse_usec(value, &usec) < 0 || usec < 10 * USEC_PER_MSEC || usec > max_usec)
                return -EINVAL;
        *ret_usec = usec;
        return 0;
}

static int parse_interval(const char *value, void *options) {
        Options *o = options;
        return parse_seconds(value, 86400 * USEC_PER_SEC, &o->check.interval_usec);
}

static int parse_timeout(const char *value, void *options) {
        Options *o = options;
        return parse_seconds(value, 3600 * USEC_PER_SEC, &o->check.timeout_usec);
}

static int parse_failures(const char *value, void *options) {
        Options *o = options;
        uint64_t n;

        if (parse_uint(value, 1000, &n) < 0 || n == 0)
                return -EINVAL;
        o->check.failures = (unsigned) n;
        return 0;
}

static int parse_expect_status(const char *value, void *options) {
        Options *o = options;
        uint64_t n;

        if (parse_uint(value, 599, &n) < 0 || n < 200)
                return -EINVAL;
        o->check.expect_status = (unsigned) n;
        return 0;
}

static int parse_expect_body(const char *value, void *options) {
        Options *o = options;
        o->check.expect_body = &expect_body;
        return http_search_init(&expect_body, value);
}

static int choose(Options *o, HealthBy by) {
        if (o->check.by != HEALTH_BY_NOTHING && o->check.by != by) {
                log_line(LOG_ERR, "one of --url, --file and --command is enough");
                return -EINVAL;
        }
        o->check.by = by;
        return 0;
}

/* Its problem comes from health_url_parse(). */
static int parse_url(const char *value, void *options) {
        Options *o = options;
        const char *problem;

        if (health_url_parse(value, &o->check.url, &problem) < 0) {
                log_line(LOG_ERR, "--url: %s", problem);
                return -EINVAL;
        }
        return choose(o, HEALTH_BY_URL);
}

static int parse_file(const char *value, void *options) {
        Options *o = options;

        if (*value != '/') {
                log_line(LOG_ERR, "--file: write a full path");
                return -EINVAL;
        }
        o->check.file = value;
        return choose(o, HEALTH_BY_FILE);
}

static int parse_max_age(const char *value, void *options) {
        Options *o = options;
        return parse_seconds(value, 86400 * USEC_PER_SEC, &o->check.max_age_usec);
}

/* The words stay in argv, which the prober keeps. */
static int parse_command(const char *value, void *options) {
        Options *o = options;

        if (o->check.n_words + 1 >= HEALTH_WORDS_MAX) {
                log_line(LOG_ERR, "--command: at most %d words", HEALTH_WORDS_MAX - 1);
                return -EINVAL;
        }
        o->check.command[o->check.n_words++] = (char *) value;
        return choose(o, HEALTH_BY_COMMAND);
}

static const OptionRow option_rows[] = {
        { "url", parse_url, NULL },
        { "file", parse_file, NULL },
        { "max-age", parse_max_age, "seconds, from 0.01 to one day" },
        { "command", parse_command, NULL },
        { "expect-status", parse_expect_status, "a number from 200 to 599" },
        { "expect-body", parse_expect_body, "a text of 1 to 4095 bytes" },
        { "interval", parse_interval, "seconds, from 0.01 to one day" },
        { "timeout", parse_timeout, "seconds, from 0.01 to one hour" },
        { "failures", parse_failures, "a number from 1 to 1000" },
};

static const OptionTable option_table = {
        .program = "fte-health-gate",
        .usage = usage,
        .rows = option_rows,
        .n_rows = ARRAY_SIZE(option_rows),
};

static int finish(Options *o) {
        int n;

        if (o->check.by != HEALTH_BY_URL || o->check.url.scheme == HEALTH_TCP)
                return -1;
        n = http_request(&o->check.url, o->check.request, sizeof(o->check.request));
        if (n < 0) {
                log_line(LOG_ERR, "--url: too long");
                return EXIT_USAGE;
        }
        o->check.request_len = (size_t) n;
        return -1;
}

int options_parse(int argc, char **argv, Options *ret) {
        int r;

        *ret = (Options){ .check = { .expect_status = 200,
                                     .interval_usec = 10 * USEC_PER_SEC,
                                     .timeout_usec = 2 * USEC_PER_SEC,
                                     .max_age_usec = 60 * USEC_PER_SEC,
                                     .failures = 3 } };
        r = options_read(&option_table, argc, argv, ret, &ret->command);
        return r >= 0 ? r : finish(ret);
}
