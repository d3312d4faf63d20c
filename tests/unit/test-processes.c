/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * helpers/ftectl/shared/processes.c below a root of its own: groups within groups, odd names, a
 * process that is gone by the time it is looked at.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "ftectl/shared/processes.h"

static char root[] = "/tmp/fte-processes.XXXXXX";

static void put(const char *path, const char *content) {
        char full[512];
        FILE *f;

        snprintf(full, sizeof(full), "%s%s", root, path);
        for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
                *p = 0;
                mkdir(full, 0755);
                *p = '/';
        }
        f = fopen(full, "we");
        assert_non_null(f);
        fputs(content, f);
        fclose(f);
}

static void put_process(int pid, const char *uids, const char *name) {
        char path[64], text[256];

        snprintf(path, sizeof(path), "/proc/%d/status", pid);
        snprintf(text, sizeof(text), "Name:\t%s\nPid:\t%d\nPPid:\t1\nUid:\t%s\n", name, pid, uids);
        put(path, text);
        snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        snprintf(text, sizeof(text), "%d (%s) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 500 23\n",
                 pid, name);
        put(path, text);
        snprintf(path, sizeof(path), "/proc/%d/comm", pid);
        snprintf(text, sizeof(text), "%s\n", name);
        put(path, text);
}

static void test_list(void **state _unused_) {
        _cleanup_arena_ Arena arena = { 0 };
        ProcessList list;

        put("/sys/fs/cgroup/fte.slice/a.service/cgroup.procs", "70\n7\n99\n");
        put("/sys/fs/cgroup/fte.slice/a.service/below/it/cgroup.procs", "8\n");
        put("/sys/fs/cgroup/fte.slice/a.service/below/cgroup.procs", "");
        put_process(70, "1001\t0\t0\t0", "odd) (name");
        put_process(7, "1000\t1000\t1000\t1000", "agent");
        put_process(8, "0\t0\t0\t0", "helper");
        assert_int_equal(processes_of_cgroup(root, "/fte.slice/a.service", &arena, &list), 0);
        assert_int_equal(list.n, 3);
        assert_false(list.cut);
        assert_int_equal(list.items[0].pid, 7);
        assert_int_equal(list.items[0].uid, 1000);
        assert_string_equal(list.items[0].command, "agent");
        assert_int_equal(list.items[1].pid, 8);
        assert_int_equal(list.items[1].parent, 1);
        assert_int_equal(list.items[2].uid, 1001);
        assert_int_equal(list.items[2].euid, 0);
        assert_string_equal(list.items[2].command, "odd) (name");
        assert_int_equal(list.items[2].start_usec, 500 * (1000000 / sysconf(_SC_CLK_TCK)));
}

static void test_none(void **state _unused_) {
        _cleanup_arena_ Arena arena = { 0 };
        ProcessList list;
        Process p;

        assert_int_equal(processes_of_cgroup(root, "/fte.slice/b.service", &arena, &list), -ENOENT);
        assert_int_equal(process_read(root, 99, &arena, &p), -ESRCH);
        assert_int_equal(process_read("", getpid(), &arena, &p), 0);
        assert_int_equal(p.uid, getuid());
        assert_int_equal(p.parent, getppid());
        assert_true(p.start_usec > 0);
}

/* A host with the old hierarchies: the groups are found below systemd's own. */
static void test_old_hierarchy(void **state _unused_) {
        _cleanup_arena_ Arena arena = { 0 };
        ProcessList list;

        put("/sys/fs/cgroup/systemd/fte.slice/c.service/cgroup.procs", "7\n");
        put_process(7, "1000\t1000\t1000\t1000", "agent");
        assert_int_equal(processes_of_cgroup(root, "/fte.slice/c.service", &arena, &list), 0);
        assert_int_equal(list.n, 1);
}

static int make_root(void **state _unused_) {
        return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state _unused_) {
        char command[64];

        snprintf(command, sizeof(command), "rm -rf %s", root);
        return system(command);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_list),
                cmocka_unit_test(test_none),
                cmocka_unit_test(test_old_hierarchy),
        };

        return cmocka_run_group_tests(tests, make_root, remove_root);
}
