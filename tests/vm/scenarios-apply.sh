# SPDX-License-Identifier: LGPL-2.1-or-later
# ftectl apply on a booted systemd: what is started, restarted, left alone and put back. Sourced by
# scenarios.sh.
# shellcheck shell=sh

# apply_agent NAME PORT [MORE LINES]: as plain_agent, but nothing is loaded yet.
apply_agent() {
        machine_write "/etc/fte/$1.conf" 644 <<END
[Agent]
Exec=/test/agents/agent.py $2
[Environment]
Required=API_KEY
[Health]
URL=http://127.0.0.1:$2/health
StartTimeout=20s
Interval=1s
[Restart]
Delay=1s
${3-}
END
}

# One that is not healthy before some seconds have passed: slow_agent NAME PORT SECONDS
apply_slow_agent() {
        apply_agent "$1" "$2"
        machine_sh 'printf "#!/bin/sh\nsleep %s\nexec /test/agents/agent.py %s\n" "$2" "$3" >"/opt/$1"
                chmod 755 "/opt/$1"; sed -i "s|^Exec=.*|Exec=/opt/$1|" "/etc/fte/$1.conf"' "$1" "$3" "$2"
}

# apply STATUS [ARGUMENT...]: runs it, leaves what it said in $apply_seen.
apply() {
        apply_want=$1
        shift
        apply_status=0
        apply_seen=$(machine_run ftectl apply "$@" 2>&1) || apply_status=$?
}

# applied TITLE TEXT: the last apply ended as wanted and said TEXT.
applied() {
        case "$apply_status:$apply_seen" in
        "$apply_want:"*"$2"*) ok "$1" ;;
        *) not_ok "$1" "wanted exit status $apply_want and: $2
seen exit status $apply_status and: $apply_seen" ;;
        esac
        case $apply_seen in
        *"$secret"*) not_ok 'apply shows no secret' "$apply_seen" ;;
        esac
}

# same_pid TITLE NAME PID
same_pid() {
        check_is "$1" "$3" show "$2" MainPID
}

other_pid() {
        if has_other_pid "$2" "$3"; then ok "$1"; else
                not_ok "$1" "MainPID was $3, is $(show "$2" MainPID), $(show "$2" ActiveState)"
        fi
}

apply_config_sum() {
        machine_sh 'cd /etc/fte && find . -name "*.conf" -exec sha256sum {} + | sort; stat -c "%n %a %U %Y" *.conf'
}

apply_changes() {
        echo "API_KEY=$secret" | machine_write_env ap1
        echo "API_KEY=$secret" | machine_write_env ap2
        apply_agent ap1 8041
        apply_agent ap2 8042
        apply 0
        applied 'new agents are started without a question' 'ap1: started, because it is new; healthy after'
        check_is 'and kept as good, for root alone' '700 root' machine_sh \
                'stat -c "%a %U" /var/lib/fte/applied'
        check 'byte for byte' machine_sh 'cmp /etc/fte/ap1.conf /var/lib/fte/applied/current/fte/ap1.conf'
        pid=$(show ap1 MainPID) pid2=$(show ap2 MainPID)
        apply 0
        applied 'a second apply finds nothing to do' 'agents unchanged, and not touched'
        same_pid 'and touches nothing' ap1 "$pid"
        machine_sh 'sed -i "1i # a comment" /etc/fte/ap1.conf'
        apply 0
        same_pid 'a comment restarts nothing' ap1 "$pid"
        check 'but is kept' machine_sh 'cmp /etc/fte/ap1.conf /var/lib/fte/applied/current/fte/ap1.conf'

        apply_agent ap1 8041 '[Limits]
Memory=300M'
        apply 2
        applied 'a restart that nobody named needs --yes' 'this would restart ap1'
        same_pid 'else nothing is touched' ap1 "$pid"
        apply 0 --dry-run
        applied '--dry-run says what would be done' 'ap1: would restart, because its configuration has changed'
        apply 0 --yes
        applied 'a changed file restarts its agent' 'ap1: restarted, because its configuration has changed; healthy'
        other_pid 'which has another process' ap1 "$pid"
        same_pid 'and no other agent' ap2 "$pid2"
        check_is 'with the new limit' 314572800 show ap1 MemoryMax

        pid=$(show ap1 MainPID)
        apply_agent ap1 8041 '[Limits]
Memory=400M'
        machine_run systemctl daemon-reload
        apply 0 ap1
        applied 'also when somebody has reloaded already; one that is named needs no --yes' 'ap1: restarted'
        other_pid 'it was restarted' ap1 "$pid"

        pid=$(show ap1 MainPID)
        machine_sh 'echo OTHER=1 >>/etc/ap1/.env'
        apply 0 --yes
        applied 'a changed env file restarts it' 'ap1: restarted, because its env file has changed'
        same_pid 'and no other agent' ap2 "$pid2"
        machine_sh 'echo MORE=1 >>/etc/ap1/.env; systemctl daemon-reload'
        apply 0 --yes
        applied 'also when somebody has reloaded since' 'ap1: restarted, because its env file has changed'

        machine_sh '(for i in 1 2 3 4 5 6; do systemctl daemon-reload; done) >/dev/null 2>&1 &
                sed -i s/=400M/=410M/ /etc/fte/ap1.conf'
        apply 0 --yes
        applied 'while others reload systemd again and again' 'ap1: restarted'
}

