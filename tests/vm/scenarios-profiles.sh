# SPDX-License-Identifier: LGPL-2.1-or-later
# The profile "browser" and the plugins "node" and "gpu", with the real programs: npx with a registry on
# loopback, Chromium with its own sandbox. There is no GPU here: of "gpu" it is seen what systemd
# makes of it. Sourced by scenarios.sh, after scenarios-kinds.sh.
# shellcheck shell=sh

scenario_profiles() {
        profiles_verify
        profile_node
        profile_node_strict
        profile_browser
        profile_browser_closed
        profile_gpu
}

# started NAME COMMAND...: a helper of the test, as a unit, so that it goes with the machine.
started() {
        started_name=$1
        shift
        machine_run systemd-run --quiet --collect --unit="$started_name" "$@"
}

# check_differs TITLE ONE OTHER: both are there and not the same.
check_differs() {
        if [ -n "$2" ] && [ -n "$3" ] && [ "$2" != "$3" ]; then
                ok "$1"
        else
                not_ok "$1" "seen: $2 and $3"
        fi
}

# What ftectl validate says of the sandbox: ok or not ok.
sandbox_verdict() {
        machine_sh 'ftectl validate "$1" --keep-going --format=tap >/tmp/validated
                sed -n "s/^\(not ok\|ok\) .*the sandbox is as tight as its profile.*/\1/p" /tmp/validated' "$1"
}

exposure() {
        machine_sh 'systemd-analyze security --no-pager "$1.service" 2>&1 |
                sed -n "s/.*Overall exposure level.*: \([0-9]*\)\.\([0-9]\).*/\1\2/p"' "$1"
}

profiles_verify() {
        for profile in ai strict trusted browser; do
                kind_agent "verify-$profile" <<END
[Agent]
Exec=/bin/sleep infinity
Plugins=node gpu
[Environment]
File=none
[Sandbox]
Profile=$profile
END
        done
        check_is 'systemd-analyze verify has nothing to say of profiles with plugins' '' machine_sh \
                'systemd-analyze --man=no verify /run/systemd/generator/verify-*.service 2>&1 |
                        grep -E "verify-|fte"'
        for limit in ai:16 strict:16 trusted:60 browser:23; do
                score=$(exposure "verify-${limit%:*}")
                check_between "exposure of ${limit%:*} with node and gpu in tenths" 1 "${limit#*:}" \
                        "${score#0}"
        done
        check_fails 'a profile is no plugin' machine_sh 'printf "[Agent]\nExec=/bin/true\nPlugins=browser\n" \
                >/tmp/x.conf; ftectl lint /tmp/x.conf >/tmp/said 2>&1'
        check_says 'and lint says what it is' 'Profile=browser in [Sandbox]' machine_run cat /tmp/said
        for profile in ai strict trusted browser; do kind_remove "verify-$profile"; done
}

# ---- node ----

# The example, with the registry of the test. npx_agent [MORE LINES]
npx_agent() {
        machine_sh 'sed "s,^; Set=npm_config_registry=.*,Set=npm_config_registry=http://127.0.0.1:4873/,
                s,^StartTimeout=.*,StartTimeout=$2," \
                /usr/share/doc/systemd-fte/examples/node/desk-tools.conf >/etc/fte/desk-tools.conf
                printf "%s\n" "$1" >>/etc/fte/desk-tools.conf; systemctl daemon-reload' \
                "${1-}" "${example_patience:-2min}"
}

profile_node() {
        machine_sh 'mkdir -p /srv/npm; cp -R /test/agents/desk-tools /srv/npm/; cd /srv/npm
                npm pack --silent ./desk-tools >/dev/null; mv ./*.tgz desk-tools.tgz'
        started registry /test/agents/registry.py 4873 /srv/npm/desk-tools.tgz
        npx_agent
        check 'an agent that npx fetches starts' machine_run systemctl start desk-tools
        check_is 'V8 compiles, and runs WebAssembly' 'compiled wasm cpus memory' \
                fetch_url http://127.0.0.1:3000/health
        check_says 'it came from the registry' 'GET /tarball' journal registry
        check_lacks 'which got no list of what is installed' 'POST' journal registry
        check 'the program lies in the cache' machine_sh \
                'ls /var/cache/desk-tools/npm/_npx/*/node_modules/@example/desk-tools/server.js'
        check_is 'which is its own' 'desk-tools:desk-tools 750' \
                machine_run stat -c '%U:%G %a' /var/cache/desk-tools
        check_is 'nothing is left in its home, which is backed up' '' \
                machine_run find /var/lib/desk-tools -mindepth 1
        check_between 'its exposure is that of its profile' 1 14 "$(exposure desk-tools | sed 's/^0//')"
        check_is 'ftectl validate agrees' ok sandbox_verdict desk-tools
        check_is 'and ftectl lint has nothing to say' '1 agent: no error, no warning' \
                machine_run ftectl lint desk-tools
        machine_run systemctl stop registry
        check 'without the registry it starts again' machine_run systemctl restart desk-tools
        check_lacks 'and did not try to ask' 'retry' machine_sh \
                'cat /var/cache/desk-tools/npm/_logs/*'
        check 'systemctl clean empties the cache' machine_sh 'systemctl stop desk-tools &&
                systemctl clean --what=cache desk-tools && [ ! -e /var/cache/desk-tools ]'
}

