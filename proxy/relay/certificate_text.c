/* SPDX-License-Identifier: MIT */
#include "certificate_text.h"

#include <openssl/bio.h>
#include <openssl/x509v3.h>

enum { SHOWN_NAMES = 4 };

static void
print_time(BIO *bio, const ASN1_TIME *time)
{
    struct tm tm;

    if (ASN1_TIME_to_tm(time, &tm) == 1)
        BIO_printf(bio, "%04d-%02d-%02d %02d:%02d UTC", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                   tm.tm_min);
    else
        BIO_printf(bio, "(unreadable)");
}

static void
print_name(BIO *bio, const X509_NAME *name)
{
    if (X509_NAME_entry_count(name) == 0)
        BIO_printf(bio, "(empty)");
    else
        X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
}

static void
print_alternative_names(BIO *bio, X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    int count = sk_GENERAL_NAME_num(names);

    BIO_printf(bio, ", names");
    if (count <= 0)
        BIO_printf(bio, " none");
    for (int i = 0; i < count && i < SHOWN_NAMES; i++) {
        BIO_printf(bio, "%s", i == 0 ? " " : ", ");
        GENERAL_NAME_print(bio, sk_GENERAL_NAME_value(names, i));
    }
    if (count > SHOWN_NAMES)
        BIO_printf(bio, " and %d more", count - SHOWN_NAMES);
    GENERAL_NAMES_free(names);
}

void
certificate_describe(X509 *certificate, char *text, size_t size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int n;

    text[0] = '\0';
    if (bio == NULL)
        return;
    BIO_printf(bio, "subject ");
    print_name(bio, X509_get_subject_name(certificate));
    print_alternative_names(bio, certificate);
    BIO_printf(bio, ", issued by ");
    print_name(bio, X509_get_issuer_name(certificate));
    BIO_printf(bio, ", valid ");
    print_time(bio, X509_get0_notBefore(certificate));
    BIO_printf(bio, " to ");
    print_time(bio, X509_get0_notAfter(certificate));
    n = BIO_read(bio, text, (int)size - 1);
    text[n > 0 ? n : 0] = '\0';
    for (int i = 0; i < n; i++)
        if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] >= 127)
            text[i] = '?';
    BIO_free(bio);
}
