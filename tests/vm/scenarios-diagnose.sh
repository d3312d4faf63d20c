# SPDX-License-Identifier: LGPL-2.1-or-later
# ftectl diagnose: every cause is planted, and must be named first, and none of the others; and ftectl
# validate must be red on the requirement that the cause names, and on no other. Sourced by scenarios.sh. The words that a case is written in are in agents/planted.sh.
# shellcheck shell=sh
# shellcheck disable=SC2016

# diagnose_case CAUSE TITLE PLANT [TEXT]: plants it into a fresh agent in one call of the machine,
# which must find just that, and tell TEXT, and whose validation must be red on the guard it names.
diagnose_case() {
        diagnose_seen=$(machine_sh '. /test/agents/planted.sh; start_timeout=$2; fresh
                eval "$1"; told; guarded >/run/guarded; ftectl diagnose diag 2>&1; echo "== validate"
                cat /run/guarded; clean' "$3" "${start_timeout-}" 2>&1)
        if [ "$(echo "$diagnose_seen" | head -n 1)" != "$1" ]; then
                not_ok "diagnose: $2 is $1" "$diagnose_seen"
                return
        fi
        ok "diagnose: $2 is $1"
        case $diagnose_seen in
        *"== validate
guarded") ok "validate: $2 is red on its guard alone" ;;
        *) not_ok "validate: $2 is red on its guard alone" "${diagnose_seen##*== validate}" ;;
        esac
        case $diagnose_seen in
        *"$secret"*) not_ok "diagnose: $2: no secret is shown" "$diagnose_seen" ;;
        *"${4-}"*) ;;
        *) not_ok "diagnose: $2: it tells \"$4\"" "$diagnose_seen" ;;
        esac
}

diagnose_unit() {
        diagnose_case none 'a healthy agent' go 'Nothing is wrong.'
        diagnose_case not-started 'an agent that nobody has started' : 'systemctl start diag'
        diagnose_case not-started 'an agent that somebody has stopped' 'go; systemctl stop diag' \
                'was told to stop'
        diagnose_case ended 'an agent that ends by itself' \
                'mood "import signal" "signal.signal(signal.SIGALRM, lambda *_: os._exit(0))"; go
                systemctl kill --kill-who=main --signal=ALRM diag; await 20 is inactive' 'When=always'
        diagnose_case ended 'an agent that ends before it serves' 'mood "sys.exit(0)"; go' 'before it was healthy'
        diagnose_case masked-unit 'a masked unit' 'systemctl mask diag 2>/dev/null' 'systemctl unmask diag'
        diagnose_case config-errors 'an error in the INI file' 'ini "Burts=3"; go' 'did you mean'
        diagnose_case config-not-loaded 'a configuration newer than what is loaded' \
                'go; printf "[Limits]\nMemory=300M\n" >>/etc/fte/diag.conf' 'systemctl daemon-reload'
        diagnose_case config-not-loaded 'an env file newer than the start' \
                'go; env_file API_KEY=abcdefgh' '/etc/diag/.env was changed after the start'
        diagnose_case none 'an env file that was only touched' 'go; touch /etc/diag/.env' 'Nothing is wrong.'
        diagnose_case config-not-loaded 'a corrected INI file behind a loaded stub' \
                'ini "Burts=3"; go; sed -i /Burts/d /etc/fte/diag.conf' 'the stub of a version with errors'
        diagnose_case drop-in 'a drop-in that undoes a limit' \
                'mkdir -p /etc/systemd/system/diag.service.d
                printf "[Service]\n# why not\nMemoryMax=infinity\n" >/etc/systemd/system/diag.service.d/x.conf
                systemctl daemon-reload; go' '/etc/systemd/system/diag.service.d/x.conf:3: MemoryMax=infinity'
        diagnose_case drop-in 'a drop-in that opens the sandbox' \
                'mkdir -p /etc/systemd/system/diag.service.d
                printf "[Service]\nProtectSystem=no\n" >/etc/systemd/system/diag.service.d/x.conf
                systemctl daemon-reload; go' 'ProtectSystem=no, where the generated unit has'
        diagnose_case start-limit 'an agent that systemd has given up' \
                'when=on-failure; ini "Delay=100ms" "Burst=2"; mood "os._exit(3)"; go; await 20 is failed' \
                'systemctl reset-failed diag'
        diagnose_case start-limit 'an agent whose last words nobody has a check for' \
                'when=on-failure; ini "Delay=100ms" "Burst=2"
                mood "print(12345, flush=True)" "os._exit(3)"; go; await 20 is failed' '  12345'
        diagnose_case user-missing 'a user that is gone' 'go; systemctl stop diag; userdel diag
                systemctl mask --runtime fte-users.service 2>/dev/null; go' 'systemctl restart fte-users.service'
        machine_sh 'systemctl unmask --runtime fte-users.service; systemctl restart fte-users.service' 2>/dev/null
        check 'diagnose: the agent runs again' machine_sh '. /test/agents/planted.sh; fresh
                find /var/lib/diag /var/log/diag -exec chown diag: {} +; go; told; clean'
}

