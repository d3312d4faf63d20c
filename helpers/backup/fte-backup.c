/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-backup: backs up what an agent stores, tries backups out and restores them. systemd runs it
 * by fte-backup@.service; people use "ftectl backup" and "ftectl restore", which call it.
 */

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"
#include "config.h"
#include "verbs.h"

static const char usage[] =
        "Usage: fte-backup VERB [OPTION]... NAME\n"
        "Backs up what the agent NAME stores, tries backups out, restores them.\n"
        "\n"
        "  run NAME       make a backup\n"
        "  run --all      of every agent that has no timer of its own, by fte-backup@.service\n"
        "  list NAME      the backups there are\n"
        "  verify NAME    restore one into a scratch directory and check everything\n"
        "  verify --all   of every agent that has no timer of its own for that\n"
        "  restore NAME   put a backup in place of the data\n"
        "  recover        finish or undo restores that a power cut interrupted; run at boot\n"
        "\n"
        "  --from=X       which: a name of the list, a file, a snapshot of restic; the newest\n"
        "  --to=DIR       restore into DIR and leave the agent alone\n"
        "  --path=PATH    with --to: only this file or directory\n"
        "  --json         of list: for programs\n"
        "  --wait         while another one works on the same agent\n"
        "  --root=DIR     work below DIR and ask systemd nothing: for tests\n"
        "  --help, --version\n"
        "\n"
        "Exit status: 0 good; 1 failed; 2 wrong usage, no such agent; 3 a backup was made, but\n"
        "something is missing in it; 4 restored, but the agent did not become healthy and has\n"
        "its old data again.\n"
        "fte-backup(8) tells more.\n";

static const struct Verb {
        const char *name;
        int (*one)(const Arguments *a); /* takes the name of an agent */
        int (*all)(const Arguments *a); /* takes none; with --all where there is one, too */
} verbs[] = {
        { "run", verb_run, verb_run_all },          { "list", verb_list, NULL },
        { "verify", verb_verify, verb_verify_all }, { "restore", verb_restore, NULL },
        { "recover", NULL, verb_recover },
};

static int wrong_usage(const char *what) {
        log_line(LOG_ERR, "%s; see fte-backup --help", what);
        return EXIT_USAGE;
}

static bool take_option(Arguments *a, const char *word) {
        const struct {
                const char *name;
                const char **field;
        } values[] = { { "--root=", &a->root },
                       { "--from=", &a->from },
                       { "--to=", &a->to },
                       { "--path=", &a->path } };

        for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
                const char *value = startswith(word, values[i].name);

                if (!value || !*value)
                        continue;
                *values[i].field = value;
                return true;
        }
        a->all |= streq(word, "--all");
        a->json |= streq(word, "--json");
        a->wait |= streq(word, "--wait");
        return streq(word, "--all") || streq(word, "--json") || streq(word, "--wait");
}

static int start(const struct Verb *v, const Arguments *a) {
        if (a->path && !a->to)
                return wrong_usage("--path needs --to=DIR: restore the part there, and move it "
                                   "yourself while the "
                                   "agent is stopped");
        if ((a->to && *a->to != '/') || (a->path && *a->path != '/') ||
            (*a->root && *a->root != '/'))
                return wrong_usage("--to, --path and --root take a full path");
        if (a->all || !v->one) {
                if (a->name || !v->all)
                        return wrong_usage("too many words, or --all where there is none");
                return v->all(a);
        }
        return a->name ? v->one(a) : wrong_usage("the name of an agent is missing");
}

/* A level of directories takes a descriptor. */
static void raise_limits(void) {
        struct rlimit l;

        if (getrlimit(RLIMIT_NOFILE, &l) < 0)
                return;
        l.rlim_cur = l.rlim_max;
        (void) setrlimit(RLIMIT_NOFILE, &l);
}

int main(int argc, char **argv) {
        Arguments a = { .root = "" };
        const struct Verb *v = NULL;

        /*
         * No setlocale(): libarchive then stores names as they are, while under UTF-8 it would make
         * others of those that are not in Unicode's form C.
         */
        log_open("fte-backup", false);
        umask(0077);
        raise_limits();
        for (int i = 1; i < argc; i++) {
                if (streq(argv[i], "--help") || streq(argv[i], "-h"))
                        return fputs(usage, stdout) < 0;
                if (streq(argv[i], "--version"))
                        return puts("fte-backup " FTE_VERSION) < 0;
                if (startswith(argv[i], "-")) {
                        if (!take_option(&a, argv[i]))
                                return wrong_usage("an unknown option, or one without its value");
                        continue;
                }
                if (v && a.name)
                        return wrong_usage("too many words");
                if (v) {
                        a.name = argv[i];
                        continue;
                }
                for (size_t k = 0; k < ARRAY_SIZE(verbs); k++)
                        if (streq(argv[i], verbs[k].name))
                                v = &verbs[k];
                if (!v)
                        return wrong_usage("no such verb");
        }
        return v ? start(v, &a) : wrong_usage("the verb is missing");
}
