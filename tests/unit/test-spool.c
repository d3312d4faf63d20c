/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The spool on a real directory: order, claims, limits, damage, links that lead elsewhere.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "alert/spool.h"

typedef struct Fixture {
        char path[32];
        Spool spool;
        Arena arena;
} Fixture;

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(Fixture));

        if (!f)
                return -1;
        strcpy(f->path, "/tmp/test-spool-XXXXXX");
        if (!mkdtemp(f->path) || spool_open(f->path, &f->spool) < 0)
                return -1;
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;
        char command[64];

        spool_close(&f->spool);
        arena_done(&f->arena);
        snprintf(command, sizeof(command), "rm -rf %s", f->path);
        free(f);
        return system(command);
}

static Alert make_alert(unsigned n) {
        Alert a;

        alert_init(&a);
        a.kind = ALERT_KIND_FAILURE;
        a.agent = "bot";
        snprintf(a.id, sizeof(a.id), "%032x", n);
        return a;
}

static char **names(Fixture *f, SpoolBox box) {
        char **list = NULL;

        assert_int_equal(spool_list(&f->spool, box, &f->arena, &list), 0);
        return list;
}

static size_t count(Fixture *f, SpoolBox box) {
        char **list = names(f, box);
        size_t n = 0;

        while (list[n])
                n++;
        return n;
}

static void test_order(void **state) {
        Fixture *f = *state;
        char name[3][80], **list;

        for (unsigned i = 0; i < 3; i++) {
                /* IDs fall, so that only the time can make the order. */
                Alert a = make_alert(9 - i), b;

                assert_int_equal(spool_add(&f->spool, &a, name[i]), 0);
                assert_int_equal(spool_read(&f->spool, SPOOL_WAITING, name[i], &f->arena, &b), 0);
                assert_string_equal(a.id, b.id);
        }
        list = names(f, SPOOL_WAITING);
        for (unsigned i = 0; i < 3; i++)
                assert_string_equal(list[i], name[i]);
        assert_null(list[3]);
        assert_int_equal(count(f, SPOOL_SENT), 0);
}

/* The clock was ahead when the last alert was stored, even when that one has been sent since. */
static void test_clock_set_back(void **state) {
        Fixture *f = *state;
        Alert a = make_alert(1);
        const char *ahead = "00009999999999999999-00000000000000000000000000000001";
        char name[80];

        assert_int_equal(spool_add(&f->spool, &a, name), 0);
        assert_int_equal(renameat(f->spool.box_fds[SPOOL_WAITING], name,
                                  f->spool.box_fds[SPOOL_SENT], ahead), 0);
        assert_int_equal(spool_add(&f->spool, &a, name), 0);
        assert_true(strcmp(name, ahead) > 0);
}

