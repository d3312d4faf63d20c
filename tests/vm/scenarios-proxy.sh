# SPDX-License-Identifier: LGPL-2.1-or-later
# Agents behind a real nginx: what a client on the other side of a link sees. Sourced by scenarios.sh.
# shellcheck shell=sh

# proxy_agent NAME PORT [LINES OF [Proxy]]
proxy_agent() {
        agent_file "$1" <<END
[Agent]
Exec=/test/agents/streams.py $2
[Environment]
File=none
[Health]
URL=http://127.0.0.1:$2/health
StartTimeout=${start_timeout:-20s}
[Proxy]
Domain=$1.test.example
${3-}
END
        machine_run systemctl daemon-reload
}

# A network name space with a link to the machine: the client's side. 192.0.2.1 is the machine's.
proxy_client() {
        machine_sh 'ip netns add client 2>/dev/null || exit 0
                ip link add fte-host type veth peer name fte-client netns client
                ip addr add 192.0.2.1/24 dev fte-host; ip -6 addr add 2001:db8::1/64 dev fte-host nodad
                ip link set fte-host up
                ip -n client addr add 192.0.2.2/24 dev fte-client
                ip -n client -6 addr add 2001:db8::2/64 dev fte-client nodad
                ip -n client link set fte-client up; ip -n client link set lo up'
}

proxy_client_gone() {
        machine_sh 'ip link del fte-host; ip netns del client' 2>/dev/null || :
}

outside() {
        machine_run ip netns exec client "$@"
}

# get NAME PATH [CURL OPTION]...: by HTTPS from the outside, whoever signed the certificate
get() {
        get_name=$1 get_path=$2
        shift 2
        outside curl -sSk --max-time 10 --resolve "$get_name.test.example:443:192.0.2.1" \
                --resolve "$get_name.test.example:80:192.0.2.1" "$@" \
                "https://$get_name.test.example$get_path"
}

status_of() {
        get "$@" -o /dev/null -w '%{http_code}'
}

status_is() {
        status_want=$1
        shift
        [ "$(status_of "$@")" = "$status_want" ]
}

proxy_first_minute() {
        proxy_agent web 8040 'MaxBody=2M
HSTS=yes'
        machine_sh 'systemctl start nginx; systemctl start web'
        check 'the agent with a [Proxy] answers' wait_for 20 is_state web active
        check 'by HTTPS from outside, at once' wait_for 10 get web /
        check_is 'as itself' ok get web /
        check_is 'the certificate is for its name' 'DNS:web.test.example' machine_sh \
                'openssl x509 -noout -ext subjectAltName \
                        -in /var/lib/fte/proxy/certificates/web.test.example.pem | sed -n "s/^ *//;2p"'
        check_is 'and its key is nobody'"'"'s' '600 root:root' machine_run stat -c '%a %U:%G' \
                /var/lib/fte/proxy/certificates/web.test.example.pem
        check_says 'http leads to https' 'https://web.test.example/a?b=1' outside curl -sS -o /dev/null \
                -w '%{http_code} %{redirect_url}' --resolve web.test.example:80:192.0.2.1 \
                'http://web.test.example/a?b=1'
        check_is 'HTTP/2' 2 get web / -o /dev/null -w '%{http_version}' --http2
        check_is 'IPv6' ok outside curl -sSk --resolve 'web.test.example:443:[2001:db8::1]' \
                https://web.test.example/
        check_fails 'TLS 1.1 is refused' get web / --tls-max 1.1
        check_is 'another name gets no agent' '' machine_sh 'ip netns exec client curl -sSk \
                --resolve other.example:443:192.0.2.1 https://other.example/ 2>/dev/null'
        check_says 'HSTS' 'max-age=63072000' get web / -o /dev/null -D -
        check_is '/health is not shown' 404 status_of web /health
        check_is 'nor in another spelling' 404 status_of web '/x/..//%68ealth?a' --path-as-is
}

