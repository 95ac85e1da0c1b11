/* SPDX-License-Identifier: MIT */
#include "message.h"

#include "oauth_types.h"
#include "scim_types.h"

const char *
message_name(const struct message *message)
{
    if (message->saml != NULL)
        return message_kind_name(message->saml->kind);
    if (message->oauth != NULL)
        return oauth_kind_name(message->oauth->kind);
    if (message_is_wsfed_request(message))
        return wsfed_name(message->wsfed);
    if (message->scim != NULL)
        return message->scim->name != NULL ? message->scim->name : "scim:request";
    return NULL;
}

bool
message_is_wsfed_request(const struct message *message)
{
    return message->wsfed != NULL && !message->wsfed->response;
}

const char *
binding_name(enum binding binding)
{
    static const char *const names[BINDING_COUNT] = {
        [BINDING_NONE] = "none",
        [BINDING_HTTP_POST] = "http-post",
        [BINDING_HTTP_REDIRECT] = "http-redirect",
        [BINDING_FORM_PAGE] = "form-page",
        [BINDING_SIMPLE_SIGN] = "simple-sign",
        [BINDING_ARTIFACT] = "artifact",
        [BINDING_SOAP] = "soap",
        [BINDING_PAOS] = "paos",
    };

    return (unsigned)binding < BINDING_COUNT ? names[binding] : "unknown";
}

const char *
decode_step_name(enum decode_step step)
{
    static const char *const names[STEP_COUNT] = {
        [STEP_FORM] = "form",
        [STEP_QUERY] = "query",
        [STEP_HTML] = "html",
        [STEP_MULTIPART] = "multipart",
        [STEP_JSON] = "json",
        [STEP_PERCENT] = "percent",
        [STEP_PERCENT_AGAIN] = "percent-again",
        [STEP_BASE64] = "base64",
        [STEP_BASE64_AGAIN] = "base64-again",
        [STEP_INFLATE_RAW] = "inflate",
        [STEP_INFLATE_ZLIB] = "inflate-zlib",
        [STEP_INFLATE_GZIP] = "inflate-gzip",
        [STEP_HTML_UNESCAPE] = "html-unescape",
        [STEP_UTF8] = "utf8",
    };

    return (unsigned)step < STEP_COUNT ? names[step] : "unknown";
}

const char *
anomaly_name(enum anomaly_id id)
{
    static const char *const names[ANOMALY_COUNT] = {
        [ANOMALY_DUPLICATE_PARAMETER] = "duplicate-parameter",
        [ANOMALY_BAD_PERCENT] = "bad-percent",
        [ANOMALY_DOUBLE_PERCENT] = "double-percent",
        [ANOMALY_PLUS_AS_SPACE] = "plus-as-space",
        [ANOMALY_BASE64_WRAPPED] = "base64-wrapped",
        [ANOMALY_BASE64_URLSAFE] = "base64-urlsafe",
        [ANOMALY_BASE64_PADDING] = "base64-padding",
        [ANOMALY_BASE64_TRAILING] = "base64-trailing",
        [ANOMALY_BASE64_INVALID] = "base64-invalid",
        [ANOMALY_DOUBLE_BASE64] = "double-base64",
        [ANOMALY_ZLIB_WRAPPED] = "zlib-wrapped",
        [ANOMALY_GZIP_WRAPPED] = "gzip-wrapped",
        [ANOMALY_DEFLATED_POST] = "deflated-post",
        [ANOMALY_NOT_DEFLATED] = "not-deflated",
        [ANOMALY_INFLATE_TRAILING] = "inflate-trailing",
        [ANOMALY_INFLATE_BROKEN] = "inflate-broken",
        [ANOMALY_HTML_ESCAPED] = "html-escaped",
        [ANOMALY_CHARSET] = "charset",
        [ANOMALY_BOM] = "bom",
        [ANOMALY_NUL] = "nul",
        [ANOMALY_TRUNCATED] = "truncated",
        [ANOMALY_TOO_BIG] = "too-big",
        [ANOMALY_WRONG_FIELD_NAME] = "wrong-field-name",
        [ANOMALY_WRONG_CONTENT_TYPE] = "wrong-content-type",
        [ANOMALY_NOT_DECODABLE] = "not-decodable",
    };

    return (unsigned)id < ANOMALY_COUNT ? names[id] : "unknown";
}

const char *
query_cause_name(enum query_cause cause)
{
    static const char *const names[QUERY_CAUSE_COUNT] = {
        [QUERY_CAUSE_NONE] = "none",
        [QUERY_CAUSE_HEX_CASE] = "hex-case",
        [QUERY_CAUSE_SPACE_FORM] = "space-form",
        [QUERY_CAUSE_RELAY_STATE_ABSENT] = "relay-state-absent",
        [QUERY_CAUSE_RELAY_STATE_EMPTY] = "relay-state-empty",
        [QUERY_CAUSE_ORDER] = "order",
        [QUERY_CAUSE_NOT_ENCODED] = "not-encoded",
        [QUERY_CAUSE_HASH_LABEL] = "hash-label",
        [QUERY_CAUSE_ALGORITHM] = "algorithm",
        [QUERY_CAUSE_VALUE] = "value",
    };

    return (unsigned)cause < QUERY_CAUSE_COUNT ? names[cause] : "unknown";
}
