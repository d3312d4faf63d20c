/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Words that name what was deployed by its link, /opt/NAME/current: the release is put in its
 * place, and everything else stays as it is.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../../helpers/env-precheck/release.h"
#include "base/macro.h"

static char root[] = "/tmp/fte-test-release-XXXXXX";

static int set_up(void **state _unused_) {
        static const char *const links[][2] = {
                { "a", "releases/ID" },      { "b-1", "releases/../.." }, { "c", "/etc" },
                { "d", "releases/ID/deep" }, { "e", "releases/" },        { "f", "elsewhere/ID" },
                { "g", "releases/.work" },
        };
        char path[128];

        if (!mkdtemp(root))
                return -1;
        snprintf(path, sizeof(path), "%s/opt", root);
        if (mkdir(path, 0755) < 0)
                return -1;
        for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
                snprintf(path, sizeof(path), "%s/opt/%s", root, links[i][0]);
                if (mkdir(path, 0755) < 0)
                        return -1;
                snprintf(path, sizeof(path), "%s/opt/%s/current", root, links[i][0]);
                if (symlink(links[i][1], path) < 0)
                        return -1;
        }
        return 0;
}

static int tear_down(void **state _unused_) {
        char command[64];

        snprintf(command, sizeof(command), "rm -r %s", root);
        return system(command);
}

static void test_pin(void **state _unused_) {
        static const struct {
                const char *word, *wanted;
        } rows[] = {
                { "/opt/a/current/run", "/opt/a/releases/ID/run" },
                { "/opt/a/current", "/opt/a/releases/ID" },
                { "/opt/a/current/", "/opt/a/releases/ID/" },
                { "--app-dir=/opt/a/current/app", "--app-dir=/opt/a/releases/ID/app" },
                { "/opt/a/current/x=/opt/a/current", "/opt/a/releases/ID/x=/opt/a/current" },
                { "/opt/a/currently/run", NULL },
                { "/opt/a/previous/run", NULL },
                { "/opt/a/x/current/run", NULL },
                { "/opt//current/run", NULL },
                { "/opt/none/current/run", NULL },
                { "/srv/opt/a/current/run", NULL },
                { "opt/a/current/run", NULL },
                { "file:/opt/a/current", NULL },
                { "", NULL },
                { "=", NULL },
                /* links that are of something else */
                { "/opt/b-1/current/run", NULL },
                { "/opt/c/current/passwd", NULL },
                { "/opt/d/current/run", NULL },
                { "/opt/e/current/run", NULL },
                { "/opt/f/current/run", NULL },
                { "/opt/g/current/run", NULL },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                Arena arena = { 0 };
                char *words[] = { (char *) "first", (char *) rows[i].word, NULL };

                assert_int_equal(release_pin(&arena, root, words), 0);
                assert_string_equal(words[0], "first");
                assert_string_equal(words[1], rows[i].wanted ? rows[i].wanted : rows[i].word);
                arena_done(&arena);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_pin) };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
