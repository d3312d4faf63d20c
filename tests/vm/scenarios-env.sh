# SPDX-License-Identifier: LGPL-2.1-or-later
# What must not start: env files and INI files of every bad kind. Sourced by scenarios.sh.
# shellcheck shell=sh

# env_case TITLE TEXT-OF-THE-MESSAGE COMMAND: breaks /etc/envy/.env, and looks at the failure.
# Without a text the refusal may be systemd's own (243), which names the credential only.
# One call of the machine for all of it, for an emulated one answers slowly.
env_case() {
        seen=$(machine_sh '
                systemctl stop envy; systemctl reset-failed envy 2>/dev/null
                rm -rf /etc/envy; mkdir /etc/envy; cd /etc/envy
                (umask 077; echo "API_KEY=$2" >.env)
                eval "$3"
                cd /
                timeout 60 systemctl start envy 2>/dev/null && echo started
                systemctl show envy -p ActiveState,Result,ExecMainStatus,NRestarts |
                        sort | sed "s/.*=//" | tr "\n" " "
                echo
                '"$last_journal" envy "$secret" "$3")
        case $seen in
        'failed 78 0 exit-code '*/etc/envy/.env*"$2"*) ok "$1: fails for good, file and reason named" ;;
        'failed 243 0 exit-code '*redentials* | 'failed 243 0 exit-code '*CREDENTIALS*) ok "$1: systemd fails it for good" ;;
        *) not_ok "$1: fails for good" "wanted: failed, 78 or 243, 0 restarts, exit-code, '$2'
seen: $seen" ;;
        esac
        case $seen in
        *"$secret"*) not_ok "$1: no value is shown" "$seen" ;;
        *) ok "$1: no value is shown" ;;
        esac
}

scenario_env_files() {
        plain_agent envy 8015
        env_case 'missing' 'does not exist' 'rm .env'
        env_case 'no directory' 'does not exist' 'rm -r /etc/envy'
        env_case 'mode 0644' 'mode 0644' 'chmod 644 .env'
        env_case 'mode 0660' 'mode 0660' 'chmod 660 .env'
        env_case 'symbolic link' 'symbolic link' 'mv .env real; ln -s real .env'
        env_case 'looping link' '' 'rm .env; ln -s .env .env'
        env_case 'dangling link' 'symbolic link' 'rm .env; ln -s nothing .env'
        env_case 'directory' '' 'rm .env; mkdir .env'
        env_case 'over-large' '' 'head -c 2000000 /dev/zero | tr "\0" "x" >>.env'
        env_case 'empty file' API_KEY ': >.env'
        env_case 'empty key' API_KEY 'echo API_KEY= >.env'
        env_case 'placeholder' API_KEY 'echo API_KEY=changeme >.env'
        env_case 'bracketed placeholder' API_KEY 'echo "API_KEY=<your key>" >.env'
        env_case 'key missing' API_KEY 'sed -i s/API_KEY/API_KAY/ .env'
        env_case 'no assignment' ':2' 'echo $2 >>.env'
        env_case 'open quote' ':2' 'echo "OTHER=\"$2" >>.env'
        env_case 'NUL byte' '' 'printf "OTHER=a\\0%s\\n" $2 >>.env'
        env_case 'of another user' 'root' 'chown daemon .env'
        echo "API_KEY=$secret" | machine_write_env envy
        check 'repaired: it starts' machine_run systemctl start envy
        agent_remove envy
}

# systemd opens the file before any program of ours runs, and waits for a writer. One that is there at a
# daemon-reload is refused by the generator; with one that comes later, all that can be had is the start
# timeout, and a failure that stays after Burst= tries.
scenario_env_fifo() {
        agent_file fifo <<END
[Agent]
Exec=/bin/sh -c 'touch /var/lib/fifo/ran'
[Health]
URL=http://127.0.0.1:8025/health
StartTimeout=2s
[Restart]
Delay=1s
Burst=2
END
        machine_sh 'rm /etc/fifo/.env; mkfifo -m 600 /etc/fifo/.env; systemctl daemon-reload'
        check_fails 'fifo as env file: start fails' machine_run systemctl start fifo
        check_is 'with 78' '78 0' machine_sh 'echo $(systemctl show --value -p ExecMainStatus fifo) \
                $(systemctl show --value -p NRestarts fifo)'
        check_says 'file and reason named' '/etc/fifo/.env is a fifo' last_journal fifo
        machine_sh 'rm /etc/fifo/.env; (umask 077; echo A=b >/etc/fifo/.env); systemctl daemon-reload
                rm /etc/fifo/.env; mkfifo -m 600 /etc/fifo/.env; systemctl reset-failed fifo'
        check_fails 'fifo after the reload: start fails' machine_run systemctl start fifo
        check 'and it ends as failed' wait_for 40 is_state fifo failed
        check_fails 'the agent never ran' machine_run test -e /var/lib/fifo/ran
        agent_remove fifo
}

# A secret encrypted with the host's key: at rest nobody can read it, the agent gets it all the same.
scenario_encrypted() {
        version=$(machine_sh 'systemctl --version | sed -n "1s/systemd \([0-9]*\).*/\1/p"')
        if [ "$version" -lt 250 ]; then
                skip 'an encrypted env file' "systemd $version has no systemd-creds"
                return
        fi
        agent_file sealed <<END
[Agent]
Exec=/test/agents/agent.py 8026
[Environment]
Required=API_KEY
Encrypted=yes
[Health]
URL=http://127.0.0.1:8026/health
StartTimeout=${start_timeout:-20s}
END
        check 'an env file is encrypted' machine_sh 'cd /etc/sealed && systemd-creds setup 2>/dev/null
                systemd-creds encrypt --name=env --with-key=host .env sealed &&
                mv sealed .env && chmod 600 .env && systemctl daemon-reload'
        check_lacks 'no secret on the disk' "$secret" machine_run cat /etc/sealed/.env
        check 'the agent starts' machine_run systemctl start sealed
        check_says 'and has the secret' API_KEY fetch_url http://127.0.0.1:8026/environ
        machine_sh 'systemctl stop sealed; echo API_KEY=plain >/etc/sealed/.env'
        check_fails 'what cannot be decrypted: start fails' machine_run systemctl start sealed
        check_is 'for good' '243 0' machine_sh 'echo $(systemctl show --value -p ExecMainStatus sealed) \
                $(systemctl show --value -p NRestarts sealed)'
        agent_remove sealed
}

scenario_bad_ini() {
        agent_file broken <<END
[Agent]
Exec=/test/agents/agent.py 8016
Descripton=typing error
[Health]
URL=ftp://127.0.0.1/$secret
Interval=soon
[Nonsense]
END
        machine_run systemctl daemon-reload
        check_fails 'a bad INI file: start fails' machine_run systemctl start broken
        check_is 'exit status 78' 78 show broken ExecMainStatus
        check_is 'no restart' 0 show broken NRestarts
        for message in broken.conf:3: Description broken.conf:5: broken.conf:6: broken.conf:7:; do
                check_says "the journal says $message" "$message" last_journal broken
        done
        check_lacks 'and no value' "$secret" machine_sh 'journalctl --sync; journalctl -b --no-pager'
        agent_remove broken
}