proxy_headers() {
        check_says 'the agent sees the client' 'x-forwarded-for: 192.0.2.2' get web /headers \
                -H 'X-Forwarded-For: 10.9.8.7'
        check_lacks 'and not what the client says it is' 10.9.8.7 get web /headers \
                -H 'X-Forwarded-For: 10.9.8.7' -H 'X-Real-IP: 10.9.8.7'
        check_says 'and how it came' 'x-forwarded-proto: https' get web /headers
        check_says 'and a request ID' 'x-request-id: ' get web /headers
        check_says 'which the client gets too' 'x-request-id: ' get web / -o /dev/null -D -
        check_is 'an upload within MaxBody' 'got 1900000' machine_sh 'head -c 1900000 /dev/zero >/tmp/body
                ip netns exec client curl -sSk --resolve web.test.example:443:192.0.2.1 \
                        --data-binary @/tmp/body https://web.test.example/'
        check_is 'and one over it' 413 machine_sh 'head -c 2200000 /dev/zero >/tmp/body
                ip netns exec client curl -sSk --resolve web.test.example:443:192.0.2.1 -o /dev/null \
                        -w "%{http_code}" --data-binary @/tmp/body https://web.test.example/'
}

proxy_streams() {
        check_is 'events come one by one' streamed machine_sh 'ip netns exec client python3 - <<END
import ssl, socket, time
c = ssl._create_unverified_context()
s = c.wrap_socket(socket.create_connection(("192.0.2.1", 443)), server_hostname="web.test.example")
s.sendall(b"GET /events HTTP/1.1\r\nHost: web.test.example\r\n\r\n")
seen, got = [], b""
while b"token 4" not in got:
    got += s.recv(4096)
    seen.append(time.monotonic())
print("streamed" if len(seen) >= 5 and seen[-1] - seen[0] > 0.6 else (len(seen), seen[-1] - seen[0]))
END'
        check_is 'a websocket' 'hello back' machine_sh 'ip netns exec client python3 - <<END
import asyncio, ssl, websockets
async def main():
    url, context = "wss://web.test.example/ws", ssl._create_unverified_context()
    async with websockets.connect(url, ssl=context, host="192.0.2.1",
                                  server_hostname="web.test.example") as ws:
        await ws.send("hello back")
        print(await ws.recv())
asyncio.run(main())
END'
}

proxy_restart_page() {
        machine_run systemctl stop web
        check_is 'while the agent is down: 503' 503 status_of web /
        check_says 'with Retry-After' 'retry-after: 10' get web / -D - -o /dev/null
        check_says 'and a friendly page' 'will be back shortly' get web /
        machine_run systemctl start web
        check_is 'and then the agent again' ok get web /
}

# New connections all the time, while the certificate is exchanged: none fails.
proxy_swap() {
        machine_sh 'mkdir -p /etc/ssl/own; cd /etc/ssl/own
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 \
                        -subj /CN=given.example -keyout own.key -out own.crt' >/dev/null 2>&1
        proxy_agent web 8040 'MaxBody=2M
HSTS=yes
Certificate=/etc/ssl/own/own.crt
CertificateKey=/etc/ssl/own/own.key'
        check_is 'certificates exchanged under load: no request fails' 'failed 0' machine_sh '
                ip netns exec client /test/agents/new-load.sh 192.0.2.1 web.test.example /tmp/swapped 60 &
                sleep 0.3; systemctl start fte-proxy; sleep 0.5
                sed -i "/^Certificate/d" /etc/fte/web.conf; systemctl daemon-reload
                systemctl start fte-proxy; sleep 0.5; touch /tmp/swapped; wait'
        proxy_agent web 8040 'Certificate=/etc/ssl/own/own.crt
CertificateKey=/etc/ssl/own/own.key'
        machine_run systemctl start fte-proxy
        check_says 'the given one is used' given.example wait_for_subject web given
        machine_sh 'cd /etc/ssl/own; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
                -nodes -days 90 -subj /CN=renewed.example -keyout own.key -out own.crt
                systemctl start fte-proxy' >/dev/null 2>&1
        check_says 'its renewal too' 'renewed.example' wait_for_subject web renewed
}

