/* SPDX-License-Identifier: MIT */
#include <libxml/c14n.h>

#include "dsig_work.h"

#define MORE01 "http://www.w3.org/2001/04/xmldsig-more#"
#define MORE07 "http://www.w3.org/2007/05/xmldsig-more#"
#define MORE21 "http://www.w3.org/2021/04/xmldsig-more#"
#define DSIG11 "http://www.w3.org/2009/xmldsig11#"

const struct dsig_c14n dsig_c14ns[] = {
    { NS_EC, XML_C14N_EXCLUSIVE_1_0, false },
    { NS_EC "WithComments", XML_C14N_EXCLUSIVE_1_0, true },
    { "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", XML_C14N_1_0, false },
    { "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", XML_C14N_1_0, true },
    { "http://www.w3.org/2006/12/xml-c14n11", XML_C14N_1_1, false },
    { "http://www.w3.org/2006/12/xml-c14n11#WithComments", XML_C14N_1_1, true },
};
const size_t dsig_c14n_count = COUNT_OF(dsig_c14ns);

const struct dsig_digest dsig_digests[] = {
    { NS_XENC "sha256", "SHA256", 32 },    { NS_DS "sha1", "SHA1", 20 },          { NS_XENC "sha512", "SHA512", 64 },
    { MORE01 "sha384", "SHA384", 48 },     { MORE01 "sha224", "SHA224", 28 },     { MORE07 "sha3-224", "SHA3-224", 28 },
    { MORE07 "sha3-256", "SHA3-256", 32 }, { MORE07 "sha3-384", "SHA3-384", 48 }, { MORE07 "sha3-512", "SHA3-512", 64 },
};
const size_t dsig_digest_count = COUNT_OF(dsig_digests);

const struct dsig_method dsig_methods[] = {
    { MORE01 "rsa-sha256", DSIG_RSA, "SHA256", false },
    { MORE01 "rsa-sha384", DSIG_RSA, "SHA384", false },
    { MORE01 "rsa-sha512", DSIG_RSA, "SHA512", false },
    { MORE01 "rsa-sha224", DSIG_RSA, "SHA224", false },
    { NS_DS "rsa-sha1", DSIG_RSA, "SHA1", false },
    { MORE01 "ecdsa-sha256", DSIG_ECDSA, "SHA256", false },
    { MORE01 "ecdsa-sha384", DSIG_ECDSA, "SHA384", false },
    { MORE01 "ecdsa-sha512", DSIG_ECDSA, "SHA512", false },
    { MORE01 "ecdsa-sha224", DSIG_ECDSA, "SHA224", false },
    { MORE01 "ecdsa-sha1", DSIG_ECDSA, "SHA1", false },
    { MORE21 "ecdsa-sha3-256", DSIG_ECDSA, "SHA3-256", false },
    { MORE21 "ecdsa-sha3-384", DSIG_ECDSA, "SHA3-384", false },
    { MORE21 "ecdsa-sha3-512", DSIG_ECDSA, "SHA3-512", false },
    { MORE07 "sha256-rsa-MGF1", DSIG_RSA_PSS, "SHA256", false },
    { MORE07 "sha384-rsa-MGF1", DSIG_RSA_PSS, "SHA384", false },
    { MORE07 "sha512-rsa-MGF1", DSIG_RSA_PSS, "SHA512", false },
    { MORE07 "sha224-rsa-MGF1", DSIG_RSA_PSS, "SHA224", false },
    { MORE07 "sha1-rsa-MGF1", DSIG_RSA_PSS, "SHA1", false },
    { MORE07 "sha3-256-rsa-MGF1", DSIG_RSA_PSS, "SHA3-256", false },
    { MORE07 "sha3-384-rsa-MGF1", DSIG_RSA_PSS, "SHA3-384", false },
    { MORE07 "sha3-512-rsa-MGF1", DSIG_RSA_PSS, "SHA3-512", false },
    { MORE07 "rsa-pss", DSIG_RSA_PSS, "SHA256", true },
    { MORE21 "eddsa-ed25519", DSIG_EDDSA, NULL, false },
    { DSIG11 "dsa-sha256", DSIG_DSA, "SHA256", false },
};

const size_t dsig_method_count = COUNT_OF(dsig_methods);

/* Known, and never accepted. */
static const char *const refused_methods[] = {
    NS_DS "hmac-sha1",      MORE01 "hmac-sha224",  MORE01 "hmac-sha256",        MORE01 "hmac-sha384",
    MORE01 "hmac-sha512",   MORE01 "hmac-md5",     MORE01 "hmac-ripemd160",     MORE01 "rsa-md5",
    MORE01 "rsa-ripemd160", MORE07 "md5-rsa-MGF1", MORE07 "ripemd160-rsa-MGF1", MORE07 "ecdsa-ripemd160",
    NS_DS "dsa-sha1",
};

static const char *const refused_digests[] = {
    MORE01 "md5",
    NS_XENC "ripemd160",
};

const struct dsig_c14n *
dsig_c14n_find(struct str uri)
{
    for (size_t i = 0; i < dsig_c14n_count; i++)
        if (str_eq_c(uri, dsig_c14ns[i].uri))
            return &dsig_c14ns[i];
    return NULL;
}

const struct dsig_digest *
dsig_digest_find(struct str uri)
{
    for (size_t i = 0; i < dsig_digest_count; i++)
        if (str_eq_c(uri, dsig_digests[i].uri))
            return &dsig_digests[i];
    return NULL;
}

const struct dsig_method *
dsig_method_find(struct str uri)
{
    for (size_t i = 0; i < dsig_method_count; i++)
        if (str_eq_c(uri, dsig_methods[i].uri))
            return &dsig_methods[i];
    return NULL;
}

bool
dsig_digest_is_refused(struct str uri)
{
    for (size_t i = 0; i < COUNT_OF(refused_digests); i++)
        if (str_eq_c(uri, refused_digests[i]))
            return true;
    return false;
}

bool
dsig_method_is_refused(struct str uri)
{
    for (size_t i = 0; i < COUNT_OF(refused_methods); i++)
        if (str_eq_c(uri, refused_methods[i]))
            return true;
    return false;
}

const EVP_MD *
dsig_hash(const char *name)
{
    static const struct {
        const char *name;
        const EVP_MD *(*hash)(void);
    } rows[] = {
        { "SHA256", EVP_sha256 },     { "SHA1", EVP_sha1 },         { "SHA512", EVP_sha512 },
        { "SHA384", EVP_sha384 },     { "SHA224", EVP_sha224 },     { "SHA3-224", EVP_sha3_224 },
        { "SHA3-256", EVP_sha3_256 }, { "SHA3-384", EVP_sha3_384 }, { "SHA3-512", EVP_sha3_512 },
    };

    for (size_t i = 0; name != NULL && i < COUNT_OF(rows); i++)
        if (str_eq_c(str_from(name), rows[i].name))
            return rows[i].hash();
    return NULL;
}

const char *
dsig_hash_words(const char *name)
{
    static const struct {
        const char *name, *words;
    } rows[] = {
        { "SHA256", "SHA-256" }, { "SHA1", "SHA-1" },     { "SHA512", "SHA-512" },
        { "SHA384", "SHA-384" }, { "SHA224", "SHA-224" },
    };

    for (size_t i = 0; name != NULL && i < COUNT_OF(rows); i++)
        if (str_eq_c(str_from(name), rows[i].name))
            return rows[i].words;
    return name != NULL ? name : "none";
}
