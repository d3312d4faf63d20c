/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What an agent's files and directories lie on, and whether those that hold secrets are there and
 * private. One statfs(2) tells type, mount flags and free space of a mount, so the table of mounts
 * (and libmount) is not needed. Opens no file that holds a secret.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "base/distribution.h"
#include "config/directive.h"
#include "host/program.h"

#include "ftectl/shared/own-dirs.h"
#include "ftectl/shared/path-trace.h"
#include "ftectl/shared/terminal.h"
#include "lint.h"

#define SENDMAIL "/usr/sbin/sendmail" /* what fte-alert-deliver runs */

static const struct {
        uint32_t f_type;
        const char *name;
} network_types[] = {
        { 0x00006969, "NFS" },  { 0x0000517B, "SMB" },    { 0xFE534D42, "SMB" },
        { 0xFF534D42, "CIFS" }, { 0x5346414F, "AFS" },    { 0x00C36400, "Ceph" },
        { 0x01021997, "9p" },   { 0x73757245, "Coda" },   { 0x65735546, "FUSE" },
        { 0x6B414653, "AFS" },  { 0x0BD00BD0, "Lustre" }, { 0x47504653, "GPFS" },
};

static const char *network_type(uint32_t f_type) {
        for (size_t i = 0; i < ARRAY_SIZE(network_types); i++)
                if (network_types[i].f_type == f_type)
                        return network_types[i].name;
        return NULL;
}

/* Of path, or of the nearest directory above it that exists. */
static int nearest_statfs(const Warner *w, const char *path, struct statfs *ret) {
        char full[PATH_MAX];
        size_t root_len = strlen(w->root);

        if (snprintf(full, sizeof(full), "%s%s", w->root, path) >= (int) sizeof(full))
                return -ENAMETOOLONG;
        while (statfs(full, ret) < 0) {
                char *slash = strrchr(full, '/');

                if (errno != ENOENT || !slash || slash < full + root_len || streq(full, "/"))
                        return -errno;
                slash[slash == full] = 0; /* "/" is left of "/a" */
        }
        return 0;
}

/* ---- mounts ---- */

typedef struct MountCheck {
        SectionId section;
        const char *key;
        size_t offset;
        const char *what, *path;
        bool is_executed;
} MountCheck;

static void check_mount(Warner *w, const MountCheck *c) {
        Place place = c->key ? agent_place_near(w->agent, c->offset, c->section) : w->agent->place;
        struct statfs fs;
        const char *type;

        if (!c->path || *c->path != '/' || nearest_statfs(w, c->path, &fs) < 0)
                return;
        if (c->is_executed && (fs.f_flags & ST_NOEXEC))
                warner_add(
                        w, c->section, c->key, place,
                        arena_printf(w->arena,
                                     "%s %s lies on a file system that is mounted noexec, so it "
                                     "cannot be run; remount it with exec, or install below /opt",
                                     c->what, c->path));
        type = network_type((uint32_t) fs.f_type);
        if (type)
                warner_add(
                        w, c->section, c->key, place,
                        arena_printf(w->arena,
                                     "%s %s lies on a network file system (%s): without the "
                                     "network the agent hangs or does not start; use a local disk",
                                     c->what, c->path, type));
}

#define MOUNT(SECTION, key, field, ...)                                     \
        (MountCheck) {                                                      \
                SECTION_##SECTION, key, offsetof(Agent, field), __VA_ARGS__ \
        }

void lint_check_mounts(Warner *w) {
        const Agent *a = w->agent;
        const char *state = own_state_dir(w->root, a, w->arena);
        const MountCheck checks[] = {
                MOUNT(AGENT, "Exec", exec, "the program", a->exec ? a->exec[0] : NULL, true),
                MOUNT(AGENT, "Exec", exec, "the program's interpreter", lint_interpreter(w), true),
                MOUNT(AGENT, "WorkingDirectory", working_directory, "the directory",
                      a->working_directory),
                MOUNT(AGENT, NULL, exec, "its data in", state),
                MOUNT(ENVIRONMENT, "File", env_file, "the env file",
                      agent_has_env_file(a) ? a->env_file : NULL),
        };

        for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
                check_mount(w, &checks[i]);
}

/* ---- room for the log ---- */