outside_subject() {
        machine_sh 'ip netns exec client openssl s_client -connect 192.0.2.1:443 \
                -servername "$1.test.example" </dev/null 2>/dev/null |
                openssl x509 -noout -subject -nameopt oneline' "$1"
}

subject_has() {
        outside_subject "$1" | grep -q "$2"
}

wait_for_subject() {
        wait_for 5 subject_has "$@"
        outside_subject "$1"
}

# What fits together, and nginx does not take.
proxy_weak_key() {
        machine_sh 'mkdir -p /etc/ssl/own; cd /etc/ssl/own
                openssl req -x509 -newkey rsa:1024 -nodes -days 90 -subj /CN=weak.example -keyout weak.key -out weak.crt' \
                >/dev/null 2>&1
}

proxy_faults() {
        proxy_agent second 8041 'RateLimit=1r/m'
        proxy_agent third 8042
        machine_sh 'systemctl start second third'
        check 'more agents' wait_for 10 get third /
        check_is 'RateLimit: the eleventh at once is too many' 429 machine_sh \
                'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
                        ip netns exec client curl -sSk --resolve second.test.example:443:192.0.2.1 \
                                -o /dev/null -w "%{http_code}\n" https://second.test.example/
                done | tail -n 1'
        proxy_weak_key
        proxy_agent third 8042 'Certificate=/etc/ssl/own/weak.crt
CertificateKey=/etc/ssl/own/weak.key'
        proxy_agent fourth 8043
        check_fails 'a block that nginx refuses' machine_run systemctl start fte-proxy
        check_says 'is named' 'third: nginx refuses its block' journal fte-proxy
        check_is 'and has what it had' ok get third /
        proxy_settled
        check_is 'the new one beside it is served' 503 status_of fourth /
        check_says 'nginx is content' successful machine_run nginx -t
        agent_remove fourth
        machine_sh 'rm /etc/fte/second.conf; systemctl daemon-reload; systemctl stop second'
        check 'a removed agent disappears by itself' wait_for 10 machine_run \
                test ! -e /var/lib/fte/proxy/current/second.conf
        machine_sh 'printf "server { listen 81; bad_word; }\n" >/etc/nginx/conf.d/admin.conf'
        proxy_agent fourth 8043
        check_fails 'somebody else'"'"'s mistake' machine_run systemctl start fte-proxy
        check_says 'is told to be that' 'refuses its own configuration' journal fte-proxy
        check_says 'with its place' '/etc/nginx/conf.d/admin.conf:1' journal fte-proxy
        check_is 'and is no harm to who is served' ok get web /
        machine_sh 'rm /etc/nginx/conf.d/admin.conf; systemctl start fte-proxy'
        proxy_settled
        check_is 'when it is corrected the rest follows' 503 status_of fourth /
        agent_remove fourth
        agent_remove third
}

no_jobs() {
        [ -z "$(machine_run systemctl list-jobs --no-legend)" ]
}

# fte-proxy does not wait for the reload that it asks for, nor that for nginx's workers.
proxy_settled() {
        wait_for 10 no_jobs
        sleep 1
}

# How often nginx was reloaded: its workers are new ones then.
nginx_workers() {
        machine_sh 'pgrep -P "$(cat /run/nginx.pid)" | sort -n | tr "\n" " "'
}

proxy_unrelated() {
        machine_run systemctl start fte-proxy
        proxy_settled
        workers=$(nginx_workers)
        plain_agent unrelated 8050
        machine_sh 'systemctl start unrelated; systemctl restart unrelated; systemctl restart web'
        proxy_settled
        check_is 'nothing changed: nginx is not reloaded' "$workers" nginx_workers
        agent_remove unrelated
}

