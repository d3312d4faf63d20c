# SPDX-License-Identifier: LGPL-2.1-or-later
# What ftectl writes for people: a new agent, an old unit carried over, documents whose every command
# runs, and a bundle that is deployed on another, fresh machine. Sourced by scenarios.sh.
# shellcheck shell=sh

# From nothing to a healthy agent, as a newcomer types it.
scenario_init() {
        machine_sh 'install -D -m 755 /test/agents/agent.py /opt/newbie/run'
        check 'init writes a new agent' machine_run ftectl init newbie --exec '/opt/newbie/run 8040' \
                --port 8040 --description 'A newcomer'
        check_is 'its env file is root'"'"'s alone' 'root:root 600' machine_run stat -c '%U:%G %a' /etc/newbie/.env
        check_fails 'and writes nothing over it' machine_run ftectl init newbie
        check 'a secret goes in' machine_sh 'echo "$1" | ftectl env newbie set API_KEY' "$secret"
        machine_sh 'sed -i "s/^;StartTimeout=.*/StartTimeout=60s/" /etc/fte/newbie.conf; systemctl daemon-reload'
        check 'it starts' machine_run systemctl start newbie
        check_says 'and answers' ok fetch_url http://127.0.0.1:8040/health
        agent_remove newbie

        machine_write /etc/systemd/system/oldie.service 644 <<END
[Unit]
Description=Old %% unit
After=network.target
[Service]
User=root
ExecStart=/opt/newbie/run 8041 0 "%%h \$\$x" \${MODE}
Environment="MODE=a b" API_KEY=$secret
Restart=always
RestartSec=1
MemoryMax=400M
NoNewPrivileges=yes
StartLimitIntervalSec=1
[Install]
WantedBy=multi-user.target
END
        machine_sh 'systemctl daemon-reload; systemctl enable --now oldie'
        check 'the old unit runs' wait_for 30 fetch_url -o /dev/null http://127.0.0.1:8041/health
        old_words=$(machine_sh 'tr "\0" "|" </proc/$(systemctl show --value -p MainPID oldie)/cmdline')
        check_says 'init takes it over' 'it ran as root' machine_run ftectl init oldie --from oldie --port 8041
        check_says 'which it leaves alone' active machine_run systemctl is-active oldie
        check_is 'the secret is in the env file alone' /etc/oldie/.env machine_sh \
                'grep -rl "$1" /etc/fte /etc/oldie' "$secret"
        machine_sh 'sed -i "s/^;StartTimeout=.*/StartTimeout=60s/" /etc/fte/oldie.conf'
        check 'the steps it names run' machine_sh 'set -e
                systemctl disable --now oldie.service
                mv /etc/systemd/system/oldie.service /etc/systemd/system/oldie.service.before-fte
                ftectl lint oldie
                systemctl daemon-reload
                systemctl start oldie'
        check_says 'the agent answers' ok fetch_url http://127.0.0.1:8041/health
        check_is 'it has the very words' "$old_words" machine_sh \
                'tr "\0" "|" </proc/$(systemctl show --value -p MainPID oldie)/cmdline'
        check_says 'and is not root' oldie machine_sh \
                'stat -c %U /proc/$(systemctl show --value -p MainPID oldie)'
        agent_remove oldie
        machine_sh 'rm -f /etc/systemd/system/oldie.service.before-fte; rm -rf /opt/newbie'
}

# doc_commands DOCUMENT AGENT: every command of it, in its order.
doc_commands() {
        machine_timeout=600
        check "every command of ftectl $1 runs" machine_sh \
                'ftectl "$1" "$2" | /test/agents/run-commands.py' "$1" "$2"
        machine_timeout=120
}

scenario_documents() {
        plain_agent docs 8042 '[Agent]
Contact=ops@example.com'
        check 'an agent starts' machine_run systemctl start docs
        for document in spec architecture troubleshooting; do doc_commands $document docs; done
        machine_sh 'printf "[Proxy]\nDomain=docs.example.com\n" >>/etc/fte/docs.conf
                systemctl daemon-reload; systemctl start nginx'
        check 'behind nginx' machine_run systemctl restart fte-proxy
        doc_commands troubleshooting docs
        check_says 'the runbook tells the state' 'active (running)' machine_run ftectl runbook docs
        doc_commands runbook docs
        check_fails 'by its last part the agent is gone' machine_run systemctl is-active docs
        machine_run systemctl stop nginx
        machine_sh 'mv /root/docs.conf.removed /etc/fte/docs.conf; rm -f /root/docs.conf.before'
        check_says 'without systemd a document says so' 'not running' machine_sh \
                'unshare --mount sh -c "mount -t tmpfs none /run && ftectl architecture docs"'
        agent_remove docs
}

