# SPDX-License-Identifier: LGPL-2.1-or-later
# Backups and restores on a booted systemd. Sourced by scenarios.sh.
# shellcheck shell=sh

# An agent that commits rows to SQLite all the time: see agents/ledger.py.
backup_agent() {
        agent_file "$1" <<END
[Agent]
Description=Test agent $1
Exec=/test/agents/ledger.py $2
[Health]
URL=http://127.0.0.1:$2/health
StartTimeout=${start_timeout:-20s}
Interval=1s
${3-}
END
        machine_run systemctl daemon-reload
}

backup_rows() {
        machine_run sqlite3 "/var/lib/$1/ledger.db" 'select count(*) from ledger'
}

backup_newest() {
        machine_sh 'ls /var/backups/fte/$1/*.tar.zst | tail -n 1' "$1"
}

backup_timers() {
        check_says 'one timer is there for all agents' 'fte-backup.timer' machine_run systemctl list-timers --all
        check_is 'and runs since the first agent was started' active machine_run systemctl is-active fte-backup.timer
        check_is 'PID 1 has no unit of the agent for it' '' machine_sh \
                'systemctl list-units --all --plain --no-legend "fte-backup@*"'
}

backup_run() {
        check 'a backup of an agent that writes' machine_run systemctl start fte-backup@keeper
        for word in Nice=19 IOSchedulingClass=3 CPUWeight=20 PrivateNetwork=yes ProtectSystem=strict; do
                check_says "it runs with $word" "$word" machine_run systemctl show fte-backup@keeper \
                        -p Nice -p IOSchedulingClass -p CPUWeight -p PrivateNetwork -p ProtectSystem
        done
        exposure=$(machine_sh 'systemd-analyze security --no-pager fte-backup@keeper | sed -n "s/.*exposure level.*: \([0-9.]*\) .*/\1/p"')
        check_between 'its sandbox by systemd-analyze security (tenths)' 1 30 "${exposure%.*}${exposure#*.}"
        check_is 'is of root alone' 'root:root 600 700' machine_sh 'cd /var/backups/fte/keeper
                echo "$(stat -c "%U:%G %a" *.tar.zst) $(stat -c %a .)"'
        check 'it can be restored elsewhere' ftectl restore keeper --to /tmp/x
        check_is 'the database in it is whole' ok machine_run sqlite3 /tmp/x/var/lib/keeper/ledger.db \
                'PRAGMA integrity_check'
        check_is 'and has rows without a gap' 1 machine_run sqlite3 /tmp/x/var/lib/keeper/ledger.db \
                'select count(*) > 0 and count(*) = max(n) from ledger'
        check_is 'files keep their owner' keeper machine_sh 'stat -c %U /tmp/x/var/lib/keeper/notes'
        check 'the timer for all starts it too' machine_run systemctl start fte-backup.service
        check_is 'there are two now' 2 machine_sh 'ls /var/backups/fte/keeper/*.tar.zst | wc -l'
        check 'it can be tried out' machine_run systemctl start fte-backup-verify@keeper
        check 'for all agents' machine_run systemctl start fte-backup-verify.service
}

backup_restore() {
        rows=$(backup_rows keeper)
        check 'ftectl backup makes one' ftectl backup keeper
        check_says 'and says where' '/var/backups/fte/keeper/keeper-' ftectl backup keeper
        check_is 'one after the other has only its own words' 1 machine_sh 'ftectl backup keeper >/dev/null
                ftectl backup keeper --json | grep -c "keeper is backed up"'
        check_is 'an interrupt while the agent is exchanged waits for its end' 'active 0' machine_sh '
                python3 /test/agents/interrupt.py "is healthy with them" "starting the agent" ftectl restore keeper 2>/dev/null
                rc=$?; echo "$(systemctl is-active keeper) $rc"'
        check_says 'who leaves a backup is told that it goes on' 'the backup goes on' machine_sh '
                python3 /test/agents/interrupt.py "" "backing up" ftectl backup keeper 2>&1
                systemctl start fte-backup@keeper'
        machine_sh 'head -c 300000000 /dev/urandom >/var/lib/keeper/ballast'
        check_says 'a terminal shows how much of it is done' 'writing the backup, ' machine_run \
                python3 -c 'import pty; pty.spawn(["ftectl", "backup", "keeper"])'
        check_is 'and nothing of it stays with the unit' '' show fte-backup@keeper StatusText
        machine_sh 'rm /var/lib/keeper/ballast'
        check_says 'ftectl backup list has it' "keeper-$(date -u +%Y)" ftectl backup list keeper
        check 'ftectl backup verify is content' ftectl backup verify keeper
        check_says 'the status tells of it' 'on the file system of the data' ftectl status keeper
        check_lacks 'and knows when it was' '"last_backup": null' ftectl status keeper --json
        machine_sh 'systemctl stop keeper; rm -r /var/lib/keeper/*; echo lost >/var/lib/keeper/lost; systemctl start keeper'
        check_says 'a restore in place' 'is healthy with them' machine_sh 'ftectl restore keeper 2>&1'
        check_is 'the agent runs' active show keeper ActiveState
        check_is 'with the data of the backup' 1 machine_sh 'test ! -e /var/lib/keeper/lost &&
                sqlite3 /var/lib/keeper/ledger.db "select count(*) >= $1 from ledger"' "$rows"
        check_is 'and what was lost is kept' lost machine_run cat /var/lib/.keeper.before-restore/data/lost
        check_is 'the owner is right' keeper:keeper machine_run stat -c %U:%G /var/lib/keeper/ledger.db
        check 'a restore elsewhere' ftectl restore keeper --to /tmp/elsewhere
        check_is 'is whole' ok machine_run sqlite3 /tmp/elsewhere/var/lib/keeper/ledger.db 'PRAGMA integrity_check'
}

