# SPDX-License-Identifier: LGPL-2.1-or-later
# Releases on a booted systemd: deployed, refused, broken, rolled back, interrupted. Sourced by
# scenarios.sh.
# shellcheck shell=sh

# deploy_agent NAME PORT [EXEC] [LINES OF [Deploy]]: agents/versioned.py out of a release.
deploy_agent() {
        agent_file "$1" <<END
[Agent]
Exec=${3:-/opt/$1/current/versioned.py $2}
[Environment]
Required=API_KEY
[Health]
URL=http://127.0.0.1:$2/health
StartTimeout=${start_timeout:-20s}
Interval=1s
Timeout=1s
Failures=2
[Restart]
Delay=1s
[Deploy]
${4-}
END
}

# deploy_remove NAME: with all that was deployed.
deploy_remove() {
        agent_remove "$1"
        machine_sh 'rm -rf "/opt/$1" "/var/lib/fte/deploys/$1" "/var/lib/$1"' "$1"
}

make_source() {
        machine_run /test/agents/make-source.sh "$@"
}

# What is running, and what is beside it: "one one", or a mixture.
answers() {
        fetch_url "http://127.0.0.1:$1/"
}

current_id() {
        machine_sh 'basename "$(readlink "/opt/$1/current")"' "$1"
}

count_releases() {
        machine_sh 'ls "/opt/$1/releases" | wc -l' "$1"
}

deploy_leaves_nothing() {
        check "$2: nothing is left behind" machine_sh 'test ! -e /opt/$1/releases/.work &&
                ! ls -d /opt/$1/.*.next /opt/$1/releases/.gone-* /run/systemd/system/fte-deploy-*$1* 2>/dev/null &&
                ! systemctl list-units --all --plain --no-legend "fte-deploy-*-$1.service" | grep .' "$1"
}

scenario_deploy() {
        deploy_first
        deploy_broken
        deploy_wrong
        deploy_sandbox
        deploy_keep
        deploy_worker_and_job
        deploy_under_load
        deploy_interrupted
        deploy_remove desk
}