# ftectl apply: of another agent nobody notices anything, and of [Proxy] nginx gets it without a restart.
proxy_apply() {
        plain_agent unrelated 8050
        machine_sh 'systemctl start unrelated; ftectl apply --yes >/dev/null'
        machine_sh 'sed -i s/StartTimeout=.*/StartTimeout=19s/ /etc/fte/unrelated.conf
                grep -q "^StartTimeout=19s" /etc/fte/unrelated.conf ||
                        printf "[Limits]\nTasks=99\n" >>/etc/fte/unrelated.conf'
        check_is 'ftectl apply of an unrelated agent: no request and no stream is dropped' 'failed 0 stream ok' \
                machine_sh 'rm -f /tmp/applied
                ip netns exec client sh -c "bad=0; n=0; until [ -e /tmp/applied ] && [ \$n -ge 40 ]; do
                        n=\$((n + 1)); [ \$n -lt 600 ] || break
                        curl -sSkf --max-time 5 --resolve web.test.example:443:192.0.2.1 -o /dev/null \
                                https://web.test.example/ || bad=\$((bad + 1))
                done; echo failed \$bad" >/tmp/load &
                load=$!
                ip netns exec client curl -sSk --max-time 20 --resolve web.test.example:443:192.0.2.1 \
                        https://web.test.example/events >/tmp/events & stream=$!
                ftectl apply --yes unrelated >/tmp/apply 2>&1 || cat /tmp/apply; touch /tmp/applied
                wait $load; wait $stream; echo "$(cat /tmp/load) stream $(grep -q "token 4" /tmp/events && echo ok)"'
        agent_remove unrelated
        pid=$(show web MainPID)
        sed_status=$(status_of web /)
        machine_sh 'sed -i s/^MaxBody=.*//\;/^Domain=web/aMaxBody=1000 /etc/fte/web.conf'
        check "ftectl apply of [Proxy] (before: $sed_status)" machine_run ftectl apply --yes web
        proxy_settled
        check_is 'nginx has it' 413 machine_sh 'ip netns exec client curl -sSk -o /dev/null -w "%{http_code}" \
                --resolve web.test.example:443:192.0.2.1 --data-binary @/etc/services https://web.test.example/'
        check_is 'h2c is no way past nginx' '' machine_sh 'ip netns exec client curl -sSk --http1.1 \
                --resolve web.test.example:443:192.0.2.1 -H "Upgrade: h2c" -H "Connection: Upgrade" \
                https://web.test.example/headers | grep -i "^upgrade:"'
        machine_sh 'sed -i s,^Domain=web.*,Domain=web.test.example\\nUpstream=http://no-such-host.invalid:1, /etc/fte/web.conf'
        check_fails 'what nginx refuses is a failure of apply' machine_run ftectl apply --yes web
        check_says 'which says where to look' 'journalctl -u fte-proxy' machine_run ftectl apply --yes web
        machine_sh 'sed -i /^Upstream/d /etc/fte/web.conf'
        check 'and corrected it is none' machine_run ftectl apply --yes web
        proxy_settled
}

# A port that nginx could not have: its configuration would pass the test, and nginx not start any more.
proxy_ports() {
        machine_sh 'for f in /etc/fte/*.conf; do [ "$f" = /etc/fte/fte.conf ] || mv "$f" "$f.away"; done
                systemctl start fte-proxy; systemctl stop nginx
                rm -f /etc/nginx/sites-enabled/default
                echo "server { listen 8088; return 200 admin; }" >/etc/nginx/conf.d/admin.conf
                systemctl start nginx; systemd-run -q --unit=holder python3 -m http.server --bind 0.0.0.0 443'
        wait_for 10 fetch_url http://127.0.0.1:8088/ >/dev/null
        machine_sh 'for f in /etc/fte/*.away; do mv "$f" "${f%.away}"; done'
        wait_for 10 connects_inside 443
        check_fails 'another program has port 443: nothing is done' machine_run systemctl start fte-proxy
        check_says 'it is named' 'port 443 is held by /usr/bin/python3' journal fte-proxy
        machine_run systemctl restart nginx
        check 'and the admin'"'"'s own site starts as ever' wait_for 10 fetch_url http://127.0.0.1:8088/
        machine_sh 'systemctl stop holder; systemctl start fte-proxy; rm /etc/nginx/conf.d/admin.conf
                ln -s ../sites-available/default /etc/nginx/sites-enabled/default; systemctl reload nginx'
        proxy_settled
        check_is 'when it is free the agents are served' ok get web /
}

