/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * overrides.h: the last assignment wins (systemd.unit(5)); a list is only undone when it is reset.
 * Keys that no requirement stands behind (Description=, Documentation=) are anybody's to change.
 */

#include <stdio.h>

#include "overrides.h"

/* Keys that the generated files set and on which something depends. */
static const struct {
        const char *key, *requirement;
        bool is_list; /* further values add to it, an empty one resets it */
} rows[] = {
        { "User", "FR-003", false },
        { "Group", "FR-003", false },
        { "DynamicUser", "FR-003", false },
        { "ExecStart", "FR-002", true },
        { "Type", "NFR-001", false },
        { "NotifyAccess", "NFR-001", false },
        { "TimeoutStartSec", "NFR-001", false },
        { "WatchdogSec", "FR-002", false },
        { "Restart", "FR-002", false },
        { "RestartSec", "NFR-003", false },
        { "RestartPreventExitStatus", "NFR-003", true },
        { "StartLimitIntervalSec", "NFR-003", false },
        { "StartLimitBurst", "NFR-003", false },
        { "MemoryMax", "NFR-002", false },
        { "MemorySwapMax", "NFR-002", false },
        { "TasksMax", "NFR-002", false },
        { "CPUQuota", "NFR-002", false },
        { "LimitNOFILE", "NFR-002", false },
        { "LimitCORE", "SR-003", false },
        { "StateDirectory", "FR-005", true },
        { "StateDirectoryMode", "FR-005", false },
        { "LogsDirectory", "FR-004", true },
        { "LogsDirectoryMode", "FR-004", false },
        { "WorkingDirectory", "FR-005", false },
        { "LoadCredential", "SR-003", true },
        { "StandardOutput", "FR-004", false },
        { "StandardError", "FR-004", false },
        { "SyslogIdentifier", "OR-001", false },
        { "KillMode", "NFR-003", false },
        { "Slice", "OR-002", false },
        { "OnFailure", "FS-1", true },
        { "NoNewPrivileges", "SR-001", false },
        { "CapabilityBoundingSet", "SR-001", false },
        { "AmbientCapabilities", "SR-001", false },
        { "PrivateUsers", "SR-001", false },
        { "ProtectSystem", "SR-001", false },
        { "ProtectHome", "SR-001", false },
        { "PrivateTmp", "SR-001", false },
        { "PrivateDevices", "SR-001", false },
        { "ProtectProc", "SR-001", false },
        { "ProtectKernelTunables", "SR-001", false },
        { "ProtectKernelModules", "SR-001", false },
        { "ProtectKernelLogs", "SR-001", false },
        { "ProtectControlGroups", "SR-001", false },
        { "ProtectClock", "SR-001", false },
        { "ProtectHostname", "SR-001", false },
        { "RestrictNamespaces", "SR-001", false },
        { "RestrictRealtime", "SR-001", false },
        { "RestrictSUIDSGID", "SR-001", false },
        { "LockPersonality", "SR-001", false },
        { "MemoryDenyWriteExecute", "SR-001", false },
        { "RestrictAddressFamilies", "SR-001", true },
        { "SystemCallFilter", "SR-001", true },
        { "IPAddressDeny", "SR-005", true },
};

/* What the last of ours says and what holds in the end. */
typedef struct Value {
        char *ours, *last;    /* NULL: not set */
        const UnitText *file; /* of last */
        unsigned line;
        bool undone; /* of a list: reset by somebody else after one of ours */
} Value;

typedef struct Finder {
        Arena *arena;
        Value values[ARRAY_SIZE(rows)];
} Finder;

static int find_row(const char *key, size_t len) {
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (strlen(rows[i].key) == len && memcmp(rows[i].key, key, len) == 0)
                        return (int) i;
        return -1;
}

static void take(Finder *f, const UnitText *file, unsigned line, const char *text, size_t len) {
        const char *eq = memchr(text, '=', len), *value;
        size_t key_len = eq ? (size_t) (eq - text) : 0;
        int i;

        while (key_len > 0 && (text[key_len - 1] == ' ' || text[key_len - 1] == '\t'))
                key_len--;
        i = eq ? find_row(text, key_len) : -1;
        if (i < 0)
                return;
        value = eq + 1 + strspn(eq + 1, " \t");
        len = value < text + len ? (size_t) (text + len - value) : 0;
        while (len > 0 &&
               (value[len - 1] == ' ' || value[len - 1] == '\t' || value[len - 1] == '\r'))
                len--;
        if (file->ours) {
                f->values[i] = (Value){ .ours = arena_strndup(f->arena, value, len) };
                f->values[i].last = f->values[i].ours;
                return;
        }
        if (rows[i].is_list && len > 0 && !f->values[i].undone)
                return; /* it adds */
        if (!rows[i].is_list || len == 0) {
                f->values[i].file = file;
                f->values[i].line = line;
        }
        f->values[i].undone = true;
        f->values[i].last = arena_strndup(f->arena, value, len);
}

static void read_file(Finder *f, const UnitText *file) {
        unsigned line = 0;

        for (const char *s = file->text; *s;) {
                size_t indent = strspn(s, " \t"), len = strcspn(s, "\n");

                line++;
                if (indent < len && s[indent] != '#' && s[indent] != ';' && s[indent] != '[')
                        take(f, file, line, s + indent, len - indent);
                s += len + (s[len] == '\n');
        }
}

int overrides_find(const UnitText *files, size_t n, Arena *arena, Override *ret) {
        Finder f = { .arena = arena };
        int found = 0;

        for (size_t i = 0; i < n; i++)
                read_file(&f, &files[i]);
        if (arena_failed(arena))
                return -ENOMEM;
        for (size_t i = 0; i < ARRAY_SIZE(rows) && found < OVERRIDES_MAX; i++) {
                const Value *v = &f.values[i];

                if (!v->ours || !v->undone || !v->file || streq(v->ours, v->last))
                        continue;
                ret[found++] = (Override){ rows[i].key,   v->ours, v->last,
                                           v->file->path, v->line, rows[i].requirement };
        }
        return found;
}
