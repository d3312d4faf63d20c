/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * http.h over libcurl. What came of a transfer is told by its status when there was one: a receiver
 * that has said 200 has the alert, even if the rest of its answer never ends.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>

#include "config.h"
#include "http.h"

#define CONNECT_TIMEOUT_MSEC 5000L
#define CA_CACHE_SECONDS     10L

/* ---- where to ---- */

static bool is_loopback(const char *host) {
        struct in_addr v4;

        if (streq(host, "localhost") || streq(host, "[::1]") || streq(host, "::1"))
                return true;
        return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

/* Part of the URL, to be freed by curl_free(); NULL when it is no URL or has no such part. */
static char *url_part(const char *url, CURLUPart part) {
        CURLU *u = curl_url();
        char *text = NULL;

        if (u && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
                curl_url_get(u, part, &text, 0);
        curl_url_cleanup(u);
        return text;
}

static bool url_is_on_loopback(const char *url) {
        char *host = url_part(url, CURLUPART_HOST);
        bool loopback = host && is_loopback(host);

        curl_free(host);
        return loopback;
}

int http_check_url(const char *url) {
        static const struct {
                const char *scheme;
                bool anywhere;
        } schemes[] = { { "https", true }, { "http", false }, { "smtps", true }, { "smtp", true } };
        char *scheme = url_part(url, CURLUPART_SCHEME);
        int r = -EINVAL;

        for (size_t i = 0; scheme && i < ARRAY_SIZE(schemes); i++)
                if (streq(scheme, schemes[i].scheme) && strstr(url, "://") &&
                    (schemes[i].anywhere || url_is_on_loopback(url)))
                        r = 0;
        curl_free(scheme);
        return r;
}

/* ---- what libcurl calls ---- */

static size_t on_reply(char *data, size_t size, size_t n, void *userdata) {
        Transfer *t = userdata;
        size_t len = size * n;

        if (t->reply.len + len > REPLY_MAX_BYTES)
                return 0; /* ends the transfer; its status counts */
        strbuf_add_bytes(&t->reply, data, len);
        return len;
}

/* Each line of a mail server: the first refusal is kept, or the last one; without its number. */
static size_t on_smtp_line(char *data, size_t size, size_t n, void *userdata) {
        Transfer *t = userdata;
        size_t len = size * n;

        if (t->refused || len <= 4 || len > 1024)
                return len;
        t->refused = *data >= '4';
        strbuf_reset(&t->reply);
        strbuf_add_bytes(&t->reply, data + 4, len - 4);
        return len;
}

static size_t on_mail(char *data, size_t size, size_t n, void *userdata) {
        Transfer *t = userdata;
        const StrBuf *body = &t->outgoing->body;
        size_t len = MIN(size * n, body->len - t->sent_bytes);

        memcpy(data, strbuf_text(body) + t->sent_bytes, len);
        t->sent_bytes += len;
        return len;
}

/* Command= and sendmail must not inherit a connection. */
static int on_socket(void *userdata, curl_socket_t fd, curlsocktype purpose) {
        return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? CURL_SOCKOPT_ERROR : CURL_SOCKOPT_OK;
}

/* ---- setting it up ---- */

static bool add_item(struct curl_slist **list, const char *text) {
        struct curl_slist *longer = curl_slist_append(*list, text);

        if (longer)
                *list = longer;
        return longer;
}

static void set_protocols(CURL *easy, OutgoingKind kind) {
#if LIBCURL_VERSION_NUM >= 0x075500
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                         kind == OUTGOING_SMTP ? "smtp,smtps" : "http,https");
#else
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
                         kind == OUTGOING_SMTP ? (long) (CURLPROTO_SMTP | CURLPROTO_SMTPS)
                                               : (long) (CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_common(Transfer *t, const HttpOptions *o) {
        CURL *e = t->easy;

        set_protocols(e, t->outgoing->kind);
        curl_easy_setopt(e, CURLOPT_URL, t->outgoing->url);
        curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(e, CURLOPT_PRIVATE, t);
        curl_easy_setopt(e, CURLOPT_USERAGENT, "fte-alert-deliver/" FTE_VERSION);
        curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long) (o->timeout_usec / USEC_PER_MSEC));
        curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MSEC);
        curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(e, CURLOPT_PROXY, ""); /* also none from the environment */
        curl_easy_setopt(e, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
        curl_easy_setopt(e, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
#if LIBCURL_VERSION_NUM >= 0x075700
        /* Not the day that 7.87 and newer keep it: an authority may be added while alerts wait. */
        curl_easy_setopt(e, CURLOPT_CA_CACHE_TIMEOUT, CA_CACHE_SECONDS);
#endif
        curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
        curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
        curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
        if (o->ca_file) {
                curl_easy_setopt(e, CURLOPT_CAINFO, o->ca_file);
                curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
        }
        curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_reply);
        curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
        curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, on_socket);
}

static int set_http(Transfer *t, const HttpOptions *o) {
        const Outgoing *out = t->outgoing;
        char id[64];

        snprintf(id, sizeof(id), "Idempotency-Key: %s", o->alert_id);
        if (!add_item(&t->headers, id) || !add_item(&t->headers, "Expect:"))
                return -ENOMEM;
        for (const char *const *h = out->headers; *h; h++)
                if (!add_item(&t->headers, *h))
                        return -ENOMEM;
        curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
        /* One request at a time on a connection: the second protocol would only cost memory. */
        curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) out->body.len);
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, strbuf_text(&out->body));
        return 0;
}

/*
 * TLS always, but on this host: Debian's mail servers there offer it with a certificate that nobody
 * can verify. A password is reason enough to want it where it is offered.
 */