connects_inside() {
        machine_run bash -c "exec 3<>/dev/tcp/127.0.0.1/$1"
}

# A name that has no address, as before the network is up: nginx starts all the same.
proxy_names() {
        machine_sh 'cp -p /etc/hosts /var/tmp/hosts; echo "127.0.0.1 inner.example" >>/etc/hosts'
        proxy_agent named 8044 'Upstream=http://inner.example:8044'
        machine_sh 'systemctl start named; ftectl apply --yes named >/dev/null'
        proxy_settled
        check_is 'an upstream by name' ok get named /
        check_says 'nginx has its address' 'server 127.0.0.1:8044 ' machine_run cat /var/lib/fte/proxy/current/named.conf
        machine_sh 'cat /var/tmp/hosts >/etc/hosts; systemctl stop nginx; systemctl start nginx'
        check_is 'the name has no address any more: nginx starts, and has the last one' ok get named /
        check_says 'the journal says so' 'this name has no address now' journal fte-proxy
        machine_sh 'systemctl stop nginx; rm -rf /var/lib/fte/proxy/current /etc/nginx/sites-enabled/zz-*
                systemctl start nginx'
        check 'and none ever before: nginx starts' machine_run systemctl is-active nginx
        check_is 'the others are served' ok get web /
        check_is 'this one says that it is not there' 503 status_of named /
        check_is 'it is tried again by itself' active machine_run systemctl is-active fte-proxy-again.timer
        check 'and nobody who starts nginx waits for that' machine_sh 'timeout 40 systemctl restart nginx'
        machine_sh 'echo "127.0.0.1 inner.example" >>/etc/hosts'
        check_is 'the address is there' ok wait_for_get named
        machine_sh 'cat /var/tmp/hosts >/etc/hosts'
        agent_remove named
        machine_run systemctl start fte-proxy
        proxy_settled
}

get_is_ok() {
        [ "$(get "$1" /)" = ok ]
}

wait_for_get() {
        wait_for 100 get_is_ok "$1"
        get "$1" /
}

# Connections that are kept: a change that is not nginx's costs none; a reload of nginx ends those that are
# idle just then, and no request is lost by that.
proxy_kept() {
        plain_agent unrelated 8050
        machine_sh 'systemctl start unrelated; ftectl apply --yes >/dev/null'
        proxy_settled
        machine_sh 'printf "[Limits]\nTasks=98\n" >>/etc/fte/unrelated.conf'
        check_says 'kept connections, apply of an unrelated agent: none fails, none is closed' ' failed 0 closed 0' \
                proxy_kept_load 'ftectl apply --yes unrelated >/dev/null; sleep 1'
        agent_remove unrelated
        check_says 'kept connections, nginx reloaded ten times: no request fails' ' failed 0 ' \
                proxy_kept_load 'for i in 1 2 3 4 5 6 7 8 9 10; do systemctl reload nginx; sleep 0.3; done'
        note "ten reloads: $tap_seen"
}

# proxy_kept_load SCRIPT: what kept-load.py saw while it ran.
proxy_kept_load() {
        machine_sh 'rm -f /tmp/kept-stop; ip netns exec client /test/agents/kept-load.py 192.0.2.1 web.test.example \
                        /tmp/kept-stop 4 2>&1 & load=$!
                sleep 0.5; '"$1"'; touch /tmp/kept-stop; wait $load'
}