diagnose_program() {
        diagnose_case program-missing 'a program that is not there' 'exec=/opt/diag/run; ini; go' \
                '/opt/diag/run does not exist'
        diagnose_case interpreter-missing 'an interpreter that is not there' \
                'mkdir /opt/diag; printf "#!/opt/nothing/bin/node\n" >/opt/diag/run; chmod 755 /opt/diag/run
                exec=/opt/diag/run; ini; go' '/opt/nothing/bin/node does not exist'
        diagnose_case venv-elsewhere 'a venv that was built elsewhere' \
                'mkdir -p /opt/diag/venv/bin; echo "home = /usr/bin" >/opt/diag/venv/pyvenv.cfg
                printf "#!/build/diag/venv/bin/python3\n" >/opt/diag/venv/bin/app
                chmod 755 /opt/diag/venv/bin/app; exec=/opt/diag/venv/bin/app; ini; go' \
                '/usr/bin/python3 -m venv --clear /opt/diag/venv'
        diagnose_case venv-elsewhere 'a venv whose Python lies in /root' \
                'mkdir -p /opt/diag/venv/bin /root/diag; echo "home = /root/diag" >/opt/diag/venv/pyvenv.cfg
                cp /usr/bin/env /root/diag/python3; ln -s /root/diag/python3 /opt/diag/venv/bin/python3
                printf "#!/opt/diag/venv/bin/python3\n" >/opt/diag/venv/bin/app
                chmod 755 /opt/diag/venv/bin/app; exec=/opt/diag/venv/bin/app; ini; go' \
                'the link /opt/diag/venv/bin/python3 leads to /root/diag/python3'
        diagnose_case noexec-mount 'a program on noexec' \
                'mkdir /opt/diagmnt; mount -t tmpfs -o noexec tmpfs /opt/diagmnt
                cp /test/agents/moody.py /opt/diagmnt; exec="/opt/diagmnt/moody.py 8060"; ini; go' \
                'mount -o remount,exec /opt/diagmnt'
        diagnose_case module-missing 'a Python module that is not there' 'mood "import nosuchthing"; go' \
                'python3-nosuchthing'
        diagnose_case env-value 'a required variable that is missing' 'env_file A=1; go' \
                'ftectl env diag set API_KEY'
        diagnose_case env-value 'a placeholder' 'env_file API_KEY=changeme; go' \
                'ftectl env diag set API_KEY'
        diagnose_case env-file 'an env file that all can read' 'chmod 0644 /etc/diag/.env; go' \
                'chmod 0600 /etc/diag/.env'
        diagnose_case env-file 'an env file that is not there' 'rm /etc/diag/.env; go' 'install -m 0600'
        diagnose_case env-corrected 'an env file that is good by now' \
                'chmod 0644 /etc/diag/.env; go; chmod 0600 /etc/diag/.env' 'systemctl restart diag'
}

