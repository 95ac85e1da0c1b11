/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_FIND_PARTS_H
#define SAMLTAP_FIND_PARTS_H

#include "find.h"

/* Shared by the find*.c files; nobody else includes this. */

/* What some bytes look like, by their beginning (saml-verification 2.2.1). */
enum sniff {
    SNIFF_EMPTY,
    SNIFF_XML,
    SNIFF_ESCAPED, /* character references where none belong: "&lt;", "&#43;" */
    SNIFF_PERCENT, /* percent escapes */
    SNIFF_BASE64,
    SNIFF_JWT,
    SNIFF_BINARY, /* anything else: compressed data, perhaps */
};

enum sniff find_sniff(struct str bytes);

/* How XML bytes are encoded, as far as the first bytes and the XML declaration say. */
struct find_charset {
    struct str name;   /* "UTF-8", "UTF-16LE", …, or the declared name */
    size_t bom_length; /* 0: none */
    bool wide;         /* more than one byte for "<" */
};

struct find_charset find_charset(struct str xml);

enum {
    FIND_MAX_TEXT = 1536 * 1024, /* base64 text */
    FIND_MAX_XML = 1024 * 1024,
    FIND_MAX_BODY = 4 * 1024 * 1024,
    FIND_MAX_MESSAGES = 32, /* of one exchange */
};

/* size: bytes that came out of the step. */
void find_add_step(struct message *message, enum decode_step step, size_t size);

/* The same before the other steps. */
void find_add_first_step(struct message *message, enum decode_step step, size_t size);

/* Adds an anomaly unless the message has one of that id. detail may be absent. */
void find_add_anomaly(struct arena *arena, struct message *message, enum anomaly_id id, size_t offset,
                      struct str detail);

bool find_has_anomaly(const struct message *message, enum anomaly_id id);

/* One named value of a query, body or page, whatever it was written in. */
struct find_field {
    struct str name;
    struct str value;    /* decoded */
    struct str original; /* as found */
    size_t bad_at;       /* first malformed escape in original, SIZE_MAX: none */
};

struct find_fields {
    struct find_field *items;
    size_t count;
    size_t capacity;
    bool raw; /* original holds the octets that a query signature covers */
};

/* What a field name says. */
enum find_name {
    NAME_OTHER,
    NAME_SAML,     /* SAMLRequest, SAMLResponse */
    NAME_ARTIFACT, /* SAMLart */
    NAME_WRESULT,
};

/* *exact is false when the name is only like it: another case, "saml_response". options may be NULL. */
enum find_name find_name(const struct saml_options *options, struct str name, bool *exact);

/* Reads the value of SAMLart into message->artifact. Returns false, with no trace, when it is none. */
bool find_artifact(struct arena *arena, struct str value, struct message *message);

/*
 * Reads the parameters of WS-Federation among fields: *out (in the arena, borrows the fields) is NULL when they
 * are none. Returns false only when the arena is exhausted.
 */
bool find_wsfed_read(struct arena *arena, const struct find_fields *fields, struct wsfed_message **out) CHECK_RESULT;

/* True for the parameters of WS-Federation but wresult: wa, wtrealm, wctx … */
bool find_is_wsfed_parameter(struct str name);

/* True for the parameters that a binding adds to an endpoint: SAMLRequest, RelayState, SigAlg, wa … */
bool find_is_binding_parameter(struct str name);

/* The URL without fragment and without binding parameters. */
struct str find_endpoint(struct arena *arena, struct str url);

/* ref as a browser resolves it against the URL of the exchange (RFC 3986 5.2, dot segments kept). */
struct str find_resolve(struct arena *arena, const struct exchange *exchange, struct str ref);

/*
 * Appends the messages among fields. like holds what they have in common (binding, url, in_response,
 * form_action …); step says what the fields were written in. Returns false only when the arena is exhausted.
 */
bool find_in_fields(struct arena *arena, const struct find_fields *fields, const struct message *like,
                    enum decode_step step, const struct saml_options *options, struct messages *out);

/* The same for the parts in which fields come. */
bool find_in_query(struct arena *arena, struct str query, const struct message *like, enum decode_step step,
                   const struct saml_options *options, struct messages *out);
bool find_in_html(struct arena *arena, struct str page, const struct exchange *exchange,
                  const struct saml_options *options, struct messages *out);
