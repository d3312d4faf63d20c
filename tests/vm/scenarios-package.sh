# SPDX-License-Identifier: LGPL-2.1-or-later
# The package through its life: Debian's own test of it, and the upgrade from the version before while
# agents run. Its removal is scenario_remove. Sourced by scenarios.sh.
# shellcheck shell=sh

# package_previous DEB: writes systemd-fte-previous.deb for the machine. FTE_PREVIOUS_DEB names that of a
# real release; else it is this one under an older version and with other programs: every file is replaced
# by an upgrade, so what runs must not need the old ones any more.
package_previous() {
        if [ -n "${FTE_PREVIOUS_DEB-}" ]; then
                cp "$FTE_PREVIOUS_DEB" "$machine_files/systemd-fte-previous.deb"
                return
        fi
        dpkg-deb -R "$1" "$machine_dir/previous"
        sed -i 's/^Version: .*/Version: 0.0.9-1/' "$machine_dir/previous/DEBIAN/control"
        # Behind the end of an ELF file there may be anything.
        for file in "$machine_dir"/previous/usr/libexec/fte/fte-* "$machine_dir"/previous/usr/bin/ftectl \
                "$machine_dir"/previous/*/systemd/system-generators/systemd-fte-generator; do
                case $file in *fte-prepare-removal) ;; *) echo 'of version 0.0.9' >>"$file" ;; esac
        done
        dpkg-deb --root-owner-group -Znone -b "$machine_dir/previous" "$machine_files/systemd-fte-previous.deb" >/dev/null
        rm -rf "$machine_dir/previous"
}

package_version() {
        machine_run dpkg-query -W -f '${Version}' systemd-fte
}

package_install() {
        machine_run env DEBIAN_FRONTEND=noninteractive apt-get install -qy --allow-downgrades "$1"
}

# The programs of the agent's cgroup with those whose file is gone, as a list of states.
package_deleted() {
        machine_sh 'for pid in $(cat $(find /sys/fs/cgroup -path "*/$1.service/cgroup.procs")); do
                readlink /proc/$pid/exe; done | grep -c "fte-.*(deleted)"' "$1"
}

package_log_lines() {
        machine_sh 'grep -c . /var/log/$1/app.log' "$1"
}

scenario_upgrade() {
        new_version=$(package_version)
        check 'the version before is installed' package_install /test/systemd-fte-previous.deb
        old_version=$(package_version)
        check 'which is another' test "$old_version" != "$new_version"
        plain_agent upgraded 8025 '[Alert]
Command=/bin/true'
        check 'an agent runs with it' machine_run systemctl start upgraded
        pid=$(show upgraded MainPID)
        machine_sh 'echo "; changed while the package is upgraded" >>/etc/fte/upgraded.conf'
        loaded=$(machine_sh 'stat -c %i:%Y:%Z /run/systemd/generator/upgraded.service')
        check 'the upgrade' package_install /test/systemd-fte.deb
        check_is 'is one to the new version' "$new_version" package_version
        check_is 'the agent runs on' "$pid" show upgraded MainPID
        check_is 'as what it was' notify show upgraded Type
        check_is 'never restarted' 0 show upgraded NRestarts
        check 'units are generated anew' test "$loaded" != \
                "$(machine_sh 'stat -c %i:%Y:%Z /run/systemd/generator/upgraded.service')"
        check_between 'its helpers are the old ones, whose files are gone' 1 9 "$(package_deleted upgraded)"

        # The old prober goes on feeding the watchdog, the old tee goes on writing.
        lines=$(package_log_lines upgraded)
        fetch_url http://127.0.0.1:8025/environ >/dev/null
        sleep 5
        check_is 'seconds later too' "$pid" show upgraded MainPID
        check_says 'healthy by the old prober' ealthy show upgraded StatusText
        check 'the path unit of the alerts is active' machine_run systemctl is-active fte-alert-deliver.path
        check_says 'a hang is still found' ok fetch_url http://127.0.0.1:8025/hang
        back_again 'and ended: it is restarted, by the new helpers' upgraded "$pid" 90
        check_is 'none of the old is left' 0 package_deleted upgraded
        check "the log file has what went on ($lines lines before)" machine_sh \
                '[ "$(grep -c . /var/log/upgraded/app.log)" -ge "$1" ]' "$lines"
        check_is 'nothing has failed' '' machine_sh \
                'systemctl list-units --failed --plain --no-legend | cut -d" " -f1'
        agent_remove upgraded
}

# packaging/debian/tests by Debian's own program for it, with this machine as the testbed: it installs the
# package once more, from an archive of its own. Where that program is not, the test is run as it would.
scenario_autopkgtest() {
        machine_timeout=600
        if machine_run test -x /usr/bin/autopkgtest; then
                autopkgtest_real
        else
                check 'the autopkgtest of the package' machine_run /test/source/debian/tests/agent
        fi
        machine_timeout=120
        check_is 'leaves nothing' '' machine_sh 'ls /etc/fte | grep autopkgtest'
}

# The machine has no network: apt gets no other archive than the one of autopkgtest. The server "null" is
# this machine itself, which may be thrown away, as isolation-container wants it.
autopkgtest_real() {
        machine_sh 'mv /etc/apt/sources.list /root'
        check 'autopkgtest, the program, is content with the package' machine_run autopkgtest \
                --ignore-restrictions=isolation-container --summary=/root/autopkgtest.summary \
                /test/systemd-fte.deb /test/source/ -- null
        check_is 'each of its tests has passed' "$(sed -n 's/^Tests: //p' \
                "$machine_top/packaging/debian/tests/control" | tr -s ', ' '\n' | sed 's/$/ PASS/')" \
                machine_sh 'tr -s " " </root/autopkgtest.summary'
        check_is 'and it leaves no package' '' machine_sh 'dpkg-query -W "autopkgtest-*" 2>/dev/null'
        machine_sh 'mv /root/sources.list /etc/apt'
}
