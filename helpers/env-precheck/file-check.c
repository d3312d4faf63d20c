/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * file-check.h, as tables: kinds of file, kinds of trouble on the way to it. Each message ends in
 * the command that puts things right. Must not open the file: inside the service's sandbox only
 * root may, and a fifo or device would block or act.
 */

#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/escape.h"

#include "file-check.h"

/* User namespaces (PrivateUsers=) show every owner but root and the service's user as this. */
#define OVERFLOW_UID 65534

typedef struct Place {
        const char *path;
        const char *user;
        uid_t uid;
        StrBuf *problems;
} Place;

static void problem(const Place *at, const char *text) {
        strbuf_addf(at->problems, "%s: %s", at->path, text);
}

/* Ends the line with a command on the path. */
static void command(const Place *at, const char *words) {
        strbuf_addf(at->problems, ": %s ", words);
        escape_shell_word(at->problems, at->path);
        strbuf_addc(at->problems, '\n');
}

static void done(const Place *at) {
        strbuf_addc(at->problems, '\n');
}

/* Directories that the sandbox replaces or hides, and the directive that does it. */
static const struct {
        const char *prefix;
        const char *directive;
} hidden[] = {
        { "/home/", "ProtectHome=" },  { "/root/", "ProtectHome=" },
        { "/run/user/", "ProtectHome=" }, { "/tmp/", "PrivateTmp=" },
        { "/var/tmp/", "PrivateTmp=" },
};

/*
 * The first len bytes of the path are what is not there. Where a directory below the one that the
 * sandbox would hide is there, it hides nothing: so it is for the agents of a person.
 */
static void add_sandbox_hint(const Place *at, size_t len) {
        for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
                size_t prefix_len = strlen(hidden[i].prefix);

                if (!startswith(at->path, hidden[i].prefix) ||
                    (len > prefix_len && memchr(at->path + prefix_len, '/', len - prefix_len)))
                        continue;
                strbuf_addf(at->problems, " (%s hides %.*s from services; /etc is better)",
                            hidden[i].directive, (int) prefix_len - 1, hidden[i].prefix);
        }
}

/*
 * Finds the first directory on the way that stops us: what lstat() says of "a/" is what it says
 * of entering a. Returns its length in path, 0 when there is none.
 */
static size_t blocked_at(const char *path, int *ret_error) {
        char part[PATH_MAX];
        size_t len = 0;

        for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                struct stat st;

                len = (size_t) (slash - path);
                if (len + 3 > sizeof(part))
                        break;
                memcpy(part, path, len);
                memcpy(part + len, "/.", 3);
                if (lstat(part, &st) < 0) {
                        *ret_error = errno;
                        return len;
                }
        }
        return 0;
}

static void explain_blocked(const Place *at, size_t len, int error) {
        StrBuf *b = at->problems;
        int n = (int) len;

        if (error == ENOENT) {
                strbuf_addf(b, "the directory %.*s does not exist", n, at->path);
                add_sandbox_hint(at, len);
                strbuf_add(b, "; make it and put the file there, mode 0600, or correct File=");
        } else if (error == EACCES) {
                strbuf_addf(b, "%s may not enter %.*s", at->user ? at->user : "this user", n,
                            at->path);
                add_sandbox_hint(at, len);
                strbuf_addf(b, "; allow that with: chmod o+x %.*s, or keep the file elsewhere", n,
                            at->path);
        } else if (error == ENOTDIR)
                strbuf_addf(b, "%.*s is not a directory; correct File=", n, at->path);
        else if (error == ELOOP)
                strbuf_addf(b, "%.*s is a symbolic link that leads in a circle", n, at->path);
        else
                strbuf_addf(b, "%.*s: %s", n, at->path, strerror(error));
}

static void explain_lstat(const Place *at, int error) {
        int why = 0;
        size_t len = error == ENAMETOOLONG ? 0 : blocked_at(at->path, &why);

        if (len > 0) {
                problem(at, "cannot be reached: ");
                explain_blocked(at, len, why);
                done(at);
        } else if (error == ENOENT) {
                problem(at, "does not exist");
                add_sandbox_hint(at, strlen(at->path));
                strbuf_add(at->problems, "; write the agent's variables there, a NAME=VALUE on "
                                         "each line, in a file made by");
                command(at, "install -m 0600 /dev/null");
        } else {
                problem(at, strerror(error));
                done(at);
        }
}

static void explain_link(const Place *at) {
        struct stat st;

        if (stat(at->path, &st) == 0)
                problem(at, "is a symbolic link; give the path of the file itself in File=");
        else if (errno == ELOOP)
                problem(at, "is a symbolic link that leads in a circle; put a regular file there");
        else if (errno == ENOENT)
                problem(at, "is a symbolic link to nothing; put a regular file there");
        else
                problem(at, "is a symbolic link; put a regular file there");
        done(at);
}