profile_node_strict() {
        started registry /test/agents/registry.py 4873 /srv/npm/desk-tools.tgz
        npx_agent '[Sandbox]
Profile=strict'
        check 'with the plugin V8 works under strict, too' machine_run systemctl start desk-tools
        check_is 'all of it' 'compiled wasm cpus memory' fetch_url http://127.0.0.1:3000/health
        machine_sh 'sed -i /^Plugins=/d /etc/fte/desk-tools.conf; systemctl daemon-reload'
        check_fails 'and without it does not' machine_run systemctl restart desk-tools
        check_says 'lint says so' jit-in-strict machine_run ftectl lint desk-tools
        machine_sh 'systemctl stop registry; rm -rf /srv/npm'
        kind_remove desk-tools
}

# ---- browser ----

# A page may load for as long as a slow machine looks at its process.
browser_agent() {
        machine_sh 'mkdir -p /opt/page-reader
                sed "s/^const PAGE_TIMEOUT_MS = .*/const PAGE_TIMEOUT_MS = 600000;/" "$1/reader.js" \
                        >/opt/page-reader/reader.js
                sed "s/^Profile=.*/Profile=$2/; s/^StartTimeout=.*/StartTimeout=$3/" "$1/page-reader.conf" \
                        >/etc/fte/page-reader.conf
                systemctl daemon-reload' /usr/share/doc/systemd-fte/examples/browser "$1" \
                "${example_patience:-1min}"
}

# What the kernel says of a process in the agent's control group: of_process TYPE FIELD, where TYPE is
# a word of its command line.
of_process='cd /proc; for pid in $(cat $(find /sys/fs/cgroup -path "*/page-reader.service/cgroup.procs")); do
        tr "\0" " " <$pid/cmdline | grep -q -e "$1" || continue'

# The browser itself.
browser='^/usr/lib/chromium/.*remote-debugging-pipe'

reader_process() {
        machine_sh "$of_process
                sed -n \"s/^\$2:[[:space:]]*//p\" \$pid/status; break; done" "$1" "$2"
}

reader_namespace() {
        machine_sh "$of_process; readlink \$pid/ns/\$2; break; done" "$1" "$2"
}

has_renderer() {
        [ -n "$(reader_process --type=renderer Pid)" ]
}

profile_browser() {
        started pages /test/agents/pages.py 8123
        browser_agent browser
        check 'an agent with a headless Chromium starts' machine_run systemctl start page-reader
        check_says 'the browser answers' Chrome fetch_url http://127.0.0.1:8000/health
        for round in 1 2 3; do
                check_is "request $round: the page is rendered, its script has run" 'Rendered
sum 315' fetch_url 'http://127.0.0.1:8000/text?url=http://127.0.0.1:8123/page'
        done
        check_is 'a picture of it is a PNG' '89504e470d0a1a0a' machine_sh \
                'curl -sS "$1" | head -c 8 | od -An -tx1 | tr -d " "; echo' \
                'http://127.0.0.1:8000/picture?url=http://127.0.0.1:8123/page'
        check_says 'no page from the files of the agent' 'GET /text' \
                fetch_url 'http://127.0.0.1:8000/text?url=file:///etc/passwd'

        started visit curl -sS 'http://127.0.0.1:8000/text?url=http://127.0.0.1:8123/slow'
        check 'a page that loads has a process of its own' wait_for 120 has_renderer
        for kind in user pid net; do
                check_differs "which is in a $kind name space that is not the browser's" \
                        "$(reader_namespace "$browser" $kind)" \
                        "$(reader_namespace --type=renderer $kind)"
        done
        check_is 'sees no file' there machine_sh \
                "$of_process; echo there; ls -A \$pid/root/ 2>/dev/null; break; done" --type=renderer
        check_is 'has no capabilities, not even there' 0000000000000000 \
                reader_process --type=renderer CapEff
        check_between 'and its system calls go through a filter more than those of the browser' \
                $(($(reader_process "$browser" Seccomp_filters) + 1)) 1000 \
                "$(reader_process --type=renderer Seccomp_filters)"
        check_lacks 'nothing runs with --no-sandbox' --no-sandbox machine_sh \
                "$of_process; tr '\0' ' ' <\$pid/cmdline; done" .
        fetch_url http://127.0.0.1:8123/open
        profile_browser_limits
}

