# SPDX-License-Identifier: LGPL-2.1-or-later
# Agents that are no plain service: workers without a port, jobs that run by the clock, and sockets
# that stay while an agent restarts. Sourced by scenarios.sh, after scenarios-alert.sh.
# shellcheck shell=sh

# kind_agent NAME: standard input becomes its INI file; it needs no env file.
kind_agent() {
        machine_write "/etc/fte/$1.conf" 644
        machine_run systemctl daemon-reload
}

kind_remove() {
        machine_sh 'systemctl stop "$1.timer" "$1" 2>/dev/null; systemctl reset-failed "$1" 2>/dev/null
                rm -rf "/etc/fte/$1.conf" "/var/lib/$1" "/var/lib/fte-job/$1".*
                systemctl daemon-reload' "$1"
}

scenario_kinds() {
        alert_hold_delivery
        worker_file
        worker_command
        job_runs
        job_fails
        job_once
        job_missed
        job_overdue
        job_applied
        job_verified
        worker_and_job_examples
        alert_release_delivery
        job_powered_off
        listen_restarts
        listen_drains
        listen_uvicorn
        listen_unix
        listen_moves
}

# ---- workers ----

worker_file() {
        kind_agent beats <<END
[Agent]
Exec=/test/agents/worker.py /var/lib/beats/alive
Kind=worker
[Environment]
File=none
[Health]
File=/var/lib/beats/alive
MaxAge=2s
Interval=500ms
Failures=2
StartTimeout=${start_timeout:-20s}
[Restart]
Delay=1s
END
        check 'a worker starts: its heartbeat file makes it ready' machine_run systemctl start beats
        check_says 'the status line tells the heartbeat' 'a heartbeat' show beats StatusText
        check 'ftectl validate passes it' machine_run ftectl validate --keep-going beats
        validate_name=beats
        machine_run systemctl stop beats
        check_says 'and not when it is stopped' FR-002/3 validate_red
        validate_name=digital-fte
        machine_run systemctl start beats
        pid=$(show beats MainPID)
        check_says 'the main process is the worker' worker.py machine_sh \
                'tr "\0" " " </proc/$1/cmdline' "$pid"
        machine_run touch /var/lib/beats/alive.hang
        back_again 'a heartbeat that stops: killed and well again' beats "$pid" 60
        check_says 'the journal says why' 'the heartbeat file has not changed for' journal beats
        check_alerts 'an alert was recorded' beats 'restart watchdog 6/ABRT +0, recovery   +0' 60
        kind_remove beats
}

worker_command() {
        machine_sh 'mkdir -p /opt/checked; printf "%s\n" "#!/bin/sh" \
                "[ -e /var/lib/checked/bad ] || exit 0; rm /var/lib/checked/slow 2>/dev/null && sleep 60" \
                "echo the queue of \$(id -un) is stuck; exit 3" >/opt/checked/check
                chmod 755 /opt/checked/check'
        kind_agent checked <<END
[Agent]
Exec=/bin/sleep infinity
Kind=worker
[Environment]
File=none
[Health]
Command=/opt/checked/check
Timeout=5s
Interval=500ms
Failures=2
StartTimeout=${start_timeout:-20s}
[Restart]
Delay=1s
END
        check 'a worker with a health command starts' machine_run systemctl start checked
        check_says 'the status line tells of the command' 'the command succeeded' show checked StatusText
        pid=$(show checked MainPID)
        machine_run touch /var/lib/checked/bad
        check 'a command that fails: systemd restarts it' wait_for 60 was_restarted checked
        check_says 'the journal says what the command printed, as the agent'"'"'s user' \
                'the queue of checked is stuck' journal checked
        check_says 'and with which status it ended' 'the command ended with status 3' journal checked
        machine_run rm -f /var/lib/checked/bad
        back_again 'and when it succeeds again, the worker is well' checked "$pid" 60
        machine_run rm -rf /opt/checked
        kind_remove checked
}

was_restarted() {
        [ "$(show "$1" NRestarts)" -gt 0 ]
}