static long tls_need(const Outgoing *out) {
        if (!url_is_on_loopback(out->url))
                return CURLUSESSL_ALL;
        return out->user ? CURLUSESSL_TRY : CURLUSESSL_NONE;
}

static int set_smtp(Transfer *t) {
        const Outgoing *out = t->outgoing;

        if (!add_item(&t->recipients, out->recipient))
                return -ENOMEM;
        curl_easy_setopt(t->easy, CURLOPT_USE_SSL, tls_need(out));
        curl_easy_setopt(t->easy, CURLOPT_MAIL_FROM, out->sender);
        curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, t->recipients);
        curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_smtp_line);
        curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
        curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, on_mail);
        curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
        curl_easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t) out->body.len);
        if (out->user) {
                curl_easy_setopt(t->easy, CURLOPT_USERNAME, out->user);
                curl_easy_setopt(t->easy, CURLOPT_PASSWORD, out->password);
        }
        return 0;
}

int transfer_start(Transfer *t, CURLM *multi, const Outgoing *outgoing,
                   const HttpOptions *options) {
        int r = -ENOMEM;

        *t = (Transfer){ .easy = curl_easy_init(), .outgoing = outgoing };
        if (t->easy) {
                set_common(t, options);
                r = outgoing->kind == OUTGOING_SMTP ? set_smtp(t) : set_http(t, options);
        }
        if (r == 0 && curl_multi_add_handle(multi, t->easy) != CURLM_OK)
                r = -EIO;
        if (r < 0)
                transfer_end(t, multi);
        return r;
}

void transfer_end(Transfer *t, CURLM *multi) {
        if (t->easy) {
                curl_multi_remove_handle(multi, t->easy);
                curl_easy_cleanup(t->easy);
        }
        curl_slist_free_all(t->headers);
        curl_slist_free_all(t->recipients);
        strbuf_done(&t->reply);
        *t = (Transfer){ 0 };
}

/* ---- what came of it ---- */

/* Telegram says how long to wait in the answer's JSON only. */
static double retry_after_of_body(const StrBuf *reply) {
        json_t *root = json_loadb(strbuf_text(reply), reply->len, 0, NULL);
        json_t *value = json_object_get(root, "retry_after");
        double seconds;

        if (!value)
                value = json_object_get(json_object_get(root, "parameters"), "retry_after");
        seconds = json_number_value(value);
        json_decref(root);
        return seconds;
}

static uint64_t retry_after_usec(const Transfer *t) {
        curl_off_t header = 0;
        double seconds;

        curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &header);
        seconds = header > 0 ? (double) header : retry_after_of_body(&t->reply);
        if (!(seconds > 0))
                return 0;
        return (uint64_t) (MIN(seconds, 86400.0) * (double) USEC_PER_SEC);
}

static void judge_status(const Transfer *t, long status, Outcome *o) {
        bool is_smtp = t->outgoing->kind == OUTGOING_SMTP;

        outcome_set(o, is_smtp ? outcome_of_smtp(status) : outcome_of_http(status), "%ld", status);
        if (!is_smtp && status >= 300 && status < 400)
                outcome_add_text(o, "a redirect, which is not followed; write the final URL",
                                 strlen("a redirect, which is not followed; write the final URL"));
        else
                outcome_add_text(o, strbuf_text(&t->reply), t->reply.len);
        if (o->kind == OUTCOME_RETRY)
                o->retry_after_usec = retry_after_usec(t);
}

static void judge_certificate(const Transfer *t, Outcome *o) {
        long verified = 0;

        curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verified);
        outcome_set(o, OUTCOME_RETRY, "the server's certificate cannot be trusted: %s",
                    verified > X509_V_ERR_UNSPECIFIED ? X509_verify_cert_error_string(verified)
                                                      : "it is not for this host name");
}

/* Its own texts of errors name no URL; those of its error buffer may. */
static void judge_failure(const Transfer *t, CURLcode code, Outcome *o) {
        switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
                judge_certificate(t, o);
                break;
        case CURLE_OPERATION_TIMEDOUT:
                outcome_set(o, OUTCOME_RETRY, "no answer in time");
                break;
        case CURLE_USE_SSL_FAILED:
                outcome_set(o, OUTCOME_CONFIG, "the mail server offers no TLS (STARTTLS)");
                break;
        case CURLE_LOGIN_DENIED:
                outcome_set(o, OUTCOME_CONFIG, "the mail server refused user and password");
                break;
        case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: anything at all */
                outcome_set(o, OUTCOME_RETRY, "what came is not an HTTP answer");
                break;
        case CURLE_URL_MALFORMAT:
                outcome_set(o, OUTCOME_CONFIG, "the URL cannot be used");
                break;
        case CURLE_SSL_CACERT_BADFILE:
                outcome_set(o, OUTCOME_CONFIG, "the file of trusted certificates cannot be read");
                break;
        default:
                outcome_set(o, OUTCOME_RETRY, "%s", curl_easy_strerror(code));
        }
}

void transfer_judge(const Transfer *t, CURLcode code, Outcome *ret) {
        bool is_smtp = t->outgoing->kind == OUTGOING_SMTP;
        long status = 0;

        curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
        /* SMTP answers each step: only the whole of it, or a refusal, says anything. */
        if (is_smtp ? code == CURLE_OK || (status >= 400 && status < 500) ||
                            (status >= 500 && code != CURLE_LOGIN_DENIED)
                    : status >= 200)
                judge_status(t, status, ret);
        else
                judge_failure(t, code, ret);
}