# The timers may start both in the same quarter of an hour.
backup_together() {
        check 'a backup and a trial at once wait for each other' machine_sh '
                systemctl start --no-block fte-backup@keeper && systemctl start fte-backup-verify@keeper &&
                systemctl start fte-backup@keeper'
}

# A disk for backups that is in fstab and does not come. Not a device, for which a container has none.
backup_no_disk() {
        agent_file distant <<END
[Agent]
Exec=/test/agents/ledger.py 8072
[Health]
URL=http://127.0.0.1:8072/health
StartTimeout=${start_timeout:-20s}
[Backup]
Target=/mnt/gone
END
        machine_sh 'mkdir -p /mnt/gone; echo "gone /mnt/gone tmpfs size=none,nofail 0 0" \
                >>/etc/fstab; systemctl daemon-reload; systemctl start distant'
        check_fails 'a backup onto a disk that is not there fails' machine_run systemctl start fte-backup@distant
        check_is 'and leaves nothing in its place' '' machine_run ls -A /mnt/gone
        machine_sh 'sed -i "/mnt.gone/d" /etc/fstab'
        agent_remove distant
}

# A backup with which the agent cannot live.
backup_unwell() {
        machine_sh 'touch /var/lib/keeper/unwell; sleep 1'
        check 'a backup of an agent that is not well' machine_run systemctl start fte-backup@keeper
        machine_sh 'rm /var/lib/keeper/unwell; systemctl reset-failed keeper; systemctl start keeper
                echo mine >/var/lib/keeper/mine'
        check_fails 'to restore that one fails' machine_sh 'ftectl restore keeper >/tmp/said 2>&1'
        check_says 'it says what was done' 'gets its old data back' machine_run cat /tmp/said
        check_is 'the old data are back' mine machine_run cat /var/lib/keeper/mine
        check_is 'and the agent runs' active show keeper ActiveState
}

backup_told() {
        machine_sh 'printf "[Alert]\nCommand=/usr/bin/tee -a /tmp/told\n" >>/etc/fte/keeper.conf
                echo x >/var/backups/fte/keeper/keeper-20990101T000000Z.tar.zst; systemctl daemon-reload'
        # A busy journald, which takes the reason in when nobody can tell it the run any more.
        check_fails 'a backup that is no good fails its trial' machine_sh 'journald=$(pgrep -x systemd-journal)
                kill -STOP $journald
                timeout 60 systemctl start fte-backup-verify@keeper; seen=$?; kill -CONT $journald; exit $seen'
        check_says 'and is told by its name' 'fte-backup-verify@keeper failed' wait_for_told
        check 'with the reason' wait_for 10 machine_sh 'grep -rh "is not good" /var/lib/fte-alert'
        machine_sh 'rm /var/backups/fte/keeper/keeper-2099*'
}

wait_for_told() {
        wait_for 10 machine_sh 'ftectl alert list --all | grep -q fte-backup-verify@keeper' || :
        ftectl alert list --all
}

backup_restic() {
        agent_file resty <<END
[Agent]
Exec=/test/agents/ledger.py 8071
[Health]
URL=http://127.0.0.1:8071/health
StartTimeout=${start_timeout:-20s}
[Backup]
Target=restic:/srv/restic
Schedule=*-*-* 04:00
END
        machine_sh 'mkdir -p /etc/resty; (umask 077; echo "a key for restic" >/etc/resty/restic-password)
                RESTIC_PASSWORD_FILE=/etc/resty/restic-password restic -q -r /srv/restic init; systemctl daemon-reload'
        check 'an agent with restic starts' machine_run systemctl start resty
        check_is 'its own timer with it' active machine_run systemctl is-active fte-backup@resty.timer
        check 'its backup goes into the repository' ftectl backup resty
        check_says 'where restic lists it' resty machine_sh \
                'RESTIC_PASSWORD_FILE=/etc/resty/restic-password restic -q -r /srv/restic snapshots'
        check 'and can be tried out by the timer' machine_run systemctl start fte-backup-verify@resty
        machine_sh 'systemctl stop resty; rm -r /var/lib/resty; systemctl start resty'
        check 'and be restored' ftectl restore resty
        agent_remove resty
}

# What a power cut leaves, at boot: every step is in tests/backup, the cut itself in test-vm.
backup_recover() {
        machine_sh 'systemctl stop keeper; cd /var/lib; mkdir -m 700 .keeper.fte-restore; mv keeper .keeper.fte-restore/data
                mkdir keeper; echo new >keeper/new
                printf "phase swapping\nactive 1\npath %s 1 /var/lib/keeper\n" "$(stat -c %i keeper)" \
                        >/var/lib/fte-backup/keeper.restore'
        check 'at boot a restore that was cut off' machine_run systemctl start fte-backup-recover
        check_is 'is undone' mine machine_run cat /var/lib/keeper/mine
        check 'once' machine_sh '! ls /var/lib/fte-backup/*.restore 2>/dev/null'
}

scenario_backup() {
        backup_agent keeper 8070
        check 'an agent that keeps a ledger starts' machine_run systemctl start keeper
        backup_timers
        backup_run
        backup_restore
        backup_together
        backup_no_disk
        backup_unwell
        backup_recover
        backup_told
        backup_restic
        agent_remove keeper
}