apply_plugins() {
        machine_sh 'mkdir -p /etc/fte/plugins; printf "[Service]\nEnvironment=P=1\n" >/etc/fte/plugins/apx.conf'
        apply_agent ap2 8042
        machine_sh 'sed -i "/^Exec/a Plugins=apx" /etc/fte/ap2.conf'
        apply 0 --yes
        applied 'a plugin more' 'ap2: restarted'
        pid=$(show ap2 MainPID)
        apply 0
        same_pid 'the same plugin: nothing' ap2 "$pid"
        machine_sh 'printf "[Service]\nEnvironment=P=2\n" >/etc/fte/plugins/apx.conf'
        apply 0 --yes
        applied 'another content behind the link' 'ap2: restarted, because its unit, a plugin or a drop-in has changed'
        check_says 'is in force' 'P=2' show ap2 Environment
        pid=$(show ap2 MainPID)
        machine_sh 'mkdir -p /etc/systemd/system/ap2.service.d
                printf "[Service]\nEnvironment=Q=1\n" >/etc/systemd/system/ap2.service.d/override.conf'
        apply 0 --yes
        other_pid 'a drop-in of systemctl edit' ap2 "$pid"
        machine_sh 'rm -r /etc/systemd/system/ap2.service.d'
        machine_sh 'printf "[Service]\nExecStartPre=/bin/false\n" >/etc/fte/plugins/apx.conf'
        apply 1 ap2
        applied 'a plugin that breaks its agent is put back' 'then: restarted, because what held before was put back; healthy'
        check_says 'with its bytes' 'P=2' machine_run cat /etc/fte/plugins/apx.conf
        applied 'the cause is what came before its program' 'runs before it (ExecStartPre=) failed'
        applied 'with the lines of that run' '    | Starting ap2.service'
        apply_former_plugin
        apply_shared_plugin
}

# The edit no longer links it, and breaks it as well: the version before needs it.
apply_former_plugin() {
        machine_sh 'sed -i "/^Plugins/d; s|^Exec=.*|Exec=/bin/false|" /etc/fte/ap2.conf; rm /etc/fte/plugins/apx.conf'
        apply 1 --yes ap2
        applied 'a plugin that only the version before had' 'because what held before was put back; healthy'
        check_says 'is put back with it' 'P=2' machine_run cat /etc/fte/plugins/apx.conf
        check_says 'and in force' 'P=2' show ap2 Environment
}

# What one agent puts back was the edit of the other, too.
apply_shared_plugin() {
        machine_sh 'sed -i "/^Exec/a Plugins=apx" /etc/fte/ap1.conf'
        apply 0 --yes
        machine_sh 'rm -rf /var/lib/fte/rejected
                printf "[Service]\nExecStartPre=/bin/false\n" >/etc/fte/plugins/apx.conf'
        apply 1 --yes
        applied 'a plugin that breaks two agents' 'ap1: FAILED'
        check_is 'is kept as rejected for both' 2 machine_sh \
                'grep -l /bin/false /var/lib/fte/rejected/ap*/rejected/plugins/apx.conf | wc -l'
        check 'and put back once' machine_sh 'grep P=2 /etc/fte/plugins/apx.conf'
        apply_agent ap1 8041
        apply 0 --yes
}

