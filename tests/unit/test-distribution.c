/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command that installs a package, by what os-release says. */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/distribution.h"
#include "base/fsat.h"

static const struct {
        const char *text, *package, *install;
} rows[] = {
        { "PRETTY_NAME=\"Debian GNU/Linux 12\"\nNAME=x\nVERSION_ID=\"12\"\nID=debian\n",
          "nginx-light", "apt-get install nginx-light" },
        { "ID=ubuntu\nID_LIKE=debian\n", "restic", "apt-get install restic" },
        { "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "npm", "apt-get install npm" },
        { "NAME=\"Fedora Linux\"\nID=fedora\n", "nginx-light", "dnf install nginx" },
        { "ID=fedora", "npm", "dnf install nodejs-npm" },
        { "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "python3-venv", "dnf install python3" },
        { "ID='fedora'\n", "python3-yaml", "dnf install python3-yaml" },
        { "ID_LIKE=debian\nID=arch\n", "python3-yaml", "pacman -S python-yaml" },
        { "NAME=x\nID=arch\n", "openssh-server", "pacman -S openssh" },
        { "ID=manjaro\nID_LIKE=arch\n", "python3-venv", "pacman -S python" },
        /* Names that are only like one, and nothing that is known. */
        { "ID=archetype\nVARIANT_ID=fedora\n", "nginx-light", "apt-get install nginx-light" },
        { "ID=arch", "nginx-lighter", "pacman -S nginx-lighter" },
        { "ID=\nID_LIKE=\"\"\n", "npm", "apt-get install npm" },
        { "ID=\"\n\"ID=arch\n ID=arch\n", "npm", "apt-get install npm" },
        { "", "npm", "apt-get install npm" },
};

typedef struct Root {
        char path[64];
        int fd;
} Root;

static int set_up(void **state) {
        Root *r = calloc(1, sizeof(*r));

        assert_non_null(r);
        snprintf(r->path, sizeof(r->path), "/tmp/fte-distribution-XXXXXX");
        assert_non_null(mkdtemp(r->path));
        r->fd = fsat_open_dir(AT_FDCWD, r->path);
        assert_true(r->fd >= 0);
        assert_int_equal(mkdirat(r->fd, "etc", 0755), 0);
        assert_int_equal(mkdirat(r->fd, "usr", 0755), 0);
        assert_int_equal(mkdirat(r->fd, "usr/lib", 0755), 0);
        *state = r;
        return 0;
}

static int tear_down(void **state) {
        Root *r = *state;

        (void) unlinkat(r->fd, "etc/os-release", 0);
        (void) unlinkat(r->fd, "usr/lib/os-release", 0);
        assert_int_equal(unlinkat(r->fd, "usr/lib", AT_REMOVEDIR), 0);
        assert_int_equal(unlinkat(r->fd, "usr", AT_REMOVEDIR), 0);
        assert_int_equal(unlinkat(r->fd, "etc", AT_REMOVEDIR), 0);
        assert_int_equal(rmdir(r->path), 0);
        close(r->fd);
        free(r);
        return 0;
}

static void plant(const Root *r, const char *path, const char *text) {
        int fd = fsat_write(r->fd, path, text, strlen(text));

        assert_true(fd >= 0);
        close(fd);
}

static void test_rows(void **state) {
        _cleanup_arena_ Arena arena = { 0 };
        Root *r = *state;

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                plant(r, "etc/os-release", rows[i].text);
                assert_string_equal(distribution_install(r->path, INSTALL, rows[i].package, &arena),
                                    rows[i].install);
        }
}

/* The file in /etc has the last word, of the other one it is often a link to; neither need be
 * there. */
static void test_places(void **state) {
        _cleanup_arena_ Arena arena = { 0 };
        Root *r = *state;

        assert_string_equal(distribution_install(r->path, REINSTALL_NOW, "systemd-fte", &arena),
                            "apt-get install --reinstall -y systemd-fte");
        plant(r, "usr/lib/os-release", "ID=arch\n");
        assert_string_equal(distribution_install(r->path, REINSTALL_NOW, "systemd-fte", &arena),
                            "pacman -S --noconfirm systemd-fte");
        assert_int_equal(symlinkat("../usr/lib/os-release", r->fd, "etc/os-release"), 0);
        assert_string_equal(distribution_install(r->path, INSTALL, "npm", &arena), "pacman -S npm");
        assert_int_equal(unlinkat(r->fd, "etc/os-release", 0), 0);
        plant(r, "etc/os-release", "ID=fedora\n");
        assert_string_equal(distribution_install(r->path, REINSTALL_NOW, "systemd-fte", &arena),
                            "dnf reinstall -y systemd-fte");
        assert_string_equal(distribution_install(r->path, INSTALL_NOW, "nftables", &arena),
                            "dnf install -y nftables");
        assert_string_equal(distribution_install("/nonexistent", INSTALL, "npm", &arena),
                            "apt-get install npm");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
