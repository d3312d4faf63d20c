# SPDX-License-Identifier: LGPL-2.1-or-later
# The agents of a person, who has no root: ~/.config/fte, a manager of their own, and what of the
# sandbox such a manager can set up, which differs by systemd. Sourced by scenarios.sh.
# shellcheck shell=sh

person=ann person_uid=1234 person_home=/home/ann

# Where there is no pam_systemd (it is no part of a minimal system) nobody sets the one variable that
# a person's manager needs.
person_begin() {
        machine_sh 'useradd -m -u "$2" -s /bin/sh "$1"
                mkdir -p /var/lib/systemd/linger /etc/systemd/system/user@.service.d
                touch "/var/lib/systemd/linger/$1" /tmp/fte-test-marker
                echo "[Service]
Environment=XDG_RUNTIME_DIR=/run/user/%i" >/etc/systemd/system/user@.service.d/test.conf
                install -d -m 1777 /srv/fte-test-open
                systemctl daemon-reload
                systemctl restart "user@$2"' $person $person_uid
        as_person mkdir -p $person_home/.config/fte $person_home/.ssh $person_home/bin
}

person_end() {
        machine_sh 'systemctl stop "user@$2" "user-runtime-dir@$2"; userdel -r "$1" 2>/dev/null
                rm -rf "/var/lib/systemd/linger/$1" /etc/systemd/system/user@.service.d \
                        /tmp/fte-test-marker /srv/fte-test-open
                systemctl daemon-reload' $person $person_uid
}

as_person() {
        machine_run runuser -u $person -- env -i HOME=$person_home USER=$person LC_ALL=C.UTF-8 \
                PATH=/usr/local/bin:/usr/bin:/bin XDG_RUNTIME_DIR=/run/user/$person_uid PAGER= \
                SYSTEMD_PAGER= SYSTEMD_COLORS=0 "$@"
}

as_person_sh() {
        as_person sh -c "$1" sh "${2-}" "${3-}"
}

# person_file NAME MODE: standard input becomes a file in ~/.config/fte.
person_file() {
        as_person sh -c 'umask 077; printf "%s\n" "$1" >"$2" && chmod "$3" "$2"' sh "$(cat)" \
                "$person_home/.config/fte/$1" "$2"
}

user_log() {
        machine_run journalctl --sync
        as_person journalctl --user -b -o cat --no-pager -u "$1"
}

scenario_user() {
        person_begin
        agents_systemctl='as_person systemctl --user'
        user_runs
        user_sandbox
        user_limits
        user_restarts
        user_listens
        user_fails
        user_job
        user_bad_ini
        user_refused
        user_no_namespaces
        user_boots
        agents_systemctl='machine_run systemctl'
        person_end
}

user_runs() {
        check_fails 'ftectl init without --user needs root' as_person ftectl init pal
        check 'a person makes an agent: ftectl --user init' as_person ftectl --user init pal \
                --exec "/test/agents/person.py 8301 $person_home" --port 8301
        check_says 'the env file is the person'"'"'s alone' "600 $person" as_person \
                stat -c '%a %U' $person_home/.config/fte/pal.env
        check 'ftectl --user env sets a secret' as_person_sh \
                'echo "$1" | ftectl --user env pal set API_KEY' "$secret"
        as_person mkdir $person_home/.config/fte/pal.conf.d
        person_file pal.conf.d/10-quick.conf 644 <<END
[Environment]
Required=API_KEY
[Health]
StartTimeout=${start_timeout:-20s}
Interval=1s
Timeout=1s
Failures=2
[Restart]
Delay=1s
END
        check 'ftectl --user lint: no error' as_person ftectl --user lint pal
        check 'systemctl --user daemon-reload' as_person systemctl --user daemon-reload
        check 'the agent starts and is healthy, as a person, without root' as_person \
                systemctl --user start pal
        check_is 'it answers' ok fetch_url http://127.0.0.1:8301/health
        check_is 'the main process is the person'"'"'s' $person machine_sh \
                'stat -c %U "/proc/$1"' "$(show pal MainPID)"
        check_says 'ftectl --user status knows it' 'active' as_person ftectl --user status
        check_says 'its page has the log file' 'fte-agents/pal/app.log' as_person \
                ftectl --user status pal
        check_says 'journalctl --user has what it prints' 'agent serves port' user_log pal
        check_says 'and so has its log file' 'agent serves port' as_person_sh \
                'cat ~/.config/log/fte-agents/pal/app.log ~/.local/state/log/fte-agents/pal/app.log'
        check_fails 'the secret is in no unit' as_person_sh \
                'systemctl --user cat pal | grep -q "$1"' "$secret"
}

