# SPDX-License-Identifier: LGPL-2.1-or-later
# A newcomer's way from nothing to an agent that is proved: every command as somebody types it who has
# read no more than what the command before has said. Sourced by scenarios.sh.
# shellcheck shell=sh

# What is there before: the program, and an SSH server that the host's owner has set up.
newcomer_host() {
        machine_sh 'install -D -m 644 -t /opt/digital-fte /usr/share/doc/systemd-fte/examples/digital-fte/main.py
                printf "%s\n" "PasswordAuthentication no" "KbdInteractiveAuthentication no" \
                        "PermitRootLogin no" >/etc/ssh/sshd_config.d/00-fte.conf'
}

newcomer_init() {
        newcomer_said=$(machine_run ftectl init digital-fte --port 8000 --exec \
                '/usr/bin/uvicorn main:app --app-dir /opt/digital-fte --host 127.0.0.1 --port 8000' 2>&1)
        newcomer_status=$?
        check_is 'newcomer: init' 0 echo $newcomer_status
        for next in 'ftectl env digital-fte set KEY' 'ftectl lint digital-fte' 'ftectl apply digital-fte'; do
                check_says "newcomer: init says what comes next: $next" "$next" echo "$newcomer_said"
        done
        check 'newcomer: env set' machine_sh 'echo "$1" | ftectl env digital-fte set OPENAI_API_KEY' "$secret"
        machine_sh 'sed -i "s/^;Required=.*/Required=OPENAI_API_KEY/" /etc/fte/digital-fte.conf'
}

# Both are told in one go, each by its line with a caret under the place.
newcomer_lint() {
        machine_sh 'sed -i "s/^;StartTimeout=.*/StartTimout=60s/; /^\\[Limits\\]/,/^\$/s/^;Memory=.*/Memory=lots/" /etc/fte/digital-fte.conf'
        newcomer_said=$(machine_run ftectl lint digital-fte 2>&1)
        newcomer_status=$?
        check_is 'newcomer: lint of two mistakes: exit status 1' 1 echo $newcomer_status
        newcomer_shows StartTimout=60s '^~~~~~~~~~~' 'did you mean StartTimeout=?'
        newcomer_shows Memory=lots '       ^~~~' 'a size such as 512M'
        check_says 'newcomer: and no more' '2 errors, 0 warnings' echo "$newcomer_said"
        check_fails 'newcomer: apply refuses that' machine_run ftectl apply --yes digital-fte
        machine_sh 'sed -i "s/^StartTimout=/StartTimeout=/; s/^Memory=.*/Memory=256M/" /etc/fte/digital-fte.conf'
        check 'newcomer: lint when they are mended' machine_run ftectl lint digital-fte
}

# newcomer_shows LINE CARET TEXT: of what lint has said.
newcomer_shows() {
        newcomer_number=$(machine_sh 'grep -n "$1" /etc/fte/digital-fte.conf | cut -d: -f1' "$1")
        check_says "newcomer: lint shows the line of $1" "$newcomer_number | $1
      | $2
" echo "$newcomer_said"
        check_says "newcomer: by its place" "/etc/fte/digital-fte.conf:$newcomer_number:" echo "$newcomer_said"
        check_says "newcomer: with what is wanted: $3" "$3" echo "$newcomer_said"
}

scenario_newcomer() {
        machine_timeout=400
        newcomer_host
        newcomer_init
        newcomer_lint
        check 'newcomer: apply' machine_run ftectl apply --yes digital-fte
        check_is 'newcomer: status: active' active ctl_field digital-fte state
        check_is 'newcomer: status: healthy' healthy ctl_field digital-fte health
        check 'newcomer: validate --disruptive --yes is green' machine_sh \
                'ftectl validate digital-fte --disruptive --yes >/tmp/proof 2>&1 || { cat /tmp/proof; exit 1; }'
        check_says 'newcomer: nothing has failed' ' good, 0 failed, ' machine_run cat /tmp/proof
        case $machine_kind in
        nspawn) check_says 'newcomer: the memory limit is not tried, by reason' 'memory control group' \
                machine_sh 'grep "skipped *NFR-002 FS-3" /tmp/proof' ;;
        *) check_says 'newcomer: the memory limit is tried' 'ok      NFR-002 FS-3' machine_run cat /tmp/proof ;;
        esac
        check_is 'newcomer: diagnose says the same' 'Nothing is wrong.' machine_sh \
                'ftectl diagnose digital-fte | grep -o "Nothing is wrong."'
        agent_remove digital-fte
        machine_sh 'rm -rf /opt/digital-fte /etc/ssh/sshd_config.d/00-fte.conf /tmp/proof'
        machine_timeout=120
}
