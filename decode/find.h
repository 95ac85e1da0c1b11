/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_FIND_H
#define SAMLTAP_FIND_H

#include "message.h"
#include "saml.h"

/*
 * Where messages hide in an exchange, and the decode ladder (saml-verification 2). Pure.
 * Everything found lives in the arena and borrows from the exchange.
 */

/*
 * Appends every message of the exchange to *out, in the order: request query, request body,
 * response Location, response page; then those of OAuth, then SCIM. options may be NULL: no keys. Returns false
 * only when the arena is exhausted.
 */
bool find_messages(struct arena *arena, const struct exchange *exchange, const struct saml_options *options,
                   struct messages *out);

/*
 * Runs the ladder on one bare value as found (url-decoded or not): fills steps, anomalies, xml,
 * xml_status, saml of *message. binding, parameter, url have been set by the caller and decide what
 * counts as a deviation. A value that cannot be decoded gets ANOMALY_NOT_DECODABLE.
 */
void find_decode(struct arena *arena, struct str value, const struct saml_options *options, struct message *message);

/* What a file, a paste or standard input turned out to be. */
enum input_kind {
    INPUT_UNKNOWN,
    INPUT_XML,
    INPUT_BASE64, /* bare base64, perhaps deflated, perhaps percent-encoded */
    INPUT_URL,    /* URL or query string with a SAML parameter */
    INPUT_FORM,   /* form body */
    INPUT_HTTP,   /* raw HTTP request or response message(s) */
    INPUT_HTML,
    INPUT_HAR,
    INPUT_SAML_TRACER,
    INPUT_CURL,     /* curl command(s), or the log of "curl -v" */
    INPUT_TEXT,     /* ticket or log with messages somewhere in it */
    INPUT_JSON,     /* a JSON document that is a message (SCIM, OAuth) or has one in a string */
    INPUT_TOKEN,    /* a bare JSON Web Token */
    INPUT_ARTIFACT, /* a bare SAML artifact */
    INPUT_MAIL,     /* mail(s), with what is attached */
    INPUT_FETCH,    /* fetch("…", {…}) as browsers copy it */
    INPUT_POWERSHELL,
    INPUT_KIND_COUNT,
};

struct input {
    enum input_kind kind;
    struct messages messages;   /* bare ones */
    struct exchange *exchanges; /* kinds that hold exchanges: HTTP, HAR, SAML-tracer, curl; mail may have both */
    size_t exchange_count;
    struct str problem; /* what is wrong with the container, one line; absent when nothing is */
};

/*
 * Recognises input and reads it. Bare messages are decoded into input->messages; containers yield
 * exchanges only (the caller examines each). Returns false when it is none of these (kind is
 * INPUT_UNKNOWN and problem says what it looks like).
 */
bool find_input(struct arena *arena, struct str bytes, const struct saml_options *options, struct input *input);

const char *input_kind_name(enum input_kind kind);

/* Cheap test on a request head: may this exchange carry a sign-in, so that its bodies must be kept? */
bool find_body_may_matter(const struct exchange *head);

#endif
