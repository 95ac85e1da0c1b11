/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DSIG_WORK_H
#define SAMLTAP_DSIG_WORK_H

#include <openssl/evp.h>

#include "buf.h"
#include "dsig.h"

/* What the parts of the verifier share: algorithms, the parsed shape, canonicalisation, keys. */

enum {
    DSIG_MAX_SIGNATURES = 16, /* evaluated; more are listed with DSIG_PROBLEM_LIMIT */
    DSIG_MAX_LISTED = 64,
    DSIG_MAX_PREFIXES = 32,
    DSIG_MAX_KEYINFO = 8,
    DSIG_MAX_CANONICAL = 4 << 20, /* bytes of one canonical form */
};

/* --- algorithms (dsig_algorithms.c; saml-verification 4.5) --- */

struct dsig_c14n {
    const char *uri;
    int mode; /* enum xmlC14NMode */
    bool comments;
};

struct dsig_digest {
    const char *uri;
    const char *name; /* OpenSSL's */
    size_t size;
};

enum dsig_scheme { DSIG_RSA, DSIG_RSA_PSS, DSIG_ECDSA, DSIG_EDDSA, DSIG_DSA };

struct dsig_method {
    const char *uri;
    enum dsig_scheme scheme;
    const char *digest;  /* OpenSSL's name; NULL: the scheme has its own */
    bool has_parameters; /* rsa-pss: hash and salt stand in RSAPSSParams */
};

#define DSIG_ENVELOPED "http://www.w3.org/2000/09/xmldsig#enveloped-signature"

extern const struct dsig_c14n dsig_c14ns[];
extern const size_t dsig_c14n_count;
extern const struct dsig_digest dsig_digests[];
extern const size_t dsig_digest_count;
extern const struct dsig_method dsig_methods[];
extern const size_t dsig_method_count;

const struct dsig_c14n *dsig_c14n_find(struct str uri);
const struct dsig_digest *dsig_digest_find(struct str uri);
const struct dsig_method *dsig_method_find(struct str uri);
bool dsig_digest_is_refused(struct str uri);
bool dsig_method_is_refused(struct str uri);

/* OpenSSL's constant object for a name of the tables. */
const EVP_MD *dsig_hash(const char *name);
/* The name as people write it: "SHA-256". */
const char *dsig_hash_words(const char *name);

/* --- one signature at work --- */

/* A canonicalisation as it stands in the message: method and inclusive prefixes (NULL-terminated). */
struct dsig_canonical {
    const struct dsig_c14n *method; /* NULL: unknown */
    xmlChar *prefixes[DSIG_MAX_PREFIXES + 1];
    size_t prefix_count;
};

struct dsig_work {
    struct arena *arena;
    struct xml_document *document;
    const struct dsig_options *options;
    struct dsig_budget *budget;
    struct dsig_signature *facts;
    const xmlNode *signature;
    const xmlNode *parent;
    const xmlNode *signed_info;
    const xmlNode *key_info;
    struct dsig_canonical reference_c14n;
    struct dsig_canonical signed_info_c14n;
    bool explaining; /* what is canonicalised is charged to explanation */
    bool enveloped;
    bool transforms_known; /* the digest can be computed as the message says */
    const struct dsig_digest *digest;
    const struct dsig_method *method;
    const char *method_digest; /* of method, or of its parameters */
    int salt_length;           /* RSA-PSS: bytes, or RSA_PSS_SALTLEN_DIGEST */
    struct str digest_stated;  /* bytes; absent when not base64 */
    struct str value;          /* bytes of SignatureValue; absent when not base64 */
    struct buf target_bytes;   /* canonical form of the parent; empty when it could not be made */
    struct buf signed_info_bytes;
    EVP_PKEY *keyinfo_key; /* of the first certificate, or of KeyValue; owned; may be NULL */
    const struct certificate_facts *keyinfo_facts;
};

/* Notes a problem; the first one's detail is kept. */
void dsig_problem_add(struct dsig_work *work, enum dsig_problem problem, struct str detail);

/* dsig_shape.c: fills the parsed parts and the structural problems. Returns false without memory. */
bool dsig_read_shape(struct dsig_work *work);

/* --- canonicalisation (dsig_canonical.c) --- */

/* Which elements are seen, by number: [first, last] less [skip_first, skip_last]. */
struct dsig_view {
    uint32_t first;
    uint32_t last;
    uint32_t skip_first; /* 0: nothing is skipped */
    uint32_t skip_last;
    bool all_signatures; /* every ds:Signature in range is skipped */
    bool whole_document; /* what stands beside the root is seen too */
    bool comments;       /* comments may be seen when the method keeps them */
};

struct dsig_view dsig_view_of(const xmlNode *element);

/*
 * Canonicalises into *out, which is emptied first. Charges the budget. Returns DSIG_OK, DSIG_ERROR
 * when libxml2 refuses or the output is over DSIG_MAX_CANONICAL, DSIG_NOT_CHECKED when the budget
 * is used up. *out is empty then: an error is never a digest.
 */
enum dsig_state dsig_canonicalise(struct dsig_work *work, const struct dsig_view *view,
                                  const struct dsig_canonical *canonical, struct buf *out);

/* Hash of bytes compared with the expected value. */
bool dsig_hash_is(const char *digest_name, struct str bytes, struct str expected);
/* Gives the hash in the arena. */
struct str dsig_hash_bytes(struct arena *arena, const char *digest_name, struct str bytes);

/* --- keys (dsig_verify.c, dsig_keyinfo.c) --- */

/* DSIG_OK, DSIG_BAD, or DSIG_NOT_CHECKED when the key is of another type or unsound. Charges nothing. */
enum dsig_state dsig_verify_value(const struct dsig_method *method, const char *digest_name, int salt_length,
                                  EVP_PKEY *key, struct str signed_bytes, struct str value);

/* r‖s of XML signatures as the DER that OpenSSL reads. Gives OPENSSL_malloc'd bytes or NULL. */
unsigned char *dsig_der_of_raw(const EVP_PKEY *key, struct str value, size_t *der_len);

/* --- evidence (dsig_evidence.c) --- */

/* Makes it in the arena; key may be NULL. Returns NULL without memory. */
struct dsig_evidence *dsig_evidence_new(struct arena *arena, const struct dsig_method *method, const char *value_digest,
                                        struct str signed_bytes, struct str value, EVP_PKEY *key);

/* Reads KeyInfo: facts, and the key that explains. Returns false without memory. */
bool dsig_read_keyinfo(struct dsig_work *work);

/* Digest and value as facts, key selection, verdict. Returns false without memory. */
bool dsig_check(struct dsig_work *work);

/* --- explanation (dsig_explain.c, dsig_explain_value.c): false without memory --- */
bool dsig_explain_digest(struct dsig_work *work);
bool dsig_explain_value(struct dsig_work *work);

/*
 * What was done to SignedInfo (dsig_signed_info.c), when the hash of the signed one is known: one line in
 * the arena, absent when it is not found out.
 */
struct str dsig_explain_signed_info(struct dsig_work *work, const char *hash_name, struct str hash);

/*
 * A value that verifies under key once its encoding is repaired (dsig_value_encoding.c): one line in the
 * arena that says how, else absent. Charges the budget.
 */
struct str dsig_explain_encoding(struct dsig_work *work, EVP_PKEY *key);

/* --- the second engine (dsig_xmlsec.c) --- */
void dsig_second_opinion(struct dsig_work *work, EVP_PKEY *key);

#endif
