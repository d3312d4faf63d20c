/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * sshd as a program (host.h): what it makes of its files, and that it reads them again. Connections
 * that are there stay. What is planned it judges aside, so that nobody's reload meets it before.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/run.h"
#include "bus.h"
#include "host/program.h"
#include "host/sshd-text.h"

#include "host.h"

#define SSHD_DIR "/etc/ssh/sshd_config.d"

int host_sshd_enter(const HostPlan *p, Aside *ret) {
        const AsideDir dir = { SSHD_DIR, NULL, strrchr(SSHD_FILE, '/') + 1 };
        const HostChange *c = p->changes;
        Aside aside = ASIDE_NONE;
        int r;

        while (c && !streq(c->path, SSHD_FILE))
                c = c->next;
        if (!c)
                return 0; /* what everybody sees is what is wanted */
        r = aside_enter(p->root, &dir, 1, &aside);
        if (r == 0 && c->new)
                r = host_write(p->root, SSHD_FILE, c->new);
        if (r < 0)
                aside_leave(&aside);
        else
                *ret = aside;
        return r;
}

/* Match blocks may ask where from: that is where this login comes from, else somewhere far. */
static void describe_client(const char *user, char *buf, size_t size) {
        const char *connection = getenv("SSH_CONNECTION");
        char from[64], to[64];
        unsigned port;

        if (!connection || sscanf(connection, "%63s %*s %63s %u", from, to, &port) != 3 ||
            strspn(from, "0123456789abcdefABCDEF.:") != strlen(from) ||
            strspn(to, "0123456789abcdefABCDEF.:") != strlen(to))
                snprintf(buf, size, "user=%s,host=client.example,addr=192.0.2.2", user);
        else
                snprintf(buf, size, "user=%s,host=%s,addr=%s,laddr=%s,lport=%u", user, from, from,
                         to, port);
}

int host_sshd_effective(const HostPlan *p, const char *user, StrBuf *ret) {
        char who[400] = "";
        const char *argv[] = { p->sshd, "-T", user ? "-C" : NULL, who, NULL };
        int r;

        if (user)
                describe_client(user, who, sizeof(who));
        r = run_program(&(RunOptions){ .argv = argv }, ret, NULL);
        return r < 0 ? r : r > 0 ? -EINVAL : 0;
}

/* A Match block of somebody's could undo it for root, whom most attacks are at. */
static bool differs(const HostPlan *p, const char *user, StrBuf *problem) {
        _cleanup_strbuf_ StrBuf effective = { 0 };

        if (host_sshd_effective(p, user, &effective) < 0) {
                strbuf_addf(problem, "sshd -T: %s", strbuf_text(&effective));
                return true;
        }
        if (!sshd_differs(&p->config.host, strbuf_text(&effective), problem))
                return false;
        strbuf_addf(problem,
                    " for %s: something that sshd reads before %s, or a Match block, says "
                    "otherwise; is there \"Include /etc/ssh/sshd_config.d/*.conf\" at the top of "
                    "sshd_config?",
                    user ? user : "everybody", SSHD_FILE);
        return true;
}

bool host_sshd_is_good(const HostPlan *p, StrBuf *problem) {
        const char *const argv[] = { p->sshd, "-t", NULL };
        _cleanup_strbuf_ StrBuf output = { 0 };
        int r = run_program(&(RunOptions){ .argv = argv }, &output, NULL);

        if (r != 0) {
                strbuf_addf(problem, "sshd -t: %s%s", r < 0 ? strerror(-r) : "",
                            strbuf_text(&output));
                return false;
        }
        return !differs(p, NULL, problem) && !differs(p, "root", problem);
}

void host_check_sshd(HostPlan *p) {
        _cleanup_strbuf_ StrBuf problem = { 0 };
        _cleanup_aside_ Aside aside = ASIDE_NONE;

        if (!p->has_ssh || !p->sshd)
                return;
        /* Where this cannot be, try finds out when it has written it, and takes it back. */
        if (host_sshd_enter(p, &aside) == 0 && !host_sshd_is_good(p, &problem))
                host_refuse(p, arena_printf(&p->arena, "%s: [SSH]: %s", p->ssh_place,
                                            strbuf_text(&problem)));
        host_check_keys(p);
}

/* Named differently by distributions; with a socket that starts one for each connection neither
 * runs. */
int host_sshd_reload(const char *root) {
        static const char *const units[] = { "ssh.service", "sshd.service" };
        _cleanup_bus_ sd_bus *bus = NULL;
        int r = *root ? 0 : bus_open(&bus);

        if (r < 0 || *root)
                return r;
        for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
                _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
                int k = sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH,
                                           BUS_SYSTEMD ".Manager", "ReloadOrTryRestartUnit", &error,
                                           NULL, "ss", units[i], "replace");

                if (k < 0 && !sd_bus_error_has_name(&error, BUS_SYSTEMD ".NoSuchUnit"))
                        r = k;
        }
        return r;
}
