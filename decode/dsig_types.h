/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DSIG_TYPES_H
#define SAMLTAP_DSIG_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"
#include "where.h"

/* Facts about a certificate. All text lives in the arena and is untrusted. */
struct certificate_facts {
    struct str der;
    struct str subject; /* RFC 2253 style, one line */
    struct str issuer;
    struct str serial; /* hex */
    int64_t not_before_ms;
    int64_t not_after_ms;
    struct str key_type; /* "RSA", "EC", "Ed25519" … */
    int key_bits;
    struct str signature_algorithm; /* of the certificate itself, "sha256WithRSAEncryption" */
    bool self_signed;               /* subject equals issuer */
    bool repeated_extension;
    char sha256[65];      /* of the certificate, lower-case hex */
    char spki_sha256[65]; /* of the SubjectPublicKeyInfo, lower-case hex: the key's identity */
    bool parsed;          /* false: not a certificate that OpenSSL can read; only der is set */
    struct str source;    /* where it came from: "idp.xml", "KeyInfo" … */
};

enum dsig_state {
    DSIG_NOT_CHECKED, /* could not be made: see problems */
    DSIG_OK,
    DSIG_BAD,
    DSIG_ERROR, /* canonicalisation or the library failed: never counts as a digest */
};

/* Deviations from the only accepted shape (saml-verification 4.1). A signature with one is not valid. */
enum dsig_problem {
    DSIG_PROBLEM_PLACEMENT,        /* parent may not carry a signature, or it is not a direct child */
    DSIG_PROBLEM_POSITION,         /* not right after Issuer */
    DSIG_PROBLEM_SECOND_SIGNATURE, /* the parent has another one */
    DSIG_PROBLEM_SIGNED_INFO_COUNT,
    DSIG_PROBLEM_REFERENCE_COUNT,
    DSIG_PROBLEM_URI_MISSING,
    DSIG_PROBLEM_URI_EMPTY,    /* accepted with a warning on the document element only */
    DSIG_PROBLEM_URI_MISMATCH, /* not "#" + ID of the parent */
    DSIG_PROBLEM_DUPLICATE_ID, /* the ID exists twice */
    DSIG_PROBLEM_PARENT_WITHOUT_ID,
    DSIG_PROBLEM_TRANSFORM, /* one that is not allowed, too many, or wrong order */
    DSIG_PROBLEM_C14N_UNKNOWN,
    DSIG_PROBLEM_C14N_INCLUSIVE, /* evaluated, warn */
    DSIG_PROBLEM_SIGNATURE_METHOD_UNKNOWN,
    DSIG_PROBLEM_SIGNATURE_METHOD_REFUSED, /* HMAC, MD5 … */
    DSIG_PROBLEM_DIGEST_METHOD_UNKNOWN,
    DSIG_PROBLEM_DIGEST_METHOD_REFUSED,
    DSIG_PROBLEM_OBJECT,         /* ds:Object present */
    DSIG_PROBLEM_VALUE_NOT_TEXT, /* DigestValue or SignatureValue hold more than text */
    DSIG_PROBLEM_VALUE_EMPTY,
    DSIG_PROBLEM_VALUE_BASE64,
    DSIG_PROBLEM_PREFIX_LIST, /* over 32 prefixes */
    DSIG_PROBLEM_LIMIT,       /* over 16 signatures, or the budget was used up */
    DSIG_PROBLEM_COUNT,
};

/* Proven reason of a failed digest or signature value (saml-verification 5.2, 5.3). */
enum dsig_cause {
    DSIG_CAUSE_NONE,
    DSIG_CAUSE_C14N_OTHER, /* the digest matches under another canonicalisation */
    DSIG_CAUSE_REINDENTED, /* matches without white-space-only text nodes */
    DSIG_CAUSE_LINE_ENDINGS,
    DSIG_CAUSE_TRIMMED,
    DSIG_CAUSE_DIGEST_ALGORITHM, /* the stated value is another hash of the same content */
    DSIG_CAUSE_ENVELOPED_NOT_APPLIED,
    DSIG_CAUSE_VALUE_REPLACED,              /* one value was changed: from/to in detail */
    DSIG_CAUSE_EMPTY_DIGEST,                /* DigestValue is the hash of nothing */
    DSIG_CAUSE_OTHER_ELEMENT,               /* DigestValue belongs to another element */
    DSIG_CAUSE_ELEMENT_ADDED,               /* matches without one element: its name in detail */
    DSIG_CAUSE_RECODED,                     /* characters were encoded or escaped otherwise */
    DSIG_CAUSE_ON_THE_WAY,                  /* an earlier copy of the message has the signed bytes: where in detail */
    DSIG_CAUSE_NAMESPACES,                  /* matches with other namespace declarations around it */
    DSIG_CAUSE_BASE64,                      /* base64 values were damaged: blanks for plus, alphabet, padding, lines */
    DSIG_CAUSE_CONTENT_ADDED,               /* an attribute, comment or processing instruction was put in */
    DSIG_CAUSE_CONTENT_REMOVED,             /* xsi:type was taken out */
    DSIG_CAUSE_RIGHT_KEY_OTHER_SIGNED_INFO, /* RSA recovery: padding right, hash differs */
    DSIG_CAUSE_SIGNATURE_HASH_LABEL,        /* signer used another hash than SignatureMethod says */
    DSIG_CAUSE_NO_KNOWN_KEY,                /* no candidate key made it */
    DSIG_CAUSE_KEY_SIZE,                    /* value length does not fit any candidate */
    DSIG_CAUSE_VALUE_ENCODING,              /* the value verifies when its encoding is repaired */
    DSIG_CAUSE_COUNT,
};

