# SPDX-License-Identifier: LGPL-2.1-or-later
# What fte-alert-hook stores when something happens to an agent on a really booted systemd. Nothing
# is delivered meanwhile, so that what waits can be looked at. Sourced by scenarios.sh.
# shellcheck shell=sh

spool=/var/lib/fte-alert

# Said aloud by its agents, so it stands in the journal; $secret must not.
spoken=sk-live-77Wn3kLpSpokenAloudInTheLog

alert_hold_delivery() {
        machine_sh 'systemctl stop fte-alert-deliver.path fte-alert-deliver.service 2>/dev/null
                systemctl mask --runtime fte-alert-deliver.path fte-alert-deliver.service
                rm -rf "$1"/waiting/* "$1"/state/*' $spool >/dev/null 2>&1
}

alert_release_delivery() {
        machine_sh 'rm -rf "$1"/waiting/* "$1"/state/*
                systemctl unmask --runtime fte-alert-deliver.path fte-alert-deliver.service
                systemctl start fte-alert-deliver.path' $spool >/dev/null 2>&1
}

# alerts NAME: the waiting alerts about it, oldest first: "KIND RESULT STATUS +REPEATED, …"
alerts() {
        machine_sh 'cat "$2"/waiting/* 2>/dev/null | awk -v agent="$1" -F= "
                /^alert=/ { split(\"\", v) }
                { v[\$1] = \$2 }
                /^end\$/ && v[\"agent\"] == agent {
                        printf \"%s%s %s %s +%d\", n++ ? \", \" : \"\", v[\"kind\"], v[\"result\"],
                                v[\"status\"], v[\"repeated\"]
                }"' "$1" $spool
}

# alert_field NAME KEY: of its last alert that has one.
alert_field() {
        machine_sh 'cat "$3"/waiting/* 2>/dev/null | awk -v agent="$1" -v key="$2" "
                /^alert=/ { text = \"\"; mine = 0 }
                \$0 == \"agent=\" agent { mine = 1 }
                index(\$0, key \"=\") == 1 { text = text substr(\$0, length(key) + 2) \"\n\" }
                /^end\$/ && mine && text { last = text }
                END { printf \"%s\", last }"' "$1" "$2" $spool
}

alerts_become() {
        [ "$(alerts "$1")" = "$2" ]
}

# check_alerts TITLE NAME WANTED SECONDS
check_alerts() {
        if wait_for "$4" alerts_become "$2" "$3"; then
                ok "$1"
        else
                not_ok "$1" "wanted: $3
seen: $(alerts "$2")
$(machine_sh 'journalctl --sync; journalctl -b -o cat --no-pager -n 15 -u "$1" -u "fte-alert*"' "$2")"
        fi
}

# last_words NAME STATUS [MORE LINES]
last_words() {
        agent_file "$1" <<END
[Agent]
Exec=/test/agents/last-words.sh $2
[Health]
URL=http://127.0.0.1:8050/health
StartTimeout=${start_timeout:-20s}
${3-}
END
        echo "API_KEY=$spoken" | machine_write_env "$1"
        machine_run systemctl daemon-reload
}

# The run was given the old key, and says it when the file has the new one.
alert_of_rotated_key() {
        last_words rotated '1 /var/lib/rotated/go' '[Restart]
When=no'
        machine_sh 'systemctl start --no-block rotated'
        check 'the agent runs' wait_for 20 machine_run pgrep -f '[l]ast-words.sh 1 /var/lib/rotated'
        echo API_KEY=sk-live-TheNextOneOfTheKeys | machine_write_env rotated
        machine_run touch /var/lib/rotated/go
        check_alerts 'a run that outlived its key: told' rotated 'failure exit-code 1/FAILURE +0' 20
        check_says 'its key is taken out all the same' 'connecting with [redacted]' alert_field rotated line
        agent_remove rotated
}

alert_of_final_failure() {
        last_words finis 1 '[Restart]
When=no
[Alert]
Slack=/etc/fte/secrets/slack
Email=a@example.com b@example.com'
        machine_run systemctl start finis >/dev/null 2>&1
        check_alerts 'a final failure is one alert' finis 'failure exit-code 1/FAILURE +0' 10
        check_is 'it knows the invocation' "$(show finis InvocationID)" alert_field finis invocation
        check_says 'its log lines' 'the database says no' alert_field finis line
        check_says 'and what the manager said' 'code=exited, status=1/FAILURE' alert_field finis line
        check_says 'a secret in them is taken out' 'connecting with [redacted]' alert_field finis line
        check_lacks 'which is in no unit' "$spoken" machine_run systemctl cat finis 'fte-alert@finis' \
                fte-alert-deliver
        check_is 'the targets' 'slack
email
email' alert_field finis target
        check_is 'the path of the secret, not the secret' /etc/fte/secrets/slack \
                alert_field finis target.path
        if [ "$machine_kind" = qemu ]; then
                skip 'the uptime' 'under emulation PID 1 does not answer within the 20 ms it is given'
        else
                check_between 'the uptime (µs)' 1 20000000 "$(alert_field finis uptime)"
        fi
        check_is 'the spool belongs to fte-alert alone' 'fte-alert 700 fte-alert 600' machine_sh \
                'echo $(stat -c "%U %a" "$1" "$1"/waiting/* | sort -r)' $spool
        agent_remove finis
}

# systemd of the newer kind calls OnFailure= at each restart, unless RestartMode=direct is there.
alert_of_restart_limit() {
        last_words limit 42 '[Restart]
Delay=3s
Burst=3'
        machine_run systemctl start limit >/dev/null 2>&1
        check 'a restart loop ends as failed' wait_for 60 is_state limit failed
        check_alerts 'it is told when it begins and when it ends' limit \
                "restart exit-code 42 +0, failure $(show limit Result) 42 +1" 10
        agent_remove limit
}

alert_of_exit_78() {
        last_words refused 1
        machine_sh 'echo API_KEY=changeme >/etc/refused/.env; sed -i "s/\[Health\]/[Environment]\nRequired=API_KEY\n&/" \
                /etc/fte/refused.conf; systemctl daemon-reload'
        for round in 1 2 3 4 5 6 7 8; do
                machine_run systemctl start refused >/dev/null 2>&1
                machine_run systemctl reset-failed refused
        done
        check_alerts 'the same failure eight times: one alert and one that counts' refused \
                'failure exit-code 78/CONFIG +0, repeated exit-code 78/CONFIG +7' 10
        check_says 'it says why' 'placeholder' alert_field refused line
        agent_remove refused
}

alert_of_recovery() {
        plain_agent comeback 8051 '[Restart]
Delay=2s'
        check 'the agent starts' machine_run systemctl start comeback
        check_is 'and nothing is told of that' '' alerts comeback
        pid=$(show comeback MainPID)
        machine_run kill -9 "$pid"
        check_alerts 'a crash: restart and recovery' comeback \
                'restart signal 9/KILL +0, recovery   +0' 30
        check_between 'with the length of the outage (ms)' 1500 30000 \
                "$(($(alert_field comeback outage) / 1000))"
        check_between 'held back for a while (s)' 5 12 "$(machine_sh \
                'echo $(($1 / 1000000 - $(date +%s)))' "$(alert_field comeback not_before)")"
        pid=$(show comeback MainPID)
        machine_run kill -9 "$pid"
        check_alerts 'down again before that: it is counted, and the recovery comes after it' \
                comeback 'restart signal 9/KILL +0, repeated signal 9/KILL +1, recovery   +0' 30
        machine_run systemctl stop comeback
        machine_run systemctl start comeback
        check_is 'a stop by hand and a start after it are nothing to tell' \
                'restart signal 9/KILL +0, repeated signal 9/KILL +1, recovery   +0' alerts comeback
        agent_remove comeback
}

alert_of_watchdog() {
        plain_agent dog 8052 '[Restart]
Delay=1s'
        machine_run systemctl start dog
        fetch_url http://127.0.0.1:8052/hang >/dev/null
        check_alerts 'a hang: watchdog' dog \
                'restart watchdog 6/ABRT +0, recovery   +0' 40
        check_says 'with what the probe saw' 'no answer within' alert_field dog line
        agent_remove dog
}

alert_of_bad_ini() {
        agent_file bad <<END
[Agent]
Exec=/bin/true
Descripton=typing error
[Alert]
Slack=/etc/fte/secrets/slack
END
        machine_run systemctl daemon-reload
        machine_run systemctl start bad >/dev/null 2>&1
        check_alerts 'a bad INI file: the stub tells' bad 'failure exit-code 78/CONFIG +0' 10
        check_says 'with file and line' '/etc/fte/bad.conf:3: ' alert_field bad line
        check_is 'whom it could read' slack alert_field bad target
        agent_remove bad
}

# The hook is run by ExecStopPost=: should it fail or hang, the service must not show it.
alert_on_full_disk() {
        last_words full 5 '[Restart]
When=no'
        machine_sh 'mount -t tmpfs -o size=16k,mode=700,uid=$(id -u fte-alert),gid=$(id -g fte-alert) \
                none "$1"; dd if=/dev/zero of="$1"/filler bs=1k count=64 2>/dev/null
                chown fte-alert: "$1"/filler' $spool
        machine_run systemctl start full >/dev/null 2>&1
        wait_for 20 is_state full failed
        check_is 'full disk: the state of the service is its own' 'failed exit-code 5 0' machine_sh \
                'echo $(systemctl show full --value -p ActiveState) $(systemctl show full --value -p \
                        Result) $(systemctl show full --value -p ExecMainStatus) $(systemctl show \
                        full --value -p NRestarts)'
        check_says 'full disk: the journal says what could not be told' 'No space left on device' \
                machine_sh 'journalctl --sync; journalctl -b -o cat --no-pager -u full -u "fte-alert*"'
        check_is 'no failed unit but the agent' full.service machine_sh \
                "systemctl list-units --failed --plain --no-legend | cut -d' ' -f1"
        machine_run umount -l $spool
        agent_remove full
}

# LD_DEBUG makes the dynamic linker write a file for each program: of root there must be none.
alert_and_linker() {
        agent_file linked <<END
[Agent]
Exec=/test/agents/last-words.sh 1
[Environment]
Set=LD_DEBUG=files
Set=LD_DEBUG_OUTPUT=/var/lib/linked/debug
Set=PLAIN=1
[Restart]
When=no
END
        echo "API_KEY=$spoken" | machine_write_env linked
        machine_run systemctl daemon-reload
        machine_run systemctl start linked >/dev/null 2>&1
        check_alerts 'Set=LD_…: the agent runs and its end is told' linked \
                'failure exit-code 1/FAILURE +0' 10
        check_lacks 'the unit has no LD_ variable' LD_ show linked Environment
        check_says 'it has the others' PLAIN=1 show linked Environment
        check_is 'the agent obeys them, and nothing that root runs' linked machine_sh \
                'stat -c %U /var/lib/linked/debug.* | sort -u'
        agent_remove linked
}

# From the package on, and with each start of an agent, should somebody have stopped it.
alert_wakes_delivery() {
        check_is 'the path unit waits for alerts' active machine_run systemctl is-active \
                fte-alert-deliver.path
        plain_agent waker 8053
        machine_sh 'systemctl start fte.slice; systemctl stop fte-alert-deliver.path
                systemctl start waker'
        check_is 'the start of an agent starts it' active machine_run systemctl is-active \
                fte-alert-deliver.path
        agent_remove waker
}

# For the virtual machine, where memory limits hold.
scenario_alert_oom() {
        alert_hold_delivery
        plain_agent glutton 8054 '[Limits]
Memory=64M
[Restart]
Delay=1s'
        machine_run systemctl start glutton
        fetch_url http://127.0.0.1:8054/eat >/dev/null 2>&1 || :
        check_alerts 'a memory hog: oom-kill, and back' glutton \
                'restart oom-kill 9/KILL +0, recovery   +0' 90
        check_between 'with its peak of memory, where Linux tells' 60000000 70000000 \
                "$(alert_field glutton memory_peak)"
        agent_remove glutton
        alert_release_delivery
}

scenario_alert_record() {
        alert_wakes_delivery
        alert_hold_delivery
        alert_of_final_failure
        alert_of_restart_limit
        alert_of_exit_78
        alert_of_rotated_key
        alert_of_recovery
        alert_of_watchdog
        alert_of_bad_ini
        alert_and_linker
        for canary in "$secret" "$spoken"; do
                check_lacks "${canary#sk-live-}: in no alert and no state" "$canary" machine_sh \
                        'cat "$1"/waiting/* "$1"/state/*' $spool
        done
        check_lacks 'what no agent has said is not in the journal' "$secret" machine_sh \
                'journalctl --sync; journalctl -b --no-pager -o json'
        check_lacks 'nor in an argument' "$secret" machine_sh 'cat /proc/*/cmdline | tr "\0" " "'
        check_lacks 'nor in what the hook said, the other one too' "$spoken" machine_sh \
                'journalctl --sync; journalctl -b --no-pager -o cat -u "fte-alert*"
                        journalctl -b --no-pager -o cat _COMM=fte-alert-hook'
        alert_on_full_disk
        alert_release_delivery
}
