# SPDX-License-Identifier: LGPL-2.1-or-later
# Every command of README.md and docs/, as it stands there, on a machine with the package: what a block
# is for, the comment before it says (tests/docs/blocks.py). Sourced by scenarios.sh.
# shellcheck shell=sh

# Where the machine must look as the reader's does: packages in build/deb, an editor that fills in the
# template, an SSH server set up by its owner.
docs_reader() {
        machine_sh 'mkdir -p /root/reader/build/deb
                cp /test/systemd-fte.deb /root/reader/build/deb/systemd-fte_$(dpkg-deb -f /test/systemd-fte.deb Version)_all.deb
                printf "%s\n" "PasswordAuthentication no" "KbdInteractiveAuthentication no" \
                        "PermitRootLogin no" >/etc/ssh/sshd_config.d/00-owner.conf
                printf "%s\n" "#!/bin/sh" "sed -i s/=.your.OpenAI.API.key.$/=sk-documents-4f9c1a7e/ \"\$@\"" |
                        install -m 755 /dev/stdin /usr/local/bin/editor'
}

# docs_block TITLE DIRECTORY NUMBER KIND ARGUMENT
docs_block() {
        docs_file=/test/docs/$2/$3
        case $4 in
        run)
                docs_status=0
                docs_seen=$(machine_sh 'cd /root/reader && case $2 in
                        124) timeout 5 sh -e "$1" ;;
                        *) sh -e "$1" ;;
                        esac 2>&1' "$docs_file" "$5") || docs_status=$?
                case " $5 " in
                *" $docs_status "*) ok "$1" ;;
                *) not_ok "$1" "exit status $docs_status, wanted $5
$(cat "$machine_files/docs/$2/$3")
$docs_seen" ;;
                esac
                ;;
        file) check "$1" machine_run install -D -m 644 "$docs_file" "$5" ;;
        lint) check "$1" machine_sh 'install -D -m 644 "$1" "/tmp/docs-lint/$2.conf"
                ftectl lint "/tmp/docs-lint/$2.conf"; r=$?; rm -r /tmp/docs-lint; exit $r' "$docs_file" "$5" ;;
        skip) skip "$1" "$5" ;;
        dev) ;; # looked at by tests/docs/test-documents, run by ./dev itself
        *) not_ok "$1" "unknown kind of block: $4" ;;
        esac
}

# docs_document PATH: its blocks in their order, by one reader.
docs_document() {
        docs_name=$(basename "$1" .md)
        python3 "$machine_top/tests/docs/blocks.py" "$machine_top/$1" "$machine_files/docs/$docs_name" || {
                not_ok "$1 can be read"
                return
        }
        while IFS='	' read -r number kind argument line; do
                docs_block "$1:$line" "$docs_name" "$number" "$kind" "$argument" </dev/null
        done <"$machine_files/docs/$docs_name/index"
}

scenario_docs() {
        machine_timeout=600
        docs_reader
        for document in ${FTE_DOCUMENTS:-README.md docs/tutorial.md docs/deploying.md docs/migration.md docs/security.md docs/design.md}; do
                docs_document "$document"
                check_is "after $document no unit is failed" '' machine_sh \
                        'systemctl list-units --failed --plain --no-legend | cut -d" " -f1'
                check_is "and no agent is left" '' machine_sh 'ls /etc/fte'
        done
        machine_sh 'rm -rf /root/reader /usr/local/bin/editor /etc/ssh/sshd_config.d/00-owner.conf'
        machine_timeout=120
}