# fte-proxy at work when apply comes has read the files before the edit: apply is not content with that run.
proxy_race() {
        machine_sh 'mkdir -p /etc/systemd/system/fte-proxy.service.d
                printf "[Service]\nExecStartPost=sleep 4\n" >/etc/systemd/system/fte-proxy.service.d/slow.conf
                systemctl daemon-reload; systemctl start --no-block fte-proxy; sleep 1.5
                sed -i "/^MaxBody/d; /^Domain=web/aMaxBody=900" /etc/fte/web.conf'
        check 'apply while fte-proxy is at work' machine_run ftectl apply --yes web
        check_says 'nginx has the edit when apply ends' 'client_max_body_size 900;' \
                machine_run cat /var/lib/fte/proxy/current/web.conf
        machine_sh 'rm -r /etc/systemd/system/fte-proxy.service.d; sed -i "/^MaxBody/d" /etc/fte/web.conf
                systemctl daemon-reload; systemctl start fte-proxy'
        proxy_settled
}

# Two hundred of them, one of which nginx refuses.
proxy_many() {
        proxy_weak_key
        machine_sh 'for i in $(seq 100 299); do
                printf "[Agent]\nExec=/bin/true\nEnabled=no\n[Environment]\nFile=none\n[Proxy]\n" >/etc/fte/m$i.conf
                printf "Domain=m$i.test.example\nUpstream=http://127.0.0.1:9$i\n" >>/etc/fte/m$i.conf
        done
        echo "Certificate=/etc/ssl/own/weak.crt" >>/etc/fte/m250.conf
        echo "CertificateKey=/etc/ssl/own/weak.key" >>/etc/fte/m250.conf'
        many_from=$(date +%s)
        check_fails 'two hundred agents, one of them refused' machine_run systemctl start fte-proxy
        check_between 'within a while' 0 60 $(($(date +%s) - many_from))
        check_is 'it alone' 1 machine_sh 'journalctl -u fte-proxy -o cat --since "$(systemctl show \
                --timestamp=us --value -p InactiveExitTimestamp fte-proxy)" | grep -c "nginx refuses its block"'
        check_is 'the others are there' 200 machine_sh 'ls /var/lib/fte/proxy/current | wc -l'
        check 'the first answers' wait_for 20 status_is 503 m100 /
        check_is 'the last too' 503 status_of m299 /
        check_is 'and the one that runs' ok get web /
        machine_sh 'rm /etc/fte/m*.conf'
        check 'they all go by themselves' wait_for 20 machine_sh 'test "$(ls /var/lib/fte/proxy/current)" = web.conf'
}

proxy_boot() {
        machine_sh 'systemctl stop nginx; rm -rf /var/lib/fte/proxy/current; systemctl start nginx'
        check_is 'nginx starts with the blocks it needs' ok get web /
}

proxy_end() {
        machine_sh 'rm /etc/fte/web.conf; systemctl daemon-reload; systemctl stop web'
        check 'the last agent goes: nothing of ours is left in /etc/nginx' wait_for 10 machine_sh \
                'test -z "$(find /etc/nginx -name "*fte*")"'
        check_is 'and the files of nginx are as the package has them' '' machine_sh \
                'dpkg --verify nginx-common | grep /etc/nginx'
        machine_sh 'systemctl stop nginx; rm -rf /etc/ssl/own'
}

scenario_proxy() {
        proxy_client
        proxy_first_minute
        proxy_headers
        proxy_streams
        proxy_restart_page
        proxy_swap
        proxy_faults
        proxy_unrelated
        proxy_apply
        proxy_ports
        proxy_names
        proxy_kept
        proxy_race
        # The release does not matter.
        [ "${suite-bookworm}" != bookworm ] || proxy_many
        proxy_boot
        proxy_end
        proxy_client_gone
}
