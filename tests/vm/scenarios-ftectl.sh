# SPDX-License-Identifier: LGPL-2.1-or-later
# ftectl on a booted systemd. Sourced by scenarios.sh.
# shellcheck shell=sh

ftectl() {
        machine_run ftectl "$@"
}

# One field of an agent in the JSON of ftectl status: ctl_field NAME KEY
ctl_field() {
        machine_sh 'ftectl status "$1" --json | python3 -c "
import json, sys
print(json.load(sys.stdin)[\"agents\"][0][sys.argv[1]])" "$2"' "$1" "$2"
}

ctl_field_is() {
        [ "$(ctl_field "$1" "$2")" = "$3" ]
}

# What apt and a shell see.
ctl_installed() {
        check_says 'ftectl tells its version' 'ftectl ' ftectl --version
        for file in /usr/bin/ftectl /usr/share/bash-completion/completions/ftectl \
                /usr/share/zsh/vendor-completions/_ftectl \
                /usr/share/fish/vendor_completions.d/ftectl.fish; do
                check "$file is installed" machine_run test -s "$file"
        done
        check_says 'bash completes from the installed file' status machine_run bash -c \
                '. /usr/share/bash-completion/completions/ftectl; COMP_WORDS=(ftectl st); COMP_CWORD=1
                 _ftectl; echo "${COMPREPLY[@]}"'
}

ctl_lint() {
        plain_agent ctl 8030 'Intervall=1s
[Limits]
Memory=lots'
        check_fails 'lint refuses two planted mistakes' ftectl lint ctl
        check_says 'one with what was meant' 'did you mean Interval=?' ftectl lint ctl
        check_says 'the other with its place' '/etc/fte/ctl.conf:14:8: error: [Limits] Memory:' \
                ftectl lint ctl
        check_is 'status says so too' errors ctl_field ctl config
        plain_agent ctl 8030
        check 'and is content when they are gone' ftectl lint ctl
        check_is '--diff: nothing would change' 'Nothing would change.' \
                machine_sh 'ftectl lint ctl --diff 2>/dev/null'
        machine_sh 'mkdir /etc/fte/ctl.conf.d; printf "[Limits]\nMemory=300M\n" >/etc/fte/ctl.conf.d/a.conf'
        check_says '--diff: a fragment that is not loaded yet' '+MemoryMax=300M' ftectl lint ctl --diff
        check_is 'which status calls reload' reload ctl_field ctl config
        machine_sh 'rm -r /etc/fte/ctl.conf.d'
        machine_sh 'mkdir -p /opt/ctl/venv/bin /root/py; cp /bin/true /root/py/python3
                printf "#!/opt/ctl/venv/bin/python3\n" >/opt/ctl/run; chmod 755 /opt/ctl/run
                ln -sfn /root/py/python3 /opt/ctl/venv/bin/python3
                printf "[Agent]\nExec=/opt/ctl/run\n" >/tmp/hidden.conf'
        check_says 'a venv whose Python lies in /root is seen before it fails' \
                'the link /opt/ctl/venv/bin/python3 leads to /root/py/python3' \
                ftectl lint /tmp/hidden.conf
}

ctl_env() {
        check_says 'env set takes a value from a pipe' 'API_KEY is set' \
                machine_sh 'echo "$1-2" | ftectl env ctl set API_KEY' "$secret"
        check_is 'into a file that only root reads' 'root:root 600' \
                machine_run stat -c '%U:%G %a' /etc/ctl/.env
        check_lacks 'env list shows names and no value' "$secret" ftectl env ctl list
}

ctl_status() {
        check_is 'before the start it is inactive' inactive ctl_field ctl state
        machine_run systemctl start ctl
        check_is 'then active' active ctl_field ctl state
        check 'and healthy' wait_for 5 ctl_field_is ctl health healthy
        check_is 'with its configuration in use' ok ctl_field ctl config
        check_between 'it has tasks' 1 64 "$(machine_sh 'ftectl status ctl --json |
                sed -n "s/.*\"tasks\": \([0-9]*\).*/\1/p"')"
        check_says 'the table has a line of it' 'healthy' machine_sh 'ftectl status | grep "^ctl "'
        check_says 'the page names the log command' 'journalctl -u ctl -f' ftectl status ctl
        check 'anybody may ask' machine_run setpriv --reuid=65534 --clear-groups ftectl status
        check_fails 'not for alerts' machine_run setpriv --reuid=65534 --clear-groups ftectl alert list
        check_says '--watch shows it again' 2 machine_sh 'timeout 3 ftectl status --watch | grep -c "^ctl "'

        pid=$(show ctl MainPID)
        machine_run kill -9 "$pid"
        back_again 'after kill -9 it is back' ctl "$pid" 20
        check_is 'and status counts the restart' 1 ctl_field ctl restarts

        machine_run touch /etc/ctl/.env
        check_is 'a newer env file with the same in it is none' ok ctl_field ctl config
        machine_sh 'echo MORE=1 >>/etc/ctl/.env'
        check_is 'with something else: restart' restart ctl_field ctl config
        machine_run systemctl restart ctl
        check_is 'after which it is in use' ok ctl_field ctl config

        agent_file ctlbad <<'END'
[Agent]
Exec=/bin/false
[Restart]
When=no
END
        machine_run systemctl daemon-reload
        check_fails 'an agent that ends at once' machine_run systemctl start ctlbad
        check_fails 'makes the exit status of ftectl status 1' ftectl status
        check_is 'it has failed' failed ctl_field ctlbad state
        check_is 'with its result' exit-code ctl_field ctlbad result
        agent_remove ctlbad
        check_fails 'status of what is no agent' ftectl status nobody-here
}

ctl_alert() {
        machine_sh 'mkdir -p /run/hook && echo 200 >/run/hook/status
                systemd-run --quiet --unit=hook /test/agents/hook.py 8031 /run/hook
                install -m 600 /dev/null /etc/fte/hook; echo http://127.0.0.1:8031/x >/etc/fte/hook'
        check_fails 'alert test without a channel' ftectl alert test ctl
        check_says 'says how to set one' 'no channel is configured' ftectl alert test ctl
        machine_sh 'printf "[Alert]\nWebhook=/etc/fte/hook\n" >>/etc/fte/ctl.conf; systemctl daemon-reload'
        check_says 'with one it shows the answer' 'webhook' ftectl alert test ctl
        check 'and exits 0' ftectl alert test ctl
        check_says 'the receiver has it' '"test"' machine_run cat /run/hook/bodies
        check_says 'list shows what was sent' 'ctl: a test alert' ftectl alert list
        machine_sh 'echo 404 >/run/hook/status'
        check_fails 'a receiver that refuses: exit status 1' ftectl alert test ctl
        check_says 'it is a dead letter' 'Dead letters (1)' ftectl alert list
        machine_sh 'echo 200 >/run/hook/status'
        check 'retry' ftectl alert retry --all
        check 'then nothing waits and nothing is dead' wait_for 15 machine_sh \
                'test -z "$(ls /var/lib/fte-alert/waiting /var/lib/fte-alert/dead | grep -v :)"'
        check_is 'everything in the spool is the delivery user'"'"'s' fte-alert machine_sh \
                'find /var/lib/fte-alert -printf "%u\n" | sort -u'
        check_says 'status knows when the last alert was' 20 ctl_field ctl last_alert
        machine_sh 'systemctl stop hook; rm -rf /run/hook /etc/fte/hook'
}

scenario_ftectl() {
        ctl_installed
        ctl_lint
        ctl_env
        ctl_status
        ctl_alert
        agent_remove ctl
        machine_sh 'systemctl reset-failed; rm -rf /opt/ctl /tmp/hidden.conf'
}
