# SPDX-License-Identifier: LGPL-2.1-or-later
# Alerts from the agent's failure to the receiver, on a really booted systemd: the receiver is down
# when the agent fails, and still down after a reboot. Sourced by scenarios.sh.
# shellcheck shell=sh

canary=canary-7f3a91c2d8
received=/var/tmp/received

# delivery_secret FILE CONTENT
delivery_secret() {
        echo "$2" | machine_write "/etc/fte/secrets/$1" 600
}

# The receiver is no agent, and is not started by a boot.
delivery_prepare() {
        machine_sh 'mkdir -p /etc/fte/secrets; chmod 700 /etc/fte/secrets; rm -f "$1"' $received
        machine_write /etc/systemd/system/alert-receiver.service 644 <<END
[Service]
ExecStart=/test/agents/alert-receiver.py 8090 $received
END
        delivery_secret hook "http://127.0.0.1:8090/$canary"
        delivery_secret refusing "http://127.0.0.1:8090/404/$canary"
        delivery_secret key "$canary-key"
        machine_run systemctl daemon-reload
}

# delivery_agent NAME LINES: an agent that fails at once and for good.
delivery_agent() {
        agent_file "$1" <<END
[Agent]
Exec=/test/agents/exits.sh
Enabled=no
[Restart]
When=no
[Alert]
On=failure
Cooldown=0
$2
END
        machine_run systemctl daemon-reload
}

delivery_fail() {
        machine_run systemctl start "$1" >/dev/null 2>&1 || :
        wait_for 30 is_state "$1" failed || note "$1 did not fail"
        machine_run systemctl reset-failed "$1"
}

# in_box BOX: how many alerts
in_box() {
        machine_sh 'ls "/var/lib/fte-alert/$1" 2>/dev/null | wc -l' "$1"
}

box_has() {
        [ "$(in_box "$1")" = "$2" ]
}

delivery_is() {
        [ "$(show fte-alert-deliver ActiveState)" = "$1" ]
}

delivery_says() {
        show fte-alert-deliver StatusText | grep -qF "$1"
}

# check_box TITLE BOX NUMBER SECONDS
check_box() {
        if wait_for "$4" box_has "$2" "$3"; then
                ok "$1"
        else
                not_ok "$1" "$2/ has $(in_box "$2")
$(machine_sh 'systemctl status --no-pager -n 20 fte-alert-deliver fte-alert-deliver.path')"
        fi
}

# sent_of NAME NUMBER: so many alerts about an agent are behind us. What does not wait may not have
# been stored yet, when its agent has only just failed.
sent_of() {
        [ "$(machine_sh 'cat /var/lib/fte-alert/sent/* 2>/dev/null | grep -c "^agent=$1\$"' "$1")" \
                = "$2" ]
}

# check_sent TITLE NAME NUMBER SECONDS
check_sent() {
        if wait_for "$4" sent_of "$2" "$3"; then
                ok "$1"
        else
                not_ok "$1" "$(machine_sh 'ls /var/lib/fte-alert/*
                        systemctl status --no-pager -n 20 fte-alert-deliver fte-alert-deliver.path')"
        fi
}

receiver_got() {
        machine_sh 'cat "$1" 2>/dev/null' $received
}

# What was stored, in order, against what came.
delivery_of_all() {
        machine_sh 'cat /var/lib/fte-alert/sent/* | sed -n "s/^id=//p"' >"$machine_dir/stored"
        receiver_got | cut -d' ' -f3 >"$machine_dir/came"
        diff "$machine_dir/stored" "$machine_dir/came"
}

delivery_across_reboot() {
        delivery_agent teller 'Webhook=/etc/fte/secrets/hook
WebhookSecret=/etc/fte/secrets/key'
        for round in 1 2 3; do delivery_fail teller; done
        check_box 'the receiver is down: three alerts wait' waiting 3 30
        check 'the delivery runs and tries' wait_for 30 delivery_is active
        check 'and says what waits' wait_for 10 delivery_says '3 waiting'
        check 'and why' wait_for 30 delivery_says 'connect'
        if machine_reboot; then
                ok 'a reboot, with the receiver still down'
        else
                not_ok 'a reboot, with the receiver still down'
                return
        fi
        check 'the delivery is back' wait_for 60 delivery_is active
        check_box 'three alerts still wait' waiting 3 1
        delivery_fail teller
        check_box 'a fourth joins them' waiting 4 30
        machine_run systemctl start alert-receiver
        # The pause may have grown to more than a minute.
        check_box 'the receiver is up: nothing waits any more' waiting 0 200
        check 'every alert came once, in order' delivery_of_all
        check_says 'signed, by the agent that failed' "/$canary failure " receiver_got
        check 'the delivery ends when nothing waits' wait_for 20 delivery_is inactive
        delivery_fail teller
        check_sent 'the next one starts it again, at once' teller 5 15
        check 'and came, too' delivery_of_all
        agent_remove teller
}

