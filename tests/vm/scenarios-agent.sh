# SPDX-License-Identifier: LGPL-2.1-or-later
# The life of an agent: made, started, crashed, hung, stopped, limited, and the package around it.
# Sourced by scenarios.sh.
# shellcheck shell=sh

scenario_install() {
        check 'the package installs' machine_run env DEBIAN_FRONTEND=noninteractive \
                apt-get install -qy /test/systemd-fte.deb
        check 'no unit failed by it' machine_run systemctl is-system-running
        check_is '/etc/fte is there for root' 'root:root 755' machine_run stat -c '%U:%G %a' /etc/fte
        for program in /usr/libexec/fte/fte-env-precheck /usr/libexec/fte/fte-health-gate \
                /usr/libexec/fte/fte-log-tee /usr/libexec/fte/fte-log-compress \
                /usr/lib/systemd/system-generators/systemd-fte-generator; do
                check_says "${program##*/} tells its version" "${program##*/} " \
                        machine_run "$program" --version
        done
}

# The example as its README says, with the real FastAPI program.
scenario_example() {
        example=/usr/share/doc/systemd-fte/examples/digital-fte
        check_fails 'the agent has no user before' machine_run id digital-fte
        machine_sh 'install -D -m 644 -t /opt/digital-fte "$1/main.py"
                install -m 644 "$1/digital-fte.conf" /etc/fte/
                install -D -m 600 "$1/env.template" /etc/digital-fte/.env
                systemctl daemon-reload' $example
        check_fails 'with the template as env file it does not start' \
                machine_run systemctl start digital-fte
        check_says 'and says which key is a placeholder' OPENAI_API_KEY last_journal digital-fte
        check_is 'with exit status 78' 78 show digital-fte ExecMainStatus

        machine_sh 'sed -i "s/^OPENAI_API_KEY=.*/OPENAI_API_KEY=$1/" /etc/digital-fte/.env' "$secret"
        check 'with a real key it starts' machine_run systemctl start digital-fte
        check_is 'and is active at once' active machine_run systemctl is-active digital-fte
        check_says 'the main process is uvicorn' uvicorn machine_sh \
                'tr "\0" " " </proc/$(systemctl show --value -p MainPID digital-fte)/cmdline'
        check_says 'the status line says healthy' ealthy show digital-fte StatusText
        check_says 'with a latency' ms show digital-fte StatusText
        check_is 'systemctl is-enabled says generated' generated \
                machine_run systemctl is-enabled digital-fte
        check_says '/health answers' '"status":"ok"' fetch_url http://127.0.0.1:8000/health
        check_says 'a ticket is stored' '"id":1' fetch_url http://127.0.0.1:8000/tickets \
                -H 'Content-Type: application/json' \
                -d '{"customer":"ann@example.com","subject":"Password","body":"I lost it"}'
        check_says 'and read back' 'ann@example.com' fetch_url http://127.0.0.1:8000/tickets/1
        check_is 'all its processes have the user digital-fte' digital-fte machine_sh \
                'cat $(find /sys/fs/cgroup -path "*/digital-fte.service/cgroup.procs") |
                        while read -r pid; do stat -c %U /proc/$pid; done | sort -u'
        check_lacks 'no secret in the unit' "$secret" machine_run systemctl cat digital-fte
        check_lacks 'nor in its properties' "$secret" machine_run systemctl show digital-fte
        check_lacks 'nor in the journal' "$secret" machine_sh 'journalctl --sync; journalctl -b --no-pager -o json'
        check_lacks 'nor in an argument' "$secret" machine_sh 'cat /proc/*/cmdline | tr "\0" " "'
}