deploy_first() {
        deploy_agent desk 8101 '' 'Keep=3'
        make_source /tmp/one one
        machine_sh 'tar -C /tmp/one -czf /tmp/one.tar.gz .'
        check_says 'the first release, of an agent that systemd does not know yet' 'healthy' \
                machine_run ftectl deploy desk /tmp/one.tar.gz
        check_is 'it runs' 'one one' answers 8101
        deploy_first=$(current_id desk)
        check_is 'its files are of root, and no one else can change them' 0 machine_sh \
                'find /opt/desk ! -user root -o -perm /022 ! -type l | wc -l'
        make_source /tmp/two two
        check_says 'the second, from standard input' "to go back to $deploy_first" \
                machine_sh 'python3 -c "import tarfile; tarfile.open(\"/tmp/two.tar.xz\", \"w:xz\").add(\"/tmp/two\", \".\")"
                ftectl deploy desk - </tmp/two.tar.xz'
        check_is 'it runs' 'two two' answers 8101
        check_is 'what runs is of one release, also while the link is moved' 'two two' machine_sh 'cd /opt/desk
                now=$(readlink current); ln -sfn "$(readlink previous)" current
                curl -sS --max-time 10 http://127.0.0.1:8101/; ln -sfn "$now" current'
        check_says 'releases shows both' "- $deploy_first" machine_run ftectl releases desk
        check_is 'and as JSON' 'True False well' machine_sh \
                'ftectl releases desk --json | python3 -c "
import json, sys
r = json.load(sys.stdin)[\"releases\"]
print(r[0][\"current\"], r[0][\"previous\"], r[0][\"state\"])"'
        check_says 'rollback' "runs release $deploy_first" machine_run ftectl rollback desk
        check_is 'the first runs again' 'one one' answers 8101
        check 'and back to the other one, by the end of its ID' machine_sh \
                'ftectl rollback desk "$(basename "$(readlink /opt/desk/previous)" | tail -c 9)"'
        check_is 'it runs' 'two two' answers 8101
        deploy_leaves_nothing desk 'after three deployments'
}

deploy_broken() {
        deploy_good=$(current_id desk)
        make_source /tmp/broken broken-3
        check_fails 'a release that ends at once' machine_sh 'ftectl deploy desk /tmp/broken >/tmp/said 2>&1'
        check_says 'the reason is shown' 'has no model' machine_run cat /tmp/said
        check_lacks 'without the secret' "$secret" machine_run cat /tmp/said
        check_says 'and what runs now' "put back: release $deploy_good" machine_run cat /tmp/said
        check_is 'that is true' 'two two' answers 8101
        check_is 'the link, too' "$deploy_good" current_id desk
        make_source /tmp/sick sick-4
        machine_sh 'sed -i "s/^StartTimeout=.*/StartTimeout=6s/" /etc/fte/desk.conf'
        check_fails 'a release that never gets healthy' machine_sh 'ftectl deploy desk /tmp/sick >/tmp/said 2>&1'
        check_says 'the reason is shown' 'StartTimeout=6s' machine_run cat /tmp/said
        check_is 'the good one runs' 'two two' answers 8101
        check_says 'the list knows of the failure' failed machine_run ftectl releases desk
        check_says 'and rollback does not choose it' "runs release $deploy_first" \
                machine_run ftectl rollback desk
        check 'back' machine_run ftectl rollback desk
        check_is 'status 1 for programs, with JSON' 'put-back False 1' machine_sh \
                'ftectl deploy desk /tmp/broken --json >/tmp/said; status=$?
                python3 -c "
import json, sys
r = json.load(open(\"/tmp/said\"))
print(r[\"result\"], r[\"well\"], sys.argv[1])" $status'
        deploy_leaves_nothing desk 'after failures'
}

# What has no port, and what runs only at its times.
deploy_worker_and_job() {
        machine_sh 'mkdir -p /tmp/beat; cp /test/agents/worker.py /tmp/beat/'
        agent_file beat <<END
[Agent]
Exec=/opt/beat/current/worker.py /var/lib/beat/alive
Kind=worker
[Health]
File=/var/lib/beat/alive
MaxAge=2s
Interval=500ms
StartTimeout=${start_timeout:-20s}
END
        check_says 'a worker is deployed, and well when it beats' healthy machine_run ftectl deploy beat /tmp/beat
        machine_sh 'sed -i "s/^StartTimeout=.*/StartTimeout=6s/" /etc/fte/beat.conf
                printf "#!/bin/sh\nexec sleep infinity\n" >/tmp/beat/worker.py'
        check_says 'one that never beats is taken back' 'put back' machine_sh \
                'ftectl deploy beat /tmp/beat >/tmp/said 2>&1; cat /tmp/said'
        check_says 'and the reason is told' 'the heartbeat file' machine_run cat /tmp/said
        check_says 'the one before beats' 'a heartbeat' show beat StatusText
        deploy_remove beat

        machine_sh 'mkdir -p /tmp/night; printf "#!/bin/sh\necho \$(cat \"\${0%%/*}/VERSION\") >>/var/lib/night/runs\n" \
                >/tmp/night/run.sh; chmod 755 /tmp/night/run.sh; echo n1 >/tmp/night/VERSION'
        agent_file night <<END
[Agent]
Exec=/opt/night/current/run.sh
Kind=job
Schedule=yearly
END
        check_says 'a job is deployed' 'is for its next run; to run it now: systemctl start night' \
                machine_run ftectl deploy night /tmp/night
        check_is 'its timer is on' active machine_run systemctl is-active night.timer
        check_fails 'it was not run for a trial' machine_run test -e /var/lib/night/runs
        check 'its next run' machine_run systemctl start night
        check 'another release' machine_sh 'echo n2 >/tmp/night/VERSION; ftectl deploy night /tmp/night'
        machine_run systemctl start night
        check_says 'and back' 'is for its next run' machine_run ftectl rollback night
        machine_run systemctl start night
        check_is 'each run had the release of its time' 'n1 n2 n1' machine_sh 'tr "\n" " " </var/lib/night/runs | sed "s/ $//"'
        machine_sh 'systemctl stop night.timer'
        deploy_remove night

        machine_sh 'mkdir -p /tmp/often; cp /tmp/night/run.sh /tmp/night/VERSION /tmp/often/'
        agent_file often <<END
[Agent]
Exec=/opt/often/current/run.sh
Kind=job
Schedule=2h
END
        check 'a job with an interval is deployed' machine_run ftectl deploy often /tmp/often
        since=$(machine_run systemctl show -P ActiveEnterTimestampMonotonic often.timer)
        check 'and another release of it' machine_run ftectl deploy often /tmp/often
        check_is 'its timer goes on: it would run a minute after each deployment else' "$since" \
                machine_run systemctl show -P ActiveEnterTimestampMonotonic often.timer
        check_says 'ftectl status tells when it runs' '2h; next' machine_run ftectl status often
        machine_sh 'systemctl stop often.timer'
        deploy_remove often
}

# FTE_DEPLOYS deployments of a server while others ask it, with a socket that systemd keeps and without.
deploy_under_load() {
        machine_sh 'mkdir -p /tmp/busy; cp /test/agents/listener.py /tmp/busy/'
        for load_port in 8105 8106; do
                load_exec='/opt/busy/current/listener.py' load_listen="Listen=127.0.0.1:$load_port"
                [ $load_port = 8105 ] || load_exec="$load_exec $load_port" load_listen=
                deploy_agent busy $load_port "$load_exec
$load_listen" 'Keep=2'
                check "a first release, ${load_listen:-without Listen=}" machine_run ftectl deploy busy /tmp/busy
                machine_sh '/test/agents/ask-load.py "127.0.0.1:$1" /tmp/load.stop >/tmp/load.out 2>&1 &' $load_port
                load_bad=0
                for load_round in $(seq "${FTE_DEPLOYS:-5}"); do
                        machine_sh 'echo "$1" >/tmp/busy/VERSION; ftectl deploy busy /tmp/busy' "$load_round" >/dev/null ||
                                load_bad=$((load_bad + 1))
                done
                check_is "deployments that failed, of ${FTE_DEPLOYS:-5}" 0 echo $load_bad
                [ $load_port = 8106 ] || deploy_broken_under_load
                machine_run touch /tmp/load.stop
                check 'the load has ended' wait_for 60 machine_run grep -q failed /tmp/load.out
                note "${load_listen:-without Listen=}: $(machine_run cat /tmp/load.out)"
                if [ -n "$load_listen" ]; then
                        check_says 'with Listen= no request has failed' ' 0 failed' machine_run cat /tmp/load.out
                else
                        check_lacks 'without Listen= some are refused, as lint says' ' 0 failed' \
                                machine_run cat /tmp/load.out
                        check_says 'it does' restart-gap machine_run ftectl lint busy
                fi
                machine_run rm -f /tmp/load.stop /tmp/load.out
                deploy_remove busy
        done
}

# A release that cannot run, in between: the requests wait until the one before runs again.
deploy_broken_under_load() {
        machine_sh 'cp -r /tmp/busy /tmp/busy-broken
                printf "#!/bin/sh\necho cannot; exit 3\n" >/tmp/busy-broken/listener.py'
        check_says 'a broken one under load is taken back' 'put back' machine_sh \
                'ftectl deploy busy /tmp/busy-broken; :'
        machine_run rm -r /tmp/busy-broken
}

# What is refused is refused before anything that runs is touched.
deploy_wrong() {
        deploy_pid=$(show desk MainPID)
        deploy_agent other 8109 '/usr/bin/python3 /srv/other.py'
        check_says 'an agent that does not run what is deployed' '/etc/fte/other.conf:2: [Agent] Exec:' \
                machine_sh 'ftectl deploy other /tmp/one 2>&1'
        agent_remove other
        machine_sh 'echo hello >/tmp/text; mkdir -p /tmp/empty; : >/tmp/nothing; mkdir -p /tmp/out
                ln -sf ../../etc/passwd /tmp/out/leak
                python3 - <<END
import io, tarfile
def make(name, *members):
    with tarfile.open(name, "w") as t:
        for info, data in members:
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
def member(name, kind=tarfile.REGTYPE, link="", mode=0o644):
    i = tarfile.TarInfo(name)
    i.type, i.linkname, i.mode = kind, link, mode
    return i
make("/tmp/dotdot.tar", (member("../../../../tmp/pwned"), b"x"))
make("/tmp/absolute.tar", (member("/tmp/pwned"), b"x"))
make("/tmp/link.tar", (member("a", tarfile.SYMTYPE, "/tmp"), b""), (member("a/pwned"), b"x"))
make("/tmp/device.tar", (member("null", tarfile.CHRTYPE), b""))
make("/tmp/setuid.tar", (member("su", mode=0o4755), b"x"))
END'
        for deploy_case in 'no such file:/tmp/none:No such file' 'a text:/tmp/text:no tar archive' \
                'an empty file:/tmp/nothing:is empty' 'an empty directory:/tmp/empty:nothing in the directory' \
                'a device:/dev/null:neither a file nor a directory' \
                'a link that leads out:/tmp/out:leads out' \
                'a name with ..:/tmp/dotdot.tar:refused' 'an absolute name:/tmp/absolute.tar:refused' \
                'a file through a link:/tmp/link.tar:leads out' 'a device in it:/tmp/device.tar:a device' \
                'a setuid program:/tmp/setuid.tar:setuid'; do
                deploy_title=${deploy_case%%:*} deploy_rest=${deploy_case#*:}
                check_says "refused: $deploy_title" "${deploy_rest#*:}" machine_sh \
                        'ftectl deploy desk "$1" 2>&1 && echo IT WAS TAKEN' "${deploy_rest%%:*}"
        done
        check_says 'JSON has the reason, too' '/tmp/pwned: ' machine_sh 'ftectl deploy desk /tmp/absolute.tar --json |
                python3 -c "import json, sys; print(json.load(sys.stdin)[\"cause\"])"'
        check_is 'nothing was written elsewhere' 1 machine_sh 'test ! -e /tmp/pwned && echo 1'
        check_lacks 'something else in the place of the link is told before anything is built' 'is built' \
                machine_sh 'mv /opt/desk/current /opt/desk/kept; ln -s /srv /opt/desk/current; ftectl deploy desk /tmp/one 2>&1
                rm /opt/desk/current; mv /opt/desk/kept /opt/desk/current'
        check_says 'an agent that does not exist' 'did you mean desk' machine_sh 'ftectl deploy dsk /tmp/one 2>&1'
        check_says 'a release that does not exist' 'no such release' machine_sh 'ftectl rollback desk 1999 2>&1'
        check_is 'the agent was not touched by any of that' "$deploy_pid" show desk MainPID
        deploy_leaves_nothing desk 'after what was refused'
}

# deploy_nosy FILE: a script that tries what is not for a build and a check, and fails.
deploy_nosy() {
        machine_write "$1" 755 <<'END'
#!/bin/sh
echo "uid $(id -u)"
grep -E '^(NoNewPrivs|Seccomp):|^CapBnd' /proc/self/status
cat /etc/desk/.env && echo READ-SECRET
ls /var/lib/desk && echo READ-DATA
(: >/etc/new) && echo WROTE-ETC
(: >/var/tmp/ok) && echo wrote-tmp
env | sort
exit 7
END
}

# deploy_was_nosy WHO: what it could and could not do, by what it said.
deploy_was_nosy() {
        machine_sh 'cp /var/lib/fte/deploys/desk/last-failure.log /tmp/said'
        for deploy_word in READ-SECRET READ-DATA WROTE-ETC 'uid 0' "$secret"; do
                check_lacks "$1 cannot: $deploy_word" "$deploy_word" machine_run cat /tmp/said
        done
        check_says "$1 has the profile of the agent" 'Seccomp: 2' machine_run cat /tmp/said
        check_says 'no capability' 'CapBnd: 0000000000000000' machine_run cat /tmp/said
        check_says 'and places of its own for what is temporary' wrote-tmp machine_run cat /tmp/said
}

# What a check can and cannot do.
deploy_sandbox() {
        deploy_agent desk 8101 '' 'Keep=3
Check=/opt/desk/current/check.sh
Timeout=5s
Memory=300M
[Sandbox]
AllowAddresses=192.0.2.7
ReadOnlyPaths=/srv'
        make_source /tmp/nosy two
        deploy_nosy /tmp/nosy/check.sh
        check_fails 'a check that fails' machine_sh 'ftectl deploy desk /tmp/nosy >/tmp/said 2>&1'
        check_says 'says so' 'Check= of [Deploy] failed: it ended with status 7' machine_run cat /tmp/said
        deploy_was_nosy 'a check'
        machine_write /tmp/nosy/check.sh 755 <<'END'
#!/bin/sh
: >/opt/desk/current/new
END
        check_fails 'it cannot change the release' machine_sh 'ftectl deploy desk /tmp/nosy'
        check_is 'what ran runs' 'two two' answers 8101
        machine_write /tmp/nosy/check.sh 755 <<'END'
#!/bin/sh
sleep 300 &
sleep 300
END
        check_says 'a check that is not there' 'cannot be executed' machine_sh \
                'sed -i "s|^Check=.*|Check=/opt/desk/current/none.sh|" /etc/fte/desk.conf; ftectl deploy desk /tmp/nosy 2>&1
                sed -i "s|^Check=.*|Check=/opt/desk/current/check.sh|" /etc/fte/desk.conf'
        check_says 'a check that hangs is ended' 'longer than Timeout=' machine_sh 'ftectl deploy desk /tmp/nosy 2>&1'
        check_is 'with all that it started' 0 machine_sh 'pgrep -c -f "[s]leep 300"; :'
        machine_write /tmp/nosy/check.sh 755 <<'END'
#!/bin/sh
sleep 4
exit 9
END
        check_says 'systemd is executed anew meanwhile, as its upgrades do: no check passes by that' 'status 9' \
                machine_sh 'ftectl deploy desk /tmp/nosy >/tmp/said 2>&1 & sleep 2
                systemctl show fte-deploy-check-desk -p MemoryMax -p TasksMax -p IPAddressAllow -p ReadOnlyPaths \
                        -p DynamicUser >/tmp/shown; systemctl daemon-reexec; wait; cat /tmp/said'
        for deploy_word in MemoryMax=314572800 TasksMax=512 192.0.2.7/32 ReadOnlyPaths=/srv DynamicUser=yes; do
                check_says "it has: $deploy_word" "$deploy_word" machine_run cat /tmp/shown
        done
        check_says 'on a terminal one that says nothing shows how long it has run' 'check 2 s' \
                machine_sh 'script -qec "ftectl deploy desk /tmp/nosy" /dev/null'
        machine_write /tmp/nosy/check.sh 755 <<'END'
#!/bin/sh
(trap '' TERM; sleep 301) &
END
        check_says 'one that ends well and leaves something running' healthy machine_run ftectl deploy desk /tmp/nosy
        check_is 'has that ended' 0 machine_sh 'pgrep -c -f "[s]leep 301"; :'
        check 'what ran before runs' machine_run ftectl rollback desk
        deploy_leaves_nothing desk 'after checks'
        deploy_agent desk 8101 '' 'Keep=3'
}

deploy_keep() {
        for version in k1 k2 k3 k4; do
                make_source /tmp/k $version
                check "release $version" machine_run ftectl deploy desk /tmp/k
        done
        check_is 'Keep=3' 3 count_releases desk
        check_is 'the newest runs' 'k4 k4' answers 8101
        check_says 'the one before is there' 'runs release' machine_run ftectl rollback desk
        check_is 'and runs' 'k3 k3' answers 8101
        machine_sh 'printf "#!/bin/sh\nsleep 4\n" >/tmp/k/check.sh; chmod 755 /tmp/k/check.sh
                sed -i "/^Keep/aCheck=/opt/desk/current/check.sh" /etc/fte/desk.conf
                ftectl deploy desk /tmp/k >/tmp/first 2>&1 & sleep 1.5
                ftectl deploy desk /tmp/one >/tmp/second 2>&1; wait'
        check_says 'the first of two at once' healthy machine_run cat /tmp/first
        check_says 'the second waits for it' 'another ftectl deploy is at work' machine_run cat /tmp/second
        check_is 'and then its own is refused, for it has no check.sh' 1 machine_sh \
                'grep -c "Check= of" /tmp/second'
}

# Killed at random moments: what runs is the old or the new, and the next one cleans up.
deploy_interrupted() {
        deploy_agent desk 8101 '' 'Keep=3'
        make_source /tmp/k base
        check 'a release to begin with' machine_run ftectl deploy desk /tmp/k
        deploy_old=base
        for moment in 0.05 0.2 0.4 0.6 0.8 1.0 1.2 1.5 1.8 2.2; do
                make_source /tmp/k "at-$moment"
                machine_sh 'ftectl deploy desk /tmp/k >/dev/null 2>&1 & pid=$!; sleep "$1"; kill -9 $pid 2>/dev/null; wait' \
                        "$moment"
                wait_for 30 is_state desk active
                deploy_seen=$(answers 8101)
                case $deploy_seen in
                "$deploy_old $deploy_old" | "at-$moment at-$moment")
                        ok "killed after $moment s: ${deploy_seen% *} runs, whole" ;;
                *) not_ok "killed after $moment s: old or new, and no mixture" "$deploy_seen" ;;
                esac
                machine_sh 'systemctl reset-failed desk; systemctl restart desk'
                deploy_seen=$(answers 8101)
                case $deploy_seen in
                "$deploy_old $deploy_old" | "at-$moment at-$moment") ok 'and after a restart' ;;
                *) not_ok 'and after a restart' "$deploy_seen" ;;
                esac
                deploy_old=${deploy_seen% *}
        done
        make_source /tmp/k last
        check 'the next deployment works' machine_run ftectl deploy desk /tmp/k
        check_is 'and runs' 'last last' answers 8101
        deploy_leaves_nothing desk 'after ten interruptions'
        check_between 'and no release too many' 2 3 "$(count_releases desk)"
}
