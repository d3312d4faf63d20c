# SPDX-License-Identifier: LGPL-2.1-or-later
# The log file beside the journal. Sourced by scenarios.sh.
# shellcheck shell=sh

# log_agent NAME [MORE LINES]: agents/scribe.py.
log_agent() {
        agent_file "$1" <<END
[Agent]
Exec=/test/agents/scribe.py
[Restart]
Delay=1s
${2-}
END
        machine_run systemctl daemon-reload
}

log_lines() {
        machine_sh 'grep -c "$2" /var/log/"$1"/app.log* | awk -F: "{ n += \$2 } END { print n }"' "$1" "$2"
}

journal_lines() {
        machine_sh 'journalctl --sync; journalctl -b -o cat --no-pager -u "$1" | grep -c "$2"' "$1" "$2"
}

# As somebody with no group but that one.
read_as() {
        machine_run setpriv --reuid=65534 --regid="$1" --clear-groups cat "$2"
}

scenario_log() {
        log_agent scribe '[Logging]
MaxSize=64K
Keep=30
Compress=no'
        check 'an agent with a log file starts' machine_run systemctl start scribe
        check_is 'the main process is the agent' "$(show scribe MainPID)" machine_run cat /var/lib/scribe/pid
        check 'a line of it is in the file' wait_for 10 machine_run grep -qx 'a plain line' /var/log/scribe/app.log
        check 'and one of standard error' machine_run grep -qx 'on stderr' /var/log/scribe/app.log
        check_is 'the file belongs to the agent' 'scribe:scribe 640' \
                machine_run stat -c '%U:%G %a' /var/log/scribe/app.log
        check_says 'journalctl -u has the same line' 'a plain line' journal scribe
        check_is 'with the priority that the agent gave' 'an error' machine_sh 'journalctl --sync
                journalctl -b -u scribe -o cat -p err --no-pager'
        check 'the file keeps the prefix' machine_run grep -qx '<3>an error' /var/log/scribe/app.log
        check_says 'the operators read it' 'a plain line' read_as adm /var/log/scribe/app.log
        check_fails 'others do not' read_as nogroup /var/log/scribe/app.log

        machine_sh 'kill -USR1 $(cat /var/lib/scribe/pid)'
        check 'a flood of lines' wait_for 20 machine_sh 'grep -qs "flood 4999 " /var/log/scribe/app.log'
        check_is 'is complete in the files' 5000 log_lines scribe 'flood [0-9]* '
        check_is 'and in the journal' 5000 journal_lines scribe 'flood [0-9]* '
        check_is 'full files are within MaxSize=' '' machine_run find /var/log/scribe -size +65536c
        check 'there are several' machine_run test -f /var/log/scribe/app.log.3
        check_says 'the operators read them' flood read_as adm /var/log/scribe/app.log.3

        pid=$(show scribe MainPID)
        machine_sh 'kill -USR2 $(cat /var/lib/scribe/pid)'
        back_again 'kill -9 in the middle of a burst: back' scribe "$pid" 15
        check_is 'its last lines are in the files' 3000 log_lines scribe 'burst [0-9]* '
        check_is 'and in the journal' 3000 journal_lines scribe 'burst [0-9]* '

        check_between 'systemctl stop is quick (ms)' 0 5000 "$(stop_time scribe)"
        check_is 'what was printed during the stop is in the file' 1000 log_lines scribe 'goodbye [0-9]* '
        check_is 'and in the journal' 1000 journal_lines scribe 'goodbye [0-9]* '
        check_is 'nothing of the tee is left' '' machine_sh 'pgrep -f "[f]te-log-tee.*scribe"'

        machine_sh 'sed -i s/Compress=no/Compress=yes/ /etc/fte/scribe.conf; systemctl daemon-reload
                rm /var/lib/scribe/pid; systemctl start scribe'
        check 'Compress=yes: it starts' wait_for 10 machine_run test -s /var/lib/scribe/pid
        machine_sh 'kill -USR1 $(cat /var/lib/scribe/pid)'
        check 'and full files are compressed' wait_for 30 machine_sh \
                'cd /var/log/scribe && ls *.zst && ! ls app.log.1'
        check 'the operators read these too' read_as adm /var/log/scribe/app.log.1.zst
        check_is 'the agent restarted: the directory keeps its mode and its ACL' \
                'scribe:scribe 750' machine_run stat -c '%U:%G %a' /var/log/scribe
        agent_remove scribe

        log_agent mute '[Logging]
File=none'
        check 'File=none: the agent starts' machine_run systemctl start mute
        check_lacks 'without the tee' fte-log-tee show mute ExecStart
        check_says 'it logs to the journal' 'a plain line' journal mute
        check_fails 'and to no file' machine_run test -e /var/log/mute/app.log
        agent_remove mute
        scenario_log_elsewhere
}

scenario_log_elsewhere() {
        log_agent nomad '[Logging]
File=/srv/nomad/out.log'
        check 'a log directory that is missing: the agent starts' machine_run systemctl start nomad
        check_says 'and the journal says why there is no file' 'directory does not exist' journal nomad
        machine_sh 'install -d -o nomad /srv/nomad; systemctl restart nomad'
        check 'when it is there the file is written' wait_for 10 machine_run grep -qx 'a plain line' \
                /srv/nomad/out.log
        agent_remove nomad

        log_agent lonely
        machine_sh 'sed -i "s/^Exec=/OperatorsGroup=no-such-group\nExec=/" /etc/fte/lonely.conf
                systemctl daemon-reload'
        check 'an operators group that does not exist: the agent starts' machine_run systemctl start lonely
        check 'and writes its file' wait_for 10 machine_run grep -qx 'a plain line' /var/log/lonely/app.log
        check_lacks 'and no unit has failed by it' fte-users machine_run systemctl --failed --no-legend
        agent_remove lonely
}
