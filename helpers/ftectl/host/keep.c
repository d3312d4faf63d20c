/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What "ftectl host try" keeps of how the host was (host.h): HOST_DIR/try holds a copy of each file
 * and a manifest of their owners, modes and times. The manifest comes last and goes first, so it is
 * there exactly while there is something to put back.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/fsat.h"
#include "base/log.h"
#include "base/parse.h"

#include "host.h"

#define TRY      HOST_DIR "/try"
#define MANIFEST TRY "/manifest"
#define APPLIED  TRY "/applied"
#define SITES    TRY "/sites"
#define LAST     HOST_DIR "/last"

#define PROXY_WAIT_USEC (30 * USEC_PER_SEC)

/* ---- keep ---- */

typedef struct Keeping {
        const char *root;
        StrBuf manifest;
        unsigned n;
} Keeping;

static int keep_file(Keeping *k, const char *path) {
        _cleanup_free_ char *buf = NULL;
        char full[4096], copy[64];
        struct stat st;
        ssize_t n;

        if (host_full_path(full, sizeof(full), k->root, path) < 0)
                return -ENAMETOOLONG;
        if (lstat(full, &st) < 0) {
                if (errno != ENOENT && errno != ENOTDIR)
                        return -errno;
                strbuf_addf(&k->manifest, "absent %s\n", path);
                return 0;
        }
        if (!S_ISREG(st.st_mode))
                return -EINVAL; /* it could not be put back as it was */
        n = host_read_whole(k->root, path, &buf);
        if (n < 0)
                return (int) n;
        snprintf(copy, sizeof(copy), TRY "/%u", k->n);
        strbuf_addf(&k->manifest, "file %u %o %u %u %lld.%09ld %s\n", k->n++, st.st_mode & 07777u,
                    st.st_uid, st.st_gid, (long long) st.st_mtim.tv_sec, st.st_mtim.tv_nsec, path);
        st.st_mode = 0600;
        st.st_uid = st.st_gid = geteuid();
        return host_replace(k->root, copy, &(HostContent){ buf, (size_t) n, &st });
}

static int keep_sites(Keeping *k, const ProxySet *set) {
        int r = host_make_dir(k->root, SITES, 0700);

        for (size_t i = 0; i < set->n && r == 0; i++) {
                char path[128];

                snprintf(path, sizeof(path), SITES "/%s.conf", set->files[i].name);
                r = host_replace(
                        k->root, path,
                        &(HostContent){ set->files[i].text, strlen(set->files[i].text), NULL });
        }
        strbuf_add(&k->manifest, "sites\n");
        return r;
}

static int read_boot_id(const char *root, char *buf, size_t size) {
        char full[4096];
        ssize_t n;

        if (host_full_path(full, sizeof(full), root, "/proc/sys/kernel/random/boot_id") < 0)
                return -ENAMETOOLONG;
        n = fsat_read(AT_FDCWD, full, buf, size);
        if (n < 0)
                return (int) n;
        buf[strcspn(buf, "\n")] = 0;
        return 0;
}

static int keep_files(HostPlan *p, Keeping *k) {
        const char *const *files = host_firewall_files(p->root, p->backend, &p->arena);
        int r = 0;

        for (const HostChange *c = p->changes; c && r == 0; c = c->next)
                r = keep_file(k, c->path);
        if (p->open || p->close)
                for (; files && *files && r == 0; files++)
                        r = keep_file(k, *files);
        return r;
}

static int empty_sites(const char *root) {
        _cleanup_proxy_set_ ProxySet set = { 0 };
        _cleanup_arena_ Arena arena = { 0 };
        char path[300];
        int r = proxy_set_load_dir(root, SITES, &arena, &set);

        for (size_t i = 0; i < set.n && r == 0; i++) {
                snprintf(path, sizeof(path), SITES "/%s.conf", set.files[i].name);
                r = host_write(root, path, NULL);
        }
        return r == -ENOENT ? 0 : r;
}

/* What an attempt left that ended before its manifest was written. */
static int empty_try(const char *root) {
        char path[64];
        int r = host_make_dir(root, TRY, 0700);

        if (r == 0)
                r = empty_sites(root);
        for (unsigned i = 0; i < 64 && r == 0; i++) {
                snprintf(path, sizeof(path), TRY "/%u", i);
                r = host_write(root, path, NULL);
        }
        return r < 0 ? r : host_write(root, APPLIED, NULL);
}

/* What changes in what rules now: no file has it, and a reload would take away the admin's, too. */
static void keep_ports(Keeping *k, const char *zone, const HostPort *list, const char *what) {
        for (; list; list = list->next)
                if (list->now)
                        strbuf_addf(&k->manifest, "%s %s %s\n", what, list->text, zone);
}