delivery_dead_letter() {
        delivery_agent refused-by 'Webhook=/etc/fte/secrets/refusing'
        delivery_fail refused-by
        check_box 'an alert that is refused for good is a dead letter' dead 1 30
        check 'the failed unit shows it' wait_for 20 delivery_is failed
        check_says 'and says what to do' 'could never be sent' machine_run systemctl status \
                --no-pager fte-alert-deliver
        delivery_agent teller 'Webhook=/etc/fte/secrets/hook'
        delivery_fail teller
        check_sent 'the next alert goes out all the same' teller 6 30
        check_says 'to its receiver' "/$canary failure $(machine_sh \
                'cat /var/lib/fte-alert/sent/* | sed -n "s/^id=//p" | tail -n 1')" receiver_got
        machine_sh 'rm -f /var/lib/fte-alert/dead/*; systemctl stop fte-alert-deliver
                systemctl reset-failed fte-alert-deliver'
        for name in refused-by teller; do agent_remove $name; done
}

delivery_missing_secret() {
        delivery_agent lost 'Webhook=/etc/fte/secrets/not-there'
        delivery_fail lost
        check_box 'a secret file that is not there: the alert waits' waiting 1 20
        check 'and the status names the file' wait_for 20 delivery_says \
                'secrets/not-there is missing or empty'
        delivery_secret not-there "http://127.0.0.1:8090/$canary"
        machine_run systemctl restart fte-alert-deliver
        check_sent 'written, and the service restarted: it goes out' lost 1 30
        agent_remove lost
}

delivery_programs() {
        machine_sh 'mkdir -p /var/mail-out; chmod 1777 /var/mail-out
                test -e /usr/sbin/sendmail || cp /test/agents/sendmail.sh /usr/sbin/sendmail'
        delivery_agent caller 'Command=/test/agents/alert-command.sh
Email=ops@example.com'
        delivery_fail caller
        check_sent 'Command= and the host'"'"'s sendmail have it' caller 1 60
        check_says 'the command was told' 'failure caller ' machine_run cat /var/lib/fte-alert/told
        check_says 'and got the JSON' '"agent":"caller"' machine_run cat /var/lib/fte-alert/told
        check_says 'the mail names no one in its arguments' 'arguments: -i -t' machine_run cat \
                /var/mail-out/mail
        check_says 'a set-user-ID sendmail would get its rights' 'NoNewPrivs:	0' machine_run cat \
                /var/mail-out/mail
        check_says 'the mail is one' 'Message-ID: <' machine_run cat /var/mail-out/mail
        machine_sh 'cmp -s /test/agents/sendmail.sh /usr/sbin/sendmail && rm /usr/sbin/sendmail
                rm -rf /var/mail-out /var/lib/fte-alert/told'
        agent_remove caller
}

delivery_id() {
        show fte-alert-deliver InvocationID
}

# The path unit would start the delivery at once, and for ever, if it ended.
delivery_stuck() {
        delivery_agent teller 'Webhook=/etc/fte/secrets/hook'
        check 'the delivery rests' wait_for 30 delivery_is inactive # and then has the secret of now
        machine_run mkdir -m 700 /var/lib/fte-alert/waiting/of-root
        check 'what cannot be moved away is shown' wait_for 30 delivery_says \
                '1 in waiting/ must be removed by hand (of-root)'
        stuck_id=$(delivery_id)
        delivery_fail teller
        check_sent 'an alert is sent all the same' teller 7 30
        check_is 'by the same run' "$stuck_id" delivery_id
        machine_run rmdir /var/lib/fte-alert/waiting/of-root
        check 'removed by hand: the run ends' wait_for 30 delivery_is inactive
        check_is 'it was said once' 1 machine_sh 'journalctl --sync
                journalctl -b -o cat --no-pager -u fte-alert-deliver | grep -c "waiting/of-root"'
        agent_remove teller
}

# What the package starts by itself, it starts only where policy-rc.d allows it.
delivery_policy() {
        machine_sh 'systemctl stop fte-alert-deliver.path
                printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d'
        check 'policy-rc.d forbids starts: the package is configured' machine_run \
                /var/lib/dpkg/info/systemd-fte.postinst configure
        check_is 'and starts nothing' inactive show_path
        machine_run rm /usr/sbin/policy-rc.d
        check 'policy-rc.d is gone: it is configured again' machine_run \
                /var/lib/dpkg/info/systemd-fte.postinst configure
        check_is 'and watches for alerts' active show_path
}

show_path() {
        machine_run systemctl show --value -p ActiveState fte-alert-deliver.path
}

# What our programs make of answers and secrets, on whatever machine.
delivery_answers() {
        delivery_dead_letter
        delivery_missing_secret
        delivery_programs
        delivery_stuck
}

scenario_alerts() {
        delivery_policy
        delivery_prepare
        machine_sh 'rm -f /var/lib/fte-alert/*/*'
        delivery_across_reboot
        [ -n "${only_machines_matter-}" ] || delivery_answers
        scenario_alert_transport
        check_lacks 'no secret in the journal' "$canary" machine_sh \
                'journalctl --sync; journalctl --no-pager -o export | grep -a canary | cat'
        check_lacks 'nor in a unit or an alert' "$canary" machine_sh \
                'cat /run/systemd/generator*/*.service /run/systemd/generator*/*.d/*.conf \
                        /var/lib/fte-alert/*/* 2>/dev/null; true'
        check_lacks 'nor in an argument' "$canary" machine_sh 'cat /proc/*/cmdline | tr "\0" " "'
        check_is 'the spool is open to its user only' 'fte-alert 700' machine_run stat -c '%U %a' \
                /var/lib/fte-alert
        machine_sh 'systemctl stop alert-receiver; rm -rf /etc/fte/secrets "$1" \
                /etc/systemd/system/alert-receiver.service; systemctl daemon-reload' $received
}