/* Bytes of a message that was seen before on the way of this one, or in an earlier sign-in of the same parties. */
struct dsig_earlier {
    struct str xml;
    struct str where; /* words for people: "the page of https://idp.example.com/sso" */
};

/* What another tool needs to repeat a verification, beside dsig_signature.canonical. Kept when asked for. */
struct dsig_evidence {
    struct str signed_bytes;  /* canonical SignedInfo, or the octets that a query signature is over */
    struct str value;         /* of the signature: as openssl takes it (DER for ECDSA and DSA) */
    struct str key_pem;       /* public key: the one that verifies, else that of KeyInfo, else the first trusted */
    const char *scheme;       /* "rsa", "rsa-pss", "ecdsa", "ed25519", "dsa"; NULL: unknown algorithm */
    const char *value_digest; /* OpenSSL's name, "SHA256"; NULL: the scheme has its own */
    const char *digest;       /* of the Reference; NULL: unknown, or none */
    int salt_length;          /* of rsa-pss, bytes; -1: that of the digest */
};

struct dsig_signature {
    struct where where;     /* of ds:Signature */
    struct where covers;    /* of its parent, which is what it must cover */
    struct str parent_name; /* "Response", "Assertion", "EntityDescriptor" … */
    struct str parent_id;   /* its ID attribute, absent when none */
    uint32_t first_element; /* range of elements covered when valid, document order */
    uint32_t last_element;
    uint32_t signature_last;  /* last element inside ds:Signature itself, which it does not cover */
    uint32_t document;        /* as in struct where */
    struct str reference_uri; /* absent: no URI attribute */
    struct str canonicalization;
    struct str signature_method;
    struct str digest_method;
    struct str transforms[8];
    size_t transform_count;
    struct str digest_stated;   /* base64 as written */
    struct str digest_computed; /* base64; absent when not computed */
    enum dsig_state digest;
    enum dsig_state value;
    uint32_t problems;                   /* bit set of 1 << enum dsig_problem */
    struct str problem_detail;           /* about the first problem, one line, untrusted */
    bool valid;                          /* shape, digest and value hold under key */
    bool trusted;                        /* valid, and key is one of the given (not learned from the message) */
    int trusted_key;                     /* index into the key set that verified, or -1 */
    bool same_key_other_certificate;     /* KeyInfo certificate differs from the trusted one, key is the same */
    const struct certificate_facts *key; /* certificate (or bare key) that verified, NULL when none */
    struct certificate_facts *keyinfo;   /* certificates in KeyInfo, shown, never trusted */
    size_t keyinfo_count;
    bool keyinfo_key_value;    /* KeyValue present */
    bool keyinfo_several_keys; /* KeyInfo names more than one key that is not in the chain of the first */
    struct str keyinfo_remote; /* URI of RetrievalMethod or KeyInfoReference in KeyInfo; absent: none. Never fetched */
    bool verified_by_keyinfo;  /* value verifies under the first KeyInfo certificate or KeyValue */
    enum dsig_cause digest_cause;
    enum dsig_cause digest_cause_also; /* two things were done: the second; DSIG_CAUSE_NONE: one was enough */
    enum dsig_cause value_cause;
    struct str digest_cause_detail;
    struct str value_cause_detail;
    struct str canonical;           /* bytes that were hashed, for evidence; absent unless asked for */
    struct dsig_evidence *evidence; /* NULL unless asked for */
    enum dsig_state second_opinion; /* xmlsec1 with the same key; NOT_CHECKED when it was not run */
    struct str second_opinion_why;  /* why not run, or its words */
};

static inline bool
dsig_has_problem(const struct dsig_signature *signature, enum dsig_problem problem)
{
    return (signature->problems >> problem & 1u) != 0;
}

const char *dsig_problem_name(enum dsig_problem problem);
const char *dsig_cause_name(enum dsig_cause cause);
const char *dsig_state_name(enum dsig_state state); /* "ok", "bad", "error", "not-checked" */

#endif