/* What the log and its old files ("app.log.1", "app.log.2.zst") take of the disk by now. */
static uint64_t log_used_bytes(const Warner *w, const char *file) {
        const char *base = strrchr(file, '/') + 1;
        const char *path = arena_printf(w->arena, ".%.*s", (int) (base - file), file);
        int fd = path ? openat(w->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *d;
        uint64_t sum = 0;

        while (dir && (d = readdir(dir))) {
                const char *rest = startswith(d->d_name, base);
                struct stat st;

                if (rest && (!*rest || *rest == '.') &&
                    fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
                        sum += (uint64_t) st.st_blocks * 512;
        }
        if (dir)
                closedir(dir);
        else
                closep(&fd);
        return sum;
}

void lint_check_log_space(Warner *w) {
        _cleanup_strbuf_ StrBuf most = { 0 }, have = { 0 }, used = { 0 };
        const Agent *a = w->agent;
        const char *file = own_log_file(w->root, a, w->arena);
        uint64_t most_bytes = a->log_max_bytes * (a->log_keep + 1), free_bytes, used_bytes;
        struct statfs fs;

        if (!file || *file != '/' || nearest_statfs(w, file, &fs) < 0)
                return;
        free_bytes = (uint64_t) fs.f_bavail * (uint64_t) fs.f_bsize;
        used_bytes = most_bytes > free_bytes ? log_used_bytes(w, file) : 0;
        if (most_bytes <= free_bytes + used_bytes)
                return;
        show_size(&most, most_bytes);
        show_size(&have, free_bytes);
        show_size(&used, used_bytes);
        WARN(w, LOGGING, "MaxSize", log_max_bytes,
             "the logs can grow to %s (%llu files with the one in use), they have %s now, and only "
             "%s "
             "are free there; lower MaxSize= or Keep=",
             strbuf_text(&most), (unsigned long long) a->log_keep + 1, strbuf_text(&used),
             strbuf_text(&have));
}

/* ---- who sends mail ---- */

void lint_check_mailer(Warner *w) {
        static const char *const nothing[] = { NULL };
        const Agent *a = w->agent;
        Trace t;

        if (!a->alert_email || !*a->alert_email || a->alert_smtp)
                return;
        path_trace(w->root_fd, SENDMAIL, nothing, &t);
        if (t.error < 0)
                WARN(w, ALERT, "Email", alert_email,
                     "no mail can be sent: there is no SMTP=, and " SENDMAIL
                     " does not exist; name a "
                     "server by SMTP= in fte.conf, or install a package that has it");
}

/* ---- files with secrets ---- */

/*
 * What is wrong with a file that only root should read; NULL when nothing is, or nobody can tell.
 */
static const char *secret_file_problem(Warner *w, const char *path) {
        struct stat st;

        if (fstatat(w->root_fd, path + 1, &st, 0) < 0)
                return errno == ENOENT ? arena_printf(w->arena,
                                                      "the file %s does not exist; make it by "
                                                      "\"install -m 0600 /dev/null %s\" and put "
                                                      "the secret into it",
                                                      path, path)
                                       : NULL;
        if (!S_ISREG(st.st_mode))
                return arena_printf(w->arena, "%s is no file; put a regular file there", path);
        if (st.st_mode & 077)
                return arena_printf(w->arena,
                                    "the file %s can be read by others (mode %04o); chmod 0600 %s",
                                    path, st.st_mode & 07777, path);
        return NULL;
}

/* Every key whose value is the path of a secret: new channels are found by themselves. */
void lint_check_alert_files(Warner *w) {
        for (size_t i = 0; i < n_directives; i++) {
                const Directive *d = &directives[i];
                const char *path, *problem;

                if (d->section != SECTION_ALERT || d->parse != parse_secret_path)
                        continue;
                path = *(const char *const *) ((const char *) w->agent + d->offset);
                problem = path ? secret_file_problem(w, path) : NULL;
                if (problem)
                        warner_add(w, d->section, d->key,
                                   agent_place_near(w->agent, d->offset, d->section), problem);
        }
}

void lint_check_env_file(Warner *w) {
        const Agent *a = w->agent;
        const char *problem;

        if (!agent_has_env_file(a) || a->env_encrypted)
                return;
        problem = secret_file_problem(w, a->env_file);
        if (problem)
                warner_add(w, SECTION_ENVIRONMENT, "File",
                           agent_place_near(a, offsetof(Agent, env_file), SECTION_ENVIRONMENT),
                           problem);
}

/* ---- restic ---- */

/* An encrypted credential comes by a drop-in for the services, see fte-backup(8). */
static bool has_drop_in(const Warner *w) {
        const char *dir = arena_printf(
                w->arena, "etc/systemd/system/fte-backup@%s.service.d", w->agent->name);

        return dir && faccessat(w->root_fd, dir, F_OK, 0) == 0;
}

/* Only the password must be there. */
void lint_check_backup_files(Warner *w) {
        static const char *const names[] = { "restic-password", "restic-repository", "restic-env" };
        const Agent *a = w->agent;

        if (!startswith(a->backup_target, "restic:"))
                return;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                const char *path = arena_printf(w->arena, "/etc/%s/%s", a->directory, names[i]);
                bool missing = path && faccessat(w->root_fd, path + 1, F_OK, 0) < 0;
                const char *problem = !path || (missing && (i > 0 || has_drop_in(w)))
                                              ? NULL
                                              : secret_file_problem(w, path);

                if (problem)
                        WARN(w, BACKUP, "Target", backup_target, "%s", problem);
        }
}

void lint_check_backup_program(Warner *w) {
        const Agent *a = w->agent;

        if (startswith(a->backup_target, "restic:") && !host_program(w->root, "restic", w->arena))
                WARN(w, BACKUP, "Target", backup_target,
                     "restic is not installed, so no backup can be made; run: %s",
                     distribution_install(w->root, INSTALL, "restic", w->arena));
}