# As they are in the package.
worker_and_job_examples() {
        machine_sh 'cd /usr/share/doc/systemd-fte/examples
                install -D -m 644 worker/mailer.py /opt/ticket-mailer/mailer.py
                install -D -m 644 job/report.py /opt/nightly-report/report.py
                cp worker/ticket-mailer.conf job/nightly-report.conf /etc/fte/'
        echo 'SMTP_PASSWORD=of-the-mail-server' | machine_write_env ticket-mailer
        machine_run systemctl daemon-reload
        check 'the example of a worker is well' machine_run systemctl start ticket-mailer
        check_says 'it waits for work' 'mailer waits for tickets' journal ticket-mailer
        check 'the example of a job runs' machine_run systemctl start nightly-report
        check_is 'and has made its report' 'Nothing to report.' machine_sh 'cat /var/lib/nightly-report/*.txt'
        machine_run rm -r /opt/ticket-mailer /opt/nightly-report /etc/ticket-mailer
        kind_remove ticket-mailer
        kind_remove nightly-report
}

# ---- jobs ----

# job_agent NAME SCHEDULE [MORE LINES OF Agent]
job_agent() {
        kind_agent "$1" <<END
[Agent]
Description=Job $1
Exec=/test/agents/job.sh /var/lib/$1
Kind=job
Schedule=$2
${3-}
[Environment]
File=none
END
}

job_runs_at_least() {
        [ "$(machine_sh 'grep -c ^end "/var/lib/$1/runs"' "$1")" -ge "$2" ]
}

job_runs() {
        job_agent ticks 2s TimeLimit=1min
        check_is 'a job is not started at boot, its timer is' 'ticks.timer' \
                machine_sh 'cd /run/systemd/generator
                        ls multi-user.target.wants timers.target.wants 2>/dev/null | grep ticks'
        check 'its timer starts' machine_run systemctl start ticks.timer
        check 'and the job runs again and again' wait_for 60 job_runs_at_least ticks 3
        check_says 'ftectl status has its last run' success machine_run ftectl status ticks
        check 'systemctl start runs it, and waits for its end' machine_run systemctl start ticks
        check_says 'what it prints is in its log file' 'job says: status 0' \
                machine_run cat /var/log/ticks/app.log
        kind_remove ticks
}

job_fails() {
        job_agent fails yearly
        machine_sh 'systemctl start fails.timer; mkdir -p /var/lib/fails; echo 3 >/var/lib/fails/status'
        check_fails 'a run that fails is a failed start' machine_run systemctl start fails
        check_alerts 'and an alert' fails 'failure exit-code 3/NOTIMPLEMENTED +0' 30
        check_says 'with what it printed' 'job says: status 3' alert_field fails line
        check_says 'ftectl status says so' exit-code machine_run ftectl status fails
        machine_run rm /var/lib/fails/status
        check 'the next run is good' machine_run systemctl start fails
        check_alerts 'and the recovery is told' fails \
                'failure exit-code 3/NOTIMPLEMENTED +0, recovery   +0' 30

        job_agent slow yearly TimeLimit=1s
        machine_sh 'mkdir -p /var/lib/slow; echo 300 >/var/lib/slow/seconds'
        check_fails 'a run that takes longer than its limit is ended' machine_run systemctl start slow
        check_alerts 'and told' slow 'failure timeout 15/TERM +0' 30
        kind_remove slow
        kind_remove fails
}

job_once() {
        job_agent once 1s TimeLimit=1min
        machine_sh 'mkdir -p /var/lib/once; echo 3 >/var/lib/once/seconds
                systemctl start once.timer
                for i in 1 2 3 4 5; do systemctl start --no-block once; sleep 1; done'
        check 'a job that takes longer than its interval runs on' wait_for 60 job_runs_at_least once 3
        check_fails 'and never twice at once' machine_run test -e /var/lib/once/most
        check_says 'ftectl status while it runs' 'the next when this run has ended' machine_sh \
                'for i in $(seq 50); do ftectl status once | grep "when this run" && exit; sleep 0.2; done
                ftectl status once'
        kind_remove once
}

