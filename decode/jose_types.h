/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JOSE_TYPES_H
#define SAMLTAP_JOSE_TYPES_H

#include "str.h"

/*
 * A JSON Web Token as facts (RFC 7515, 7516, 7519). Everything lives in the arena of the input;
 * nothing here judges.
 */

enum { JWT_MAX_BYTES = 64 * 1024, JWT_MAX_AUDIENCES = 32 };

enum jwt_form {
    JWT_FORM_NONE, /* not three and not five parts */
    JWT_FORM_JWS,
    JWT_FORM_JWE,
};

/* What keeps the text from being a token at all. */
enum jwt_syntax {
    JWT_SYNTAX_OK,
    JWT_TOO_BIG,     /* more than JWT_MAX_BYTES */
    JWT_BAD_PARTS,   /* not three parts (signed) or five (encrypted) */
    JWT_BAD_BASE64,  /* a part is not base64url without padding */
    JWT_BAD_HEADER,  /* the header is no JSON object, names a member twice, or a member has the wrong type */
    JWT_BAD_PAYLOAD, /* the payload is no JSON object with unique members; harmless for a bare JWS */
    JWT_SYNTAX_COUNT,
};

struct jose_header {
    struct str json; /* decoded, untrusted */
    struct str alg;  /* absent: none written */
    struct str kid;
    struct str typ;
    struct str cty;
    struct str enc;      /* JWE */
    struct str zip;      /* JWE */
    struct str critical; /* names of "crit", blank separated; absent: no such member */
    bool names_key;      /* jku, x5u, jwk or x5c: never used for trust */
};

enum jws_result {
    JWS_NOT_CHECKED, /* no keys given */
    JWS_VALID,       /* verified with a key of the set */
    JWS_INVALID,     /* a usable key was found; the signature is not by it */
    JWS_NO_KEY,      /* no key of the set has this kid, or fits this algorithm */
    JWS_REFUSED,     /* none, HS*, or crit: see detail */
    JWS_UNSUPPORTED, /* an algorithm we do not know: see detail */
    JWS_MALFORMED,   /* see syntax */
    JWS_RESULT_COUNT,
};

enum jwe_result {
    JWE_NOT_TRIED,   /* no key given */
    JWE_OPENED,      /* plaintext is there */
    JWE_WRONG_KEY,   /* no given key opens it, or it was altered */
    JWE_REFUSED,     /* dir, symmetric keys, passwords, crit */
    JWE_UNSUPPORTED, /* an algorithm we do not know: see detail */
    JWE_MALFORMED,   /* see syntax, or detail */
    JWE_TOO_BIG,     /* inflates past the ceiling */
    JWE_RESULT_COUNT,
};

/* A NumericDate (RFC 7519 2). */
struct jwt_time {
    bool present;
    bool valid; /* a number within the years 0 to 9999 */
    int64_t ms;
};

struct jwt_claims {
    bool present; /* the payload is a JSON object */
    struct str issuer;
    struct str subject;
    struct str audiences[JWT_MAX_AUDIENCES];
    size_t audience_count;
    struct str authorized_party; /* azp */
    struct str nonce;
    struct str at_hash;
    struct str c_hash;
    struct str acr;
    bool has_groups; /* Entra ID's claim hasgroups: true */
    struct jwt_time expires;
    struct jwt_time not_before;
    struct jwt_time issued_at;
    struct jwt_time auth_time;
};

struct jwt {
    struct str text; /* as received */
    enum jwt_form form;
    enum jwt_syntax syntax;
    struct jose_header header;
    struct str payload; /* JWS: decoded payload; JWE: decrypted content, absent when it could not be read */
    struct jwt_claims claims;
    enum jws_result signature;
    struct str signed_by;       /* kid of the key that verified, empty when it has none; absent: none did */
    struct str would_verify;    /* JWS_NO_KEY: a usable key of the set under which the signature is valid */
    struct str keys_seen_at;    /* the keys come from the traffic, from this URL; absent: the user gave them */
    bool keys_of_issuer;        /* and that is https at the host of the issuer */
    bool key_algorithm_differs; /* verified, though the key is meant for another algorithm of the family */
    enum jwe_result decryption;
    struct str detail; /* one line on a refusal; made of our words and of names in the header */
    struct jwt *inner; /* the token inside an opened JWE, NULL when there is none */
};

#endif
