# SPDX-License-Identifier: LGPL-2.1-or-later
# sshd and the firewall by ftectl host, with a real client on the other side of a link (scenarios-proxy.sh):
# what is tried, confirmed, and put back. Sourced by scenarios.sh.
# shellcheck shell=sh

host_conf() {
        machine_write /etc/fte/fte.conf 644
}

# An operator with a key and sudo's absence made up for: root may log in with a key.
host_prepare() {
        proxy_client
        machine_sh 'mkdir -p /root/.ssh /var/tmp/client /run/sshd; chmod 700 /root/.ssh
                [ -e /var/tmp/client/key ] || ssh-keygen -q -t ed25519 -N "" -f /var/tmp/client/key
                rm -f /root/.ssh/authorized_keys; echo "root:open-sesame" | chpasswd
                printf "PermitRootLogin yes\nPasswordAuthentication yes\n" >/etc/ssh/sshd_config.d/admin.conf
                systemctl start ssh'
        host_conf <<END
[SSH]
PasswordAuthentication=no
PermitRootLogin=prohibit-password
[Firewall]
Allow=22/tcp 80/tcp 443/tcp
END
        # What listens for everybody, as it should not.
        # The example agent has that port, on loopback.
        machine_sh 'systemctl stop digital-fte 2>/dev/null
                systemd-run -q --unit=open-8000 python3 -m http.server 8000
                systemd-run -q --unit=open-3306 python3 -m http.server --bind :: 3306'
        host_state >"$machine_dir/before"
}

host_end() {
        machine_sh 'systemctl stop ssh open-8000 open-3306 2>/dev/null
                test ! -e /etc/fte/digital-fte.conf || systemctl start digital-fte
                rm -rf /etc/fte/fte.conf /etc/ssh/sshd_config.d/*.conf /root/.ssh /var/lib/fte/host
                systemctl stop fte-firewall; nft delete table inet fte 2>/dev/null
                systemctl daemon-reload; systemctl reset-failed'
        proxy_client_gone
}

# Everything that a try may touch: contents, owners, modes and times of files, and the kernel's rules.
host_state() {
        machine_sh 'find /etc/ssh /etc/nginx /etc/ufw /etc/nftables.conf /var/lib/fte/host/firewall.nft \
                        -type f -exec stat -c "%n %a %u %g %y %s" {} + -exec sha256sum {} + 2>/dev/null | sort
                nft list ruleset; sshd -T | sort'
}

host_is_before() {
        host_state >"$machine_dir/now"
        cmp "$machine_dir/before" "$machine_dir/now" || diff "$machine_dir/before" "$machine_dir/now"
}

# by_key COMMAND, by_password: logins from the outside
by_key() {
        outside ssh -n -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
                -o ConnectTimeout=5 -o LogLevel=ERROR -i /var/tmp/client/key root@192.0.2.1 "$@"
}

by_password() {
        machine_sh 'printf "#!/bin/sh\necho open-sesame\n" >/var/tmp/client/ask; chmod 755 /var/tmp/client/ask
                SSH_ASKPASS=/var/tmp/client/ask SSH_ASKPASS_REQUIRE=force DISPLAY=x \
                ip netns exec client setsid ssh -n -o StrictHostKeyChecking=no -o ConnectTimeout=5 \
                        -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o PubkeyAuthentication=no \
                        -o NumberOfPasswordPrompts=1 root@192.0.2.1 echo in'
}

not_by_password() {
        ! by_password
}

connects() {
        outside timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$@" || return 1
}

ping_machine() {
        machine_sh 'ip netns exec client python3 - "$1" <<END
import socket, sys
v6 = ":" in sys.argv[1]
s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_RAW,
                  socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP)
s.settimeout(3)
s.sendto(bytes([128, 0, 0, 0, 0, 1, 0, 1] if v6 else [8, 0, 0xf7, 0xfd, 0, 1, 0, 1]), (sys.argv[1], 0))
while s.recv(1500)[0 if v6 else 20] != (129 if v6 else 0):
    pass
END' "$1"
}

host_refusals() {
        check_fails 'try refuses while nobody has a key' ftectl host try
        check_says 'and says what to do' 'put one into ~/.ssh/authorized_keys' ftectl host try
        machine_sh 'cat /var/tmp/client/key.pub >/root/.ssh/authorized_keys
                chmod 666 /root/.ssh/authorized_keys'
        check_says 'a key file that anybody may write is none' 'nobody could log in' ftectl host plan
        machine_run chmod 600 /root/.ssh/authorized_keys
        host_conf <<END
[SSH]
PermitRootLogin=prohibit-password
[Firewall]
Allow=443/tcp
END
        check_says 'try refuses to close sshd'"'"'s port' 'sshd listens on port 22' ftectl host try
        machine_sh 'systemctl stop ssh; echo "Port 2222" >>/etc/ssh/sshd_config.d/admin.conf; systemctl start ssh'
        check_says 'the one that it really has' 'add 2222/tcp' ftectl host try
        machine_sh 'sed -i /2222/d /etc/ssh/sshd_config.d/admin.conf; systemctl restart ssh'
        host_conf <<END
[SSH]
PermitRootLogin=prohibit-password
[Firewall]
Allow=22/tcp 80/tcp 443/tcp
END
        host_state >"$machine_dir/before"
        check_says 'plan shows what sshd gets' '+PasswordAuthentication no' ftectl host plan
        check_says 'and who would not be reached any more' 'port 8000/tcp would be closed to others' ftectl host plan
        host_wireguard
        check_says 'and the firewall' '+                tcp dport { 22, 80, 443 } accept' ftectl host plan
        check 'and changes nothing' host_is_before
}

# WireGuard's socket is the kernel's own: no process has it.
host_wireguard() {
        if ! machine_sh 'ip link add wg-test type wireguard && ip link set wg-test up' 2>/dev/null; then
                machine_sh 'systemd-run -q --unit=open-udp python3 -c "import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((\"0.0.0.0\", 51820)); time.sleep(999)"'
                wait_for 10 machine_sh 'grep -q :CA6C /proc/net/udp'
                check_says 'also by UDP' 'port 51820/udp would be closed to others, and /usr/bin/python3' ftectl host plan
                machine_run systemctl stop open-udp
                return
        fi
        wg_port=$(machine_sh 'sed -n "s/^ *[0-9]*: 00000000:\([0-9A-F]*\) .*/\1/p" /proc/net/udp | tail -n 1')
        check_says 'also by UDP, WireGuard' "port $((0x$wg_port))/udp would be closed to others, and the kernel" ftectl host plan
        machine_sh 'ip link del wg-test'
}