# As after a boot: the stamp says that the last run is long ago.
job_missed() {
        job_agent missed daily
        machine_sh 'systemctl start missed.timer; sleep 1; systemctl stop missed.timer
                touch -d "3 days ago" /var/lib/systemd/timers/stamp-missed.timer
                systemctl start missed.timer'
        check 'a run that was missed is caught up' wait_for 30 job_runs_at_least missed 1
        check_is 'once' 1 machine_sh 'grep -c ^end /var/lib/missed/runs'
        kind_remove missed
}

# Really off when its time comes.
job_powered_off() {
        [ "$machine_kind" = nspawn ] || return 0
        off_at=$(($(date +%s) + 25))
        job_agent slept "$(date -u -d "@$off_at" '+%Y-%m-%d %H:%M:%S UTC')"
        machine_sh 'systemctl start slept.timer; sleep 1'
        nspawn_down
        check_between 'the machine is off before the time of the job' 0 "$off_at" "$(date +%s)"
        while [ "$(date +%s)" -le "$off_at" ]; do sleep 1; done
        nspawn_start
        check 'the machine comes back' machine_wait_up
        check 'a run whose time came meanwhile is caught up' wait_for 60 job_runs_at_least slept 1
        sleep 3
        check_is 'once' 1 machine_sh 'grep -c ^end /var/lib/slept/runs'
        kind_remove slept
}

job_overdue() {
        job_agent overdue '2s' 'TimeLimit=1s
Overdue=1s'
        check 'the watch over jobs runs' machine_run systemctl start fte-job-watch.service
        check_says 'and has seen the job' since machine_run cat /var/lib/fte-job/overdue.watch
        check_is 'nothing is overdue yet' '' alerts overdue
        sleep 5
        check 'a look later, its timer never started' machine_run systemctl start fte-job-watch.service
        check_alerts 'an alert says that it is overdue' overdue 'failure overdue  +0' 30
        check 'at the next look' machine_run systemctl start fte-job-watch.service
        check_alerts 'it is not told again' overdue 'failure overdue  +0' 5
        check_says 'ftectl diagnose knows the cause' overdue machine_run ftectl diagnose overdue
        machine_run systemctl start overdue
        check_alerts 'a good run later the recovery is told' overdue \
                'failure overdue  +0, recovery   +0' 30
        check_is 'the timer of the watch is loaded' loaded \
                machine_run systemctl show --value -p LoadState fte-job-watch.timer
        kind_remove overdue
}

job_applied() {
        machine_write /etc/fte/applied.conf 644 <<END
[Agent]
Exec=/test/agents/job.sh /var/lib/applied
Kind=job
Schedule=yearly
[Environment]
File=none
END
        check_says 'ftectl apply takes a job' 'a job: it runs at its next time' machine_run ftectl apply applied
        check_is 'and starts its timer' active machine_run systemctl is-active applied.timer
        check_is 'not the job' inactive machine_run systemctl is-active applied
        check 'applied once more' machine_run ftectl apply applied
        check 'ftectl lint has no error' machine_run ftectl lint applied
        machine_sh 'sed "s/^Schedule=.*/Schedule=02:30 Nowhere\/City/" /etc/fte/applied.conf >/tmp/zone.conf'
        check_says 'and asks systemd for the zone' schedule machine_run ftectl lint /tmp/zone.conf
        machine_run rm /etc/fte/applied.conf
        check 'a job whose file is gone' machine_run ftectl apply --yes
        check_is 'its timer is stopped' inactive machine_run systemctl is-active applied.timer
        kind_remove applied

        machine_write /etc/fte/applied.conf 644 <<END
[Agent]
Exec=/test/agents/job.sh /var/lib/applied
Kind=job
Schedule=yearly
[Environment]
File=none
END
        machine_sh 'ftectl apply applied; rm /etc/fte/applied.conf; systemctl daemon-reload' >/dev/null
        check 'one that was removed by hand and reloaded' machine_run ftectl apply --yes
        check_lacks 'leaves no timer behind' applied.timer \
                machine_run systemctl list-units --all --no-pager
        kind_remove applied
}

