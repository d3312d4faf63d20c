# SPDX-License-Identifier: LGPL-2.1-or-later
# Templates and instances on a booted systemd: what NAME@.conf and NAME@INST.conf.d become there, by
# systemctl and by ftectl. Sourced by scenarios.sh.
# shellcheck shell=sh

# The instance is the port, but for paris.
instances_template() {
        machine_write /etc/fte/tw@.conf 644 <<END
[Agent]
Description=Twin %i
Exec=/test/agents/agent.py ${2-%i}
Instances=$1
[Environment]
Required=API_KEY
Set=WHO=%i
[Health]
URL=http://127.0.0.1:${2-%i}/health
StartTimeout=20s
Interval=1s
[Restart]
Delay=1s
[Sandbox]
ReadWritePaths=/srv
${3-}
END
}

instances_start() {
        for instance in 8151 8152 8153 paris; do
                echo "API_KEY=$secret" | machine_write_env "tw-$instance"
        done
        instances_template '8151 8152'
        machine_run systemctl daemon-reload
        check_is 'nothing of a template is in systemd that has not loaded it' inactive show tw@8151 ActiveState
        check 'an instance starts and is healthy' machine_run systemctl start tw@8151 tw@8152
        check_is 'as the one user of the template' tw show tw@8151 User
        check_says 'with directories of its own' '750 tw tw' machine_sh 'stat -c "%a %U %G" /var/lib/tw-8151'
        check_says 'also for its log' '750 tw tw' machine_sh 'stat -c "%a %U %G" /var/log/tw-8152'
        check 'which operators may read' machine_sh \
                'getfacl -p /var/log/tw-8151 | grep -q "group:adm:r-x"'
        check 'its env file is of its own' machine_sh \
                'chmod 644 /etc/tw-8152/.env; ! systemctl restart tw@8152; chmod 600 /etc/tw-8152/.env'
        check_is 'and the other runs on' active show tw@8151 ActiveState
        machine_sh 'systemctl reset-failed tw@8152; systemctl start tw@8152'
        check_is 'it is wanted at boot' /run/systemd/generator/tw@8151.service machine_sh \
                'readlink -f /run/systemd/generator/multi-user.target.wants/tw@8151.service'
        check_says 'HOME and Set= are the instance'"'"'s' 'HOME=/var/lib/tw-8151 WHO=8151' show tw@8151 Environment
        machine_sh 'curl -s http://127.0.0.1:8151/health >/dev/null'
        check 'it has a log file' machine_sh 'test -s /var/log/tw-8151/app.log'
        check_is 'and its identifier in the journal' tw@8151 show tw@8151 SyslogIdentifier
}

# One that no file names: systemd fills the template in.
instances_by_hand() {
        check 'an instance that is in no file starts by hand' machine_run systemctl start tw@8153
        check_is 'from the unit of the template' /run/systemd/generator/tw@.service show tw@8153 FragmentPath
        check_is 'as the same user' tw show tw@8153 User
        check_says 'with its directories' '750 tw tw' machine_sh 'stat -c "%a %U %G" /var/lib/tw-8153'
        check_says 'in its sandbox' 10-sandbox.conf show tw@8153 DropInPaths
        check_says 'and with the template'"'"'s exceptions' /srv show tw@8153 ReadWritePaths
        check 'answering at the port that it is named after' fetch_url -f http://127.0.0.1:8153/health
        check_says 'ftectl status has it' tw@8153 machine_run ftectl status
        check_says 'also as a page' 'Twin 8153' machine_run ftectl status tw@8153
        check 'so does lint' machine_run ftectl lint tw@8153
        check_says 'and diagnose' tw@8153 machine_sh 'ftectl diagnose tw@8153 2>&1 || true'
        check_fails 'but none with a directory that is an agent'"'"'s' machine_sh 'printf "[Agent]\nExec=/bin/sleep 9\n[Environment]\nFile=none\n" >/etc/fte/tw-own.conf
                systemctl daemon-reload; systemctl start tw@own'
        check_says 'which says why' 'would have the same directories' last_journal tw@own
        machine_sh 'rm /etc/fte/tw-own.conf; systemctl reset-failed tw@own; systemctl daemon-reload'
}

instances_fragments() {
        machine_run mkdir /etc/fte/tw@paris.conf.d
        machine_write /etc/fte/tw@paris.conf.d/10-port.conf 644 <<END
[Agent]
Exec=/test/agents/agent.py 8154
[Health]
URL=http://127.0.0.1:8154/health
[Limits]
Memory=300M
[Sandbox]
ReadWritePaths=
END
        # A template with a port of its name can have no instance "paris".
        instances_template '8151 8152' 8151
        machine_sh 'systemctl daemon-reload'
        check 'an instance with fragments of its own starts, though Instances= has it not' \
                machine_run systemctl start tw@paris
        check 'with what these say' fetch_url -f http://127.0.0.1:8154/health
        check_is 'its limit is its own' 314572800 show tw@paris MemoryMax
        check_lacks 'what it took back of the template does not come back by the template'"'"'s drop-in' \
                /srv show tw@paris ReadWritePaths
        check_says 'its sandbox is there' 10-sandbox.conf show tw@paris DropInPaths
        check_fails 'it does not start at boot' machine_sh \
                'test -e /run/systemd/generator/multi-user.target.wants/tw@paris.service'
        machine_sh 'echo "[Limits]
Memory=lots" >/etc/fte/tw@paris.conf.d/20-bad.conf; systemctl daemon-reload'
        check_fails 'a mistake in them fails that instance' machine_run systemctl restart tw@paris
        check_says 'with file and line' 'tw@paris.conf.d/20-bad.conf:2: [Limits] Memory' last_journal tw@paris
        check_is 'and no other' active show tw@8151 ActiveState
        machine_sh 'systemctl stop tw@paris; systemctl reset-failed tw@paris
                rm -r /etc/fte/tw@paris.conf.d'
        instances_template '8151 8152'
        machine_run systemctl daemon-reload
}