# What holds of the profile, on this systemd.
user_sandbox() {
        facts=$(fetch_url http://127.0.0.1:8301/facts)
        for fact in state=yes home=no read-home=yes keys=no elsewhere=no tmp=yes shared-tmp=no manager=no \
                namespace=no privileges=no capabilities=no filter=yes; do
                case " $facts " in
                *" $fact "*) ok "the sandbox of a person's agent: $fact" ;;
                *) not_ok "the sandbox of a person's agent: $fact" "$facts" ;;
                esac
        done
}

# A limit holds where the machine has the controller: not in a container on a host with cgroup v1.
user_limits() {
        group=$(show pal ControlGroup)
        limit=$(machine_sh 'cat "/sys/fs/cgroup$1/memory.max" 2>/dev/null' "$group")
        if [ -n "$limit" ]; then
                check_is 'Memory= holds: the limit of its control group' 536870912 echo "$limit"
        else
                skip 'Memory= of a person'"'"'s agent holds' 'no memory controller here'
        fi
}

# A socket that systemd keeps over a restart, and an instance of a template.
user_listens() {
        person_file ear@.conf 644 <<END
[Agent]
Exec=/test/agents/listener.py
Listen=127.0.0.1:830%i
Instances=2
[Environment]
File=none
[Health]
URL=http://127.0.0.1:830%i/health
StartTimeout=${start_timeout:-20s}
END
        as_person systemctl --user daemon-reload
        check 'an instance of a person'"'"'s template, with a socket that is kept, starts' as_person \
                systemctl --user start ear@2
        check 'and answers' fetch_url http://127.0.0.1:8302/health
        check 'restarted it has the same socket' as_person systemctl --user restart ear@2
        check_is 'the manager keeps one descriptor' 1 show ear@2 NFileDescriptorStore
        as_person_sh 'systemctl --user stop ear@2; rm -r ~/.config/fte/ear*
                systemctl --user daemon-reload'
}

user_restarts() {
        pid=$(show pal MainPID)
        machine_run kill -KILL "$pid"
        back_again 'kill -9: it is started again' pal "$pid" 60
        pid=$(show pal MainPID)
        fetch_url http://127.0.0.1:8301/hang >/dev/null
        back_again 'a hung /health: killed and healthy again' pal "$pid" 60
        check_says 'the journal says what the probe saw' 'no answer within' user_log pal
}

# The failure is noticed: recorded, told by the person's own delivery, and listed.
user_fails() {
        as_person_sh 'printf "%s\n" "#!/bin/sh" "cat >>$HOME/told" >~/bin/tell; chmod 755 ~/bin/tell'
        person_file ends.conf 644 <<END
[Agent]
Exec=/bin/sh -c "echo last words \$API_KEY; exit 3"
[Restart]
Burst=2
Delay=100ms
[Alert]
Command=$person_home/bin/tell
END
        echo "API_KEY=$secret" | person_file ends.env 600
        as_person systemctl --user daemon-reload
        as_person systemctl --user start ends >/dev/null 2>&1
        check 'an agent that ends again and again fails' wait_for 60 is_state ends failed
        check 'an alert of that is delivered by the person'"'"'s manager' wait_for 60 as_person_sh \
                'grep -q "ends" ~/told'
        check_says 'it has the agent'"'"'s last words' 'last words' as_person cat $person_home/told
        check_fails 'and not the secret' as_person grep -q "$secret" $person_home/told
        check_says 'ftectl --user alert list has it' ends as_person ftectl --user alert list --all
        check_is 'the spool is the person'"'"'s alone' "700 $person" as_person \
                stat -c '%a %U' $person_home/.local/state/fte-alert
        check_fails 'ftectl --user status says so by its exit status' as_person ftectl --user status
        as_person_sh 'rm ~/.config/fte/ends.*; systemctl --user daemon-reload
                systemctl --user reset-failed ends'
}

