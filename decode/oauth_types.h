/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_OAUTH_TYPES_H
#define SAMLTAP_OAUTH_TYPES_H

#include "jose_types.h"

/* A message of OAuth 2.0 or OpenID Connect as facts. Everything lives in the arena of the input. */

enum oauth_kind {
    OAUTH_AUTHORIZATION_REQUEST,  /* RFC 6749 4.1.1, OIDC Core 3.1.2.1 */
    OAUTH_AUTHORIZATION_RESPONSE, /* code, id_token or error, back to redirect_uri */
    OAUTH_TOKEN_REQUEST,          /* RFC 6749 4.1.3 */
    OAUTH_TOKEN_RESPONSE,
    OAUTH_TOKEN,         /* a bare token: ID token or another, nobody knows */
    OAUTH_CONFIGURATION, /* OpenID Connect Discovery 3, RFC 8414 2 */
    OAUTH_KEY_SET,       /* RFC 7517 5 */
    OAUTH_KIND_COUNT,
};

/* A named value; both are borrowed. */
struct oauth_field {
    struct str name;
    struct str value;
};

/* A key of a key set, without the key itself. */
struct oauth_key {
    struct str id;        /* kid; absent: none */
    struct str algorithm; /* alg; absent: none */
    struct str use;
    struct str type; /* RSA, P-256, Ed25519 … */
    int bits;        /* 0: not known */
    bool is_private;
    const char *problem; /* why it cannot be used; static text, NULL: it can */
};

/* Values as received, decoded; absent: not there. Secrets are in it: never print code, verifier or tokens. */
struct oauth_message {
    enum oauth_kind kind;
    struct str response_type;
    struct str response_mode;
    struct str client_id;
    struct str redirect_uri;
    struct str scope;
    struct str state;
    struct str nonce;
    struct str prompt;
    struct str code_challenge;
    struct str code_challenge_method;
    struct str issuer; /* iss of the response (RFC 9207) */
    struct str code;
    struct str code_verifier;
    struct str access_token;
    struct str grant_type;
    struct str error;
    struct str error_description;
    struct str error_uri;
    struct str repeated;         /* name of a parameter that is there twice; absent: none */
    struct jwt *id_token;        /* NULL: none; OAUTH_TOKEN: the token itself */
    unsigned status;             /* HTTP status of a token response; 0: not known */
    bool has_client_secret;      /* in the form, or as Basic authentication */
    bool in_fragment;            /* an authorization response behind "#" */
    bool device;                 /* token request of the device flow (RFC 8628) */
    struct str host;             /* whose endpoint it was; absent in files without */
    struct oauth_field *members; /* OAUTH_CONFIGURATION; names end in NUL, lists are blank separated */
    size_t member_count;
    struct oauth_key *keys; /* OAUTH_KEY_SET */
    size_t key_count;
    /* Messages that it belongs to, as far as they were seen; borrowed. */
    const struct oauth_message *authorization; /* the authorization request */
    const struct oauth_message *token_request; /* of a token response */
    bool state_known;                          /* authorization is there because of its state */
    bool state_foreign; /* response: authorization is there by redirect_uri; its state is another */
};

const char *oauth_kind_name(enum oauth_kind kind); /* "oauth:authorization-request" … */

#endif
