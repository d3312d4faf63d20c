/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * secret.h: reads from the credentials directory that systemd made for this run, and from nowhere
 * else.
 */

#include <fcntl.h>
#include <stdio.h>

#include "alert/alert.h"
#include "base/fsat.h"
#include "base/utf8.h"
#include "secret.h"

/* Shorter pieces are the parts of a URL that everybody knows. */
#define HIDE_MIN_BYTES 6

static const char separators[] = "/?&=#:@";

int secret_parse(const char *text, size_t len, Secret *ret) {
        static const char space[] = " \t\r\n";
        Secret s = { 0 };
        char *p = s.text;
        int r = 0;

        if (len >= sizeof(s.text))
                return -EFBIG;
        while (len > 0 && strchr(space, text[len - 1]))
                len--;
        memcpy(s.text, text, len);
        p += strspn(p, space);
        for (const char *c = p; c < s.text + len; c++)
                if (((unsigned char) *c < ' ' && *c != '\t') || *c == 0x7f)
                        r = -EINVAL;
        if (!utf8_is_valid(s.text, len)) /* it may become part of JSON */
                r = -EINVAL;
        while (*p && r == 0) {
                if (s.n_words == SECRET_WORDS_MAX)
                        r = -EINVAL;
                else
                        s.words[s.n_words++] = p - s.text + ret->text;
                p += strcspn(p, space);
                if (*p)
                        *p++ = 0;
                p += strspn(p, space);
        }
        if (r == 0 && s.n_words == 0)
                r = -ENOENT;
        if (r == 0)
                *ret = s;
        explicit_bzero(&s, sizeof(s));
        return r;
}

int secret_read(const char *path, Secret *ret) {
        const char *directory = getenv("CREDENTIALS_DIRECTORY");
        char id[24], text[SECRET_MAX_BYTES + 1];
        _cleanup_close_ int dir_fd = -EBADF;
        ssize_t n;
        int r;

        if (isempty(directory))
                return -ENXIO;
        dir_fd = fsat_open_dir(AT_FDCWD, directory);
        if (dir_fd < 0)
                return dir_fd;
        alert_credential_id(path, id);
        n = fsat_read(dir_fd, id, text, sizeof(text));
        if (n < 0)
                return (int) n;
        r = secret_parse(text, (size_t) n, ret);
        explicit_bzero(text, sizeof(text));
        return r;
}

static int hex_digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Two or four hex digits at s as a character; -1 when they are none, or it is not ASCII. */
static int hex_char(const char *s, const char *end, int n) {
        int value = 0;

        if (end - s < n)
                return -1;
        for (int i = 0; i < n; i++) {
                int digit = hex_digit(s[i]);

                if (digit < 0)
                        return -1;
                value = value * 16 + digit;
        }
        return n == 2 || value < 0x80 ? value : -1;
}

/* One way to write a character, ended by a row of 0. */
static const struct {
        const char *prefix;
        int n_digits; /* 0: the character behind the prefix stands for itself */
} escapes[] = { { "%", 2 }, { "\\u", 4 }, { "\\", 0 } };

/* The character at *s, which moves behind it; escapes of URLs and of JSON are undone. */
static char next_char(const char **s, const char *end) {
        for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
                size_t n = strlen(escapes[i].prefix), n_digits = (size_t) escapes[i].n_digits;
                int c = -1;

                if ((size_t) (end - *s) <= n || memcmp(*s, escapes[i].prefix, n) != 0)
                        continue;
                c = n_digits > 0 ? hex_char(*s + n, end, (int) n_digits)
                                 : (unsigned char) (*s)[n];
                if (c < 0)
                        continue;
                *s += n + MAX(n_digits, (size_t) 1);
                return (char) c;
        }
        return *(*s)++;
}

/* Undoes one layer of escapes in place. Whether there was any. */
static bool decode_once(char *text, size_t *len) {
        const char *s = text, *end = text + *len;
        size_t n = 0;

        while (s < end) {
                char c = next_char(&s, end);

                text[n++] = c == '+' ? ' ' : c; /* as forms have it */
        }
        if (n == *len)
                return false;
        *len = n;
        return true;
}
static size_t decode(char *text, size_t len) {
        while (decode_once(text, &len))
                ;
        return len;
}

typedef struct Answer {
        const char *text;
        size_t len;
        char *decoded;
        size_t decoded_len;
} Answer;

/* A piece of a secret as it is, decoded, and what lies between separators then. */
static bool has_piece(const Answer *a, const char *piece, size_t len) {
        char decoded[SECRET_MAX_BYTES];
        bool found = len >= HIDE_MIN_BYTES && memmem(a->text, a->len, piece, len);
        size_t n;

        memcpy(decoded, piece, len);
        n = decode(decoded, len);
        found = found ||
                (n >= HIDE_MIN_BYTES && memmem(a->decoded, a->decoded_len, decoded, n));
        for (size_t i = 0, k; i < n && !found; i += k + 1) {
                for (k = 0; i + k < n && !strchr(separators, decoded[i + k]); k++)
                        ;
                found = k >= HIDE_MIN_BYTES &&
                        memmem(a->decoded, a->decoded_len, decoded + i, k);
        }
        explicit_bzero(decoded, sizeof(decoded));
        return found;
}

bool secret_is_in(const Secret *secret, const char *s, size_t len) {
        Answer a = { s, len, malloc(len + 1), 0 };
        bool found = !a.decoded; /* who cannot look must not show it */

        if (a.decoded) {
                memcpy(a.decoded, s, len);
                a.decoded_len = decode(a.decoded, len);
        }
        for (size_t i = 0; i < secret->n_words; i++)
                for (const char *p = secret->words[i]; *p && !found;) {
                        size_t n = strcspn(p, separators);

                        found = has_piece(&a, p, n);
                        p += n;
                        p += strspn(p, separators);
                }
        if (a.decoded)
                explicit_bzero(a.decoded, len);
        free(a.decoded);
        return found;
}

void secret_done(Secret *secret) {
        explicit_bzero(secret, sizeof(*secret));
}