# What is decided and not done is not told as done.
apply_other_units() {
        pid=$(show ap1 MainPID)
        apply_agent ap1 8041 '[Limits]
Memory=430M'
        machine_sh 'mkdir -p /etc/systemd/system-generators
                ln -s /dev/null /etc/systemd/system-generators/systemd-fte-generator'
        apply 1 --yes
        applied 'systemd that loads something else: nothing is begun' 'ap1: not touched yet'
        same_pid 'as it says' ap1 "$pid"
        apply 1 --yes --json
        applied 'also for programs' '"well": false'
        machine_sh 'rm /etc/systemd/system-generators/systemd-fte-generator'
        apply_agent ap1 8041
        apply 0 --yes
        applied 'then it goes on' 'agents unchanged, and not touched'
}

# On a terminal: it asks there, and shows for whom it waits.
apply_terminal() {
        apply_agent ap1 8041 '[Limits]
Memory=420M'
        pid=$(show ap1 MainPID)
        check_says 'on a terminal it asks' 'This will restart ap1. Go on? [y/N]' \
                machine_sh 'echo n | script -qec "ftectl apply" /dev/null'
        same_pid 'no answer but y touches anything' ap1 "$pid"
        machine_sh 'sed -i "s|^Exec=.*|Exec=/bin/sh -c \"sleep 2; exec /test/agents/agent.py 8041\"|" \
                /etc/fte/ap1.conf'
        check_says 'then shows progress' '1 of 1 to go: ap1 1 s' \
                machine_sh 'echo y | TERM=xterm script -qec "ftectl apply" /dev/null'
        other_pid 'and has done it' ap1 "$pid"
        apply_agent ap1 8041
        apply 0 ap1
}

apply_refuses() {
        pid=$(show ap1 MainPID)
        apply_agent ap2 8042 'Intervall=1s'
        apply 1
        applied 'an error refuses all of it' '/etc/fte/ap2.conf:11:1: error: [Restart] Intervall: unknown key'
        apply 1 ap1
        applied 'also for another agent, whose unit a reload would replace' 'nothing was touched'
        same_pid 'the agents run on' ap1 "$pid"
        check_is 'systemd has loaded nothing of it' success show ap2 Result
        check_lacks 'no stub either' 'exit 78' machine_run systemctl cat ap2
        apply_agent ap2 8042
        apply 0 --yes
        apply 2 ap3
        applied 'a name that does not exist' 'there is no ap3.conf in /etc/fte; did you mean ap1?'
        check_says 'not for everybody' 'only root' machine_run setpriv --reuid=65534 --clear-groups ftectl apply
}

