/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_MESSAGE_H
#define SAMLTAP_MESSAGE_H

#include "exchange.h"
#include "saml_types.h"
#include "wsfed_types.h"
#include "xml_status.h"

enum binding {
    BINDING_NONE,          /* a bare message: file, paste */
    BINDING_HTTP_POST,     /* form field of a POST (Bind 3.5) */
    BINDING_HTTP_REDIRECT, /* query parameter of a request or of a Location header (Bind 3.4) */
    BINDING_FORM_PAGE,     /* hidden field of an HTML page that will be posted */
    BINDING_SIMPLE_SIGN,   /* POST with Signature and SigAlg fields */
    BINDING_ARTIFACT,
    BINDING_SOAP,
    BINDING_PAOS, /* SOAP the other way round: the request stands in the answer (Bind 3.3) */
    BINDING_COUNT,
};

/* One rung of the decode ladder that was used, in order (saml-verification 2.2). */
enum decode_step {
    STEP_FORM,          /* field of application/x-www-form-urlencoded */
    STEP_QUERY,         /* query parameter, percent-decoded */
    STEP_HTML,          /* value of an HTML form field */
    STEP_MULTIPART,     /* field of multipart/form-data */
    STEP_JSON,          /* string inside a JSON document */
    STEP_PERCENT,       /* percent-decoding of a bare value */
    STEP_PERCENT_AGAIN, /* a second, surplus percent-decoding */
    STEP_BASE64,
    STEP_BASE64_AGAIN,
    STEP_INFLATE_RAW,
    STEP_INFLATE_ZLIB,
    STEP_INFLATE_GZIP,
    STEP_HTML_UNESCAPE, /* &lt; … taken back */
    STEP_UTF8,          /* character set conversion to UTF-8 */
    STEP_COUNT,
};

/* Oddities found while decoding: facts, judged by checks. */
enum anomaly_id {
    ANOMALY_DUPLICATE_PARAMETER,
    ANOMALY_BAD_PERCENT,
    ANOMALY_DOUBLE_PERCENT,
    ANOMALY_PLUS_AS_SPACE,
    ANOMALY_BASE64_WRAPPED,
    ANOMALY_BASE64_URLSAFE,
    ANOMALY_BASE64_PADDING,
    ANOMALY_BASE64_TRAILING, /* data after the padding */
    ANOMALY_BASE64_INVALID,  /* bytes outside the alphabet were skipped */
    ANOMALY_DOUBLE_BASE64,
    ANOMALY_ZLIB_WRAPPED,
    ANOMALY_GZIP_WRAPPED,
    ANOMALY_DEFLATED_POST,
    ANOMALY_NOT_DEFLATED, /* Redirect binding, but plain XML */
    ANOMALY_INFLATE_TRAILING,
    ANOMALY_INFLATE_BROKEN, /* the stream ends early or is damaged; what came out is used */
    ANOMALY_HTML_ESCAPED,
    ANOMALY_CHARSET,
    ANOMALY_BOM,
    ANOMALY_NUL,
    ANOMALY_TRUNCATED,
    ANOMALY_TOO_BIG,
    ANOMALY_WRONG_FIELD_NAME, /* a SAML message under another (or differently spelled) name */
    ANOMALY_WRONG_CONTENT_TYPE,
    ANOMALY_NOT_DECODABLE,
    ANOMALY_COUNT,
};

struct anomaly {
    enum anomaly_id id;
    size_t offset;     /* into message.original, SIZE_MAX when it has no place */
    struct str detail; /* what was seen, untrusted; may be absent */
};

/* Proven reason why a signature over parameters does not verify as received (saml-verification 2.3). */
enum query_cause {
    QUERY_CAUSE_NONE,
    QUERY_CAUSE_HEX_CASE,           /* the signer wrote %2f, somebody made %2F of it, or the reverse */
    QUERY_CAUSE_SPACE_FORM,         /* + against %20 */
    QUERY_CAUSE_RELAY_STATE_ABSENT, /* signed without RelayState, which was added later */
    QUERY_CAUSE_RELAY_STATE_EMPTY,  /* signed with an empty RelayState, which was dropped or changed */
    QUERY_CAUSE_ORDER,              /* signed in the order of the URL, not in that of the binding */
    QUERY_CAUSE_NOT_ENCODED,        /* signed before percent-encoding */
    QUERY_CAUSE_HASH_LABEL,         /* signed with another hash than SigAlg says */
    QUERY_CAUSE_ALGORITHM,          /* SigAlg is missing, unknown or refused */
    QUERY_CAUSE_VALUE,              /* Signature is missing, empty or not base64 */
    QUERY_CAUSE_COUNT,
};