int host_keep(HostPlan *p, uint64_t until_usec) {
        Keeping k = { .root = p->root };
        char boot[64];
        int r = read_boot_id(p->root, boot, sizeof(boot));

        if (r == 0)
                r = empty_try(p->root);
        if (r < 0)
                return r;
        strbuf_addf(&k.manifest, "version 1\nboot %s\nuntil %llu\nfirewall %u\n", boot,
                    (unsigned long long) until_usec, (unsigned) p->backend);
        r = keep_files(p, &k);
        if (r == 0 && p->has_proxy)
                r = keep_sites(&k, &p->proxy_now);
        keep_ports(&k, p->zone, p->open, "opened");
        keep_ports(&k, p->zone, p->close, "closed");
        if (r == 0)
                r = strbuf_check(&k.manifest);
        if (r == 0) /* from here on it is there */
                r = host_replace(p->root, MANIFEST,
                                 &(HostContent){ k.manifest.text, k.manifest.len, NULL });
        strbuf_done(&k.manifest);
        return r;
}

int host_keep_applied(const char *root) {
        char text[32];

        snprintf(text, sizeof(text), "%llu\n", (unsigned long long) clock_usec(CLOCK_BOOTTIME));
        return host_write(root, APPLIED, text);
}

/* ---- look ---- */

static uint64_t number_in(const char *text, const char *word) {
        const char *p = strstr(text, word);

        return p ? strtoull(p + strlen(word), NULL, 10) : 0;
}

int host_kept(const char *root, Kept *ret) {
        _cleanup_free_ char *manifest = NULL, *applied = NULL;
        char boot[64] = "", line[80];
        ssize_t n = host_read_whole(root, MANIFEST, &manifest);

        if (n < 0)
                return (int) n;
        (void) read_boot_id(root, boot, sizeof(boot));
        snprintf(line, sizeof(line), "\nboot %s\n", boot);
        *ret = (Kept){
                .until_usec = number_in(manifest, "\nuntil "),
                .other_boot = !strstr(manifest, line),
                .backend = (Backend) MIN(number_in(manifest, "\nfirewall "), _BACKEND_MAX - 1ull),
        };
        if (host_read_whole(root, APPLIED, &applied) > 0)
                ret->applied_usec = strtoull(applied, NULL, 10);
        return 0;
}

/* ---- put back ---- */

static int restore_file(const char *root, const char *line) {
        _cleanup_free_ char *buf = NULL;
        struct stat st = { 0 };
        char copy[64];
        unsigned number, mode, uid, gid;
        long long sec;
        long nsec;
        int at = 0;
        ssize_t n;

        if (sscanf(line, "file %u %o %u %u %lld.%ld %n", &number, &mode, &uid, &gid, &sec, &nsec,
                   &at) < 6 ||
            at == 0)
                return -EBADMSG;
        snprintf(copy, sizeof(copy), TRY "/%u", number);
        n = host_read_whole(root, copy, &buf);
        if (n < 0)
                return (int) n;
        st.st_mode = mode;
        st.st_uid = uid;
        st.st_gid = gid;
        st.st_mtim = st.st_atim = (struct timespec){ sec, nsec };
        return host_replace(root, line + at, &(HostContent){ buf, (size_t) n, &st });
}

/* A fte-proxy that hangs must not keep the rest from being put back. */
static int restore_sites(const char *root) {
        _cleanup_close_ _unused_ int lock_fd = proxy_set_lock(root, PROXY_WAIT_USEC);
        _cleanup_arena_ Arena arena = { 0 };
        _cleanup_proxy_set_ ProxySet set = { 0 };
        int r = proxy_set_load_dir(root, SITES, &arena, &set);

        if (lock_fd < 0 && lock_fd != -ENOENT)
                log_line(LOG_WARNING,
                         "fte-proxy is at work and does not end (%s); what nginx had is put back "
                         "all the same",
                         strerror(-lock_fd));
        return r < 0 ? r : proxy_set_install_sites(root, &set);
}

static int restore_port(const char *root, const char *line) {
        char what[16], port[16], zone[64];

        if (sscanf(line, "%15s %15s %63s", what, port, zone) != 3)
                return -EBADMSG;
        return host_firewall_now(root, zone, port, streq(what, "closed"));
}

static int restore_line(const char *root, const char *line) {
        const char *path;

        if (startswith(line, "file "))
                return restore_file(root, line);
        if ((path = startswith(line, "absent ")))
                return host_write(root, path, NULL);
        if (streq(line, "sites"))
                return restore_sites(root);
        if (startswith(line, "opened ") || startswith(line, "closed "))
                return restore_port(root, line);
        return 0;
}

int host_restore(const char *root) {
        _cleanup_free_ char *manifest = NULL;
        ssize_t n = host_read_whole(root, MANIFEST, &manifest);
        int result = n < 0 ? (int) n : 0;

        for (char *line = manifest, *next; n >= 0 && line && *line; line = next) {
                int r;

                next = strchr(line, '\n');
                if (next)
                        *next++ = 0;
                r = restore_line(root, line);
                if (r < 0) {
                        log_line(LOG_ERR, "could not be put back: %s: %s", line, strerror(-r));
                        result = r;
                }
        }
        return result;
}

int host_forget(const char *root, const char *outcome) {
        int r = host_write(root, MANIFEST, NULL);

        if (r < 0)
                return r;
        (void) empty_try(root);
        return host_write(root, LAST, outcome);
}