# The bundle of an agent goes to another machine, which knows nothing of it. The last scenario: the
# machine is a new one afterwards.
scenario_handoff() {
        machine_sh 'command -v ftectl || DEBIAN_FRONTEND=noninteractive apt-get install -qy /test/systemd-fte.deb' \
                >/dev/null 2>&1
        machine_sh 'install -D -m 755 /test/agents/agent.py /opt/handed/run'
        plain_agent handed 8043
        machine_sh 'sed -i "s:^Exec=.*:Exec=/opt/handed/run 8043:" /etc/fte/handed.conf
                mkdir /etc/fte/handed.conf.d; printf "[Limits]\nTasks=99\n" >/etc/fte/handed.conf.d/a.conf
                printf "[Restart]\nDelay=2s\n" >/etc/fte/fte.conf; systemctl daemon-reload'
        check 'handoff writes a bundle' machine_run ftectl handoff handed /root/bundle
        check_is 'without the secret' '' machine_sh 'grep -rl "$1" /root/bundle' "$secret"
        check_fails 'and not over it' machine_run ftectl handoff handed /root/bundle
        bundle=$(machine_sh 'tar -C /root -cz bundle | base64 -w 0')

        machine_stop
        trap 'exit 130' INT TERM HUP
        mkdir -p "$machine_files"
        scenario_files "$deb"
        machine_kind=
        if ! machine_boot "${suite:-bookworm-vm}"; then
                not_ok 'a fresh machine boots'
                return
        fi
        echo "$bundle" | machine_write /root/bundle.b64 600
        machine_sh 'base64 -d /root/bundle.b64 | tar -C /root -xz'
        # An SSH server as its owner should have set it up, for SR-004.
        machine_sh 'printf "%s\n" "PasswordAuthentication no" "KbdInteractiveAuthentication no" \
                "PermitRootLogin no" >/etc/ssh/sshd_config.d/00-owner.conf'
        check_says 'deploy.sh says when systemd-fte is missing' 'not installed' \
                machine_sh 'cd /root/bundle && sh deploy.sh'
        check 'the package installs there' machine_run env DEBIAN_FRONTEND=noninteractive \
                apt-get install -qy /test/systemd-fte.deb
        check_says 'it says when the code is missing' 'program of the agent is missing' \
                machine_run sh /root/bundle/deploy.sh
        machine_sh 'install -D -m 755 /test/agents/agent.py /opt/handed/run'
        check_fails 'without the secret it is not deployed' machine_run sh /root/bundle/deploy.sh
        check_says 'but told which key' 'API_KEY' machine_run sh /root/bundle/deploy.sh
        check_fails 'and nothing has been started' machine_run systemctl is-active handed
        check_says 'a changed configuration is told and taken' 'has been changed since' machine_sh \
                'cd /root/bundle; printf "[Restart]\nBurst=4\n" >>handed.conf; rm -f /etc/fte/handed.conf
                sh deploy.sh'
        check_says 'a finished env file takes the place of the template' '/etc/handed/.env is installed' machine_sh \
                'printf "API_KEY=\n" >/root/half.env; cd /root; sh bundle/deploy.sh half.env'
        check 'the secret is set' machine_sh 'echo "$1" | ftectl env handed set API_KEY' "$secret"
        check 'one command deploys it' machine_run sh /root/bundle/deploy.sh
        check_says 'it answers' ok fetch_url http://127.0.0.1:8043/health
        check_is 'with the fragment' 99 show handed TasksMax
        check_is 'and what the first host had in fte.conf' 2s show handed RestartUSec
        check 'one command validates it' machine_run sh /root/bundle/validate.sh
        check 'both may be run again' machine_run sh /root/bundle/deploy.sh
        machine_sh 'echo "; mine" >>/etc/fte/handed.conf'
        check_says 'it replaces nothing' 'is there and differs' machine_run sh /root/bundle/deploy.sh
        machine_sh 'echo x >>/root/bundle/README.md'
        check_says 'and sees what was changed on the way' 'have been changed' machine_run sh /root/bundle/deploy.sh
        agent_remove handed
}
