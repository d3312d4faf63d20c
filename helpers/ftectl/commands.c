/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every subcommand and every option there is, in the order of the help. Data only.
 */

#include "command.h"

const OptionRow option_rows[_OPTION_MAX] = {
        [OPTION_ALL] = { "all", 'a', NULL, "all there are, not only the newest or the named" },
        [OPTION_DESCRIPTION] = { "description", 0, "TEXT", "a line about the agent" },
        [OPTION_DIFF] = { "diff", 0, NULL, "what would change against what systemd has loaded" },
        [OPTION_DISRUPTIVE] = { "disruptive", 0, NULL,
                                "break things on purpose too, ask before each" },
        [OPTION_DRY_RUN] = { "dry-run", 'n', NULL, "show what would be made or done" },
        [OPTION_ENVIRONMENT] = { "environment", 'e', "ENV",
                                 "as if Environment= of the host were ENV",
                                 .offer = { "environments", FILES_NONE } },
        [OPTION_EXEC] = { "exec", 0, "COMMAND",
                          "the program, by its full path, and its arguments" },
        [OPTION_FORMAT] = { "format", 0, "FORMAT", "print text, json, tap or junit" },
        [OPTION_FROM] = { "from", 0, "X", "take it from X, a unit or a backup" },
        [OPTION_JSON] = { "json", 'j', NULL, "print JSON, for programs" },
        [OPTION_KEEP_GOING] = { "keep-going", 'k', NULL,
                                "do not stop after the first layer that fails" },
        [OPTION_NO_ROLLBACK] = { "no-rollback", 0, NULL, "leave what fails as it is" },
        [OPTION_PATH] = { "path", 0, "PATH", "only this file or directory of the backup" },
        [OPTION_PORT] = { "port", 0, "PORT", "it answers GET /health there, on 127.0.0.1" },
        [OPTION_ROOT] = { "root", 0, "DIR", "look below DIR instead of /",
                          .offer = { NULL, FILES_DIRECTORIES } },
        [OPTION_TIMEOUT] = { "timeout", 't', "TIME", "give up after TIME, such as 20s" },
        [OPTION_TO] = { "to", 0, "DIR", "into DIR, and leave the agent alone",
                        .offer = { NULL, FILES_DIRECTORIES } },
        [OPTION_USER] = { "user", 0, NULL, "your own agents, in ~/.config/fte" },
        [OPTION_WATCH] = { "watch", 'w', NULL, "show it again every two seconds" },
        [OPTION_YES] = { "yes", 'y', NULL, "do not ask" },
};

/* Why they are not for the agents of a person. */
#define RELEASES "releases are root's, in /opt; let Exec= name a path in your home"
#define HOST     "it concerns the whole host, and is root's to do"
#define BACKUPS  "backups are root's; the data lies in the agent's state directory, see fte.conf(5)"
#define DOCUMENTS \
        "the documents describe an agent of the system; see: ftectl --user lint --dry-run NAME"