/* The signature of the Redirect and SimpleSign bindings: original octets, never re-encoded. */
struct query_signature {
    bool present;
    enum dsig_state state;               /* DSIG_NOT_CHECKED: no key was given that could verify it */
    enum query_cause cause;              /* when state is DSIG_BAD */
    int trusted_key;                     /* index into the key set that verified, or -1 */
    const struct certificate_facts *key; /* of that key; NULL when none verified */
    struct str raw_received;             /* the parameters without Signature in the order received, raw */
    struct str raw_message;              /* percent-encoded value of SAMLRequest/SAMLResponse as received */
    struct str raw_relay_state;          /* absent: no parameter; empty: RelayState= */
    struct str raw_algorithm;
    struct str algorithm;           /* decoded */
    struct str signature;           /* decoded text (base64) */
    struct dsig_evidence *evidence; /* NULL unless asked for */
};

/* What an artifact says by itself (Bind 3.6.4; SAML 1.1 Bindings 4.1.1.8); the message is behind it. */
struct artifact {
    bool present;
    unsigned type;           /* 4: SAML 2.0; 1 and 2: SAML 1.1 */
    unsigned endpoint_index; /* type 4: of the issuer's ArtifactResolutionService */
    struct str source;       /* 20 octets, of type 4 the SHA-1 of the issuer's entity id; of type 2 a URL */
    struct str handle;       /* 20 octets; whoever has them can fetch the message */
};

struct oauth_message;
struct scim_message;

/* One message found in an input, with where it was and how it was decoded. */
struct message {
    enum binding binding;
    struct str parameter; /* field name as received: "SAMLResponse"; absent for bare input */
    /*
     * The endpoint that Destination must name: the URL it was sent to (BINDING_FORM_PAGE: will be sent
     * to) without the parameters of the binding (SAMLRequest, RelayState …); other parameters stay.
     * Absent when unknown.
     */
    struct str url;
    struct str form_action; /* BINDING_FORM_PAGE: action of the form, made absolute */
    struct str form_method; /* BINDING_FORM_PAGE: as written; absent: none, which means GET */
    struct str original;    /* the octets of the value as found (before any decoding) */
    enum decode_step steps[12];
    size_t step_sizes[12]; /* bytes that came out of each step; 0: not one value (OAuth, SCIM) */
    size_t step_count;
    struct anomaly *anomalies;
    size_t anomaly_count;
    struct str saml_encoding; /* SAMLEncoding beside the message, decoded; absent when there was none */
    struct str relay_state;   /* decoded; absent when there was none */
    struct query_signature query_signature;
    struct artifact artifact; /* BINDING_ARTIFACT; there is no xml then */
    struct str xml;           /* decoded bytes, UTF-8 unless xml_status says otherwise; absent: not decodable */
    struct xml_status xml_status;
    struct saml_message *saml; /* NULL when the XML is not a SAML message that we know */
    /* Parameters of WS-Federation: of a request, which has no xml, or beside the wresult of an answer; or NULL. */
    struct wsfed_message *wsfed;
    /* Messages of other protocols: one of them is set, xml and saml are not. */
    struct oauth_message *oauth; /* OAuth 2.0, OpenID Connect (oauth_types.h) */
    struct scim_message *scim;   /* a SCIM request with its answer (scim_types.h) */
    bool in_response;            /* found in the response half of the exchange (Location, page) */
};

struct messages {
    struct message *items;
    size_t count;
    size_t capacity;
    /*
     * A body in which a message may have been could not be read, or not to its end: one line that says
     * which and why. Absent when all was read. Untrusted.
     */
    struct str unread;
};

/* "saml:Response", "wsfed:sign-in-request", "oauth:token-response", "scim:request"; NULL when it could not be read. */
const char *message_name(const struct message *message);

/* True for a request of WS-Federation: parameters, no XML. */
bool message_is_wsfed_request(const struct message *message);

/* Stable names for JSON: "http-post", "base64", "base64-urlsafe" … Never NULL. */
const char *binding_name(enum binding binding);
const char *decode_step_name(enum decode_step step);
const char *anomaly_name(enum anomaly_id id);
const char *query_cause_name(enum query_cause cause); /* "hex-case" … */

#endif