job_verified() {
        job_agent verified 'Mon..Fri 02:30'
        check_is 'systemd-analyze verify has nothing to say of a job' '' machine_sh 'systemd-analyze \
                --man=no verify /run/systemd/generator/verified.service \
                /run/systemd/generator/verified.timer \
                /run/systemd/generator/fte-job-watch.timer 2>&1 | grep -E "verified|fte"'
        machine_run systemctl start verified.timer verified
        check 'ftectl validate passes it' machine_run ftectl validate --keep-going verified
        check_says 'and skips what means nothing for a job' 'a job' \
                machine_run ftectl validate --keep-going verified
        validate_name=verified
        machine_run systemctl stop verified.timer
        check_is 'a timer that does not run is red' FR-002/3 validate_red
        machine_sh 'systemctl start verified.timer; echo 3 >/var/lib/verified/status; systemctl start verified'
        check_says 'and a last run that has failed' FR-002/3 validate_red
        machine_sh 'rm /var/lib/verified/status; systemctl start verified'
        check_lacks 'and not when that is put right' FR-002/3 validate_red
        validate_name=digital-fte
        kind_remove verified
}

# ---- sockets that stay ----

# listen_agent NAME ADDRESS URL
listen_agent() {
        kind_agent "$1" <<END
[Agent]
Exec=/test/agents/listener.py
Listen=$2
[Environment]
File=none
[Health]
URL=$3
StartTimeout=${start_timeout:-20s}
Interval=1s
[Restart]
Delay=2s
END
}

listen_restarts() {
        listen_agent keeps 127.0.0.1:8077 http://127.0.0.1:8077/health
        check 'an agent with Listen= starts' machine_run systemctl start keeps
        check_is 'systemd keeps its socket' 1 show keeps NFileDescriptorStore
        check_is 'the agent has it as descriptor 3, meant for its own PID' '1 fte-listen own' \
                fetch_url http://127.0.0.1:8077/listen
        machine_sh '/test/agents/ask-load.py 127.0.0.1:8077 /tmp/load.stop >/tmp/load.out 2>&1 &'
        for restart in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                machine_sh "systemctl reset-failed keeps; systemctl restart keeps" || not_ok "restart $restart"
        done
        machine_run touch /tmp/load.stop
        check 'the load has ended' wait_for 60 machine_run grep -q failed /tmp/load.out
        check_says '20 restarts under load: no request has failed' ' 0 failed' \
                machine_run cat /tmp/load.out
        note "$(machine_run cat /tmp/load.out)"
        check_is 'the socket is still the one' 1 show keeps NFileDescriptorStore

        pid=$(show keeps MainPID)
        machine_run kill -9 "$pid"
        check_is 'killed: a request in the pause before the restart waits, and is answered' ok \
                machine_run curl -sS --max-time 60 http://127.0.0.1:8077/health
        # It may answer before the gate has seen it do so.
        check 'it was another process' wait_for 30 has_other_pid keeps "$pid"
        machine_run systemctl stop keeps
        check_fails 'stopped: nobody listens any more' fetch_url http://127.0.0.1:8077/health
        check_fails 'and a connection does not start it' machine_run systemctl is-active keeps
        check_lacks 'no unit of the socket is there' keeps.socket machine_run systemctl list-units --all
        machine_run systemctl start keeps
        machine_sh 'rm /etc/fte/keeps.conf; systemctl daemon-reload; systemctl stop keeps'
        check_fails 'an agent that is removed: its socket is gone' \
                fetch_url http://127.0.0.1:8077/health
        machine_run rm -f /tmp/load.stop /tmp/load.out
        kind_remove keeps
}