const Command commands[] = {
        {
                .name = "init",
                .summary = "begin a new agent, from a few options or from a unit of yours",
                .words_usage = "NAME",
                .detail =
                        "Writes /etc/fte/NAME.conf and /etc/NAME/.env, never over a file that is "
                        "there, checks\n"
                        "them and says what to do next. Without --exec and --from the Exec= line "
                        "is left to\n"
                        "be filled in. --from carries a hand-written service over, lists what "
                        "cannot be, and\n"
                        "leaves that service as it is. Exit status 1 when the new file has errors.",
                .run = command_init,
                .words = WORDS_NEW,
                .min_words = 1,
                .max_words = 1,
                .options = TAKES(DESCRIPTION) | TAKES(DRY_RUN) | TAKES(EXEC) | TAKES(FROM) |
                           TAKES(JSON) | TAKES(PORT) | TAKES(ROOT) | TAKES(USER),
                .needs_root = true,
                .dry_run_is_free = true,
        },
        {
                .name = "status",
                .summary = "how all agents are, or one in full",
                .words_usage = "[NAME]",
                .detail = "CONFIG is \"reload\" when the files differ from what systemd has "
                          "loaded, \"restart\" when\n"
                          "they or the env file are newer than the agent's start, \"errors\" when "
                          "a file is bad.\n"
                          "A - is what nobody can tell. Exit status 1 when an agent has failed.",
                .run = command_status,
                .words = WORDS_AGENTS,
                .max_words = 1,
                .options = TAKES(JSON) | TAKES(USER) | TAKES(WATCH),
        },
        {
                .name = "diagnose",
                .summary = "why an agent is not well, and what to type",
                .words_usage = "NAME",
                .detail = "Looks at systemd, the log, files, mounts, sockets, names and clocks, "
                          "names the likeliest\n"
                          "cause with what was seen of it, and the command that corrects it. "
                          "Changes nothing.\n"
                          "Exit status 1 when there is a cause, or when it is not well for none "
                          "that is known.",
                .run = command_diagnose,
                .words = WORDS_AGENTS,
                .min_words = 1,
                .max_words = 1,
                .options = TAKES(JSON) | TAKES(ROOT),
                .needs_root = true,
                .not_for_user =
                        "it looks at what root sees of a service; see: journalctl --user -u NAME",
        },
        {
                .name = "lint",
                .summary = "check the configuration, and show what would be made of it",
                .words_usage = "[NAME|FILE]...",
                .detail = "Without a word all of /etc/fte. A FILE that is not installed is judged "
                          "as if it were\n"
                          "/etc/fte/NAME.conf. Errors are what the generator refuses; warnings are "
                          "risks.\n"
                          "Exit status 1 when there is an error.",
                .run = command_lint,
                .words = WORDS_AGENTS_AND_FILES,
                .max_words = MANY_WORDS,
                .options = TAKES(DIFF) | TAKES(DRY_RUN) | TAKES(ENVIRONMENT) | TAKES(JSON) |
                           TAKES(ROOT) | TAKES(USER),
        },
        {
                .name = "diff",
                .summary = "what differs between two environments",
                .words_usage = "--environment=ENV ENV [NAME]...",
                .detail = "Compares what would be made of the agents, or of NAME, in the "
                          "environment of\n"
                          "--environment with ENV: ftectl diff --environment staging production "
                          "NAME.\n"
                          "Exit status 0 when nothing differs, 1 when something does, 2 on "
                          "trouble.",
                .run = command_diff,
                .words = WORDS_ENVIRONMENT_AND_AGENTS,
                .min_words = 1,
                .max_words = MANY_WORDS,
                .options = TAKES(ENVIRONMENT) | TAKES(JSON) | TAKES(ROOT) | TAKES(USER),
        },
        {
                .name = "apply",
                .summary = "make what runs be what the files say, and go back when that fails",
                .words_usage = "[NAME]...",
                .detail = "Judges the files, starts agents that are new or down, restarts those "
                          "that changed\n"
                          "and no other, stops those whose file is gone, and waits until they are "
                          "healthy.\n"
                          "Where one is not, the files of the last good apply are put back. Asks "
                          "before it\n"
                          "stops an agent, or restarts any that was not named. Exit status 1 when "
                          "an agent\n"
                          "is not well, a file has errors, or something was put back.",
                .run = command_apply,
                .words = WORDS_AGENTS,
                .max_words = MANY_WORDS,
                .options = TAKES(DRY_RUN) | TAKES(JSON) | TAKES(NO_ROLLBACK) | TAKES(TIMEOUT) |
                           TAKES(YES),
                .needs_root = true,
                .not_for_user = "it goes back to files that root keeps; type: systemctl --user "
                                "daemon-reload, then "
                                "systemctl --user restart NAME",
        },
        {
                .name = "deploy",
                .summary = "make code a release, run it, and go back when it is not healthy",
                .words_usage = "NAME SOURCE",
                .detail =
                        "SOURCE is a directory, a tar archive, a wheel or an npm package file; - "
                        "is "
                        "standard\n"
                        "input. Builds it in the agent's sandbox, but as nobody and without "
                        "secrets, runs\n"
                        "[Deploy] Check= there, switches /opt/NAME/current, restarts the agent and "
                        "waits until\n"
                        "it is healthy. Exit status 1 when it was refused, or does not run.",
                .run = command_deploy,
                .words = WORDS_AGENT_AND_SOURCE,
                .min_words = 2,
                .max_words = 2,
                .options = TAKES(JSON) | TAKES(TIMEOUT),
                .needs_root = true,
                .not_for_user = RELEASES,
        },
        {
                .name = "rollback",
                .summary = "run the release before, or the one that is named",
                .words_usage = "NAME [ID]",
                .detail = "ID is one of ftectl releases, or its beginning or end. It is restarted "
                          "and "
                          "judged as\n"
                          "by deploy: when it is not healthy, what ran before runs again. Exit "
                          "status "
                          "1 then.",
                .run = command_rollback,
                .words = WORDS_AGENT,
                .min_words = 1,
                .max_words = 2,
                .options = TAKES(JSON) | TAKES(TIMEOUT),
                .needs_root = true,
                .not_for_user = RELEASES,
        },
        {
                .name = "releases",
                .summary = "the releases of an agent, and what came of each",
                .words_usage = "NAME",
                .detail = "Newest first; * is the current one and - what rollback goes back to. "
                          "well: "
                          "it was\n"
                          "healthy; failed: it was not; built: its deployment was interrupted.",
                .run = command_releases,
                .words = WORDS_AGENTS,
                .min_words = 1,
                .max_words = 1,
                .options = TAKES(JSON) | TAKES(ROOT),
                .not_for_user = RELEASES,
        },
        {
                .name = "env",
                .summary = "set secrets of an agent, or list their names",
                .words_usage = "NAME list|set KEY",
                .detail = "set reads the value from the terminal, where it is not shown, or from a "
                          "pipe, and\n"
                          "changes nothing else in the file. list shows names and never a value; "
                          "exit\n"
                          "status 1 when a required one is missing or empty. An empty value is "
                          "refused.",
                .run = command_env,
                .words = WORDS_AGENT,
                .verbs = "list set",
                .min_words = 2,
                .max_words = 3,
                .options = TAKES(JSON) | TAKES(USER),
                .needs_root = true,
        },
        {
                .name = "validate",
                .summary = "prove that agents are what the requirements ask for",
                .words_usage = "[NAME]...",
                .detail =
                        "Five layers: existence, permissions, functional, security, and with "
                        "--disruptive\n"
                        "resilience. It stops after the first layer with a failure. Every failure "
                        "says what\n"
                        "was seen, what was wanted and the command that fixes it. The last report "
                        "of each\n"
                        "agent is kept in /var/lib/fte/reports. Exit status 1 when a check failed.",
                .run = command_validate,
                .words = WORDS_AGENTS,
                .max_words = MANY_WORDS,
                .options = TAKES(DISRUPTIVE) | TAKES(YES) | TAKES(KEEP_GOING) | TAKES(FORMAT) |
                           TAKES(JSON),
                .needs_root = true,
                .not_for_user = "the requirements are those of an agent of the system, with an "
                                "account of its own",
        },
        {
                .name = "host plan",
                .summary = "what would change in sshd, firewall and nginx",
                .detail = "Compares this host with [SSH] and [Firewall] of fte.conf and the "
                          "agents' [Proxy].\n"
                          "Exit status 1 when host try would refuse.",
                .run = command_host_plan,
                .options = TAKES(JSON) | TAKES(ROOT),
                .needs_root = true,
                .not_for_user = HOST,
        },
        {
                .name = "host try",
                .summary = "make these changes for two minutes",
                .detail = "Unless they are confirmed from a new login by then, a timer puts "
                          "everything back, also\n"
                          "when this login or the network ends, or the machine restarts. Refuses "
                          "when nobody\n"
                          "could log in any more: no authorized key, or sshd's port not in Allow=.",
                .run = command_host_try,
                .options = TAKES(JSON),
                .needs_root = true,
                .not_for_user = HOST,
        },
        {
                .name = "host confirm",
                .summary = "keep them; from a login that is newer than they are",
                .detail = "An old connection goes on whatever a firewall and sshd do to new ones, "
                          "so it proves\n"
                          "nothing. Run it in a new ssh login, or a new login on the console; not "
                          "in tmux.",
                .run = command_host_confirm,
                .options = TAKES(JSON),
                .needs_root = true,
                .not_for_user = HOST,
        },
        {
                .name = "host revert",
                .summary = "put back what host try changed, now",
                .detail = "Every file has the content, owner, mode and time again that it had. "
                          "What was confirmed\n"
                          "stays: change fte.conf and try again.",
                .run = command_host_revert,
                .options = TAKES(JSON),
                .needs_root = true,
                .not_for_user = HOST,
        },
        {
                .name = "host status",
                .summary = "whether a try waits, and whether the host is as configured",
                .detail = "Exit status 1 when a try waits, or something is not as the files say.",
                .run = command_host_status,
                .options = TAKES(JSON) | TAKES(ROOT),
                .needs_root = true,
                .not_for_user = HOST,
        },
        {
                .name = "alert list",
                .summary = "alerts that wait, that failed, and the last that were sent",
                .detail = "For each alert its ID and what came of every channel. A dead letter is "
                          "an alert that\n"
                          "a channel will never accept as it is: correct the cause, then use alert "
                          "retry.",
                .run = command_alert_list,
                .options = TAKES(JSON) | TAKES(ALL) | TAKES(USER),
                .needs_root = true,
        },
        {
                .name = "alert test",
                .summary = "send a test alert through every channel and show each answer",
                .words_usage = "[NAME]",
                .detail = "With NAME the channels of that agent, else those of fte.conf. Exit "
                          "status 1 when a\n"
                          "channel failed, did not answer within the time, or none is configured.",
                .run = command_alert_test,
                .words = WORDS_AGENTS,
                .max_words = 1,
                .options = TAKES(JSON) | TAKES(TIMEOUT),
                .needs_root = true,
                .not_for_user = "it asks the delivery of the system; let the agent fail once, and "
                                "see: ftectl --user "
                                "alert list",
        },
        {
                .name = "alert retry",
                .summary = "try dead letters again",
                .words_usage = "ID...|--all",
                .detail = "Do it when the cause that alert list shows is corrected. ID may be cut "
                          "to its first\n"
                          "characters, as long as they are only one alert's.",
                .run = command_alert_retry,
                .words = WORDS_ALERTS,
                .max_words = MANY_WORDS,
                .options = TAKES(ALL) | TAKES(JSON) | TAKES(USER),
                .needs_root = true,
        },
        {
                .name = "alert drop",
                .summary = "throw alerts away that wait or are dead letters",
                .words_usage = "ID...",
                .detail = "ID may be cut to its first characters, as long as they are only one "
                          "alert's.",
                .run = command_alert_drop,
                .words = WORDS_ALERTS,
                .min_words = 1,
                .max_words = MANY_WORDS,
                .options = TAKES(JSON) | TAKES(USER),
                .needs_root = true,
        },
        {
                .name = "backup list",
                .summary = "the backups of an agent",
                .words_usage = "NAME",
                .detail = "Oldest first. Where they are: Target= of [Backup], else "
                          "/var/backups/fte/NAME.",
                .run = command_backup_list,
                .words = WORDS_AGENTS,
                .min_words = 1,
                .max_words = 1,
                .options = TAKES(JSON) | TAKES(ROOT),
                .needs_root = true,
                .not_for_user = BACKUPS,
        },
        {
                .name = "backup verify",
                .summary = "try a backup out: every sum, every database",
                .words_usage = "NAME",
                .detail = "Restores it into a scratch directory beside the backups and removes "
                          "that again. Exit\n"
                          "status 1 when anything in it is not as it was written, or a database is "
                          "damaged.",
                .run = command_backup_verify,
                .words = WORDS_AGENTS,
                .min_words = 1,
                .max_words = 1,
                .options = TAKES(FROM) | TAKES(JSON) | TAKES(ROOT),
                .needs_root = true,
                .not_for_user = BACKUPS,
        },
        {
                .name = "backup",
                .summary = "back up what an agent stores, now",
                .words_usage = "NAME",
                .detail = "As fte-backup.timer does it each day, by fte-backup@NAME.service. The "
                          "agent goes on\n"
                          "running. Exit status 1 when no backup was made, or files are missing in "
                          "it.",
                .run = command_backup,
                .words = WORDS_AGENTS,
                .min_words = 1,
                .max_words = 1,
                .options = TAKES(JSON),
                .needs_root = true,
                .not_for_user = BACKUPS,
        },
        {
                .name = "restore",
                .summary = "put a backup in place of what an agent stores",
                .words_usage = "NAME",
                .detail = "Restores beside the data and checks every sum, then stops the agent, "
                          "exchanges the\n"
                          "two, starts it and waits until it is healthy. If it does not become so, "
                          "it has its\n"
                          "old data again. What was there before is kept. With --to the agent is "
                          "left alone.\n"
                          "Exit status 1 when the agent has not got the data of the backup.",
                .run = command_restore,
                .words = WORDS_AGENTS,
                .min_words = 1,
                .max_words = 1,
                .options = TAKES(FROM) | TAKES(TO) | TAKES(PATH) | TAKES(JSON) | TAKES(ROOT),
                .needs_root = true,
                .not_for_user = BACKUPS,
        },
        {
                .name = "spec",
                .summary = "print what an agent must do, how it is met, how to check it",
                .words_usage = "NAME",
                .detail = "Markdown, made from the configuration of the agent: the same files give "
                          "the same text.\n"
                          "Exit status 1 when the configuration has errors.",
                .run = command_spec,
                .words = WORDS_AGENTS,
                .min_words = 1,
                .max_words = 1,
                .options = TAKES(JSON) | TAKES(ROOT),
                .not_for_user = DOCUMENTS,
        },
        {
                .name = "runbook",
                .summary = "print what to type for an agent, also when it fails",
                .words_usage = "NAME",
                .detail = "Markdown, made from the configuration of the agent; its last part is "
                          "the state right now.\n"
                          "Exit status 1 when the configuration has errors.",
                .run = command_runbook,
                .words = WORDS_AGENTS,
                .min_words = 1,
                .max_words = 1,
                .options = TAKES(JSON) | TAKES(ROOT),
                .not_for_user = DOCUMENTS,
        },
        {
                .name = "architecture",
                .summary = "print what an agent consists of, with a diagram",
                .words_usage = "NAME",
                .detail = "Markdown, made from the configuration of the agent; its last part is "
                          "the state right now.\n"
                          "Exit status 1 when the configuration has errors.",
                .run = command_architecture,
                .words = WORDS_AGENTS,
                .min_words = 1,
                .max_words = 1,
                .options = TAKES(JSON) | TAKES(ROOT),
                .not_for_user = DOCUMENTS,
        },
        {
                .name = "troubleshooting",
                .summary = "print what to look at for each symptom of an agent",
                .words_usage = "NAME",
                .detail = "Markdown, made from the configuration of the agent: the same files give "
                          "the same text.\n"
                          "Exit status 1 when the configuration has errors.",
                .run = command_troubleshooting,
                .words = WORDS_AGENTS,
                .min_words = 1,
                .max_words = 1,
                .options = TAKES(JSON) | TAKES(ROOT),
                .not_for_user = DOCUMENTS,
        },
        {
                .name = "handoff",
                .summary = "write all that another team needs to deploy an agent",
                .words_usage = "NAME DIR",
                .detail = "Into DIR, which must not exist or be empty: the configuration, an env "
                          "template without\n"
                          "values, documents, deploy.sh and validate.sh, the last validation "
                          "report, checksums.\n"
                          "The agent's own code is not part of it. Exit status 1 when the "
                          "configuration has\n"
                          "errors.",
                .run = command_handoff,
                .words = WORDS_AGENT_AND_DIRECTORY,
                .min_words = 2,
                .max_words = 2,
                .options = TAKES(JSON) | TAKES(ROOT),
                .needs_root = true,
                .not_for_user = DOCUMENTS,
        },
};

const size_t n_commands = ARRAY_SIZE(commands);
