# SPDX-License-Identifier: LGPL-2.1-or-later
# What an installed systemd-fte must do, as checks that hold in a container and in a virtual
# machine alike. Each scenario_* sets up its own agent by an INI file and cleans up after itself;
# test-nspawn and test-vm say which ones run. Here is what they share. Sourced after lib.sh.
# shellcheck shell=sh

secret=sk-live-51Hq7vGmNoBodyMaySeeThis

# What a machine needs before any scenario: the package, the tests in its source, and the agents.
scenario_files() {
        cp "$1" "$machine_files/systemd-fte.deb"
        cp -R "$machine_here/agents" "$machine_files/agents"
        cp "$machine_top/tests/alert-deliver/smtp_server.py" "$machine_files/agents"
        # The source tree as dpkg-buildpackage leaves it: autopkgtest wants to build what has no debian/files.
        mkdir "$machine_files/source"
        cp -R "$machine_top/packaging/debian" "$machine_files/source/debian"
        echo 'systemd-fte.deb admin optional' >"$machine_files/source/debian/files"
        package_previous "$1"
}

# run_scenarios NAME...: one after the other, while there is a machine, and how long each took, for whoever
# makes it shorter.
run_scenarios() {
        for scenario in "$@"; do
                scenario_begun=$(date +%s)
                "scenario_$scenario"
                note "scenario $scenario took $(($(date +%s) - scenario_begun)) s"
                if machine_lost; then
                        not_ok "the machine answers after $scenario: the rest cannot be tried"
                        note "$(cat "$machine_dir/lost")"
                        return
                fi
        done
}

# agent_file NAME: standard input becomes the agent's INI file. The env file is good.
agent_file() {
        machine_write "/etc/fte/$1.conf" 644
        echo "API_KEY=$secret" | machine_write_env "$1"
}

machine_write_env() {
        machine_sh 'mkdir -p "/etc/$1"; rm -rf "/etc/$1/.env"' "$1"
        machine_write "/etc/$1/.env" 600
}

# plain_agent NAME PORT [MORE LINES]: agents/agent.py with quick probes.
plain_agent() {
        agent_file "$1" <<END
[Agent]
Description=Test agent $1
Exec=/test/agents/agent.py $2
[Environment]
Required=API_KEY
[Health]
URL=http://127.0.0.1:$2/health
StartTimeout=${start_timeout:-20s}
Interval=1s
Timeout=1s
Failures=2
${3-}
END
        machine_run systemctl daemon-reload
}

agent_remove() {
        machine_sh 'systemctl stop "$1"; systemctl reset-failed "$1" 2>/dev/null
                rm -rf "/etc/fte/$1.conf" "/etc/$1"; systemctl daemon-reload' "$1"
}

# How the manager is asked that has the agents: the system's, or a person's (scenarios-user.sh).
agents_systemctl='machine_run systemctl'

show() {
        $agents_systemctl show --value -p "$2" "$1.service"
}

# The journal of the agent's last run, its own lines and what systemd says about it, as shell for the
# machine with the name in $1. By time and identifier and not by invocation: journald learns the
# invocation of a process that ends at once only if it looks before the manager forgets it. --sync,
# because it reads what a process wrote later than what the manager sent.
last_journal='journalctl --sync
        journalctl -b -o cat --no-pager "SYSLOG_IDENTIFIER=$1" + "UNIT=$1.service" \
                + "_SYSTEMD_UNIT=$1.service" --since "$(systemctl show --timestamp=us --value \
                        -p InactiveExitTimestamp "$1")"'

last_journal() {
        machine_sh "$last_journal" "$1"
}

journal() {
        machine_sh 'journalctl --sync; journalctl -b -o cat --no-pager -u "$1"' "$1"
}

is_state() {
        [ "$(show "$1" ActiveState)" = "$2" ]
}

has_other_pid() {
        new_pid=$(show "$1" MainPID)
        [ "$new_pid" != 0 ] && [ "$new_pid" != "$2" ] && is_state "$1" active
}

fetch_url() {
        machine_run curl -sS --max-time "${fetch_seconds:-10}" "$@"
}

# back_again TITLE NAME OLD-PID SECONDS: another main process, active again, within the time.
back_again() {
        back_from=$(date +%s)
        if wait_for "$4" has_other_pid "$2" "$3"; then
                ok "$1 ($(($(date +%s) - back_from)) s)"
        else
                not_ok "$1" "$($agents_systemctl status --no-pager -n 20 "$2")"
        fi
}

. "$machine_here/scenarios-agent.sh"
. "$machine_here/scenarios-env.sh"
. "$machine_here/scenarios-log.sh"
. "$machine_here/scenarios-alert.sh"
. "$machine_here/scenarios-delivery.sh"
. "$machine_here/scenarios-transport.sh"
. "$machine_here/scenarios-ftectl.sh"
. "$machine_here/scenarios-documents.sh"
. "$machine_here/scenarios-apply.sh"
. "$machine_here/scenarios-diagnose.sh"
. "$machine_here/scenarios-proxy.sh"
. "$machine_here/scenarios-host.sh"
. "$machine_here/scenarios-acme.sh"
. "$machine_here/scenarios-firewalld.sh"
. "$machine_here/scenarios-validate.sh"
. "$machine_here/scenarios-resilience.sh"
. "$machine_here/scenarios-backup.sh"
. "$machine_here/scenarios-deploy.sh"
. "$machine_here/scenarios-build.sh"
. "$machine_here/scenarios-instances.sh"
. "$machine_here/scenarios-newcomer.sh"
. "$machine_here/scenarios-package.sh"
. "$machine_here/scenarios-foreign.sh"
. "$machine_here/scenarios-docs.sh"
. "$machine_here/scenarios-kinds.sh"
. "$machine_here/scenarios-profiles.sh"
. "$machine_here/scenarios-user.sh"