# A target that wants nothing, not even sysinit.target: all else is stopped, and what was confirmed stays.
host_isolate() {
        machine_sh 'printf "[Unit]\nDefaultDependencies=no\nAllowIsolate=yes\n" \
                        >/etc/systemd/system/bare.target
                systemctl daemon-reload; systemctl isolate bare.target'
        check 'systemctl isolate: the rules stay' machine_run nft list table inet fte
        machine_sh 'systemctl start default.target; rm /etc/systemd/system/bare.target; systemctl daemon-reload
                systemctl reset-failed; systemctl start ssh
                for unit in digital-fte open-8000 open-3306; do systemctl stop $unit; done
                systemd-run -q --unit=open-8000 python3 -m http.server 8000
                systemd-run -q --unit=open-3306 python3 -m http.server --bind :: 3306' 2>/dev/null
        wait_for 20 fetch_url http://127.0.0.1:8000/ >/dev/null
        check 'and sshd takes keys alone' machine_sh 'sshd -T | grep -iqx "passwordauthentication no"'
        check_says 'nothing is left to do' 'Nothing would change' ftectl host plan
}

# A connection that this machine has made itself, before its kernel kept track of any: the other side is
# the first to say something after the rules came.
host_connect_out() {
        machine_sh 'rm -f /var/tmp/say /var/tmp/heard; nft delete table inet fte 2>/dev/null
                systemd-run -q --unit=other-side ip netns exec client python3 -c "import os, socket, time
s = socket.create_server((\"192.0.2.2\", 9000)); c = s.accept()[0]
while not os.path.exists(\"/var/tmp/say\"):
    time.sleep(0.1)
c.sendall(b\"a late word\"); c.shutdown(1); time.sleep(5)"'
        wait_for 10 machine_sh 'ip netns exec client ss -tln | grep -q :9000'
        machine_sh 'systemd-run -q --unit=our-side python3 -c "import socket
c = socket.create_connection((\"192.0.2.2\", 9000)); open(\"/var/tmp/connected\", \"w\")
open(\"/var/tmp/heard\", \"wb\").write(c.recv(100))"'
        wait_for 10 machine_run test -e /var/tmp/connected
}

host_heard() {
        machine_sh 'touch /var/tmp/say; for i in $(seq 50); do [ ! -s /var/tmp/heard ] || break; sleep 0.1; done
                cat /var/tmp/heard; systemctl stop other-side our-side; rm -f /var/tmp/connected' 2>/dev/null
}

host_confirmed() {
        host_connect_out
        check 'before: a password is good' by_password
        check 'before: 8000 is open' connects 192.0.2.1 8000
        check_says 'try' 'ftectl host confirm' ftectl host try
        check_says 'status says that it waits' 'waits for "ftectl host confirm"' ftectl host status
        check_fails 'a second try is refused' ftectl host try
        check_is 'a connection out of the time before goes on' 'a late word' host_heard
        check 'a password is refused' wait_for 10 not_by_password
        check_is 'a key is good' in by_key echo in
        check_fails '8000 is refused from outside' connects 192.0.2.1 8000
        check_fails '3306 too' connects 192.0.2.1 3306
        check_fails '3306 by IPv6 too' connects 2001:db8::1 3306
        check '22 by IPv6 is not' connects 2001:db8::1 22
        check 'from inside 8000 is open' fetch_url http://127.0.0.1:8000/
        check 'ping' ping_machine 192.0.2.1
        check 'ping by IPv6' ping_machine 2001:db8::1
        check_fails 'confirm from no login at all is refused' ftectl host confirm
        check_says 'and says why' 'log in by ssh' ftectl host confirm
        check_says 'confirm from a new login' Confirmed by_key ftectl host confirm
        check_says 'status says so' 'was confirmed' ftectl host status
        check_fails 'the timer is gone' machine_run systemctl is-active fte-host-revert.timer
        check_fails 'and it stays' connects 192.0.2.1 8000
        check_says 'nothing is left to do' 'Nothing would change' ftectl host plan
}

# The session that is there when try begins; it goes on, and proves nothing.
host_old_login() {
        machine_sh 'rm -f /var/tmp/go /var/tmp/old; ip netns exec client ssh -n -o BatchMode=yes \
                -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -i /var/tmp/client/key \
                root@192.0.2.1 "touch /var/tmp/in; while ! [ -e /var/tmp/go ]; do sleep 0.1; done; \
                        ftectl host confirm" >/var/tmp/old 2>&1 & echo $! >/var/tmp/old.pid'
        wait_for 10 machine_run test -e /var/tmp/in
}

host_old_login_says() {
        machine_sh 'touch /var/tmp/go; for i in $(seq 100); do
                        kill -0 "$(cat /var/tmp/old.pid)" 2>/dev/null || break; sleep 0.1; done
                cat /var/tmp/old; rm -f /var/tmp/in'
}

host_reverted() {
        host_state >"$machine_dir/before"
        host_conf <<END
[Firewall]
Allow=22/tcp 8000/tcp
END
        host_old_login
        check 'try of other rules, and of no [SSH] any more' ftectl host try
        check 'they are in effect' connects 192.0.2.1 8000
        check_says 'a login that is older cannot confirm' 'older than the change' host_old_login_says
        check_says 'revert' 'Reverted' ftectl host revert
        check 'everything is as it was, to the byte' host_is_before
        check_fails 'and in effect' connects 192.0.2.1 8000
        check_says 'status says so' 'put back by hand' ftectl host status
        check_says 'another revert finds nothing' 'nothing to revert' ftectl host revert
}

# ftectl dies in the middle, and the timer does what it was set up for. With a shorter time.
host_killed() {
        check 'try' ftectl host try
        machine_sh 'systemctl stop fte-host-revert.timer; systemd-run -q --on-active=2 \
                --timer-property=AccuracySec=100ms --unit=fte-host-revert-test systemctl start fte-host-revert'
        check 'unconfirmed, it is put back by the service' wait_for 20 host_is_before
        wait_for 20 machine_run flock -n /var/lib/fte/host/lock true
        check 'try again' ftectl host try
        check_says 'the timer of its own has two minutes' 'OnActiveUSec=2min' machine_run systemctl show \
                -p TimersMonotonic fte-host-revert.timer
        check_is 'and runs' active machine_run systemctl is-active fte-host-revert.timer
        ftectl host revert >/dev/null
        for step in 01 03 06 10 20 40; do
                machine_sh 'ftectl host try >/dev/null 2>&1 & pid=$!; sleep 0.'$step'; kill -9 $pid'
                machine_sh 'systemctl is-active -q fte-host-revert.timer ||
                        ! test -e /var/lib/fte/host/try/manifest' ||
                        not_ok "killed after 0.$step s there is no way back"
                ftectl host revert >/dev/null
        done
        check 'killed at any point: revert puts everything back' host_is_before
        machine_sh 'ftectl host try >/dev/null 2>&1 & ftectl host try >/dev/null 2>&1 & wait'
        check_is 'two at once: one of them' yes machine_sh \
                'ls /var/lib/fte/host/try/manifest >/dev/null && echo yes'
        ftectl host revert >/dev/null
        check 'and one way back' host_is_before
}

# Who may come is sshd's to say: with a key that sshd takes from nobody, try refuses.
host_who() {
        host_conf <<END
[SSH]
PermitRootLogin=no
END
        machine_sh 'useradd -m -s /bin/bash op; cp -r /root/.ssh /home/op/; chown -R op: /home/op/.ssh'
        host_state >"$machine_dir/before"
        check_lacks 'a user with a key' 'nobody could log in' ftectl host plan
        for rule in 'AllowGroups wheel' 'DenyUsers o*' 'AllowUsers root' \
                'Match User op\nAuthenticationMethods publickey,keyboard-interactive' 'Match User op\nPubkeyAuthentication no' 'Match Group op\nForceCommand internal-sftp'; do
                machine_sh 'printf "$1\n" >/etc/ssh/sshd_config.d/rule.conf' "$rule"
                check_says "$rule: refused" 'nobody could log in' ftectl host try
        done
        machine_sh 'echo "AuthenticationMethods publickey,keyboard-interactive" >/etc/ssh/sshd_config.d/rule.conf'
        check_says 'what sshd itself refuses is seen before it is written' 'sshd -t: Disabled method' ftectl host try
        machine_sh 'printf "Match User op\nPasswordAuthentication yes\n" >/etc/ssh/sshd_config.d/rule.conf'
        check_says 'an exception of the admin'"'"'s is told of' 'op could still log in with a password' ftectl host plan
        machine_sh 'rm /etc/ssh/sshd_config.d/rule.conf'
        check 'and nothing was changed by all that' host_is_before
        machine_sh 'userdel -r op 2>/dev/null'
}

host_rejected() {
        machine_sh 'cp -p /etc/ssh/sshd_config /var/tmp/sshd_config
                printf "PasswordAuthentication yes\n" | cat - /var/tmp/sshd_config >/etc/ssh/sshd_config'
        host_conf <<END
[SSH]
PermitRootLogin=no
END
        machine_sh 'useradd -m -s /bin/bash op; cp -r /root/.ssh /home/op/; chown -R op: /home/op/.ssh
                rm -f /etc/ssh/sshd_config.d/00-fte.conf'
        host_state >"$machine_dir/before"
        check_says 'what comes before ours is read back' 'PasswordAuthentication is yes and not no' \
                ftectl host try
        check_says 'before anything is written' 'nothing was changed' ftectl host try
        check 'and everything is as it was' host_is_before
        machine_sh 'cp -p /var/tmp/sshd_config /etc/ssh/; userdel -r op 2>/dev/null'
}

host_ufw() {
        host_conf <<END
[Firewall]
Allow=22/tcp 8000/tcp
END
        machine_sh 'nft delete table inet fte; rm -f /var/lib/fte/host/firewall.nft /etc/ssh/sshd_config.d/00-fte.conf
                ufw --force enable; ufw allow 22/tcp; ufw allow 9999/tcp' >/dev/null
        if ! machine_sh 'ufw status | grep -q "Status: active"'; then
                skip 'ufw' 'ufw cannot be enabled here'
                return
        fi
        machine_sh 'cat /etc/ufw/user.rules /etc/ufw/user6.rules; ufw status' >"$machine_dir/ufw-before"
        check_says 'ufw rules: plan adds to it' 'ufw: open 8000/tcp' ftectl host plan
        check_fails '8000 is closed' connects 192.0.2.1 8000
        check 'try' ftectl host try
        check '8000 is open' connects 192.0.2.1 8000
        check_lacks 'there is no table of ours' 'inet fte' machine_run nft list tables
        check 'revert' ftectl host revert
        check_is 'ufw is as it was' "$(cat "$machine_dir/ufw-before")" machine_sh \
                'cat /etc/ufw/user.rules /etc/ufw/user6.rules; ufw status'
        check_fails '8000 is closed again' connects 192.0.2.1 8000
        check 'try again' ftectl host try
        check_says 'and confirm' Confirmed by_key ftectl host confirm
        printf '[Firewall]\nAllow=22/tcp\n' | host_conf
        check_says 'what is no longer allowed is closed' 'ufw: close 8000/tcp' ftectl host plan
        check 'by try' ftectl host try
        check_fails '8000 is closed once more' connects 192.0.2.1 8000
        check_says 'the admin'"'"'s own port stays' 9999/tcp machine_run ufw status
        ftectl host revert >/dev/null
        machine_sh 'ufw --force reset; ufw --force disable; rm -f /var/lib/fte/host/added
                rm -f /etc/ufw/*.rules.2*' >/dev/null
}

# A nftables.conf that begins with "flush ruleset" takes ours away, and it comes back.
host_nftables() {
        host_conf <<END
[Firewall]
Allow=22/tcp
END
        machine_sh 'ftectl host try >/dev/null; nft add table ip docker0x'
        by_key ftectl host confirm >/dev/null
        check_says 'others'"'"' tables are left alone' docker0x machine_run nft list tables
        machine_run systemctl restart nftables
        check 'nftables.service flushes everything: our table is back' wait_for 5 machine_run \
                nft list table inet fte
        machine_run systemctl reload nftables
        check 'also after its reload' wait_for 5 machine_run nft list table inet fte
        machine_run systemctl stop nftables
}

# A boot at which the revert failed at first: what was tried runs by then, and is reloaded.
host_late_revert() {
        host_conf <<END
[SSH]
PermitRootLogin=prohibit-password
[Firewall]
Allow=22/tcp
END
        machine_sh 'rm -f /etc/ssh/sshd_config.d/00-fte.conf; systemctl restart ssh'
        check 'try' ftectl host try
        check 'a password is refused' wait_for 10 not_by_password
        check_is 'isolate leaves the timer alone' IgnoreOnIsolate=yes machine_run systemctl show \
                -p IgnoreOnIsolate fte-host-revert.timer
        machine_sh 'sed -i "s/^boot .*/boot of-before/" /var/lib/fte/host/try/manifest
                systemctl start ssh fte-host-revert; systemctl stop fte-host-revert.timer'
        check 'a revert that comes after the start of sshd reloads it' wait_for 10 by_password
}

# validate agrees with what try and confirm have made, and sees when it is undone by hand.
host_validate() {
        proxy_agent checked 8046
        host_conf <<END
[SSH]
PermitRootLogin=prohibit-password
[Firewall]
Allow=22/tcp 80/tcp 443/tcp
END
        machine_sh 'systemctl start nginx checked; ftectl host try >/dev/null'
        by_key ftectl host confirm >/dev/null
        validate_name=checked
        for row in FR-006/3 SR-004/5 SR-005/5; do
                check_says "validate after confirm: $row is green" "$row" validate_rows good --keep-going
        done
        machine_sh 'nft flush ruleset'
        check_says 'the rules are flushed: SR-005 is red' SR-005/5 validate_red
        machine_sh 'ftectl validate checked --keep-going --json | grep -q "systemctl restart fte-firewall" &&
                systemctl restart fte-firewall'
        check_says 'and its command cures it' SR-005/5 validate_rows good --keep-going
        machine_sh 'nft add rule inet fte input tcp dport 8000 accept'
        check_says 'a port is opened by hand: red' SR-005/5 validate_red
        machine_run systemctl restart fte-firewall
        machine_sh 'echo "PasswordAuthentication yes" >/etc/ssh/sshd_config.d/00-a.conf'
        check_says 'what sshd reads before ours: SR-004 is red' SR-004/5 validate_red
        machine_sh 'rm /etc/ssh/sshd_config.d/00-a.conf; mv /etc/ssh/sshd_config.d/00-fte.conf /var/tmp/'
        check_says 'ours is gone: SR-004 is red' SR-004/5 validate_red
        machine_sh 'mv /var/tmp/00-fte.conf /etc/ssh/sshd_config.d/
                rm /var/lib/fte/proxy/current/checked.conf; systemctl reload nginx'
        check_says 'the block is gone: FR-006 is red' FR-006/3 validate_red
        machine_run systemctl start fte-proxy
        proxy_settled
        check_says 'and back' FR-006/3 validate_rows good --keep-going
        machine_sh 'sed -i "s/return 301 .*/return 200 here;/" /var/lib/fte/proxy/current/checked.conf
                systemctl reload nginx'
        check_says 'http leads nowhere: red' FR-006/3 validate_red
        validate_name=digital-fte
        agent_remove checked
        machine_sh 'systemctl start fte-proxy; systemctl stop nginx'
}

# What is there when the package is purged: everything confirmed, and an agent behind nginx.
host_purge() {
        machine_sh 'rm -f /etc/ssh/sshd_config.d/00-fte.conf /var/lib/fte/host/firewall.nft; systemctl reload ssh
                nft delete table inet fte; nft delete table ip docker0x; systemctl stop fte-firewall'
        host_state >"$machine_dir/before"
        host_conf <<END
[SSH]
PermitRootLogin=prohibit-password
[Firewall]
Allow=22/tcp
END
        proxy_agent purged 8045
        machine_sh 'systemctl start nginx purged'
        check 'try of everything' ftectl host try
        check_says 'everything is confirmed' Confirmed by_key ftectl host confirm
        check 'and nginx has an agent' machine_run test -e /etc/nginx/sites-enabled/zz-systemd-fte.conf
        check 'the package is purged' machine_run env DEBIAN_FRONTEND=noninteractive apt-get purge -qy systemd-fte
        check 'the host is as it was before it, to the byte' host_is_before
        check_is 'and nothing is left' '' machine_sh 'ls -d /var/lib/fte 2>/dev/null'
        machine_sh 'rm -rf /etc/fte/purged.conf; systemctl stop nginx'
        check 'and installed again' machine_run env DEBIAN_FRONTEND=noninteractive apt-get install -qy \
                /test/systemd-fte.deb
}

scenario_host() {
        if ! machine_sh 'command -v ssh' >/dev/null; then
                skip 'sshd and the firewall' 'there is no ssh client in this root'
                return
        fi
        host_prepare
        host_refusals
        host_confirmed
        host_isolate
        host_reverted
        host_killed
        host_late_revert
        host_who
        host_rejected
        host_nftables
        host_validate
        host_purge
        # The release does not matter, and ufw takes its time.
        [ "${suite-bookworm}" != bookworm ] || host_ufw
        host_end
}

# What is tried and not confirmed is gone after a restart; what was confirmed is there before the network.
scenario_host_reboot() {
        host_conf <<END
[Firewall]
Allow=22/tcp
END
        host_state >"$machine_dir/before"
        check 'try' ftectl host try
        check 'the rules are in effect' machine_run nft list table inet fte
        check 'the machine restarts in the middle of it' machine_reboot
        check 'and everything is as it was' host_is_before
        check_says 'status tells why' 'restart of the machine' ftectl host status
        check_is 'no unit failed' '' machine_run systemctl list-units --failed --plain --no-legend
        host_prepare
        machine_sh 'cat /var/tmp/client/key.pub >/root/.ssh/authorized_keys'
        check 'try again' ftectl host try
        check_says 'confirmed' Confirmed by_key ftectl host confirm
        check 'another restart' machine_reboot
        check 'the rules are there' machine_run nft list table inet fte
        check_says 'and were before the network' fte-firewall.service machine_run systemctl show \
                --value -p After network-pre.target
        check_is 'no unit failed' '' machine_run systemctl list-units --failed --plain --no-legend
        host_end
}
