/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * sshd as a program (host.h): what it makes of its files, and that it reads them again. Connections
 * that are there stay.
 */

#include <stdio.h>

#include "base/run.h"
#include "bus.h"
#include "host/program.h"
#include "host/sshd-text.h"

#include "host.h"

int host_sshd_effective(const HostPlan *p, const char *user, StrBuf *ret) {
        char who[300];
        const char *argv[] = { p->sshd, "-T", user ? "-C" : NULL, who, NULL };
        int r;

        snprintf(who, sizeof(who), "user=%s,host=client.example,addr=192.0.2.2",
                 user ? user : "root");
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
