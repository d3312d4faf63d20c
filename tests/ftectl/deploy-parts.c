/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parts of ftectl deploy that keep releases, as commands, so that a test can interrupt them at
 * each step:
 *
 *   deploy-parts deploy ROOT NAME ID   a release whose files say ID, made, switched to, and judged
 *                                      well; two are kept
 *   deploy-parts fail ROOT NAME ID     a release that is made, and judged as failed
 *   deploy-parts show ROOT NAME        the links and the releases, with their states
 *   deploy-parts seal DIRECTORY NAME   what is below becomes root's
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"

#include "ftectl/deploy/store.h"

static int fail(const char *what, int r) {
        fprintf(stderr, "%s: %s\n", what, strerror(-r));
        return 1;
}

static int write_file(int dir_fd, const char *path, const char *text) {
        int fd = fsat_write(dir_fd, path, text, strlen(text));

        if (fd < 0)
                return fd;
        close(fd);
        return 0;
}

static int make(Store *s, const char *id) {
        Release release = { .source = "test", .sha256 = "", .cause = "" };
        _cleanup_close_ int fd = -EBADF;
        int r = store_begin(s);

        strcpy(release.id, id);
        if (r == 0)
                r = fd = fsat_open_dir(s->releases_fd, WORK_NAME "/tree");
        if (r >= 0)
                r = fsat_mkdir(fd, "lib");
        if (r >= 0)
                r = write_file(fd, "main", id);
        if (r >= 0)
                r = write_file(fd, "lib/part", id);
        return r < 0 ? r : store_take_over(s, &release);
}

static int go_live(Store *s, const char *id) {
        char before[RELEASE_ID_BYTES];
        Release r;
        int k = store_link(s, CURRENT_LINK, before);

        if (k > 0)
                k = store_set_link(s, PREVIOUS_LINK, before);
        if (k >= 0)
                k = store_set_link(s, CURRENT_LINK, id);
        if (k >= 0)
                k = store_find(s, id, &r);
        if (k >= 0) {
                r.state = RELEASE_WELL;
                k = store_write_record(s, &r);
        }
        if (k >= 0)
                k = store_prune(s, 2);
        return k < 0 ? k : store_clean(s);
}

/* As live.c does when it goes back: the links are as before. */
static int fail_live(Store *s, const char *id) {
        Release r;
        int k = store_find(s, id, &r);

        if (k >= 0) {
                r.state = RELEASE_FAILED;
                k = store_write_record(s, &r);
        }
        if (k >= 0)
                k = store_prune(s, 2);
        return k < 0 ? k : store_clean(s);
}

static int deploy(const char *root, const char *name, const char *id,
                  int (*then)(Store *s, const char *id)) {
        Store s;
        int r = store_open(&s, root, name, true);

        if (r >= 0)
                r = make(&s, id);
        if (r >= 0)
                r = then(&s, id);
        if (r < 0)
                r = -fail(s.problem ? s.problem : "deploy", r);
        store_close(&s);
        return r < 0;
}

static int show(const char *root, const char *name) {
        Release *list;
        Store s;
        int n = store_open(&s, root, name, false);

        if (n >= 0)
                n = store_list(&s, &list);
        for (int i = 0; i < n; i++)
                printf("%s %s%s%s\n", list[i].id, release_state_to_string(list[i].state),
                       list[i].is_current ? " current" : "",
                       list[i].is_previous ? " previous" : "");
        if (n < 0)
                fail(s.problem ? s.problem : "show", n);
        store_close(&s);
        return n < 0;
}

static int seal(const char *directory, const char *name) {
        _cleanup_close_ int fd = fsat_open_dir(AT_FDCWD, directory);
        uint64_t bytes, files;
        int r = fd < 0 ? fd : seal_tree(fd, name, &bytes, &files);

        if (r < 0)
                return fail("seal", r);
        printf("%llu\n", (unsigned long long) files);
        return 0;
}

int main(int argc, char **argv) {
        umask(0022);
        if (argc == 5 && streq(argv[1], "deploy"))
                return deploy(argv[2], argv[3], argv[4], go_live);
        if (argc == 5 && streq(argv[1], "fail"))
                return deploy(argv[2], argv[3], argv[4], fail_live);
        if (argc == 4 && streq(argv[1], "show"))
                return show(argv[2], argv[3]);
        if (argc == 4 && streq(argv[1], "seal"))
                return seal(argv[2], argv[3]);
        return 2;
}