static void test_private(void **state) {
        Fixture *f = *state;
        Alert a = make_alert(1);
        struct stat st;
        char name[80];

        assert_int_equal(spool_add(&f->spool, &a, name), 0);
        assert_int_equal(fstat(f->spool.box_fds[SPOOL_WAITING], &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);
        assert_int_equal(fstatat(f->spool.box_fds[SPOOL_WAITING], name, &st, 0), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_claim(void **state) {
        Fixture *f = *state;
        Alert a = make_alert(1), b;
        char name[80];

        assert_int_equal(spool_add(&f->spool, &a, name), 0);
        a.repeated = 5;
        assert_int_equal(spool_amend(&f->spool, name, &a), 0);
        assert_int_equal(spool_claim(&f->spool, name, &f->arena, &b), 0);
        assert_int_equal(b.repeated, 5);
        a.repeated = 6;
        assert_int_equal(spool_amend(&f->spool, name, &a), -EBUSY);
        assert_int_equal(spool_withdraw(&f->spool, name), -EBUSY);
        /* The one who claimed it goes on, and it stays claimed. */
        b.repeated = 7;
        assert_int_equal(spool_replace(&f->spool, SPOOL_WAITING, name, &b, false), 0);
        assert_int_equal(spool_withdraw(&f->spool, name), -EBUSY);
        assert_int_equal(spool_claim(&f->spool, name, &f->arena, &b), 0);
        assert_int_equal(b.repeated, 7);
        assert_int_equal(spool_move(&f->spool, SPOOL_WAITING, SPOOL_SENT, name), 0);
        assert_int_equal(spool_amend(&f->spool, name, &a), -ENOENT);
        assert_int_equal(spool_withdraw(&f->spool, name), -ENOENT);
        assert_int_equal(spool_replace(&f->spool, SPOOL_WAITING, name, &b, false), -ENOENT);
        assert_int_equal(count(f, SPOOL_WAITING), 0);
        assert_int_equal(spool_read(&f->spool, SPOOL_SENT, name, &f->arena, &b), 0);
}

static void test_withdraw(void **state) {
        Fixture *f = *state;
        Alert a = make_alert(1);
        char name[80];

        assert_int_equal(spool_add(&f->spool, &a, name), 0);
        assert_int_equal(spool_withdraw(&f->spool, name), 0);
        assert_int_equal(count(f, SPOOL_WAITING), 0);
}

static void test_trim(void **state) {
        Fixture *f = *state;
        const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
        char name[80], last[80] = "";
        int fd;

        for (unsigned i = 0; i < 5; i++) {
                Alert a = make_alert(i);

                assert_int_equal(spool_add(&f->spool, &a, name), 0);
                assert_int_equal(spool_move(&f->spool, SPOOL_WAITING, SPOOL_SENT, name), 0);
                strcpy(last, name);
        }
        fd = openat(f->spool.dir_fd, ".add-1", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        assert_int_equal(spool_trim(&f->spool, SPOOL_SENT, 2), 0);
        assert_int_equal(faccessat(f->spool.dir_fd, ".add-1", F_OK, 0), 0);
        assert_int_equal(futimens(fd, old), 0);
        close(fd);
        assert_int_equal(spool_trim(&f->spool, SPOOL_SENT, 2), 0);
        assert_int_equal(faccessat(f->spool.dir_fd, ".add-1", F_OK, 0), -1);
        assert_int_equal(count(f, SPOOL_SENT), 2);
        assert_string_equal(names(f, SPOOL_SENT)[1], last);
}

static void test_too_large(void **state) {
        Fixture *f = *state;
        Alert a = make_alert(1);
        char *line = malloc(ALERT_MAX_BYTES + 1), *lines[] = { line, NULL }, name[80];

        assert_non_null(line);
        memset(line, 'x', ALERT_MAX_BYTES);
        line[ALERT_MAX_BYTES] = 0;
        a.lines = lines;
        assert_int_equal(spool_add(&f->spool, &a, name), -EFBIG);
        assert_int_equal(count(f, SPOOL_WAITING), 0);
        free(line);
}

static void test_too_many(void **state) {
        Fixture *f = *state;
        Alert a = make_alert(1);
        char name[80];

        for (unsigned i = 0; i < SPOOL_FILES_MAX; i++) {
                snprintf(name, sizeof(name), "%020u-%032x", i, i);
                assert_int_equal(mknodat(f->spool.box_fds[SPOOL_WAITING], name, S_IFREG | 0600, 0), 0);
        }
        assert_int_equal(spool_add(&f->spool, &a, name), -EDQUOT);
        assert_int_equal(unlinkat(f->spool.box_fds[SPOOL_WAITING], name, 0), 0);
        assert_int_equal(spool_add(&f->spool, &a, name), 0);
}

/* Strange files are passed over, or an error; nothing is followed and nothing blocks. */
static void test_strange(void **state) {
        static const char name[] = "00000000000000000001-00000000000000000000000000000001";
        Fixture *f = *state;
        int fd = f->spool.box_fds[SPOOL_WAITING];
        Alert a;

        assert_int_equal(mkdirat(fd, "other", 0700), 0);
        assert_int_equal(mknodat(fd, ".hidden", S_IFREG | 0600, 0), 0);
        assert_int_equal(count(f, SPOOL_WAITING), 0);
        assert_int_equal(symlinkat("/etc/passwd", fd, name), 0);
        assert_int_equal(count(f, SPOOL_WAITING), 1);
        assert_int_equal(spool_read(&f->spool, SPOOL_WAITING, name, &f->arena, &a), -ELOOP);
        assert_int_equal(spool_claim(&f->spool, name, &f->arena, &a), -ELOOP);
        assert_int_equal(unlinkat(fd, name, 0), 0);
        assert_int_equal(mkfifoat(fd, name, 0600), 0);
        assert_int_equal(spool_read(&f->spool, SPOOL_WAITING, name, &f->arena, &a), -EINVAL);
        assert_int_equal(unlinkat(fd, name, 0), 0);
        assert_int_equal(mknodat(fd, name, S_IFREG | 0600, 0), 0);
        assert_int_equal(spool_read(&f->spool, SPOOL_WAITING, name, &f->arena, &a), -EBADMSG);
}

static void test_lock(void **state) {
        Fixture *f = *state;
        Spool other;

        assert_int_equal(spool_open(f->path, &other), 0);
        assert_int_equal(spool_lock(&f->spool), 0);
        assert_int_equal(spool_lock(&f->spool), 0);
        spool_unlock(&f->spool);
        assert_int_equal(fcntl(other.lock_fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        assert_int_equal(f->spool.locks, 1); /* still held */
        spool_unlock(&f->spool);
        assert_int_equal(spool_lock(&other), 0);
        spool_unlock(&other);
        spool_close(&other);
}

static void test_open_refuses(void **state) {
        Fixture *f = *state;
        char link[64];
        Spool s;

        snprintf(link, sizeof(link), "%s/link", f->path);
        assert_int_equal(symlink(f->path, link), 0);
        assert_int_equal(spool_open(link, &s), -ENOTDIR);
        assert_int_equal(spool_open("/nonexistent/a/b", &s), -ENOENT);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                T(test_order),    T(test_clock_set_back), T(test_private), T(test_claim),
                T(test_withdraw), T(test_trim),           T(test_lock),    T(test_too_large),
                T(test_too_many), T(test_strange),        T(test_open_refuses),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
