# SPDX-License-Identifier: LGPL-2.1-or-later
# For the scenarios of ftectl diagnose, sourced by sh in the machine: words in which a fault is
# planted into the agent "diag" in a line. Every case begins with it as it is when all is well.
# shellcheck shell=sh
# shellcheck disable=SC2119,SC2120

# ini [LINES]: the agent, with more lines behind [Restart].
ini() {
        printf '%s\n' '[Agent]' "Exec=${exec:-/test/agents/moody.py 8060}" '[Environment]' \
                'Required=API_KEY' '[Health]' 'URL=http://127.0.0.1:8060/health' \
                "StartTimeout=${start_timeout:-8s}" 'Interval=1s' 'Timeout=1s' \
                '[Restart]' "When=${when:-no}" "$@" >/etc/fte/diag.conf
        systemctl daemon-reload
}

env_file() {
        mkdir -p /etc/diag
        (umask 077; printf '%s\n' "$@" >/etc/diag/.env)
}

# mood PYTHON: what it does before it serves.
mood() {
        printf '%s\n' "$@" >/run/mood
}

fresh() {
        env_file API_KEY=sk-live-51Hq7vGmNoBodyMaySeeThis
        rm -f /run/mood
        ini
}

# go: starts it, and waits for what comes of it. go_on: while it is being started.
go() {
        systemctl start diag 2>/dev/null
        sleep 0.3
}

# Still being started: for a while it is the agent itself that runs, whatever the chain before it takes.
go_on() {
        systemctl start --no-block diag
        await 30 is_agent
        sleep 3
}

is_agent() {
        grep -qs moody.py "/proc/$(systemctl show --value -p MainPID diag)/cmdline"
}

# is STATE: active, inactive, failed
is() {
        [ "$(systemctl show --value -p ActiveState diag)" = "$1" ]
}

has_restarted() {
        [ "$(systemctl show --value -p NRestarts diag)" -gt 0 ] && is active
}

# await SECONDS COMMAND...
await() {
        await_left=$(($1 * 5))
        shift
        while ! "$@"; do
                await_left=$((await_left - 1))
                [ $await_left -gt 0 ] || return 1
                sleep 0.2
        done
}

# The first cause, and with "all" the rest of what is told.
told() {
        ftectl diagnose diag --json >/run/told.json
        echo "exit $?" >/run/told.status
        python3 -c 'import json
told = json.load(open("/run/told.json"))["causes"]
print(told[0]["id"] if told else "none")'
}

# Whether ftectl validate is red on the requirement that the first cause names, and on nothing else.
guarded() {
        ftectl validate diag --keep-going --json >/run/guarded.json
        python3 -c 'import json
causes = json.load(open("/run/told.json"))["causes"]
checks = json.load(open("/run/guarded.json"))["agents"][0]["checks"]
red = [c for c in checks if c["result"] == "bad"]
wanted = [causes[0]["requirement"]] if causes else []
ids = sorted({c["id"] for c in red})
print("guarded" if ids == wanted else "guard %s, red %s" % (" ".join(wanted), " ".join(ids)))
if ids != wanted:
    for c in red:
        print("#", c["id"], c["layer"], c["seen"])' 2>&1
}

# What is left of a case; the next begins with a daemon-reload.
clean() {
        systemctl stop diag 2>/dev/null
        systemctl reset-failed diag 2>/dev/null
        for dir in /var/lib/diag /var/log/diag /opt/diagmnt; do
                ! mountpoint -q "$dir" || umount "$dir"
        done
        rm -rf /etc/systemd/system/diag.service /etc/systemd/system/diag.service.d /opt/diag /opt/diagmnt \
                /root/diag /etc/fte/diag.conf.d /srv/diag /etc/diag/private
        rm -f /var/log/diag/left-by-root
        [ ! -d /var/lib/diag ] || find /var/lib/diag -mindepth 1 -delete
}