diagnose_files() {
        diagnose_case wrong-owner 'a file of root in the state directory' \
                'mkdir -p /var/lib/diag; chown diag: /var/lib/diag; touch /var/lib/diag/db
                chmod 600 /var/lib/diag/db; mood "open(\"/var/lib/diag/db\", \"a\")"; go' \
                'chown -R diag: /var/lib/diag'
        diagnose_case wrong-owner 'permission denied, and so nothing listens' \
                'mkdir -p /var/lib/diag; chown diag: /var/lib/diag; mkdir -m 700 /var/lib/diag/cache
                mood "try:" "  open(\"/var/lib/diag/cache/x\", \"a\")" "except OSError as e:" "  print(e, flush=True)" \
                        "time.sleep(100)"; go_on' '/var/lib/diag/cache belongs to root'
        diagnose_case wrong-owner 'a file of root that no error names yet' \
                'go; touch /var/lib/diag/left-by-root' '/var/lib/diag/left-by-root belongs to root'
        diagnose_case no-access 'a file outside that it may not read' \
                'install -d -m 700 /etc/diag/private; mood "open(\"/etc/diag/private/key\")"; go' \
                '/etc/diag/private belongs to root'
        diagnose_case file-missing 'a file that is not there' 'mood "open(\"/etc/diag/nothing.yaml\")"; go' \
                '/etc/diag/nothing.yaml does not exist'
        diagnose_case path-hidden 'a file that the sandbox hides' \
                'mkdir /root/diag; touch /root/diag/x; mood "open(\"/root/diag/x\")"; go' 'the sandbox hides /root'
        diagnose_case directory-missing 'a working directory that is not there' \
                'sed -i "2i WorkingDirectory=/srv/diag" /etc/fte/diag.conf; systemctl daemon-reload; go' \
                'install -d -o diag /srv/diag'
        diagnose_case read-only-mount 'a state directory on a read-only mount' \
                'mkdir -p /var/lib/diag; mount -t tmpfs -o ro tmpfs /var/lib/diag; go' \
                'mount -o remount,rw /var/lib/diag'
        diagnose_case read-only-mount 'a mount that turned read-only while it ran' \
                'mkdir -p /var/lib/diag; mount -t tmpfs tmpfs /var/lib/diag; chown diag: /var/lib/diag
                go; mount -o remount,ro /var/lib/diag' 'mount -o remount,rw /var/lib/diag'
        diagnose_case sandbox-write 'a write to where the sandbox lets it not' \
                'mkdir -m 777 /srv/diag; mood "open(\"/srv/diag/x\", \"w\")"; go' 'ReadWritePaths=/srv/diag'
        diagnose_case disk-full 'a full disk' \
                'mkdir -p /var/lib/diag; mount -t tmpfs -o size=64k,mode=755 tmpfs /var/lib/diag
                chown diag: /var/lib/diag; dd if=/dev/zero of=/var/lib/diag/all 2>/dev/null
                chown diag: /var/lib/diag/all; mood "open(\"/var/lib/diag/x\", \"w\").write(\"x\" * 9999)"; go' \
                'lies on /var/lib/diag: 0 free of 64K'
        diagnose_case disk-full 'a full disk of the log' \
                'mkdir -p /var/log/diag; mount -t tmpfs -o size=64k,mode=750 tmpfs /var/log/diag
                dd if=/dev/zero of=/var/log/diag/all 2>/dev/null; chown -R diag: /var/log/diag; go' \
                'lies on /var/log/diag: 0 free of 64K'
        diagnose_case wrong-owner 'a file of root beside the log' \
                'go; touch /var/log/diag/left-by-root' '/var/log/diag/left-by-root belongs to root'
}

diagnose_network() {
        diagnose_case nothing-listens 'an agent that listens nowhere' 'mood "time.sleep(100)"; go_on' \
                'listens nowhere'
        diagnose_case listens-elsewhere 'an agent that listens on another port' 'mood "serve(8061)"; go_on' \
                'listens on 127.0.0.1:8061'
        diagnose_case port-taken 'a port that another has' \
                'systemd-run --quiet --unit=squatter /test/agents/agent.py 8060
                await 20 curl -sf http://127.0.0.1:8060/health -o /dev/null; go; sleep 1' \
                'systemctl stop squatter.service'
        machine_sh 'systemctl stop squatter'
        diagnose_case privileged-port 'a port below 1024' \
                'sed -i s/8060/80/ /etc/fte/diag.conf; systemctl daemon-reload; go' 'port 80 is below 1024'
        diagnose_case health-error 'a health check that answers 500' 'mood "serve(PORT, 500)"; go_on' \
                'status 500, expected 200'
        diagnose_case health-hangs 'a health check that hangs' \
                'mood "serve(PORT, hang=True)"; go_on' 'no answer within'
        diagnose_case dns 'a host name that does not resolve' \
                'mood "raise OSError(\"Could not resolve host: db.fte.invalid\")"; go' 'db.fte.invalid does not'
        diagnose_case clock 'a certificate of the future' \
                'mood "raise OSError(\"certificate verify failed: certificate is not yet valid\")"; go' \
                'timedatectl set-ntp true'
        machine_write /etc/ssl/fte-expired.pem 644 <"$machine_here/agents/expired.pem"
        diagnose_case certificate-expired 'a certificate of the past' \
                'ini "[Proxy]" "Domain=diag.example.com" "Certificate=/etc/ssl/fte-expired.pem" \
                        "CertificateKey=/etc/ssl/fte-expired.key"; go' \
                '/etc/ssl/fte-expired.pem has expired'
}

