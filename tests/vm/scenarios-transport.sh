# SPDX-License-Identifier: LGPL-2.1-or-later
# Alerts over the network, as far as there is one inside a machine: TLS and a mail server, verified
# by the machine's own authorities from inside the real sandbox; no name, no link; and a storm of
# failures. Parts of scenario_alerts. Sourced by scenarios.sh.
# shellcheck shell=sh

authority=/var/tmp/authority
mails=/var/tmp/mails

# An authority that nobody trusts yet, a certificate by it, and who uses that.
transport_prepare() {
        machine_sh 'set -e
                mkdir -p "$1"; cd "$1"; cp /etc/hosts hosts
                echo "127.0.0.1 receiver.test mail.test" >>/etc/hosts
                new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                openssl req -x509 $new -subj "/CN=fte test CA" -days 2 -keyout ca.key -out ca.crt
                openssl req $new -subj /CN=receiver.test -keyout server.key -out server.csr
                echo "subjectAltName=DNS:receiver.test,DNS:later.test,DNS:mail.test,IP:192.0.2.2" >ext
                openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \
                        -extfile ext -out server.crt
                cat server.key server.crt >server.pem' $authority >/dev/null 2>&1
        delivery_secret tls "https://receiver.test:8443/tls/$canary"
        delivery_secret nameless "https://later.test:8443/nameless/$canary"
        delivery_secret linkless "https://192.0.2.2:8443/linkless/$canary"
        delivery_secret login "robot@example.com $canary-password"
        transport_service tls-receiver "alert-receiver.py 8443 $received $authority/server.pem"
        transport_service far-receiver "alert-receiver.py 8443 $received $authority/server.pem" \
                "PrivateNetwork=yes
Type=exec"
        transport_service mail-receiver "mail-receiver.py 8025 $mails $authority/server.pem \
                /etc/fte/secrets/login"
        machine_sh 'systemctl daemon-reload; systemctl start tls-receiver mail-receiver'
}

# transport_service NAME COMMAND [LINE]
transport_service() {
        machine_write "/etc/systemd/system/$1.service" 644 <<END
[Service]
ExecStart=/test/agents/$2
${3-}
END
}

transport_clean() {
        machine_sh 'systemctl stop tls-receiver mail-receiver far-receiver
                rm -f /etc/systemd/system/tls-receiver.service \
                        /etc/systemd/system/mail-receiver.service \
                        /etc/systemd/system/far-receiver.service \
                        /usr/local/share/ca-certificates/fte-test.crt
                update-ca-certificates --fresh
                cat "$1/hosts" >/etc/hosts
                rm -rf "$1" "$2"; systemctl daemon-reload' $authority $mails >/dev/null 2>&1
}

# came PATH: how many requests; came_is PATH NUMBER
came() {
        receiver_got | grep -c "^/$1/"
}

came_is() {
        [ "$(came "$1")" = "$2" ]
}

mail_came() {
        machine_sh 'cat "$1"' $mails
}

# Without the authority nothing is sent; with it, both ways are open.
transport_tls() {
        machine_sh 'test ! -e /etc/fte/fte.conf || cp /etc/fte/fte.conf "$1"/fte.conf
                printf "[Alert]\nSMTP=smtp://mail.test:8025\nSMTPLogin=/etc/fte/secrets/login\n" \
                        >>/etc/fte/fte.conf' $authority
        delivery_agent secure 'Webhook=/etc/fte/secrets/tls
Email=ops@example.com'
        delivery_fail secure
        check 'an unknown authority: the webhook waits' wait_for 60 told_of secure \
                'target=webhook' 'certificate cannot be trusted'
        check 'and the mail' wait_for 60 told_of secure 'target=email' \
                'certificate cannot be trusted'
        check_is 'nothing was sent' 0 came tls
        # It makes a link for each authority: the emulated machine takes minutes.
        machine_timeout=600
        check 'the authority is added to those of the system' machine_sh \
                'mkdir -p /usr/local/share/ca-certificates
                cp "$1/ca.crt" /usr/local/share/ca-certificates/fte-test.crt
                update-ca-certificates' $authority
        machine_timeout=120
        check_sent 'both are sent, without a restart of anything' secure 1 200
        check_is 'by HTTPS once' 1 came tls
        check 'by STARTTLS with the login, once' wait_for 10 machine_sh 'test "$(cat "$1")" = \
                "tls robot@example.com robot@example.com ops@example.com <$(sed -n s/^id=//p \
                        $(grep -l ^agent=secure /var/lib/fte-alert/sent/*))@fte-alert.invalid>"' \
                $mails
        agent_remove secure
        machine_sh 'rm /etc/fte/fte.conf; test ! -e "$1"/fte.conf || mv "$1"/fte.conf /etc/fte/
                systemctl daemon-reload' $authority
}

