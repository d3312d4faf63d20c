/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * certificate.h by libcrypto: P-256, valid for a year, as all clients take it that ask nobody who
 * signed it.
 */

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

#include "base/fsat.h"
#include "host/certificate.h"

#define DAY_SEC        (24 * 60 * 60)
#define VALID_SEC      (365 * DAY_SEC)
#define FILE_BYTES_MAX ((size_t) 256 * 1024)
#define CN_BYTES_MAX   64 /* X.520 */

/* ---- look ---- */

static void bio_done(BIO **b) {
        BIO_free_all(*b);
}

static void x509_done(X509 **x) {
        X509_free(*x);
}

static void key_done(EVP_PKEY **k) {
        EVP_PKEY_free(*k);
}

/* nginx could not ask for a passphrase, so neither do we. */
static int no_passphrase(char *buf _unused_, int size _unused_, int writing _unused_,
                         void *userdata _unused_) {
        return -1;
}

static ssize_t read_file(const CertificateFiles *f, const char *path, char *buf) {
        char full[4096];

        if (snprintf(full, sizeof(full), "%s%s", f->root ? f->root : "", path) >=
            (int) sizeof(full))
                return -ENAMETOOLONG;
        return fsat_read(AT_FDCWD, full, buf, FILE_BYTES_MAX);
}

static void add_digest(const char *data, size_t len, StrBuf *b) {
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned n = 0;

        if (EVP_Digest(data, len, digest, &n, EVP_sha256(), NULL) != 1)
                n = 0;
        strbuf_add(b, "sha256:");
        for (unsigned i = 0; i < MIN(n, 16u); i++)
                strbuf_addf(b, "%02x", digest[i]);
}

static const char *describe(X509 *x, StrBuf *b, int64_t *ret_left_sec) {
        int days, seconds;
        struct tm tm;
        char date[16];

        if (!ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(x)) ||
            !ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm))
                return "the certificate says no valid time of its end";
        strftime(date, sizeof(date), "%Y-%m-%d", &tm);
        strbuf_addf(b, " until %s", date);
        if (ret_left_sec)
                *ret_left_sec = (int64_t) days * DAY_SEC + seconds;
        return NULL;
}

const char *certificate_describe(const CertificateFiles *f, StrBuf *b, int64_t *ret_left_sec) {
        _cleanup_free_ char *buf = malloc(FILE_BYTES_MAX);
        _cleanup_(x509_done) X509 *x = NULL;
        _cleanup_(key_done) EVP_PKEY *key = NULL;
        _cleanup_(bio_done) BIO *bio = NULL, *key_bio = NULL;
        ssize_t n = buf ? read_file(f, f->certificate, buf) : -ENOMEM;

        if (n < 0)
                return n == -ENOENT ? "there is no such file as Certificate= names"
                                    : "the file of Certificate= cannot be read";
        bio = BIO_new_mem_buf(buf, (int) n);
        x = bio ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) : NULL;
        if (!x)
                return "the file of Certificate= holds no certificate in PEM";
        add_digest(buf, (size_t) n, b);
        n = read_file(f, f->key, buf);
        if (n < 0)
                return n == -ENOENT ? "there is no such file as CertificateKey= names"
                                    : "the file of CertificateKey= cannot be read";
        key_bio = BIO_new_mem_buf(buf, (int) n);
        key = key_bio ? PEM_read_bio_PrivateKey(key_bio, NULL, no_passphrase, NULL) : NULL;
        OPENSSL_cleanse(buf, (size_t) n);
        if (!key)
                return "the file of CertificateKey= holds no key in PEM, or it wants a passphrase";
        if (X509_check_private_key(x, key) != 1)
                return "CertificateKey= is not the key of Certificate=";
        return describe(x, b, ret_left_sec);
}

/* ---- make ---- */

static bool add_extension(X509 *x, int nid, const char *value) {
        X509_EXTENSION *e;
        X509V3_CTX context;
        bool good;

        X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
        e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
        good = e && X509_add_ext(x, e, -1) == 1;
        X509_EXTENSION_free(e);
        return good;
}

static bool fill(X509 *x, EVP_PKEY *key, const char *domain) {
        char alternative[300];
        X509_NAME *name = X509_get_subject_name(x);
        unsigned char serial[16];
        BIGNUM *number = NULL;
        size_t n = strlen(domain);
        bool good;

        if (RAND_bytes(serial, sizeof(serial)) != 1)
                return false;
        serial[0] &= 0x7f;
        number = BN_bin2bn(serial, sizeof(serial), NULL);
        snprintf(alternative, sizeof(alternative), "DNS:%s", domain);
        good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) &&
               X509_set_version(x, 2) && X509_gmtime_adj(X509_getm_notBefore(x), -DAY_SEC) &&
               X509_gmtime_adj(X509_getm_notAfter(x), VALID_SEC) && X509_set_pubkey(x, key) &&
               X509_NAME_add_entry_by_txt(
                       name, "CN", MBSTRING_ASC,
                       (const unsigned char *) (n <= CN_BYTES_MAX ? domain : "systemd-fte"), -1, -1,
                       0) &&
               X509_set_issuer_name(x, name) &&
               add_extension(x, NID_subject_alt_name, alternative) &&
               add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
               X509_sign(x, key, EVP_sha256()) > 0;
        BN_free(number);
        return good;
}

static EVP_PKEY *new_key(void) {
        EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
        EVP_PKEY *key = NULL;

        if (!c || EVP_PKEY_keygen_init(c) != 1 ||
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(c, NID_X9_62_prime256v1) != 1 ||
            EVP_PKEY_keygen(c, &key) != 1)
                key = NULL;
        EVP_PKEY_CTX_free(c);
        return key;
}

static int replace(int dir_fd, const char *path, const char *data, size_t len) {
        char part[300];
        int r;

        if (snprintf(part, sizeof(part), ".%s.new", path) >= (int) sizeof(part))
                return -ENAMETOOLONG;
        r = fsat_create(dir_fd, part, &(FsatContent){ data, len, 0600, .sync = true });
        if (r == 0 && renameat(dir_fd, part, dir_fd, path) < 0)
                r = -errno;
        return r;
}

int certificate_make(int dir_fd, const char *path, const char *domain) {
        _cleanup_(key_done) EVP_PKEY *key = new_key();
        _cleanup_(x509_done) X509 *x = X509_new();
        _cleanup_(bio_done) BIO *bio = BIO_new(BIO_s_secmem());
        char *data;
        long len;

        if (!key || !x || !bio || !fill(x, key, domain) || PEM_write_bio_X509(bio, x) != 1 ||
            PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
                return -EIO;
        len = BIO_get_mem_data(bio, &data);
        return len > 0 ? replace(dir_fd, path, data, (size_t) len) : -EIO;
}