diagnose_limits() {
        diagnose_case denied-call 'a system call that is refused' 'mood "os.sched_setaffinity(0, {0})"; go' \
                'SystemCallFilter=sched_setaffinity'
        diagnose_case denied-call 'a system call that kills' \
                'ini "[Service]" "SystemCallErrorNumber=kill"; mood "os.sched_setaffinity(0, {0})"; go' SIGSYS
        diagnose_case open-files 'too many open files' \
                'ini "[Limits]" "OpenFiles=64"; mood "f = [open(\"/dev/null\") for i in range(100)]"; go' \
                'OpenFiles=4096'
        diagnose_case tasks-limit 'too many threads' \
                'mood "raise RuntimeError(\"can'"'"'t start new thread\")"; go' 'Tasks='
}

# Where a recovered agent would look well: what it has just been restarted for is told.
diagnose_recovered() {
        diagnose_case wrong-owner 'a failure that a restart has healed' \
                'when=on-failure; ini "Delay=100ms"; mkdir -p /var/lib/diag; chown diag: /var/lib/diag
                touch /var/lib/diag/db; chmod 600 /var/lib/diag/db
                mood "if not os.path.exists(\"/var/lib/diag/once\"):" "  open(\"/var/lib/diag/once\", \"w\")" \
                        "  open(\"/var/lib/diag/db\")"; go; await 20 has_restarted' 'chown -R diag: /var/lib/diag'
}

# What a container cannot show: limits of memory, another time, what the kernel says of a denied call.
scenario_diagnose_machine() {
        diagnose_host
        machine_sh '. /test/agents/planted.sh; start_timeout=$1; fresh; go; clean' "$start_timeout"
        diagnose_case none 'a healthy agent' go 'Nothing is wrong.'
        diagnose_case memory-limit 'a memory limit that is too small' \
                'ini "[Limits]" "Memory=48M"; mood "eaten = [bytearray(b\"x\") * (1 << 20) for i in range(99)]"
                go' 'Memory=96M'
        diagnose_case clock 'a clock that is years behind' \
                'date -s "2001-01-01 12:00" >/dev/null
                mood "raise OSError(\"certificate verify failed: certificate is not yet valid\")"; go' \
                'the clock says 2001-01-01'
        machine_run hwclock --hctosys 2>/dev/null || machine_run date -s "@$(date +%s)" >/dev/null
        diagnose_case denied-call 'a system call that kills' \
                'ini "[Service]" "SystemCallErrorNumber=kill"; mood "os.sched_setaffinity(0, {0})"; go' \
                'the call is sched_setaffinity'
        agent_remove diag
        machine_run rm /etc/ssh/sshd_config.d/00-fte.conf
}

# What the validation of a host wants of it, which the images do not have.
diagnose_host() {
        machine_sh 'printf "%s\n" "PasswordAuthentication no" "KbdInteractiveAuthentication no" \
                "PermitRootLogin no" >/etc/ssh/sshd_config.d/00-fte.conf'
}

# The suite does not matter to it, and it is long: the containers run it on bookworm only.
scenario_diagnose() {
        diagnose_host
        machine_sh '. /test/agents/planted.sh; fresh; go; clean'
        diagnose_unit
        diagnose_program
        diagnose_files
        diagnose_network
        diagnose_limits
        diagnose_recovered
        check_fails 'diagnose: of what is no agent' ftectl diagnose nobody-here
        check_fails 'diagnose: only for root' machine_run setpriv --reuid=65534 --clear-groups ftectl \
                diagnose diag
        agent_remove diag
        machine_sh 'rm -f /etc/ssl/fte-expired.pem /run/mood /etc/ssh/sshd_config.d/00-fte.conf'
}
