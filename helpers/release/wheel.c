/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * wheel.h: looks for NAME-VERSION.dist-info/WHEEL in a zip file, as the format's specification
 * (PEP 427) has it.
 */

#include "base/parse.h"

#include "unpack.h"
#include "wheel.h"

#define WHEEL_BYTES_MAX ((size_t) 64 * 1024)
#define TAG_PARTS       3 /* python, ABI, platform */
#define DIST_INFO       ".dist-info"

static bool is_word(const char *s, size_t len) {
        for (size_t i = 0; i < len; i++)
                if (!ascii_isalnum(s[i]) && !strchr("._+!-", s[i]))
                        return false;
        return len > 0 && *s != '.' && *s != '-';
}

/* "py3-none-any" to its three lists. */
static int add_tag(StrBuf parts[static TAG_PARTS], const char *tag, size_t len) {
        for (size_t i = 0; i < TAG_PARTS; i++) {
                const char *end = i + 1 < TAG_PARTS ? memchr(tag, '-', len) : tag + len;
                size_t n;

                if (!end)
                        return -EBADMSG;
                n = (size_t) (end - tag);
                if (!is_word(tag, n) || memchr(tag, '-', n))
                        return -EBADMSG;
                if (!word_find(strbuf_text(&parts[i]), ".", tag, n)) {
                        if (parts[i].len > 0)
                                strbuf_addc(&parts[i], '.');
                        strbuf_add_bytes(&parts[i], tag, n);
                }
                if (i + 1 == TAG_PARTS)
                        break;
                tag += n + 1;
                len -= n + 1;
        }
        return 0;
}

static int add_tags(StrBuf parts[static TAG_PARTS], const char *text) {
        int r = 0;

        while (*text && r == 0) {
                size_t n = strcspn(text, "\r\n");
                const char *value = startswith(text, "Tag:");

                if (value) {
                        value += strspn(value, " ");
                        if (value < text + n)
                                r = add_tag(parts, value, (size_t) (text + n - value));
                }
                text += n;
                text += strspn(text, "\r\n");
        }
        return r;
}

int wheel_name_from(const char *dist_info, const char *text, StrBuf *ret) {
        const char *end = endswith(dist_info, DIST_INFO);
        StrBuf parts[TAG_PARTS] = { 0 };
        int r = -EBADMSG;

        if (end && is_word(dist_info, (size_t) (end - dist_info)) && end - dist_info < 200)
                r = add_tags(parts, text);
        for (size_t i = 0; i < TAG_PARTS && r == 0; i++)
                r = strbuf_check(&parts[i]) < 0 ? -ENOMEM : parts[i].len == 0 ? -EBADMSG : 0;
        if (r == 0) {
                strbuf_add_bytes(ret, dist_info, (size_t) (end - dist_info));
                for (size_t i = 0; i < TAG_PARTS; i++)
                        strbuf_addf(ret, "-%s", parts[i].text);
                strbuf_add(ret, ".whl");
                r = ret->len > 250 ? -EBADMSG : strbuf_check(ret);
        }
        for (size_t i = 0; i < TAG_PARTS; i++)
                strbuf_done(&parts[i]);
        return r;
}

/* The directory of "X.dist-info/WHEEL" in dist_info; false: the member is another. */
static bool is_wheel_member(const char *path, StrBuf *dist_info) {
        const char *slash = path ? strchr(path, '/') : NULL;

        if (!slash || !streq(slash, "/WHEEL"))
                return false;
        strbuf_reset(dist_info);
        strbuf_add_bytes(dist_info, path, (size_t) (slash - path));
        return endswith(strbuf_text(dist_info), DIST_INFO) != NULL;
}

static int read_member(struct archive *a, const char *dist_info, StrBuf *ret) {
        _cleanup_free_ char *text = calloc(1, WHEEL_BYTES_MAX + 1);
        la_ssize_t n = text ? archive_read_data(a, text, WHEEL_BYTES_MAX) : 0;
        int r = !text ? -ENOMEM : n < 0 ? -EBADMSG : wheel_name_from(dist_info, text, ret);

        return r < 0 ? r : 1;
}

int wheel_name(int fd, StrBuf *ret) {
        _cleanup_strbuf_ StrBuf dist_info = { 0 };
        struct archive *a = unpack_open(fd);
        struct archive_entry *e;
        int r = a ? 0 : -ENOMEM;

        while (r == 0 && archive_read_next_header(a, &e) >= ARCHIVE_WARN) {
                if ((archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) != ARCHIVE_FORMAT_ZIP)
                        break;
                if (is_wheel_member(archive_entry_pathname(e), &dist_info))
                        r = read_member(a, dist_info.text, ret);
        }
        if (a)
                archive_read_free(a);
        return r;
}