static const struct {
        mode_t type;
        const char *text;
} kinds[] = {
        { S_IFDIR, "is a directory; File= must name a file in it" },
        { S_IFIFO, "is a fifo; put a regular file there" },
        { S_IFSOCK, "is a socket; put a regular file there" },
        { S_IFCHR, "is a character device; put a regular file there" },
        { S_IFBLK, "is a block device; put a regular file there" },
};

static bool is_regular(const Place *at, const struct stat *st) {
        if (S_ISREG(st->st_mode))
                return true;
        if (S_ISLNK(st->st_mode)) {
                explain_link(at);
                return false;
        }
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
                if ((st->st_mode & S_IFMT) == kinds[i].type) {
                        problem(at, kinds[i].text);
                        done(at);
                        return false;
                }
        problem(at, "is not a regular file");
        done(at);
        return false;
}

static void check_owner(const Place *at, const struct stat *st) {
        if (st->st_uid == 0 || st->st_uid == at->uid)
                return;
        if (st->st_uid == OVERFLOW_UID)
                problem(at, "belongs to another user");
        else
                strbuf_addf(at->problems, "%s: belongs to UID %u", at->path, st->st_uid);
        strbuf_addf(at->problems, "; only root or %s may own it; correct that with",
                    at->user ? at->user : "the user of the service");
        command(at, "chown root:root");
}

static void check_mode(const Place *at, const struct stat *st) {
        if (!(st->st_mode & 077))
                return;
        strbuf_addf(at->problems,
                    "%s: mode %04o gives rights to the group or others; correct that with",
                    at->path, st->st_mode & 07777);
        command(at, "chmod 0600"); /* takes the rights of an ACL away too: it sets the mask */
}

static const struct {
        uint32_t f_type;
        const char *name;
} no_modes[] = {
        { 0x00004D44, "vfat" },  { 0x2011BAB0, "exfat" }, { 0x7366746E, "ntfs3" },
        { 0x5346544E, "ntfs" },  { 0xFF534D42, "cifs" },  { 0xFE534D42, "cifs" },
        { 0x0000517B, "smbfs" }, { 0xF995E849, "hpfs" },  { 0x00004244, "hfs" },
        { 0x786F4256, "vboxsf" },
};

#define FUSE_F_TYPE 0x65735546

/* FUSE itself can keep modes (sshfs does); these do not. fuseblk is ntfs-3g and exfat-fuse. */
static const char *const fuse_no_modes[] = {
        "fuseblk", "fuse.ntfs-3g", "fuse.exfat", "fuse.vmhgfs-fuse", "fuse.s3fs", "fuse.rclone",
};

const char *file_system_without_modes(uint64_t f_type, const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(no_modes); i++)
                if ((uint32_t) f_type == no_modes[i].f_type)
                        return no_modes[i].name;
        if ((uint32_t) f_type == FUSE_F_TYPE)
                for (size_t i = 0; i < ARRAY_SIZE(fuse_no_modes); i++)
                        if (streq(name, fuse_no_modes[i]))
                                return fuse_no_modes[i];
        return NULL;
}

/* The type of the mount that holds device dev, by /proc/self/mountinfo; "" if it cannot be told. */
static void mount_type(dev_t dev, char *buf, size_t size_bytes) {
        FILE *f = fopen("/proc/self/mountinfo", "re");
        char *line = NULL;
        size_t room = 0;

        *buf = 0;
        while (f && !*buf && getline(&line, &room, f) > 0) {
                const char *type = strstr(line, " - ");
                unsigned maj, min;

                if (type && sscanf(line, "%*u %*u %u:%u", &maj, &min) == 2 &&
                    makedev(maj, min) == dev)
                        snprintf(buf, size_bytes, "%.*s", (int) strcspn(type + 3, " "), type + 3);
        }
        free(line);
        if (f)
                fclose(f);
}

/* statfs() is one call; the table of mounts, long in a sandbox, is only read where it must be. */
static void check_file_system(const Place *at, const struct stat *st) {
        struct statfs fs;
        char type[64] = "";
        const char *name;

        if (statfs(at->path, &fs) < 0) {
                strbuf_addf(at->problems, "%s: statfs: %s\n", at->path, strerror(errno));
                return;
        }
        if ((uint32_t) fs.f_type == FUSE_F_TYPE)
                mount_type(st->st_dev, type, sizeof(type));
        name = file_system_without_modes((uint64_t) fs.f_type, type);
        if (name)
                strbuf_addf(at->problems,
                            "%s: lies on a %s file system, which keeps no owners and modes; "
                            "move it, /etc is the usual place, and correct File=\n",
                            at->path, name);
}

bool file_check(const char *path, const FileUser *user, StrBuf *problems, struct stat *ret_st) {
        Place at = { path, user->name, user->uid, problems };
        struct stat st;

        if (lstat(path, &st) < 0) {
                explain_lstat(&at, errno);
                return false;
        }
        if (!is_regular(&at, &st))
                return false;
        check_owner(&at, &st);
        check_mode(&at, &st);
        check_file_system(&at, &st);
        *ret_st = st;
        return true;
}
