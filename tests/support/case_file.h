/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_CASE_FILE_H
#define SAMLTAP_TESTS_CASE_FILE_H

#include "arena.h"
#include "finding.h"
#include "str.h"
#include "vendor.h"

/*
 * A case: one file that says what is sent and what must be found. One directive a line; # starts a
 * comment line; the first comments after the licence line say what the case shows.
 *
 *   base NAME               takes all lines of base/NAME.base first
 *   template FILE.xml       what is sent, in tests/cases/base (see saml_maker_fill)
 *   option --NAME [VALUE]   as on the command line; a later one of the same name replaces an earlier
 *                           one, "-" as value takes it back. --idp-cert and --decrypt-key take names
 *                           of keys of the maker, --jwks too; --idp-metadata, --sp-metadata a template;
 *                           those of AWS's lists (and --evidence, --evidence-2, --idp-log) the
 *                           JSON itself
 *   input post URL | redirect URL | get URL | page ACTION | bare | base64 | file PATH | exchange URL | text TEXT |
 *         wsfed URL | setup -
 *                           redirect: DEFLATE in the query of a GET; get: base64 in the query of a
 *                           GET; page: in an HTML page; file: bytes of PATH; exchange: no message;
 *                           text: a file that holds TEXT; wsfed: XML as wresult, relay-state as wctx;
 *                           setup: only what options give
 *   parameter NAME          form field or query parameter; SAMLResponse when not said
 *   relay-state TEXT
 *   sign-query KEY METHOD   signs the query of redirect
 *   edit /FROM/TO/          literal change of the template, every occurrence (at least one); the
 *                           first character is the delimiter; \n \t \r \\ \xNN are understood
 *   edit-after /FROM/TO/    of the XML after signing
 *   edit-metadata /FROM/TO/ of every metadata template
 *   raw /FROM/TO/           of form body, query, page or bare bytes
 *   transform WORD          deflate zlib gzip bom nul latin1 utf16 (of the XML), base64 (once more),
 *                           wrap (76 columns), truncate N (bytes of base64); pad (line breaks behind
 *                           the XML until base64 ends with "=="), repeat N (letters into the first
 *                           AttributeValue), fill N (the same, up to N bytes), unpad, trailing (text behind it); xsw N (1 to 8, see saml_wrap.h)
 *   request NAME URL        first another exchange with base/NAME.xml, by redirect to URL
 *   request-relay-state TEXT  of that request; relay-state when not said
 *   request-cookie TEXT     the request is the Location of an answer of URL's host, which sets this cookie
 *   repeat N MS             the whole sequence N times, MS milliseconds apart
 *   vary-ids yes            with other IDs each time
 *   wait MS                 then the clock moves on
 *   request-header NAME: VALUE  of the exchange
 *   method WORD             HTTP method instead of the one of input
 *   request-body TEXT       of exchange
 *   before URL TEXT         first another exchange: POST of TEXT as a form, or GET without TEXT; may
 *                           be repeated. before-location URL: where its answer sends the browser
 *   earlier NAME MS         first the exchange that base/NAME.step describes, as a case of its own, MS milliseconds
 *                           before; may be repeated
 *   answer STATUS [TYPE]    of the service provider, or with input page the status of that page; answer-body TEXT, answer-header NAME: VALUE
 *                           URL, bodies and headers may hold tokens: see jwt_maker_fill()
 *   problem NAME            the exchange failed: exchange_problem_name()
 *
 *   expect SEVERITY ID [first] [echo]   must be found; first: rank 1; echo: follows from another
 *   says ID TEXT            text, expected, received or attack of that finding holds TEXT
 *   absent ID               must not be found
 *   passes ID               the check looked at it, could decide, and found nothing
 *   at-limit ID             the same, of a value that only just fits the limit of the check (its row)
 *   over-limit ID           must be found, of a value that is the least that does not fit; an expect says the rest
 *   skipped ID              must be listed as not checked
 *   also ID …               may be found besides. Other errors that are no echoes make the case fail
 *   verdict WORD
 *   idp-vendor NAME         who is recognised on that side; sp-vendor NAME
 */

enum case_input {
    CASE_INPUT_BARE,
    CASE_INPUT_BASE64,
    CASE_INPUT_POST,
    CASE_INPUT_REDIRECT,
    CASE_INPUT_GET,
    CASE_INPUT_PAGE,
    CASE_INPUT_FILE,
    CASE_INPUT_EXCHANGE,
    CASE_INPUT_TEXT,
    CASE_INPUT_WSFED,
    CASE_INPUT_SETUP,
};

enum case_stage { CASE_STAGE_TEMPLATE, CASE_STAGE_XML, CASE_STAGE_METADATA, CASE_STAGE_RAW };

struct case_edit {
    enum case_stage stage;
    struct str from;
    struct str to;
};

struct case_option {
    struct str name; /* with its dashes */
    struct str value;
};

struct case_expect {
    enum severity severity;
    struct str id;
    bool first;
    bool echo;
};

struct case_says {
    struct str id;
    struct str text;
};

enum { CASE_MAX_ITEMS = 40 };

struct case_list {
    struct str items[CASE_MAX_ITEMS];
    size_t count;
};

/* Everything borrows from the arena that it was read into. */
struct case_file {
    struct str path;
    struct str template;
    enum case_input input;
    struct str input_argument;
    struct str parameter;
    struct str relay_state;
    struct str query_key;
    struct str query_method;
    struct str method;
    struct str request_base;
    struct str request_url;
    struct str request_relay_state;
    struct str request_cookie;
    struct str problem;
    struct str answer_type;
    struct str answer_body;
    struct str request_body;
    struct str before_location;
    struct case_list before;
    struct case_list earlier;
    struct str verdict;
    struct str vendors[2]; /* by enum vendor_side; absent: not said */
    unsigned answer_status;
    unsigned repeat; /* 1 when not said */
    unsigned repeat_ms;
    unsigned wait_ms;
    bool vary_ids;
    struct case_edit edits[CASE_MAX_ITEMS];
    size_t edit_count;
    struct case_option options[CASE_MAX_ITEMS];
    size_t option_count;
    struct case_expect expects[CASE_MAX_ITEMS];
    size_t expect_count;
    struct case_says says[CASE_MAX_ITEMS];
    size_t says_count;
    struct case_list transforms;
    struct case_list answer_headers;
    struct case_list request_headers;
    struct case_list absent;
    struct case_list passes;
    struct case_list at_limit;
    struct case_list over_limit;
    struct case_list skipped;
    struct case_list also;
};

/* Reads a file and its base (from folder base_folder). Gives NULL with one line in why. */
struct case_file *case_file_read(struct arena *arena, const char *path, const char *base_folder, char *why,
                                 size_t why_size);

/* Value of an option, absent when it is not given; "" when it has no value. */
struct str case_file_option(const struct case_file *file, const char *name);

/* All bytes of a file, or absent. */
struct str case_file_bytes(struct arena *arena, const char *path);

/* Makes the edits of one stage. Returns false with one line in why when one does not match. */
bool case_file_edit(struct arena *arena, const struct case_file *file, enum case_stage stage, struct str *text,
                    char *why, size_t why_size);

#endif
