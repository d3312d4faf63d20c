/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Writing and reading the texts of manifest.h. Reads what may come from anyone: strict, bounded,
 * and without a thought of what it means.
 */

#include <stdio.h>

#include "base/parse.h"

#include "manifest.h"

#define MAGIC "systemd-fte-backup 1"

/* ---- names ---- */

/* As sha256sum(1) does: a backslash before the line, and in it \\, \n and \r. */
static bool needs_escape(const char *path) {
        return strpbrk(path, "\\\n\r") != NULL;
}

static void add_escaped(StrBuf *b, const char *path) {
        for (; *path; path++)
                switch (*path) {
                case '\\':
                        strbuf_add(b, "\\\\");
                        break;
                case '\n':
                        strbuf_add(b, "\\n");
                        break;
                case '\r':
                        strbuf_add(b, "\\r");
                        break;
                default:
                        strbuf_addc(b, *path);
                }
}

static int add_unescaped(StrBuf *b, const char *s, size_t len) {
        for (size_t i = 0; i < len; i++) {
                if (s[i] != '\\') {
                        strbuf_addc(b, s[i]);
                        continue;
                }
                if (++i == len || !strchr("\\nr", s[i]) || !s[i])
                        return -EBADMSG;
                strbuf_addc(b, s[i] == 'n' ? '\n' : s[i] == 'r' ? '\r' : '\\');
        }
        return 0;
}

bool member_name_is_valid(const char *path) {
        if (!*path)
                return false;
        for (;;) {
                size_t n = strcspn(path, "/");

                if (n == 0 || (n == 1 && path[0] == '.') || (n == 2 && startswith(path, "..")))
                        return false;
                if (!path[n])
                        return true;
                path += n + 1;
        }
}

/* ---- sums ---- */

void sum_to_hex(const unsigned char sum[static SUM_BYTES], char hex[static SUM_HEX_CHARS + 1]) {
        static const char digits[] = "0123456789abcdef";

        for (size_t i = 0; i < SUM_BYTES; i++) {
                *hex++ = digits[sum[i] >> 4];
                *hex++ = digits[sum[i] & 15];
        }
        *hex = 0;
}

static bool is_hex(const char *s) {
        for (size_t i = 0; i < SUM_HEX_CHARS; i++)
                if (!ascii_isdigit(s[i]) && (s[i] < 'a' || s[i] > 'f'))
                        return false;
        return true;
}

void manifest_add_line(StrBuf *b, const unsigned char sum[static SUM_BYTES], const char *path) {
        char hex[SUM_HEX_CHARS + 1];

        sum_to_hex(sum, hex);
        if (needs_escape(path))
                strbuf_addc(b, '\\');
        strbuf_add(b, hex);
        strbuf_add(b, "  ");
        add_escaped(b, path);
        strbuf_addc(b, '\n');
}

int manifest_parse_line(const char *line, size_t len, StrBuf *ret_path) {
        bool escaped = len > 0 && *line == '\\';
        int r = 0;

        if (escaped) {
                line++;
                len--;
        }
        if (len <= SUM_HEX_CHARS + 2 || memchr(line, 0, len) || memchr(line, '\n', len) ||
            !is_hex(line) || line[SUM_HEX_CHARS] != ' ' || line[SUM_HEX_CHARS + 1] != ' ')
                return -EBADMSG;
        line += SUM_HEX_CHARS + 2;
        len -= SUM_HEX_CHARS + 2;
        if (escaped)
                r = add_unescaped(ret_path, line, len);
        else
                strbuf_add_bytes(ret_path, line, len);
        return r < 0 ? r : strbuf_check(ret_path);
}

/* ---- the info ---- */

void info_format(const Info *info, StrBuf *b) {
        strbuf_add(b, MAGIC "\n");
        strbuf_addf(b, "agent %s\nhost %s\ntime %s\nbytes %llu\n", info->agent, info->host,
                    info->time, (unsigned long long) info->bytes);
        for (char **p = info->paths; p && *p; p++) {
                strbuf_add(b, "path ");
                add_escaped(b, *p);
                strbuf_addc(b, '\n');
        }
}