bool find_in_json(struct arena *arena, struct str text, const struct message *like, const struct saml_options *options,
                  struct messages *out);
/* The document itself is the message: SOAP, metadata, an assertion. Only when it names a SAML namespace. */
bool find_in_xml(struct arena *arena, struct str text, const struct message *like, const struct saml_options *options,
                 struct messages *out);
bool find_in_multipart(struct arena *arena, struct str body, struct str content_type, const struct message *like,
                       const struct saml_options *options, struct messages *out);

/*
 * Appends what a bare URL carries in query and fragment: SAML, WS-Federation, OAuth; in the body of a form; as a
 * JSON document of SCIM or OAuth or in one of its strings; as an artifact. Nothing when it is none. pasted: the URL is all that
 * there is, so names say more (see oauth_find_parameters). Returns false only when the arena refuses.
 */
bool find_in_url(struct arena *arena, struct str url, bool pasted, const struct saml_options *options,
                 struct messages *out);
bool find_in_form(struct arena *arena, struct str body, const struct saml_options *options, struct messages *out);
bool find_in_bare_json(struct arena *arena, struct str text, const struct saml_options *options, struct messages *out);
bool find_bare_artifact(struct arena *arena, struct str text, struct messages *out);

#define FIND_ACCEPTED                                                                                                  \
    "XML, base64, URL, form, HTTP, curl, HTML, HAR, SAML-tracer, JSON Web Token, SCIM and OAuth JSON, mail or text "   \
    "with one of these"

/* What bytes are that hold no message and begin in a known way, with the way out; static text, NULL: unknown. */
const char *find_other(struct arena *arena, struct str bytes);

/* One line on bytes in which nothing was found: what they look like, and what is accepted. */
struct str find_describe(struct arena *arena, struct str bytes);

/* Gives a fresh message at the end of *out, equal to *like; NULL when the arena or the ceiling refuses. */
struct message *find_append(struct arena *arena, struct messages *out, const struct message *like);

/* Reads the text of HTTP messages into exchanges. Returns false when the arena refuses; *count 0: it is none. */
bool find_http_text(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count);

/* The same for curl commands, and for what "curl -v" prints. */
bool find_curl(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count);
bool find_curl_log(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count);

/* The same for what browsers copy as fetch() and for PowerShell. */
bool find_fetch(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count);
bool find_powershell(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count);
bool find_is_fetch(struct str text);
bool find_is_powershell(struct str text);

bool find_is_html(struct str text);
bool find_is_utf8(struct str s);

/*
 * Takes gzip or zlib off a whole file. What comes out of a damaged one is used, and *damage says so. False:
 * nothing does, or more than is read.
 */
bool find_unpack(struct arena *arena, struct str bytes, struct str *text, struct str *damage);

/* UTF-16 as UTF-8 unless it is XML, and without typography that came with copying. Absent: the arena refuses. */
struct str find_prepared(struct arena *arena, struct str bytes);

/*
 * Fields in lines of their own, as browsers' tools show them: the line ends become "&". What was written behind
 * them in words goes. Absent: the arena refuses.
 */
struct str find_joined_lines(struct arena *arena, struct str text);

/* find_input() for what is inside of another input, depth levels down. */
bool find_input_at(struct arena *arena, struct str bytes, const struct saml_options *options, struct input *input,
                   unsigned depth);

/* Reads every part of a mail or mailbox into *input. False: nothing was found (see problem), or the arena refuses. */
bool find_in_mail(struct arena *arena, struct str text, const struct saml_options *options, unsigned depth,
                  struct input *input);

/* Text begins with a curl command; has a start line of HTTP behind "> " or "< ". */
bool find_is_curl(struct str text);
bool find_is_curl_log(struct str text);

/*
 * Appends the messages that stand somewhere in a text, a page or a log: URLs with parameters, base64, XML, tokens;
 * also behind quoted-printable, HTML, JSON escapes and typography. Returns false when the arena refuses.
 */
bool find_in_text(struct arena *arena, struct str text, const struct saml_options *options, struct messages *out);

/* Offset of the first name of a parameter that stands at a field's beginning; SIZE_MAX: none. */
size_t find_parameter(const struct saml_options *options, struct str text);

/* Cheap test of the first line: "POST /x HTTP/1.1" or "HTTP/1.1 200". */
bool find_is_http_text(struct str text);

#endif