# Of the agent itself: what it may not, although its browser may make name spaces.
profile_browser_limits() {
        pid=$(show page-reader MainPID)
        check_is 'the agent has no capabilities' 0000000000000000 \
                machine_sh 'sed -n "s/^CapBnd:[[:space:]]*//p" /proc/$1/status' "$pid"
        check_is 'name spaces of these kinds only' 'net pid user' show page-reader RestrictNamespaces
        check_is 'the system bus is closed' 0 machine_run nsenter -t "$pid" -m \
                stat -c %a /run/dbus/system_bus_socket
        check 'fonts are kept in the cache' machine_run test -d /var/cache/page-reader/fontconfig
        check_is 'nothing in its home, which is backed up' '' \
                machine_run find /var/lib/page-reader -mindepth 1
        check_between 'exposure in tenths' 1 20 "$(exposure page-reader)"
        check_is 'ftectl validate agrees' ok sandbox_verdict page-reader
        check_is 'ftectl lint has nothing to say' '1 agent: no error, no warning' \
                machine_run ftectl lint page-reader
        machine_sh "$of_process; kill -9 \$pid; break; done" "$browser"
        back_again 'the browser is killed: both are back' page-reader "$pid" 300
        machine_run systemctl stop page-reader
        check_is 'a stop is clean' success show page-reader Result
}

# Red: the same agent under the default profile.
profile_browser_closed() {
        browser_agent ai
        check_says 'lint: this profile is not for a browser' 'use Profile=browser' \
                machine_run ftectl lint page-reader
        machine_sh 'printf "[Restart]\nWhen=no\n" >>/etc/fte/page-reader.conf; systemctl daemon-reload'
        check_fails 'under profile ai Chromium has no sandbox and does not run' \
                machine_run systemctl start page-reader
        check_says 'ftectl diagnose knows' 'Profile=browser' machine_run ftectl diagnose page-reader
        machine_sh 'systemctl stop pages; rm -rf /opt/page-reader'
        kind_remove page-reader
}

# ---- gpu ----

# A file stands for the render node.
profile_gpu() {
        machine_sh 'echo seen >/srv/of-render; chmod 640 /srv/of-render; chgrp render /srv/of-render'
        kind_agent computes <<END
[Agent]
Exec=/bin/sh -c "cat /srv/of-render; exec sleep infinity"
Plugins=gpu
[Environment]
File=none
END
        check 'an agent with the plugin gpu starts on a machine without a GPU' \
                machine_run systemctl start computes
        check_is 'the devices of NVIDIA and AMD are allowed (and the clock read, of ProtectClock=)' \
                'char-drm rw, char-kfd rw, char-nvidia* rw, char-rtc r' \
                machine_sh 'systemctl show -p DeviceAllow computes |
                        sed -n "s/^DeviceAllow=//p" | sort | paste -sd, | sed "s/,/, /g"'
        check_is 'all others are closed' closed show computes DevicePolicy
        pid=$(show computes MainPID)
        check_is 'it has the /dev of the host' "$(machine_run stat -c %d /dev)" \
                machine_run nsenter -t "$pid" -m stat -c %d /dev
        check_is 'and is in the groups of such devices' 'render video' machine_sh \
                'for id in $(sed -n "s/^Groups://p" /proc/$1/status); do getent group $id; done |
                        cut -d: -f1 | grep -E "^(render|video)$" | sort | paste -sd " "' "$pid"
        check_says 'which count inside its user name space' seen journal computes
        check_says 'lint: there is no GPU here' no-gpu machine_run ftectl lint computes
        check_is 'ftectl validate: as tight as its profile with that' ok sandbox_verdict computes
        machine_run rm /srv/of-render
        kind_remove computes
}
