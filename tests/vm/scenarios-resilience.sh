# SPDX-License-Identifier: LGPL-2.1-or-later
# The rows of ftectl validate's layer 4, and OR-004: for each a fault that nothing else would show is
# planted, and validate must be red on just that identifier; and ftectl diagnose names the cause where
# there is one. Sourced by scenarios.sh. What validate tries on copies is broken for copies, or in our
# own programs, which are put back.
# shellcheck shell=sh
# shellcheck disable=SC2016

# The red rows of a disruptive run, "ID/LAYER" each: resilience_red
resilience_red() {
        machine_sh 'ftectl validate res --disruptive --yes --json >/tmp/res.json; python3 -c "
import json
checks = json.load(open(\"/tmp/res.json\"))[\"agents\"][0][\"checks\"]
print(*sorted({\"%s/%d\" % (c[\"id\"], c[\"layer\"]) for c in checks if c[\"result\"] == \"bad\"}))"'
}

# What the red rows say.
resilience_said() {
        machine_sh 'python3 -c "
import json
for c in json.load(open(\"/tmp/res.json\"))[\"agents\"][0][\"checks\"]:
    if c[\"result\"] == \"bad\":
        print(c[\"seen\"], c[\"wanted\"], c[\"fix\"])"'
}

# resilience_case TITLE ROW TEXT PLANT UNDO: PLANT turns ROW red and no other, and it tells TEXT.
resilience_case() {
        machine_sh "$4" >/dev/null
        check_is "$1: red is $2" "$2" resilience_red
        check_says "$1: it says why" "$3" resilience_said
        machine_sh "$5; systemctl daemon-reload; systemctl reset-failed res; systemctl restart res" >/dev/null
}

# A drop-in for one copy: resilience_drop_in WORD LINES
resilience_drop_in() {
        echo "mkdir -p /run/systemd/system.control/fte-check-$1.service.d
                printf '[Service]\n$2\n' >/run/systemd/system.control/fte-check-$1.service.d/x.conf"
}

resilience_no_drop_in='rm -rf /run/systemd/system.control/fte-check-*'

# One of our programs with something in front of it: resilience_wrap PROGRAM SHELL
resilience_wrap() {
        echo "mv /usr/libexec/fte/$1 /usr/libexec/fte/$1.real
                printf '%s\n' '#!/bin/sh' '$2' >/usr/libexec/fte/$1; chmod 755 /usr/libexec/fte/$1"
}

resilience_unwrap='for f in /usr/libexec/fte/*.real; do mv "$f" "${f%.real}"; done'

resilience_copies() {
        resilience_case 'a drop-in that lets a program loop' NFR-003/4 'a copy that ends at once: ' \
                "$(resilience_drop_in loop 'RestartPreventExitStatus=1')" "$resilience_no_drop_in"
        resilience_case 'a log tee that does not keep to MaxSize=' NFR-004/4 'a file is larger than MaxSize=' \
                "$(resilience_wrap fte-log-tee 'for a; do shift; case $a in --max-size=*) a=--max-size=900000000 ;; esac
set -- "$@" "$a"; done; exec /usr/libexec/fte/fte-log-tee.real "$@"')" "$resilience_unwrap"
        resilience_case 'a precheck that checks nothing' SR-003/4 'mode 0644: active' \
                "$(resilience_wrap fte-env-precheck 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"')" \
                "$resilience_unwrap"
        resilience_case 'a hook before the start that needs a network' FS-4/4 'without a network: ' \
                "$(resilience_drop_in network 'ExecStartPre=/usr/bin/curl -sf http://127.0.0.1:8071/health')" \
                "$resilience_no_drop_in"
        resilience_case 'a drop-in that starts a bad configuration over and over' FS-5/4 'a copy with an error: ' \
                "$(resilience_drop_in fault 'Restart=always\nRestartPreventExitStatus=')" "$resilience_no_drop_in"
}

# These two hit the agent, so people ask why.
resilience_agent() {
        machine_sh 'printf "%s\n" "#!/bin/sh" "[ ! -e /var/lib/res/lock ] || { echo already running; exit 3; }" \
                ": >/var/lib/res/lock" "exec /test/agents/agent.py 8071" >/opt/res; chmod 755 /opt/res
                sed -i "s|^Exec=.*|Exec=/opt/res|" /etc/fte/res.conf; systemctl daemon-reload; systemctl restart res'
        machine_sh "ftectl validate res --disruptive --yes >/dev/null"
        check_is 'a lock that a killed agent leaves: red is FR-002/4' FR-002/4 machine_sh 'python3 -c "
import json
checks = json.load(open(\"/var/lib/fte/reports/res.json\"))[\"checks\"]
print(*sorted({\"%s/%d\" % (c[\"id\"], c[\"layer\"]) for c in checks if c[\"result\"] == \"bad\"}))"'
        check_says 'diagnose names the cause' 'it failed so often that systemd has given up' machine_sh 'ftectl diagnose res'
        check_says 'and its last words' 'already running' machine_sh 'ftectl diagnose res'
        machine_sh 'rm -f /var/lib/res/lock /opt/res
                sed -i "s|^Exec=.*|Exec=/test/agents/agent.py 8071|" /etc/fte/res.conf; systemctl daemon-reload
                systemctl reset-failed res; systemctl restart res'
        resilience_case 'a place for backups that is none' OR-003/4 'fte-backup@res.service: ' \
                'rm -rf /var/backups/fte; touch /var/backups/fte' 'rm /var/backups/fte'
}

scenario_resilience() {
        machine_timeout=400
        plain_agent res 8071 '[Restart]
Delay=1s
Burst=2'
        machine_run systemctl start res
        check_is 'layer 4 of a good agent: nothing is red' '' resilience_red
        resilience_copies
        resilience_agent
        machine_sh 'mv /usr/bin/find /usr/bin/find.away'
        check_is 'a command of the runbook that is not installed: red is OR-004/1' OR-004/1 resilience_red
        machine_sh 'mv /usr/bin/find.away /usr/bin/find'
        check_is 'all is put back: nothing is red' '' resilience_red
        agent_remove res
        machine_timeout=120
}
