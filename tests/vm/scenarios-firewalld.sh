# SPDX-License-Identifier: LGPL-2.1-or-later
# ftectl host where firewalld rules: its own rules are used, and what the admin has there stays. Sourced by
# scenarios.sh after scenarios-host.sh.
# shellcheck shell=sh

# The admin's: a zone, a port for good, and one until the next reload.
firewalld_prepare() {
        machine_sh 'systemctl start firewalld' || return 1
        wait_for 60 machine_run firewall-cmd --state >/dev/null || return 1
        machine_sh 'firewall-cmd --permanent --new-zone=partners
                firewall-cmd --permanent --zone=partners --add-source=198.51.100.0/24
                firewall-cmd --permanent --zone=partners --add-rich-rule="rule family=ipv4 port port=5432 protocol=tcp accept"
                firewall-cmd --permanent --zone=public --add-port=7777/tcp
                firewall-cmd --reload; firewall-cmd --zone=public --add-port=9999/tcp' >/dev/null
}

# Files to the byte, and what firewalld says that it keeps, and that rules now. The kernel's rules have
# counters and handles of firewalld's own, so they are asked for through clients.
firewalld_state() {
        machine_sh 'find /etc/firewalld -type f -exec stat -c "%n %a %u %g %y %s" {} + -exec sha256sum {} + | sort
                firewall-cmd --permanent --list-all-zones; firewall-cmd --list-all-zones'
}

firewalld_is_before() {
        firewalld_state >"$machine_dir/now"
        cmp "$machine_dir/before" "$machine_dir/now" || diff "$machine_dir/before" "$machine_dir/now"
}

firewalld_tried() {
        check_says 'plan says what is opened' 'firewalld: open 8000/tcp' ftectl host plan
        check_says 'and of the zone that has its own rules' 'zone partners is in use' ftectl host plan
        check 'and changes nothing' firewalld_is_before
        check_fails '8000 is closed' connects 192.0.2.1 8000
        check_says 'try' 'ftectl host confirm' ftectl host try
        check '8000 is open' connects 192.0.2.1 8000
        check_fails '3306 is not' connects 192.0.2.1 3306
        check_lacks 'there is no table of ours' 'inet fte' machine_run nft list tables
        check_says 'what the admin opened for now only is still open' 9999/tcp firewall_ports
        check_says 'status says that it waits' 'waits for' ftectl host status
        check_says 'revert' 'Reverted' ftectl host revert
        check 'everything is as it was, to the byte and in effect' wait_for 10 firewalld_is_before
        check_fails '8000 is closed again' connects 192.0.2.1 8000
        check 'try once more' ftectl host try
        check 'somebody reloads firewalld meanwhile' machine_run firewall-cmd --reload
        check '8000 is open all the same' connects 192.0.2.1 8000
        check 'revert' ftectl host revert
        machine_run firewall-cmd --zone=public --add-port=9999/tcp >/dev/null
        check 'and that is as it was, too' wait_for 10 firewalld_is_before
        machine_run firewall-cmd --reload >/dev/null
        check_fails 'also after a reload' connects 192.0.2.1 8000
}

firewall_ports() {
        machine_run firewall-cmd --zone=public --list-ports
}

firewalld_killed() {
        firewalld_state >"$machine_dir/before"
        for step in 02 05 10 20 40; do
                machine_sh 'ftectl host try >/dev/null 2>&1 & pid=$!; sleep 0.'$step'; kill -9 $pid'
                ftectl host revert >/dev/null
                wait_for 10 firewalld_is_before || not_ok "killed after 0.$step s" "$(firewalld_is_before)"
        done
        check 'killed at any point: revert puts everything back' firewalld_is_before
}

firewalld_confirmed() {
        check 'try' ftectl host try
        check_says 'confirm from a new login' Confirmed by_key ftectl host confirm
        check 'firewalld is reloaded' machine_run firewall-cmd --reload
        check 'ours stays open' connects 192.0.2.1 8000
        machine_run systemctl restart firewalld
        check 'and when it is restarted' wait_for 60 connects 192.0.2.1 8000
        check_says 'nothing is left to do' 'Nothing would change' ftectl host plan
        check_says 'status knows who rules' '(firewalld)' ftectl host status
        printf '[Firewall]\nAllow=22/tcp\n' | host_conf
        check_says 'what is no longer allowed is closed' 'firewalld: close 8000/tcp' ftectl host plan
        check 'by try' ftectl host try
        check_fails '8000 is closed' connects 192.0.2.1 8000
        check_says 'the admin'"'"'s own port stays' 7777/tcp firewall_ports
        check 'and revert opens it again' ftectl host revert
        check '8000 is open' wait_for 10 connects 192.0.2.1 8000
        machine_run firewall-cmd --reload >/dev/null
        check 'for good' connects 192.0.2.1 8000
}

scenario_firewalld() {
        if ! machine_sh 'command -v firewall-cmd' >/dev/null; then
                skip 'firewalld' 'it is not in this root'
                return
        fi
        host_prepare
        machine_sh 'cat /var/tmp/client/key.pub >/root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys'
        host_conf <<END
[Firewall]
Allow=22/tcp 8000/tcp
END
        if ! firewalld_prepare; then
                not_ok 'firewalld starts' "$(machine_sh 'journalctl -u firewalld -n 20 -o cat')"
                host_end
                return
        fi
        firewalld_state >"$machine_dir/before"
        firewalld_tried
        firewalld_killed
        firewalld_confirmed
        machine_sh 'systemctl stop firewalld; rm -rf /etc/firewalld/zones/*; systemctl reset-failed' 2>/dev/null
        host_end
}