user_job() {
        person_file tick.conf 644 <<END
[Agent]
Kind=job
Schedule=1h
Exec=/bin/sh -c "echo done >>\$HOME/ticks"
[Environment]
File=none
END
        as_person systemctl --user daemon-reload
        check 'a job of a person: its timer starts' as_person systemctl --user start tick.timer
        check 'a run ends well' as_person systemctl --user start tick
        check_says 'how it ended is noted' success as_person_sh 'cat ~/.local/state/fte-job/tick.run'
        check 'the watch over jobs looks at it' as_person systemctl --user start fte-job-watch
        as_person_sh 'systemctl --user stop tick.timer; rm ~/.config/fte/tick.conf
                systemctl --user daemon-reload'
}

user_bad_ini() {
        person_file typo.conf 644 <<END
[Agent]
Exex=/bin/true
[Environment]
File=none
END
        as_person systemctl --user daemon-reload
        check_fails 'a file with a typing error: the unit is there and fails' as_person \
                systemctl --user start typo
        check_is 'with status 78' 78 show typo ExecMainStatus
        check_says 'and says where and what' 'typo.conf:2: [Agent] Exex: unknown key; did you mean Exec' \
                user_log typo
        check_says 'ftectl --user lint says the same' 'did you mean Exec' as_person \
                ftectl --user lint typo
        check 'the other agent goes on' is_state pal active
        as_person_sh 'rm ~/.config/fte/typo.conf; systemctl --user daemon-reload
                systemctl --user reset-failed typo'
}

# What only root can do is an error that says so, and not a line that does nothing.
user_refused() {
        person_file root.conf 644 <<END
[Agent]
Exec=/bin/true
User=somebody
[Sandbox]
AllowAddresses=10.0.0.0/8
[Backup]
Keep=3
[Service]
IPAddressDeny=any
END
        for words in 'User: the agents of a person run as that person' \
                'AllowAddresses: only root' 'Keep: is done by root' \
                'IPAddressDeny: it takes privileges'; do
                check_says "lint refuses what takes root: ${words%%:*}=" "$words" as_person \
                        ftectl --user lint root
        done
        check_fails 'ftectl --user apply is refused' as_person ftectl --user apply
        check_says 'with the reason' 'systemctl --user restart' as_person ftectl --user apply
        as_person_sh 'rm ~/.config/fte/root.conf; systemctl --user daemon-reload'
}

# A host that allows a person no user namespaces: lint says so, and "trusted" is what there is.
user_no_namespaces() {
        if ! machine_sh 'cat /proc/sys/user/max_user_namespaces >/tmp/max &&
                echo 0 >/proc/sys/user/max_user_namespaces' 2>/dev/null; then
                skip 'a host without user namespaces' 'this container may not change the limit'
                return
        fi
        check_says 'without user namespaces lint says what to do' 'Profile=trusted' as_person \
                ftectl --user lint pal
        as_person systemctl --user stop pal
        check_fails 'the sandbox is not left out in silence: the start fails' as_person \
                systemctl --user start pal
        as_person_sh 'printf "[Sandbox]\nProfile=trusted\n" >~/.config/fte/pal.conf.d/50-trusted.conf
                systemctl --user daemon-reload; systemctl --user reset-failed pal'
        check 'with Profile=trusted it runs' as_person systemctl --user start pal
        machine_sh 'cat /tmp/max >/proc/sys/user/max_user_namespaces; rm /tmp/max'
        as_person_sh 'rm ~/.config/fte/pal.conf.d/50-trusted.conf; systemctl --user daemon-reload
                systemctl --user restart pal'
}

# With lingering a person's manager starts with the machine.
user_boots() {
        machine_run systemctl restart user@$person_uid
        check 'the agent starts with the manager' wait_for 60 is_state pal active
}
