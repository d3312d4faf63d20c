/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * message.h. The alert's texts are clean (no control characters) before they come here, and what is
 * not ASCII becomes encoded-words (RFC 2047) in a header and quoted-printable (RFC 2045) in the
 * body.
 */

#include <openssl/evp.h>
#include <stdio.h>
#include <time.h>

#include "message.h"

#define QP_LINE_MAX 76
#define ADDRESS_MAX_BYTES 254 /* RFC 5321, with its erratum 1690 */

/* Bytes of text in an encoded-word: in base64 and with "Subject: =?UTF-8?B?" and "?=" 69
 * characters. */
#define WORD_BYTES_MAX 36

static const TextStyle style = { NULL, TEXT_UTF16 };

bool mail_address_is_valid(const char *s) {
        const char *at = strchr(s, '@');

        if (strlen(s) > ADDRESS_MAX_BYTES || !at || at == s || !at[1] || strchr(at + 1, '@') ||
            *s == '-')
                return false;
        for (; *s; s++)
                if (*s <= ' ' || *s >= 0x7f || strchr("<>()[]\\,;:\"", *s))
                        return false;
        return true;
}

static bool is_plain(const char *s) {
        for (; *s; s++)
                if (*s < ' ' || *s >= 0x7f)
                        return false;
        return true;
}

/* Bytes of s for one encoded-word: up to the limit, whole characters. */
static size_t word_bytes(const char *s) {
        size_t n = strlen(s);

        if (n <= WORD_BYTES_MAX)
                return n;
        for (n = WORD_BYTES_MAX; n > 1 && ((unsigned char) s[n] & 0xC0) == 0x80; n--)
                ;
        return n;
}

/* The text of a header; s is one line. */
static void add_header_text(StrBuf *b, const char *s, const char *eol) {
        unsigned char word[4 * (WORD_BYTES_MAX / 3) + 4];
        bool first = true;

        if (is_plain(s) && strlen(s) < 900 && !strstr(s, "=?")) {
                strbuf_add(b, s);
                return;
        }
        for (size_t n; *s; s += n, first = false) {
                n = word_bytes(s);
                EVP_EncodeBlock(word, (const unsigned char *) s, (int) n);
                strbuf_addf(b, "%s=?UTF-8?B?%s?=", first ? "" : " ", word);
                if (s[n]) /* an encoded-word each line, as RFC 2047 limits lines */
                        strbuf_add(b, eol);
        }
}

/* "Sat, 31 Jan 2026 08:15:00 +0000"; the names are English, as no locale was set. */
static void add_date(StrBuf *b, uint64_t usec) {
        time_t t = (time_t) (usec / USEC_PER_SEC);
        char text[64];
        struct tm tm;

        if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &tm))
                strbuf_add(b, text);
}

static void add_headers(const ChannelInput *in, const char *sender, const char *eol, StrBuf *b) {
        const Alert *a = in->alert;
        bool dated = a->time_usec != ALERT_UNKNOWN;
        _cleanup_strbuf_ StrBuf subject = { 0 };

        strbuf_addf(b, "From: %s%s", sender, eol);
        strbuf_addf(b, "To: %s%s", in->target->argument, eol);
        strbuf_add(b, "Subject: ");
        text_add(&subject, in->summary->headline, &style, 200);
        add_header_text(b, strbuf_text(&subject), eol);
        strbuf_addf(b, "%sDate: ", eol);
        add_date(b, dated ? a->time_usec : in->now_usec);
        /* The same at each attempt, so that a mail sent twice is seen to be one. */
        strbuf_addf(b, "%sMessage-ID: <%s@fte-alert.invalid>%s", eol, a->id, eol);
        strbuf_addf(b, "Auto-Submitted: auto-generated%s", eol);
        strbuf_addf(b, "MIME-Version: 1.0%s", eol);
        strbuf_addf(b, "Content-Type: text/plain; charset=utf-8%s", eol);
        strbuf_addf(b, "Content-Transfer-Encoding: quoted-printable%s%s", eol, eol);
}

static void add_text(const ChannelInput *in, StrBuf *b) {
        const Summary *s = in->summary;

        strbuf_addf(b, "%s\n", s->headline);
        if (*s->description)
                strbuf_addf(b, "%s\n", s->description);
        strbuf_addc(b, '\n');
        for (size_t i = 0; i < s->n_facts; i++)
                strbuf_addf(b, "%-12s %s\n", s->facts[i].title, s->facts[i].value);
        if (in->alert->lines && *in->alert->lines) {
                strbuf_add(b, "\nThe last lines of its log:\n\n");
                text_add_lines(b, in->alert->lines, &style, 256 * 1024);
                strbuf_addc(b, '\n');
        }
        if (*s->advice)
                strbuf_addf(b, "\nTo see more: %s\n", s->advice);
}

/* White space at the end of a line, a lone "." and "From " are what servers are known to change. */
static bool qp_needs_escape(const char *s, bool at_start) {
        unsigned char c = (unsigned char) *s;

        if (c == '=' || c >= 0x7f || (c < ' ' && c != '\t'))
                return true;
        if (c == ' ' || c == '\t')
                return s[1] == '\n' || !s[1];
        return at_start && (c == '.' || c == 'F');
}

static void add_quoted_printable(StrBuf *b, const char *s, const char *eol) {
        size_t column = 0;

        for (; *s; s++) {
                bool escape = qp_needs_escape(s, column == 0);

                if (*s == '\n') {
                        strbuf_add(b, eol);
                        column = 0;
                        continue;
                }
                if (column + (escape ? 3 : 1) > QP_LINE_MAX - 1) {
                        strbuf_addf(b, "=%s", eol);
                        column = 0;
                        escape = qp_needs_escape(s, true);
                }
                if (escape)
                        strbuf_addf(b, "=%02X", (unsigned char) *s);
                else
                        strbuf_addc(b, *s);
                column += escape ? 3 : 1;
        }
}

void message_make(const ChannelInput *in, const char *sender, const char *eol, StrBuf *b) {
        _cleanup_strbuf_ StrBuf text = { 0 };

        add_headers(in, sender, eol, b);
        add_text(in, &text);
        add_quoted_printable(b, strbuf_text(&text), eol);
        if (text.failed)
                b->failed = true;
}