apply_rolls_back() {
        apply 0 --yes
        before=$(apply_config_sum)
        pid2=$(show ap2 MainPID)
        machine_sh 'mkdir -p /etc/fte/ap1.conf.d; echo "[Limits]" >/etc/fte/ap1.conf.d/limits.conf
                sed -i "s/API_KEY/API_KEY MISSING_KEY/" /etc/fte/ap1.conf'
        apply 1 ap1
        applied 'a start that fails says why' 'ap1: FAILED: it ended with exit status 78'
        applied 'with its last words' 'MISSING_KEY'
        applied 'puts back what held before' 'then: started, because what held before was put back; healthy'
        applied 'says where the edit is' '/var/lib/fte/rejected/ap1-'
        check 'and runs' is_state ap1 active
        check_is 'exact bytes, modes, owners and times' "$before" apply_config_sum
        check_fails 'the fragment is gone' machine_run test -e /etc/fte/ap1.conf.d/limits.conf
        check 'the edit is not lost' machine_sh 'grep MISSING_KEY /var/lib/fte/rejected/ap1-*/rejected/ap1.conf &&
                test -e /var/lib/fte/rejected/ap1-*/rejected/ap1.conf.d/limits.conf'
        same_pid 'the other agent was not touched' ap2 "$pid2"
        retry=$(printf '%s\n' "$apply_seen" | sed -n 's/.*try it again: *//p')
        check_fails 'the command that tries it again' machine_sh "$retry"
        check_is 'does, and the same comes of it' "$before" apply_config_sum

        machine_sh 'sed -i "s|^Exec=.*|Exec=/bin/false|" /etc/fte/ap1.conf'
        apply 1 --no-rollback ap1
        applied '--no-rollback leaves it' 'ap1: FAILED: it ended with exit status 1'
        check_fails 'in the state that it is in' is_state ap1 active
        check 'with the new file' machine_run grep Exec=/bin/false /etc/fte/ap1.conf
        apply_agent ap1 8041
        apply 0 --yes
        applied 'corrected, it starts' 'ap1: '

        echo "API_KEY=changeme" | machine_write_env ap1
        apply 1 ap1
        applied 'an env file is not put back' 'only its env file has changed, which is a secret and so is not kept'
        applied 'it says what to type next' '    next: ftectl diagnose ap1'
        check_says 'as the page of status does' '; why: ftectl diagnose ap1' machine_run ftectl status ap1
        check_is 'and the failure stays to be seen' failed show ap1 ActiveState
        echo "API_KEY=$secret" | machine_write_env ap1
        apply 0
        applied 'corrected, it starts without a question' 'ap1: started, because it had failed; healthy'

        apply 0 --yes
        machine_sh "sed -i 's|^Exec=.*|Exec=/bin/sh -c \"echo my key is \${API_KEY}; exit 3\"|' /etc/fte/ap1.conf"
        apply 1 ap1
        applied 'one that tells its secrets: they are taken out of its lines' 'my key is [redacted]'
        before=$(apply_config_sum)
        machine_sh 'sed -i "s|^Exec=.*|Exec=/bin/false|" /etc/fte/ap1.conf'
        apply 1 ap1
        applied 'one that systemd tries again and again: the first attempt counts' 'exit status 1 ('
        applied 'and it runs as before' 'then: restarted, because what held before was put back; healthy'
        machine_sh 'sed -i "s|^Exec=.*|Exec=/bin/sleep 100|; s|^StartTimeout=.*|StartTimeout=2s|" /etc/fte/ap1.conf'
        apply 1 ap1
        applied 'one that never answers' 'it was not healthy within StartTimeout=2s; the last probe: '
        applied 'runs as before, too' '; healthy after'
        machine_sh 'mkdir -p /etc/systemd/system/ap1.service.d
                printf "[Service]\nRestartMode=direct\n" >/etc/systemd/system/ap1.service.d/direct.conf'
        apply 0 --yes
        machine_sh 'sed -i "s|^Exec=.*|Exec=/bin/false|" /etc/fte/ap1.conf'
        apply 1 ap1
        applied 'RestartMode=direct (254), where the job goes on: the first attempt counts' 'exit status 1 ('
        applied 'and it runs as before' '; healthy after'
        check_is 'exact bytes after all that' "$before" apply_config_sum
        machine_sh 'rm -r /etc/systemd/system/ap1.service.d; systemctl daemon-reload'
        apply 0 --yes
        applied 'a drop-in that is gone' 'ap1: restarted'

        machine_sh 'printf "[Environment]\nRequired=API_KEY ABSENT\n" >/etc/fte/fte.conf
                sed -i /^Required/d /etc/fte/ap1.conf'
        apply 1 --yes
        applied 'fte.conf that breaks agents' 'fte.conf'
        check_fails 'is put back as a whole' machine_run test -e /etc/fte/fte.conf
        check 'and they run' is_state ap1 active
        apply_agent ap1 8041
        apply 0 --yes
}

apply_read_only() {
        machine_sh 'sed -i "s/API_KEY/API_KEY MISSING_KEY/" /etc/fte/ap1.conf
                mount --bind /etc/fte /etc/fte && mount -o remount,bind,ro /etc/fte'
        apply 1 ap1
        applied '/etc/fte read-only: says so, and where the files are' \
                '/applied: Read-only file system'
        check_is 'the failure stays to be seen' failed show ap1 ActiveState
        machine_run umount -l /etc/fte
        apply_agent ap1 8041
        apply 0 --yes
}