static int take_path(Info *info, Arena *arena, const char *value) {
        StrBuf b = { 0 };
        int r = add_unescaped(&b, value, strlen(value));

        if (r == 0)
                r = strbuf_check(&b);
        if (r == 0 && (info->n_paths == INFO_PATHS_MAX || *value != '/' ||
                       !member_name_is_valid(strbuf_text(&b) + 1)))
                r = -EBADMSG;
        if (r == 0) {
                info->paths[info->n_paths] = arena_strndup(arena, b.text, b.len);
                r = info->paths[info->n_paths++] ? 0 : -ENOMEM;
        }
        strbuf_done(&b);
        return r;
}

static int take_line(Info *info, Arena *arena, const char *line) {
        const struct {
                const char *key;
                const char **field;
        } texts[] = { { "agent ", &info->agent },
                      { "host ", &info->host },
                      { "time ", &info->time } };
        const char *value;

        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                value = startswith(line, texts[i].key);
                if (!value)
                        continue;
                if (*texts[i].field || !*value)
                        return -EBADMSG;
                *texts[i].field = value;
                return 0;
        }
        value = startswith(line, "bytes ");
        if (value)
                return parse_uint(value, UINT64_MAX / 4, &info->bytes) < 0 ? -EBADMSG : 0;
        value = startswith(line, "path ");
        return value ? take_path(info, arena, value) : -EBADMSG;
}

int info_parse(const char *text, size_t len, Arena *arena, Info *ret, unsigned *ret_line) {
        Info info = { .paths = arena_new_n(arena, char *, INFO_PATHS_MAX + 1) };
        unsigned n = 0;
        char *copy, *line, *next;
        int r = 0;

        *ret_line = 1;
        if (len > INFO_BYTES_MAX || len == 0 || memchr(text, 0, len) || text[len - 1] != '\n')
                return -EBADMSG;
        copy = arena_strndup(arena, text, len);
        if (!copy || !info.paths)
                return -ENOMEM;
        for (line = copy; *line && r == 0; line = next) {
                next = strchr(line, '\n');
                *next++ = 0;
                *ret_line = ++n;
                r = n > 1 ? take_line(&info, arena, line) : streq(line, MAGIC) ? 0 : -EBADMSG;
        }
        if (r == 0 && (!info.agent || !info.host || !info.time || info.n_paths == 0))
                r = -EBADMSG;
        if (r == 0)
                *ret = info;
        return r;
}

int info_find(const Info *info, const char *path) {
        int best = -ENOENT;
        size_t best_len = 0;

        for (size_t i = 0; i < info->n_paths; i++) {
                const char *top = info->paths[i] + 1, *rest = startswith(path, top);

                if (!rest || (*rest && *rest != '/') || strlen(top) < best_len)
                        continue;
                best = (int) i;
                best_len = strlen(top);
        }
        return best;
}

/* ---- the notes ---- */

void note_add(StrBuf *b, const char *what, const char *path) {
        strbuf_add(b, what);
        strbuf_add(b, ": ");
        add_escaped(b, path);
        strbuf_addc(b, '\n');
}

void seal_format(const Seal *seal, StrBuf *b) {
        strbuf_addf(b, "entries %llu\nmetadata %s\n", (unsigned long long) seal->n_entries,
                    seal->metadata);
}

int seal_parse(const char *text, size_t len, Seal *ret) {
        const size_t tail = strlen("metadata ") + SUM_HEX_CHARS + 1;
        const char *last, *entries, *key = "entries ";
        char digits[24];
        Seal seal;

        if (len < tail + strlen("entries 0\n") || text[len - 1] != '\n')
                return -EBADMSG;
        last = text + len - tail;
        if (last[-1] != '\n' || memcmp(last, "metadata ", 9) != 0 || !is_hex(last + 9))
                return -EBADMSG;
        memcpy(seal.metadata, last + 9, SUM_HEX_CHARS);
        seal.metadata[SUM_HEX_CHARS] = 0;
        entries = memrchr(text, '\n', (size_t) (last - 1 - text));
        entries = entries ? entries + 1 : text;
        if ((size_t) (last - entries) <= strlen(key) || memcmp(entries, key, strlen(key)) != 0)
                return -EBADMSG;
        entries += strlen(key);
        if ((size_t) (last - 1 - entries) >= sizeof(digits))
                return -EBADMSG;
        memcpy(digits, entries, (size_t) (last - 1 - entries));
        digits[last - 1 - entries] = 0;
        if (parse_uint(digits, UINT64_MAX - 1, &seal.n_entries) < 0)
                return -EBADMSG;
        *ret = seal;
        return 0;
}