instances_stub() {
        pid=$(show tw@8151 MainPID)
        machine_sh 'sed -i "s/^Interval=.*/Interval=never/" /etc/fte/tw@.conf; systemctl daemon-reload'
        same_pid 'a bad template leaves running instances alone' tw@8151 "$pid"
        check_fails 'but none starts' machine_run systemctl restart tw@8152
        check_says 'and says why' '/etc/fte/tw@.conf:' last_journal tw@8152
        check_fails 'nor by hand' machine_run systemctl restart tw@8153
        check_is 'failing visibly' failed show tw@8153 ActiveState
        apply 1 --yes
        applied 'ftectl apply touches nothing then' 'nothing was touched'
        instances_template '8151 8152'
        machine_sh 'systemctl daemon-reload; systemctl reset-failed "tw@*"; systemctl start tw@8152 tw@8153'
}

instances_apply() {
        apply 0 --yes
        applied 'apply has the instances as agents' 'unchanged'
        for instance in 8151 8152 8153; do
                eval "pid_$instance=$(show "tw@$instance" MainPID)"
        done
        instances_template '8151 8152' %i '[Limits]
Memory=200M'
        apply 0 tw@
        applied 'apply of a template restarts its instances' 'tw@8151: restarted, because its configuration has changed'
        # shellcheck disable=SC2154 # by eval above
        other_pid 'this one' tw@8151 "$pid_8151"
        # shellcheck disable=SC2154
        other_pid 'and one that was started by hand' tw@8153 "$pid_8153"
        check_is 'with the new limit' 209715200 show tw@8153 MemoryMax
        pid=$(show tw@8151 MainPID) pid2=$(show tw@8152 MainPID)
        machine_sh 'mkdir -p /etc/fte/tw@8152.conf.d; printf "[Limits]\nMemory=210M\n" >/etc/fte/tw@8152.conf.d/x.conf'
        apply 0 --yes
        applied 'a fragment of one restarts that one' 'tw@8152: restarted, because its configuration has changed'
        same_pid 'and no other' tw@8151 "$pid"
        other_pid 'it has another process' tw@8152 "$pid2"
        instances_template '8151 8152' 1 '[Limits]
Memory=220M'
        apply 1 --yes
        applied 'a template that fails is put back' 'tw@8151'
        note "$apply_seen"
        check 'so all of them run again' machine_run systemctl is-active tw@8151 tw@8152
        check_says 'with the file that was well' 'Memory=200M' machine_run cat /etc/fte/tw@.conf
        instances_template 8151 %i '[Limits]
Memory=200M'
        machine_sh 'rm -r /etc/fte/tw@8152.conf.d'
        apply 0 --yes
        applied 'one that is taken out of Instances= is stopped' 'tw@8152: stopped'
        check_is 'it is' inactive show tw@8152 ActiveState
        check_is 'and not the others' active show tw@8151 ActiveState
        check_is 'nor that by hand' active show tw@8153 ActiveState
}

instances_tools() {
        check_is 'validate of an instance: all is well but what the host lacks' '' machine_sh \
                'ftectl validate tw@8151 --keep-going >/tmp/instance 2>&1; grep FAILED /tmp/instance | grep -v "SR-00[45]"'
        check_says 'each of its checks is counted' 'tw@8151: ' machine_sh 'grep " good, " /tmp/instance'
        check_says 'env shows the names of its env file' API_KEY machine_run ftectl env tw@8151 list
        check 'and sets in it' machine_sh 'echo -n value | ftectl env tw@8151 set MORE && grep -q MORE /etc/tw-8151/.env'
        check 'a backup of an instance' machine_run ftectl backup tw@8151
        check 'has its data' machine_sh 'ls /var/backups/fte/tw@8151/ | grep -q "^tw@8151-.*tar.zst$"'
        check 'can be put back' machine_run ftectl restore tw@8151
        check_is 'and the agent runs on it' active show tw@8151 ActiveState
        check_says 'a runbook' 'tw@8151' machine_run ftectl runbook tw@8151
        check 'a handoff' machine_sh 'ftectl handoff tw@8151 /tmp/handoff-tw && grep -rq "tw@" /tmp/handoff-tw'
        check_says 'its names are completed' tw@8151 machine_run ftectl --list=agents
        check_says 'and that of the template' 'tw@
' machine_sh 'ftectl --list=agents; echo'
        machine_sh 'kill -9 $(systemctl show -p MainPID --value tw@8151)'
        check 'it comes back' wait_for 20 is_state tw@8151 active
        check_says 'its alerts name it' tw@8151 machine_sh 'ftectl alert list --all 2>/dev/null || ftectl alert list'
}

scenario_instances() {
        instances_start
        instances_by_hand
        instances_fragments
        instances_stub
        instances_apply
        instances_tools
        machine_sh 'systemctl stop "tw@*"; systemctl reset-failed "tw@*" 2>/dev/null
                rm -rf /etc/fte/tw@* /etc/tw-* /tmp/handoff-tw; ftectl apply --yes >/dev/null 2>&1; systemctl daemon-reload'
}
