# SPDX-License-Identifier: LGPL-2.1-or-later
# Certificates by ACME for real: certbot asks pebble, the test server of Let's Encrypt, which looks for the
# challenge through nginx from the other side of a link. Sourced by scenarios.sh after scenarios-proxy.sh.
# shellcheck shell=sh

# The authority, with a DNS of its own, in the client's name space: whatever it is asked, it is the machine.
acme_authority() {
        machine_sh 'mkdir -p /var/tmp/pebble /etc/letsencrypt; cd /var/tmp/pebble
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=pebble \
                        -addext subjectAltName=IP:192.0.2.2 -keyout key.pem -out cert.pem 2>/dev/null
                printf "{\"pebble\": {\"listenAddress\": \"192.0.2.2:14000\",
                        \"managementListenAddress\": \"192.0.2.2:15000\", \"certificate\": \"%s/cert.pem\",
                        \"privateKey\": \"%s/key.pem\", \"httpPort\": 80, \"tlsPort\": 443}}" "$PWD" "$PWD" \
                        >config.json
                printf "server = https://192.0.2.2:14000/dir\nno-verify-ssl = true\n" >/etc/letsencrypt/cli.ini
                for unit in "pebble-dns pebble-challtestsrv -defaultIPv4 192.0.2.1 -defaultIPv6 2001:db8::1 \
                                -dns01 127.0.0.1:8053 -management 127.0.0.1:8055 -http01= -https01= -tlsalpn01=" \
                        "pebble pebble -config /var/tmp/pebble/config.json -dnsserver 127.0.0.1:8053"; do
                        set -- $unit; name=$1; shift
                        systemd-run -q --unit="$name" -E PEBBLE_VA_NOSLEEP=1 -E PEBBLE_WFE_NONCEREJECT=0 \
                                ip netns exec client "$@"
                done'
        wait_for 20 machine_run curl -sk -o /dev/null https://192.0.2.2:14000/dir
}

acme_end() {
        machine_sh 'systemctl stop pebble pebble-dns; systemctl reset-failed pebble pebble-dns
                rm -rf /var/tmp/pebble /etc/letsencrypt/cli.ini /etc/letsencrypt/live /etc/letsencrypt/archive \
                        /etc/letsencrypt/renewal /etc/letsencrypt/accounts /tmp/acme-*' 2>/dev/null
        agent_remove secure
        machine_sh 'systemctl start fte-proxy; systemctl stop nginx'
        proxy_client_gone
}

issuer_is_pebble() {
        machine_sh 'ip netns exec client openssl s_client -connect 192.0.2.1:443 -servername secure.test.example \
                </dev/null 2>/dev/null | openssl x509 -noout -issuer' | grep -q 'Pebble Intermediate'
}

acme_serial() {
        machine_sh 'ip netns exec client openssl s_client -connect 192.0.2.1:443 -servername secure.test.example \
                </dev/null 2>/dev/null | openssl x509 -noout -serial'
}

serial_is_new() {
        [ "$(acme_serial)" != "$serial" ]
}

# New connections and kept ones all the time, until /tmp/acme-stop is there.
acme_load() {
        machine_sh 'rm -f /tmp/acme-*
                (ip netns exec client /test/agents/new-load.sh 192.0.2.1 secure.test.example /tmp/acme-stop 20 \
                        >/tmp/acme-load.part; mv /tmp/acme-load.part /tmp/acme-load) >/dev/null 2>&1 </dev/null &
                (ip netns exec client /test/agents/kept-load.py 192.0.2.1 secure.test.example /tmp/acme-stop 2 \
                        >/tmp/acme-kept.part 2>/tmp/acme-kept.errors; mv /tmp/acme-kept.part /tmp/acme-kept) \
                        >/dev/null 2>&1 </dev/null &'
}

acme_loaded() {
        machine_run touch /tmp/acme-stop
        wait_for 60 machine_sh 'test -e /tmp/acme-load && test -e /tmp/acme-kept'
        check_is "$1: no request fails" 'failed 0' machine_run cat /tmp/acme-load
        check_says "$1: nor one on a kept connection" ' failed 0 ' machine_sh 'cat /tmp/acme-kept /tmp/acme-kept.errors'
        note "$(machine_run cat /tmp/acme-kept)"
}

scenario_acme() {
        if ! machine_sh 'command -v certbot && command -v pebble' >/dev/null; then
                skip 'certificates by ACME' 'there is no certbot and pebble in this root'
                return
        fi
        proxy_client
        machine_sh 'mkdir -p /etc/letsencrypt; systemctl start nginx
                printf "server = https://192.0.2.2:14000/dir\nno-verify-ssl = true\n" >/etc/letsencrypt/cli.ini'
        proxy_agent secure 8060 'ACME=yes'
        machine_run systemctl start secure
        check 'before there is a certificate HTTPS answers' wait_for 20 get secure /
        check_says 'with one of our own' 'CN = secure.test.example' outside_subject secure
        check 'the authority is not there: certbot gets none' wait_for 120 \
                machine_sh 'journalctl --sync; journalctl -o cat -u fte-proxy-acme | grep -q "got no certificate"'
        check_is 'and HTTPS still answers' ok get secure /
        check 'the authority comes' acme_authority
        acme_load
        check 'fte-proxy-acme gets one' machine_run systemctl restart fte-proxy-acme
        check 'it is in use, of that authority, without anybody'"'"'s doing' wait_for 30 issuer_is_pebble
        acme_loaded 'from self-signed to issued'
        check_is 'a client that trusts the authority is content' ok machine_sh '
                ip netns exec client curl -sk -o /tmp/acme-root https://192.0.2.2:15000/roots/0
                ip netns exec client curl -sS --cacert /tmp/acme-root --max-time 20 \
                        --resolve secure.test.example:443:192.0.2.1 https://secure.test.example/'
        check_lacks 'the key is nobody'"'"'s' 'r--r' machine_sh 'ls -lL /etc/letsencrypt/live/fte-secure/privkey.pem'
        serial=$(acme_serial)
        acme_load
        check 'certbot renews, as its timer would' machine_run certbot renew --quiet --force-renewal \
                --no-random-sleep-on-renew
        check 'and nginx has the new one by the hook' wait_for 30 serial_is_new
        acme_loaded 'renewal'
        check_is 'nothing is left to do' 0 machine_sh 'systemctl start fte-proxy; systemctl show -p ExecMainStatus \
                --value fte-proxy'
        acme_end
}