# A server that closes what it has accepted and not read: before it is told to end it reads that.
listen_drains() {
        listen_agent drains 127.0.0.1:8077 http://127.0.0.1:8077/health
        machine_sh 'sed -i "s|^Exec=.*|Exec=/test/agents/closer.py|" /etc/fte/drains.conf; systemctl daemon-reload'
        check 'a server that is slow to read starts' machine_run systemctl start drains
        machine_sh '/test/agents/ask-load.py 127.0.0.1:8077 /tmp/load.stop >/tmp/load.out 2>&1 &'
        for restart in 1 2 3 4 5 6 7 8 9 10; do
                machine_sh "systemctl reset-failed drains; systemctl restart drains; sleep 0.2" || not_ok "restart $restart"
        done
        machine_run touch /tmp/load.stop
        check 'the load on it has ended' wait_for 60 machine_run grep -q failed /tmp/load.out
        check_says '10 restarts of it: no request has failed' ' 0 failed' machine_run cat /tmp/load.out
        note "$(machine_run cat /tmp/load.out)"
        check_lacks 'nothing was held back in vain' 'cannot hold back' journal drains
        machine_run rm -f /tmp/load.stop /tmp/load.out
        kind_remove drains
}

# The example, with the real server and the program of the other example.
listen_uvicorn() {
        machine_sh 'doc=/usr/share/doc/systemd-fte/examples
                install -D -m 644 "$doc/digital-fte/main.py" /opt/shop-bot/main.py
                install -m 644 "$doc/listen/shop-bot.conf" /etc/fte/
                mkdir -p /etc/fte/shop-bot.conf.d
                printf "[Health]\nStartTimeout=$1\n" >/etc/fte/shop-bot.conf.d/slow.conf
                install -D -m 600 "$doc/digital-fte/env.template" /etc/shop-bot/.env
                sed -i "s/^OPENAI_API_KEY=.*/OPENAI_API_KEY=$2/; s/digital-fte/shop-bot/" /etc/shop-bot/.env
                systemctl daemon-reload' "${start_timeout:-20s}" "$secret"
        check 'uvicorn --fd 3 starts' machine_run systemctl start shop-bot
        machine_sh '/test/agents/ask-load.py 127.0.0.1:8000 /tmp/load.stop "" >/tmp/load.out 2>&1 &'
        restarts=${FTE_RESTARTS:-5}
        for restart in $(seq "$restarts"); do
                machine_sh "systemctl reset-failed shop-bot; systemctl restart shop-bot" ||
                        not_ok "restart $restart of uvicorn"
        done
        machine_run touch /tmp/load.stop
        check 'the load on it has ended' wait_for 60 machine_run grep -q failed /tmp/load.out
        check_says "$restarts restarts of uvicorn under load: no request has failed" ' 0 failed' \
                machine_run cat /tmp/load.out
        note "$(machine_run cat /tmp/load.out)"
        machine_run rm -rf /tmp/load.stop /tmp/load.out /opt/shop-bot /etc/fte/shop-bot.conf.d /etc/shop-bot
        kind_remove shop-bot
}

listen_unix() {
        listen_agent keepsun /run/keepsun/http.sock unix:/run/keepsun/http.sock:/health
        check 'an agent with a unix socket starts' machine_run systemctl start keepsun
        check_is 'whom others may connect to' 'srw-rw-rw-' machine_run stat -c %A /run/keepsun/http.sock
        inode=$(machine_run stat -c %i /run/keepsun/http.sock)
        machine_run systemctl restart keepsun
        check_is 'after a restart it is the same socket' "$inode" \
                machine_run stat -c %i /run/keepsun/http.sock
        check_is 'and answers' ok machine_run curl -sS --max-time 10 \
                --unix-socket /run/keepsun/http.sock http://localhost/health
        kind_remove keepsun
}

listen_moves() {
        listen_agent moves 127.0.0.1:8078 http://127.0.0.1:8078/health
        machine_run systemctl start moves
        machine_sh 'sed -i s/8078/8079/ /etc/fte/moves.conf; systemctl daemon-reload'
        check 'another address in the file: restarted' machine_run systemctl restart moves
        check_is 'it answers there' ok fetch_url http://127.0.0.1:8079/health
        check_fails 'and no more at the old one' fetch_url http://127.0.0.1:8078/health
        check_is 'one socket is kept' 1 show moves NFileDescriptorStore
        kind_remove moves
}