apply_limits() {
        apply_agent ap4 8044 'Burst=2'
        echo "API_KEY=$secret" | machine_write_env ap4
        machine_sh 'sed -i "s|^Exec=.*|Exec=/bin/false|" /etc/fte/ap4.conf; systemctl daemon-reload; systemctl start ap4'
        check 'an agent at its start limit' wait_for 20 is_state ap4 failed
        apply_agent ap4 8044 'Burst=2'
        apply 0
        applied 'is started again' 'ap4: started, because it had failed; healthy'
        apply 0 ap4
        for memory in 301M 302M 303M; do
                apply_agent ap4 8044 "Burst=2
[Limits]
Memory=$memory"
                apply 0 ap4
        done
        applied 'more applies than Burst= do not hit the limit' 'healthy'
        apply_agent ap4 8044 'Burst=2'
        machine_sh 'sed -i "/^Exec/a Enabled=no" /etc/fte/ap4.conf; systemctl stop ap4'
        apply 0
        applied 'Enabled=no starts nothing' '1 not running, as Enabled=no says'
        machine_sh 'sed -i /^Enabled/d /etc/fte/ap4.conf; systemctl mask ap4'
        apply 1
        applied 'a masked one is told' 'systemctl unmask ap4'
        machine_run systemctl unmask ap4
        apply_agent ap4 8044 'Burst=2
[Backup]
Schedule=hourly
Verify=daily'
        apply 0 --yes
        check_is 'schedules of its own tick' 'active active' machine_sh \
                'echo $(systemctl is-active fte-backup@ap4.timer fte-backup-verify@ap4.timer)'
        machine_sh 'sed -i /^Verify/d /etc/fte/ap4.conf'
        apply 0 --yes
        check_is 'one that is gone ticks no more' 'active inactive' machine_sh \
                'echo $(systemctl is-active fte-backup@ap4.timer fte-backup-verify@ap4.timer)'
        machine_sh 'rm /etc/fte/ap4.conf'
        apply 2
        applied 'an agent that is gone is not stopped without a word' 'stop, because the file is gone, ap4'
        check 'it runs' is_state ap4 active
        apply 0 --yes
        applied 'then it is' 'ap4: stopped, because its file is gone'
        check_is 'and nothing of it is left' not-found show ap4 LoadState
        check_is 'nor its timer' '' machine_sh 'systemctl list-units --all --plain --no-legend "fte-*@ap4.timer"'
}

# in_background NAME: an apply that takes its time, its output and status in /run/NAME.
apply_in_background() {
        machine_sh '(ftectl apply --yes >"/run/$1" 2>&1; echo "status $?" >>"/run/$1") >/dev/null 2>&1 &
                until test -s /run/fte/apply.lock && systemctl show -p SubState ap5 | grep -q start; do
                        sleep 0.1; done' "$1"
}

apply_at_once() {
        echo "API_KEY=$secret" | machine_write_env ap5
        apply_slow_agent ap5 8045 8
        machine_run rm -f /run/fte/apply.lock
        apply_in_background ap-first
        apply 2 --timeout=1s
        applied 'a second apply does not wait for ever' 'another ftectl apply is still at work (PID '
        apply 0
        applied 'but it does wait' '; waiting for it'
        check 'the first was not disturbed' machine_sh 'grep "ap5: started" /run/ap-first && grep "status 0" /run/ap-first'

        for signal in INT KILL; do
                apply_slow_agent ap5 8045 4
                machine_sh 'echo "# [Limits]" >>/etc/fte/ap5.conf; sed -i "s/^sleep.*/sleep 3.$1/" /opt/ap5
                        printf "[Limits]\nTasks=9%s\n" "$1" >>/etc/fte/ap5.conf' $((tap_count % 10))
                machine_run rm -f /run/fte/apply.lock
                apply_in_background "ap-$signal"
                machine_sh 'kill -s "$1" $(pgrep -x ftectl); sleep 0.3' $signal
                [ $signal = KILL ] || {
                        check 'interrupted it says what is going on' machine_sh \
                                'grep "ap5: begun, and systemd goes on with it" /run/ap-INT && grep "status 1" /run/ap-INT'
                }
                apply 0 --yes
                applied "after SIG$signal the next apply works" 'ap5: '
                check 'and the agent runs' is_state ap5 active
                pid=$(show ap5 MainPID)
                apply 0
                same_pid 'once' ap5 "$pid"
        done
        machine_run rm -f /opt/ap5
}

scenario_apply() {
        apply_changes
        apply_plugins
        apply_other_units
        apply_terminal
        apply_refuses
        apply_rolls_back
        apply_read_only
        apply_limits
        apply_at_once
        for name in ap1 ap2 ap5; do
                agent_remove $name
        done
        machine_sh 'rm -rf /etc/fte/plugins /etc/fte/ap?.conf.d /etc/ap4 /var/lib/fte/applied /var/lib/fte/rejected'
}
