# SPDX-License-Identifier: LGPL-2.1-or-later
# ftectl validate on a booted systemd: the example agent is green, also when it is broken on purpose;
# then each planted fault turns its own row red and no other, and the command that the row proposes
# makes it green again. Sourced by scenarios.sh. VALIDATE_NAME is the agent.
# shellcheck shell=sh

validate_name=digital-fte

# The rows of a result, "ID/LAYER" each, sorted, on one line: validate_rows RESULT [OPTION...]
validate_rows() {
        validate_result=$1
        shift
        machine_sh 'shift; ftectl validate "$@" --json | python3 -c "
import json, sys
checks = json.load(sys.stdin)[\"agents\"][0][\"checks\"]
print(*sorted({\"%s/%d\" % (c[\"id\"], c[\"layer\"]) for c in checks if c[\"result\"] == sys.argv[1]}))" '"$validate_result" \
                x "$validate_name" "${1:---json}"
}

validate_red() {
        validate_rows bad --keep-going
}

# Types what every red row says, as a person would paste it.
validate_fix() {
        machine_sh 'ftectl validate "$1" --keep-going --json | python3 -c "
import json, sys
for c in json.load(sys.stdin)[\"agents\"][0][\"checks\"]:
    if c[\"result\"] == \"bad\":
        print(c[\"fix\"])" >/tmp/fix; sh -x /tmp/fix 2>&1' "$validate_name"
}

# So many restarts in so short a time would trip the start limit, rightly.
validate_again='systemctl reset-failed "$1"; '

# validate_fault TITLE ROWS SHELL: the fault, what it turns red, and that the proposed command cures it.
validate_fault() {
        machine_sh "$validate_again$3" "$validate_name" >/dev/null
        check_is "$1: red is $2" "$2" validate_red
        machine_sh "$validate_again" "$validate_name"
        validate_fixed=$(validate_fix)
        check_is "$1: its own command cures it" '' validate_red
        [ -z "$(validate_red)" ] || note "typed: $validate_fixed"
}

# Faults whose command only shows where to look: validate_seen TITLE ROWS SHELL UNDO
validate_seen() {
        machine_sh "$validate_again$3" "$validate_name" >/dev/null
        check_is "$1: red is $2" "$2" validate_red
        machine_sh "$4" "$validate_name" >/dev/null
}

validate_override='mkdir -p "/etc/systemd/system/$1.service.d"
        printf "[Service]\n%s\n" "$what" >"/etc/systemd/system/$1.service.d/override.conf"
        systemctl daemon-reload; systemctl restart "$1"'

validate_example() {
        machine_sh 'example=/usr/share/doc/systemd-fte/examples/digital-fte
                install -D -m 644 -t /opt/digital-fte "$example/main.py"
                install -m 644 "$example/digital-fte.conf" /etc/fte/
                install -D -m 600 "$example/env.template" /etc/digital-fte/.env
                sed -i "s/^OPENAI_API_KEY=.*/OPENAI_API_KEY=$1/" /etc/digital-fte/.env
                printf "%s\n" "PasswordAuthentication no" "KbdInteractiveAuthentication no" \
                        "PermitRootLogin no" >/etc/ssh/sshd_config.d/00-fte.conf
                systemctl daemon-reload; systemctl restart digital-fte' "$secret"
}

validate_copies_gone() {
        machine_sh 'ls -d /run/systemd/system/fte-check-* /var/lib/fte-check-* /var/log/fte-check-* \
                /etc/fte-check-* /run/fte-check 2>/dev/null
                systemctl list-units --all --plain --no-legend "fte-check-*"; getent passwd | grep fte-check'
}

# Everything that breaks something, as one run.
validate_disruptive() {
        check 'all of it, broken on purpose as well' machine_sh \
                'ftectl validate "$1" --disruptive --yes >/tmp/disruptive 2>&1 || { cat /tmp/disruptive; exit 1; }' \
                $validate_name
        for row in 'FR-002 FS-1' 'NFR-003  ' 'NFR-004 FS-2' 'SR-003  ' 'FS-4' 'FS-5'; do
                check_says "layer 4 has $row" "ok      $row" machine_sh 'sed -n "/4 resilience/,\$p" /tmp/disruptive'
        done
        check_is 'nothing of it is left' '' validate_copies_gone
        check_is 'the start limit is not used up' 0 show $validate_name NRestarts
        check_lacks 'the report that is kept has no secret' "$secret" machine_run cat \
                /var/lib/fte/reports/$validate_name.json
        check_is 'and only operators read it' 'root:adm 640' machine_run stat -c '%U:%G %a' \
                /var/lib/fte/reports/$validate_name.json
        check_lacks 'no alert told of the copies' fte-check machine_sh 'ls -R /var/lib/fte-alert 2>/dev/null
                ftectl alert list'
}

# A ruleset that is closed but for the example's port of SSH and for MORE: validate_ruleset MORE
validate_ruleset() {
        machine_sh 'nft flush ruleset; nft "table inet t { chain input { type filter hook input priority 0; policy drop
                iif lo accept; meta l4proto ipv6-icmp accept; tcp dport 22 accept; ${1:+$1; }}; }"' "$1"
}

# What a connection from outside finds is another thing than what the rules look like: this one lets in
# whoever comes from where the trial comes from, and no stranger.
validate_outside_begin() {
        machine_sh 'printf "[Firewall]\nAllow=22/tcp\n" >/etc/fte/fte.conf; systemctl daemon-reload
                systemd-run --quiet --unit=listens python3 -m http.server 8055'
        wait_for 30 connects_inside 8055
        validate_ruleset 'ip saddr 192.0.2.0/24 accept'
        check_fails 'a port that lets in who comes from outside is red' machine_sh \
                'ftectl validate "$1" --disruptive --yes >/tmp/outside' $validate_name
        check_says 'by SR-005, with the port and its program' \
                'a connection from outside gets in: ' machine_sh 'grep -A1 "FAILED  SR-005" /tmp/outside'
        check_says 'which is the one that listens' '8055/tcp (' machine_sh 'grep -A1 "FAILED  SR-005" /tmp/outside'
        check_says 'while the rules look closed' 'ok      SR-005    only the allowed' machine_run cat /tmp/outside
        check_is 'it is the only one' 1 machine_sh 'grep -c FAILED /tmp/outside'
        machine_sh 'nft flush ruleset; nft "table inet t { chain input { type filter hook input priority 0; policy drop
                iif lo accept; tcp dport 9 accept; }; }"'
        check_says 'where nothing gets in, that proves nothing' 'skipped SR-005    other ports refuse' machine_sh \
                'ftectl validate "$1" --disruptive --yes' $validate_name
        validate_ruleset ''
}

# After a run with rules that are closed indeed.
validate_outside_end() {
        check_says 'from outside the allowed port gets in' 'from outside gets in: 22/tcp (opened for this)' \
                machine_run cat /tmp/disruptive
        check_says 'and the others do not' '8055/tcp (' machine_sh 'grep "refused: " /tmp/disruptive'
        check_is 'no interface is left' '' machine_sh 'ls /sys/class/net | grep fte-'
        check_is 'nor by kill -9 in the midst of it' 'there
gone' machine_sh \
                'ftectl validate "$1" --disruptive --yes >/dev/null 2>&1 & until [ -e /sys/class/net/fte-check0 ]; do
                        kill -0 $! || break; done
                 [ -e /sys/class/net/fte-check0 ] && echo there; kill -9 $!
                 for i in $(seq 100); do [ -e /sys/class/net/fte-check0 ] || { echo gone; break; }; sleep 0.1; done' \
                $validate_name
        machine_sh 'nft flush ruleset; systemctl stop listens; rm /etc/fte/fte.conf; systemctl daemon-reload
                ftectl validate "$1" >/dev/null' $validate_name
}

# Starts the checks of layer 4 and waits until there is a copy of the agent to be left behind; $! is
# then validate. However slow the machine, it is in the midst of it.
validate_in_the_midst='ftectl validate "$1" --disruptive --yes >/tmp/midst 2>&1 &
        until [ -e /run/systemd/system/fte-check-loop.service ]; do
                kill -0 $! || { cat /tmp/midst; exit 9; }
                sleep 0.05
        done'

validate_interrupted() {
        check_is 'an interrupt: everything is put back' 2 machine_sh "$validate_in_the_midst"'
                kill -INT $!; wait $!; echo $?' $validate_name
        check_is 'nothing is left' '' validate_copies_gone
        check_is 'kill -9 of it leaves a copy' 'fte-check-loop.service' machine_sh "$validate_in_the_midst"'
                kill -9 $!; ls /run/systemd/system | grep "service$"' $validate_name
        check 'which the next run takes away' ftectl validate $validate_name
        check_is 'and nothing is left' '' validate_copies_gone
        check_is 'two at once: one is refused' 2 machine_sh "$validate_in_the_midst"'
                ftectl validate "$1" --disruptive --yes >/dev/null 2>&1; echo $?; kill -INT $!
                wait' $validate_name
}

validate_faults() {
        validate_fault 'a file of root in the data' FR-005/2 'touch "/var/lib/$1/of-root"'
        validate_fault 'a data directory for all' FR-005/2 'chmod 777 "/var/lib/$1"'
        validate_fault 'an env file of mode 0644' SR-003/2 'chmod 644 "/etc/$1/.env"'
        validate_fault 'a drop-in that all can write' SR-002/2 \
                'mkdir -p "/etc/systemd/system/$1.service.d"
                 echo "[Service]" >"/etc/systemd/system/$1.service.d/open.conf"
                 chmod 666 "/etc/systemd/system/$1.service.d/open.conf"; systemctl daemon-reload; systemctl restart "$1"'
        validate_fault 'a process of root in its group' FR-003/2 \
                'sleep 300 & echo $! >"/sys/fs/cgroup/fte.slice/$1.service/cgroup.procs"'
        validate_fault 'another user by a drop-in' 'FR-003/2 FR-004/2 FR-005/2 SR-001/5' \
                "what=User=nobody; $validate_override"
        machine_sh 'systemctl reset-failed "$1"; rm "/var/log/$1/app.log"' $validate_name
        # The log tee makes it again at the next line, so the later layers would see it come back.
        check_is 'the log file is removed: red is FR-004/1' FR-004/1 validate_rows bad
        check_is 'a restart, as it says, makes it again' '' machine_sh 'ftectl validate "$1" --json | python3 -c "
import json, sys
print(*[c[\"fix\"] for c in json.load(sys.stdin)[\"agents\"][0][\"checks\"] if c[\"result\"] == \"bad\"])" | sh' \
                $validate_name
        validate_fault 'a command without the log tee' FR-004/3 \
                "what='ExecStart=
ExecStart=/usr/libexec/fte/fte-env-precheck --file=/etc/digital-fte/.env -- /usr/libexec/fte/fte-health-gate \
--url=http://127.0.0.1:8000/health -- /usr/bin/uvicorn main:app --app-dir /opt/digital-fte --port 8000'
                $validate_override"
        validate_fault 'not wanted at boot' FR-001/3 \
                'ln -s /dev/null "/etc/systemd/system/multi-user.target.wants/$1.service"; systemctl daemon-reload'
        validate_fault 'stopped' FR-002/3 'systemctl stop "$1"'
        validate_fault 'another delay by a drop-in' NFR-003/3 "what=RestartSec=1; $validate_override"
        validate_fault 'another limit by a drop-in' NFR-002/3 "what=MemoryMax=2G; $validate_override"
        validate_fault 'nothing in the journal' OR-001/3 "what=StandardOutput=null; $validate_override"
        validate_fault 'changed since the reload' FS-5/1 'printf "[Limits]\nTasks=99\n" >>"/etc/fte/$1.conf"'
        validate_seen 'an error in the file' FS-5/1 'echo Nonsense=1 >>"/etc/fte/$1.conf"' \
                'sed -i /Nonsense/d "/etc/fte/$1.conf"; systemctl daemon-reload; systemctl restart "$1"'
        validate_fault 'a rule of sudo' SR-001/5 'mkdir -p /etc/sudoers.d
                echo "$1 ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/x; printf "#!/bin/sh\nrm /etc/sudoers.d/x\n" \
                >/usr/local/bin/sudo; chmod 755 /usr/local/bin/sudo'
        machine_run rm -f /usr/local/bin/sudo
        validate_fault 'a powerful group' SR-001/5 'usermod -aG sudo "$1"'
        validate_seen 'a sandbox that is opened' SR-001/5 \
                "what='ProtectSystem=no
PrivateUsers=no
ProtectKernelTunables=no
SystemCallFilter='; $validate_override" \
                'rm "/etc/systemd/system/$1.service.d/override.conf"; systemctl daemon-reload; systemctl restart "$1"'
        validate_fault 'a login by password' SR-004/5 'mkdir -p /run/sshd; ssh-keygen -A >/dev/null
                rm /etc/ssh/sshd_config.d/00-fte.conf
                echo "PasswordAuthentication yes" >/etc/ssh/sshd_config.d/50-cloud.conf'
        check_says 'a file that is read before that is named' \
                '/etc/ssh/sshd_config.d/00-a.conf:1:PasswordAuthentication yes' machine_sh \
                'echo "PasswordAuthentication yes" >/etc/ssh/sshd_config.d/00-a.conf
                 ftectl validate "$1" --keep-going --json | python3 -c "
import json, sys
for c in json.load(sys.stdin)[\"agents\"][0][\"checks\"]:
    if c[\"result\"] == \"bad\":
        print(c[\"fix\"])" | sh' "$validate_name"
        machine_run rm -rf /run/sshd /etc/ssh/sshd_config.d/00-a.conf
        validate_seen 'a port open against [Firewall]' SR-005/5 \
                'printf "[Firewall]\nAllow=22/tcp 443/tcp\n" >/etc/fte/fte.conf; systemctl daemon-reload
                nft "table inet t { chain input { type filter hook input priority 0; policy drop; iif lo accept; \
                        tcp dport { 22, 443, 8000 } accept; }; }"' \
                'nft flush ruleset; nft "table inet t { chain input { type filter hook input priority 0; \
                        policy drop; iif lo accept; tcp dport { 22, 443 } accept; }; }"'
        check_says 'a closed one is good' SR-005/5 validate_rows good --keep-going
        machine_sh 'nft flush ruleset; rm /etc/fte/fte.conf; systemctl daemon-reload'
        machine_run systemctl mask --quiet $validate_name
        check_is 'masked: red is FR-001/1' FR-001/1 validate_rows bad
        validate_fix >/dev/null
        check_is 'unmasked by its own command' '' validate_red
}

scenario_validate() {
        validate_example
        check_is 'the example agent runs' active show $validate_name ActiveState
        check 'validate of the example agent' ftectl validate $validate_name
        check_is 'nothing is red' '' validate_red
        check_is 'asking without a terminal is refused' 2 \
                machine_sh 'ftectl validate "$1" --disruptive </dev/null >/dev/null 2>&1; echo $?' $validate_name
        validate_outside_begin
        pid=$(show $validate_name MainPID)
        check_says 'on a terminal it asks before each, and "n" leaves all alone' 'you did not want it' \
                machine_sh 'yes n | head -n 20 | script -qec "ftectl validate $1 --disruptive" /dev/null' \
                $validate_name
        check_is 'and so it did' "$pid" show $validate_name MainPID
        validate_disruptive
        validate_outside_end
        validate_interrupted
        validate_faults
        agent_remove $validate_name
}

# Where the kernel has memory control groups: for the virtual machine.
scenario_validate_memory() {
        validate_name=eats
        machine_timeout=600
        start_timeout=60s plain_agent eats 8033 '[Limits]
Memory=96M
[Restart]
Delay=1s'
        machine_run systemctl start eats
        check_is 'the kernel holds the limit' '' validate_red
        check_says 'and counts' OR-002/3 validate_rows good
        pid=$(show eats MainPID)
        check 'a hog is killed and the agent comes back' machine_sh \
                'ftectl validate eats --disruptive --yes >/tmp/hog 2>&1 || { cat /tmp/hog; exit 1; }'
        check_says 'which the report tells' 'ok      NFR-002 FS-3' machine_run cat /tmp/hog
        check_says 'and the journal' 'oom-kill' journal eats
        check 'with another main process' has_other_pid eats "$pid"
        validate_fault 'no limit by a drop-in' NFR-002/3 "what=MemoryMax=infinity; $validate_override"
        machine_sh "what=OOMPolicy=continue; $validate_override" eats
        check_says 'an agent that goes on beside the hog is no proof' 'FAILED  NFR-002 FS-3' machine_sh \
                'ftectl validate eats --disruptive --yes'
        machine_run rm -r /etc/systemd/system/eats.service.d
        agent_remove eats
        machine_timeout=120
        validate_name=digital-fte
}