# told_of NAME TARGET ANSWER: its waiting alert has an answer for the target that says so.
told_of() {
        machine_sh 'cat $(grep -l "^agent=$1\$" /var/lib/fte-alert/waiting/*) |
                sed -n "/^$2/,/^target=/p" | grep -q "^target.answer=.*$3"' "$@"
}

transport_no_name() {
        delivery_agent nameless 'Webhook=/etc/fte/secrets/nameless'
        delivery_fail nameless
        check 'a name that does not resolve: the alert waits and says so' wait_for 60 told_of \
                nameless target=webhook 'resolve host'
        machine_sh 'echo "127.0.0.1 later.test" >>/etc/hosts'
        check_sent 'it resolves: the alert is sent' nameless 1 200
        check_is 'once' 1 came nameless
        agent_remove nameless
}

# The receiver is at the other end of a link, in a network of its own.
transport_link() {
        machine_sh 'set -e
                systemctl start far-receiver
                pid=$(systemctl show --value -p MainPID far-receiver)
                ip link add fte-near type veth peer name fte-far netns "$pid"
                nsenter -t "$pid" -n ip addr add 192.0.2.2/24 dev fte-far
                nsenter -t "$pid" -n ip link set fte-far up
                ip addr add 192.0.2.1/24 dev fte-near'
}

transport_no_link() {
        check 'a network with a receiver, whose interface is down' transport_link
        delivery_agent linkless 'Webhook=/etc/fte/secrets/linkless'
        delivery_fail linkless
        check 'the alert waits and says so' wait_for 60 told_of linkless target=webhook connect
        check_is 'nothing was sent' 0 came linkless
        machine_run ip link set fte-near up
        check_sent 'the interface is up: the alert is sent' linkless 1 200
        check_is 'once' 1 came linkless
        machine_run ip link delete fte-near
        agent_remove linkless
}

# Failures that the receiver knows of: the alerts themselves and what they say was repeated.
storm_told() {
        receiver_got | awk '/^\/tls\// { n += ($2 != "repeated") + $4 } END { print n + 0 }'
}

storm_is_told() {
        [ "$(storm_told)" = "$1" ]
}

# As many failures as fit into a minute on a real machine; an emulated one takes longer for fewer.
transport_storm() {
        storm=1000
        [ "$machine_kind" != qemu ] || storm=100
        machine_run rm -f $received
        delivery_agent storm 'Webhook=/etc/fte/secrets/tls'
        machine_sh 'sed -i "s/^On=.*/On=failure restart/; s/^Cooldown=.*/Cooldown=1min/" \
                /etc/fte/storm.conf; systemctl daemon-reload
                systemd-run --quiet --unit=storm-maker /test/agents/storm.sh storm "$1" \
                        /var/tmp/storm' "$storm"
        check "$storm failures" wait_for 300 machine_run test -s /var/tmp/storm
        check_between 'so many alerts waited at once' 1 4 "$(machine_run cat /var/tmp/storm)"
        check 'the receiver is told of each failure' wait_for 200 storm_is_told "$storm"
        note "told of $(storm_told), in: $(receiver_got | cut -d' ' -f2,4 | tr '\n' ';')"
        check_between 'in a handful of messages' 2 8 "$(came tls)"
        check_says 'of which the last one counts' ' repeated ' machine_sh 'tail -n 1 "$1"' $received
        machine_run rm -f /var/tmp/storm
        agent_remove storm
}

scenario_alert_transport() {
        transport_prepare
        transport_tls
        transport_no_name
        transport_no_link
        transport_storm
        transport_clean
}