# The units of every kind of agent, by systemd's own check.
scenario_verify() {
        for profile in ai strict trusted browser; do
                plain_agent "verify-$profile" 8090 "
[Sandbox]
Profile=$profile
[Limits]
CPU=150%
Tasks=64
OpenFiles=1024
IO=50"
        done
        check_is 'systemd-analyze verify has nothing to say' '' machine_sh 'systemd-analyze --man=no verify \
                /run/systemd/generator/verify-*.service /run/systemd/generator/fte-users.service \
                2>&1 | grep -E "verify-|fte"'
        for limit in ai:14 strict:12 browser:21; do
                score=$(machine_sh 'systemd-analyze security --no-pager "$1" 2>&1 |
                        sed -n "s/.*Overall exposure level.*: \([0-9]*\)\.\([0-9]\).*/\1\2/p"' \
                        "verify-${limit%:*}.service")
                check_between "exposure of ${limit%:*} in tenths" 0 "${limit#*:}" "${score#0}"
        done
        for profile in ai strict trusted browser; do agent_remove "verify-$profile"; done
}

scenario_new_user() {
        check_fails 'no user newcomer before' machine_run id newcomer
        plain_agent newcomer 8011
        check_fails 'a daemon-reload alone makes none' machine_run id newcomer
        check 'a new agent starts without reboot' machine_run systemctl start newcomer
        check_is 'its user cannot log in' '/var/lib/newcomer:/usr/sbin/nologin' \
                machine_sh 'getent passwd newcomer | cut -d: -f6,7'
        for directory in /var/lib/newcomer /var/log/newcomer; do
                check_is "$directory belongs to it" 'newcomer:newcomer 750' \
                        machine_run stat -c '%U:%G %a' $directory
        done
        check_lacks 'the agent cannot see NOTIFY_SOCKET' NOTIFY_SOCKET \
                fetch_url http://127.0.0.1:8011/environ
        check_says 'it does see its secrets' API_KEY fetch_url http://127.0.0.1:8011/environ
        agent_remove newcomer
}

scenario_crash() {
        plain_agent crash 8012
        check 'the agent starts' machine_run systemctl start crash
        pid=$(show crash MainPID)
        killed_ms=$(machine_sh 'awk "{ print int(\$1 * 1000) }" /proc/uptime; kill -9 "$1"' "$pid")
        back_again 'kill -9 of the main process: healthy again' crash "$pid" 60
        active_ms=$(($(show crash ActiveEnterTimestampMonotonic) / 1000))
        check_between 'within 10 s, or what the machine takes, by the clock of systemd (ms)' 5000 \
                "${restart_limit_msec-10000}" \
                $((active_ms - killed_ms))
        check_says 'it answers' ok fetch_url http://127.0.0.1:8012/health
        check_is 'one restart' 1 show crash NRestarts

        pid=$(show crash MainPID)
        fetch_url http://127.0.0.1:8012/exit >/dev/null 2>&1 || :
        back_again 'exit status 3: back as well' crash "$pid" 60
        agent_remove crash
}

scenario_hang() {
        plain_agent hang 8013 '[Restart]
Delay=1s'
        check 'the agent starts' machine_run systemctl start hang
        pid=$(show hang MainPID)
        fetch_url http://127.0.0.1:8013/hang >/dev/null
        back_again 'a hung /health: killed and healthy again' hang "$pid" 30
        check_says 'the journal says why' 'watchdog' journal hang
        check_says 'and what the probe saw' 'no answer within' journal hang
        check_says 'each bad probe as it came' 'fte-health-gate: 1 of 2 failed' machine_sh \
                'journalctl --sync; journalctl -b -o short --no-pager -u hang | sed "s/\[[0-9]*\]//"'
        agent_remove hang
}

# The prober must neither miss nor mind the death of a process that is not the agent.
scenario_workers() {
        plain_agent forking 8014
        machine_sh 'sed -i "s/agent.py 8014/agent.py 8014 3/" /etc/fte/forking.conf
                systemctl daemon-reload'
        check 'an agent with workers starts' machine_run systemctl start forking
        pid=$(show forking MainPID)
        workers=$(fetch_url http://127.0.0.1:8014/workers)
        machine_run kill -9 "${workers%% *}"
        sleep 3
        check_is 'kill -9 of a worker: the main process stays' "$pid" show forking MainPID
        check_lacks 'the agent has another worker' "${workers%% *} " \
                fetch_url http://127.0.0.1:8014/workers
        check_is 'still healthy' active machine_run systemctl is-active forking
        check_is 'no restart' 0 show forking NRestarts
        machine_run kill -9 "$pid"
        back_again 'kill -9 of the main process ends the workers too' forking "$pid" 60
        check_is 'none of the old ones is left' '' machine_sh \
                'for pid in $1; do [ ! -d /proc/$pid ] || tr "\0" " " </proc/$pid/cmdline; done' \
                "$workers"
        agent_remove forking
}

scenario_burst() {
        agent_file flash <<END
[Agent]
Exec=/test/agents/exits.sh
[Health]
URL=http://127.0.0.1:8017/health
[Restart]
Delay=1s
Burst=3
END
        machine_run systemctl daemon-reload
        check_fails 'an agent that exits at once: start fails' machine_run systemctl start flash
        check 'it ends as failed' wait_for 60 is_state flash failed
        sleep 3
        check_is 'for good' failed show flash ActiveState
        check_is 'after Burst=3 runs, not before' 3 machine_sh 'grep -c run /var/lib/flash/runs'
        agent_remove flash
}

# stop_time NAME: milliseconds that systemctl stop takes, seen from inside.
stop_time() {
        machine_sh 'from=$(date +%s%3N); systemctl stop "$1"; echo $(($(date +%s%3N) - from))' "$1"
}

scenario_stop() {
        plain_agent polite 8018
        machine_run systemctl start polite
        check_between 'systemctl stop is quick (ms)' 0 5000 "$(stop_time polite)"
        check_is 'and clean' 'inactive success' machine_sh 'echo $(systemctl show --value \
                -p ActiveState polite) $(systemctl show --value -p Result polite)'
        agent_remove polite

        agent_file stubborn <<END
[Agent]
Exec=/test/agents/stubborn.sh
StopTimeout=3s
END
        machine_run systemctl daemon-reload
        machine_run systemctl start stubborn
        check_between 'StopTimeout=3s ends an agent that ignores SIGTERM (ms)' 2500 9000 \
                "$(stop_time stubborn)"
        check_is 'nothing of it is left' '' machine_run pgrep -f '[s]tubborn.sh'
        agent_remove stubborn
}

# Everything is read from the running process.
scenario_precedence() {
        machine_sh 'mkdir -p /etc/fte/plugins /srv/layered /srv/other
                printf "[Service]\nUMask=0027\nOOMScoreAdjust=50\nNice=3\n" \
                        >/etc/fte/plugins/wide.conf'
        plain_agent layered 8019 '[Sandbox]
Profile=strict
ReadWritePaths=/srv/layered
[Service]
OOMScoreAdjust=123'
        machine_sh 'sed -i "s/^Exec=/Plugins=wide\nExec=/" /etc/fte/layered.conf
                systemctl daemon-reload'
        check 'profile, plugin, exception and pass-through together: starts' \
                machine_run systemctl start layered
        pid=$(show layered MainPID)
        of_process='sed -n "s/^$2:[[:space:]]*//p" /proc/$1/status'
        check_is 'profile: no new privileges' 1 machine_sh "$of_process" "$pid" NoNewPrivs
        check_is 'profile: system calls are filtered' 2 machine_sh "$of_process" "$pid" Seccomp
        check_is 'profile: no capabilities' 0000000000000000 machine_sh "$of_process" "$pid" CapBnd
        check_fails 'profile: strict makes other paths read-only' machine_run nsenter -t "$pid" -m \
                touch /srv/other/x
        check 'exception: ReadWritePaths= is writable' machine_run nsenter -t "$pid" -m \
                touch /srv/layered/x
        check_is 'plugin beats profile: umask' 0027 machine_sh "$of_process" "$pid" Umask
        check_is 'plugin: nice' 3 machine_sh 'cut -d" " -f19 /proc/$1/stat' "$pid"
        check_is 'pass-through beats plugin' 123 machine_run cat "/proc/$pid/oom_score_adj"
        agent_remove layered
        machine_run rm -r /etc/fte/plugins
}

limits_of() {
        machine_run systemctl show "$1" -p MainPID,ActiveState,Slice,KillMode,TimeoutStopUSec \
                -p MemoryMax,MemorySwapMax,TasksMax,CPUQuotaPerSecUSec,LimitNOFILE,LimitCORE \
                -p NotifyAccess
        machine_sh 'cd $(find /sys/fs/cgroup -type d -name "$1.service" | head -n 1) &&
                for file in memory.max memory.swap.max pids.max cpu.max; do
                        [ ! -f $file ] || echo $file $(cat $file)
                done' "$1"
}

scenario_stub_keeps_limits() {
        plain_agent kept 8020 '[Limits]
Memory=300M
CPU=150%
Tasks=77
OpenFiles=2048'
        machine_run systemctl start kept
        before=$(limits_of kept)
        machine_sh 'echo Bogus=1 >>/etc/fte/kept.conf; systemctl daemon-reload'
        sleep 3
        check_is 'a stub loaded over a running agent leaves it and its limits alone' "$before" \
                limits_of kept
        check_says 'it still answers' ok fetch_url http://127.0.0.1:8020/health
        machine_sh 'systemctl restart kept 2>/dev/null'
        check_is 'at its next start it fails with 78' 78 show kept ExecMainStatus
        check_says 'and says where' kept.conf: last_journal kept
        agent_remove kept
}

scenario_no_url() {
        agent_file plain <<END
[Agent]
Exec=/test/agents/stubborn.sh
StopTimeout=1s
[Environment]
Required=API_KEY
END
        machine_run systemctl daemon-reload
        check 'an agent without a URL starts' machine_run systemctl start plain
        check_says 'and is the main process' stubborn.sh machine_sh \
                'tr "\0" " " </proc/$(systemctl show --value -p MainPID plain)/cmdline'
        machine_sh 'systemctl stop plain; chmod 644 /etc/plain/.env'
        check_fails 'with a bad env file systemctl start says so' machine_run systemctl start plain
        check_is 'status 78' 78 show plain ExecMainStatus
        agent_remove plain
}

scenario_notify() {
        agent_file herald <<END
[Agent]
Exec=/test/agents/notifier.py
[Health]
URL=http://127.0.0.1:8021/health
StartTimeout=4s
[Restart]
When=no
END
        machine_run systemctl daemon-reload
        check_fails 'under Notify=probe an agent cannot declare itself ready' \
                machine_run systemctl start herald
        check_says 'it sees no socket' 'NOTIFY_SOCKET is not set' journal herald
        check_says 'it ended by the start timeout' timeout show herald Result
        agent_remove herald

        agent_file herald <<END
[Agent]
Exec=/test/agents/notifier.py
[Health]
Notify=native
Watchdog=2s
[Restart]
Delay=1s
END
        machine_run systemctl daemon-reload
        check 'under Notify=native it is ready by its own word' machine_run systemctl start herald
        sleep 4
        check_is 'and feeds the watchdog' 0 show herald NRestarts
        pid=$(show herald MainPID)
        machine_sh 'touch /var/lib/herald/stop'
        check 'when it stops to, it is killed' wait_for 20 machine_sh \
                'journalctl -b -u herald -o cat | grep -qi watchdog'
        machine_sh 'rm /var/lib/herald/stop'
        back_again 'and back' herald "$pid" 20
        agent_remove herald
}

# under_ai NAME COMMAND PORT: a program that answers /health with what worked.
under_ai() {
        agent_file "$1" <<END
[Agent]
Exec=$2 $3
[Health]
URL=http://127.0.0.1:$3/
StartTimeout=90s
END
        machine_run systemctl daemon-reload
        if machine_run systemctl start "$1" 2>/dev/null; then
                ok "$1 under profile ai: $(fetch_url "http://127.0.0.1:$3/")"
        else
                not_ok "$1 under profile ai" "$(journal "$1")"
        fi
        agent_remove "$1"
}

scenario_languages() {
        under_ai heavy /test/agents/heavy.py 8022
        under_ai nodeagent '/usr/bin/node /test/agents/node.js' 8023
}

# Upgrade keeps agents running, purge leaves nothing of the package's.
scenario_remove() {
        plain_agent stays 8024
        machine_run systemctl start stays
        pid=$(show stays MainPID)
        check 'the package is upgraded (by itself)' machine_run env \
                DEBIAN_FRONTEND=noninteractive apt-get install -qy --reinstall /test/systemd-fte.deb
        check_is 'the agent runs on' "$pid" show stays MainPID
        check_is 'as what it was' notify show stays Type
        check 'the package is removed' machine_run env DEBIAN_FRONTEND=noninteractive \
                apt-get remove -qy systemd-fte
        check_fails 'which stops the agents' machine_run test -d "/proc/$pid"
        check_is 'and leaves none of them failed' '' machine_sh \
                'systemctl list-units --failed --plain --no-legend | cut -d" " -f1'
        check 'the INI files stay' machine_run test -f /etc/fte/stays.conf
        machine_run rm -rf /etc/fte/stays.conf /etc/fte/digital-fte.conf /etc/stays
        check 'the package is purged' machine_run env DEBIAN_FRONTEND=noninteractive \
                apt-get purge -qy systemd-fte
        check_is 'nothing of it is left' '' machine_sh 'find /etc/fte /usr/lib/fte /usr/libexec/fte \
                /usr/lib/systemd/system-generators/systemd-fte-generator \
                /run/systemd/generator/*fte* /usr/lib/systemd/system/fte* /var/lib/fte-alert /var/cache/fte-backup \
                /usr/lib/sysusers.d/fte* /usr/lib/tmpfiles.d/fte* 2>/dev/null'
        check_is 'but its user, as with other packages' fte-alert machine_run id -un fte-alert
}
