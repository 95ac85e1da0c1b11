/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONTEXT_H
#define SAMLTAP_CONTEXT_H

#include "aws_evidence.h"
#include "clocks.h"
#include "exchange.h"
#include "keys.h"
#include "message.h"
#include "saml.h"
#include "vendor.h"

/* One value that the service provider expects, and who says so. text absent: not known. */
struct expected {
    struct str text;
    const char *source; /* "--acs-url", "SP metadata sp.xml", "the AuthnRequest", "the URL it was posted to" … */
};

struct past_view;

struct severity_override {
    struct str id;
    int severity; /* enum severity */
};

/*
 * What the user told us; lives as long as the program. Built by proxy/settings.c from options and
 * files; inspect only reads it.
 */
struct settings {
    struct arena *arena;
    struct key_set *keys;
    struct jwk_set *jwks;             /* of the OpenID provider (--jwks); NULL: none given */
    struct key_set *metadata_signers; /* who signs metadata (--metadata-cert); NULL or empty: nobody was named */
    struct metadata **metadata;       /* every file given, IdP and SP */
    size_t metadata_count;
    struct str *entity_ids; /* --entity-id: what to keep of metadata with many entities; none: all */
    size_t entity_id_count;
    struct str idp_entity_id; /* options; absent when not given */
    struct str sp_entity_id;
    struct str acs_url;
    struct str request_id;   /* of the outstanding AuthnRequest */
    struct str profile_name; /* "aws-iam", "aws-identity-center", "generic"; absent: by ACS URL */
    bool has_now;
    int64_t now_ms;
    int64_t fallback_now_ms; /* this machine's clock, for input that carries no time of its own */
    int clock_skew_s;        /* default 180 (saml-verification 3.11) */
    int zone_minutes;        /* this machine's time zone, east of UTC */
    bool want_assertions_signed;
    bool want_response_signed;
    bool second_opinion;               /* ask xmlsec1 too; default on */
    const struct stopwatch *stopwatch; /* for the search for causes; NULL: it is not timed */
    bool keep_canonical;               /* keep the bytes behind signatures (struct dsig_evidence) */
    unsigned packs;                    /* set of 1 << enum check_pack: those that are on beside the standard one */
    unsigned strict_packs;             /* of those: whose warnings are errors */
    struct severity_override *overrides;
    size_t override_count;
    struct aws_evidence *evidence; /* what AWS's own tools list; NULL: nothing given */
    struct str *parameters;        /* further names of parameters that carry messages */
    size_t parameter_count;
};

/* Everything known besides the message, for one examination. Expectations are resolved (DESIGN 5). */
struct context {
    const struct settings *settings;
    int64_t now_ms;         /* clock of the examination */
    const char *now_source; /* "--now", "arrival time", "this machine's clock" */
    int64_t skew_ms;
    const struct clock_view *clocks; /* of the parties; NULL: no traffic shows them */
    const struct past_view *past;    /* what was seen before; NULL: nothing that matters */
    unsigned profile;                /* one of enum check_profile */
    const char *profile_source;
    struct expected idp_entity_id;
    struct expected sp_entity_id;
    struct expected acs_url; /* also SLS URL for logout messages */
    struct expected request_id;
    bool unsolicited_known;            /* we know that there was no request (it would have been seen) */
    const struct metadata_entity *idp; /* entity in the given metadata, NULL when none matches */
    const struct metadata_entity *sp;
    /* Who is on either side, and how it was recognised; .vendor is NULL when it is unknown. */
    struct vendor_match idp_vendor;
    struct vendor_match sp_vendor;
};

/* What is at hand for one message; everything is borrowed. */
struct context_input {
    const struct settings *settings;
    const struct exchange *exchange;           /* NULL: bare input */
    const struct message *message;             /* NULL: the exchange alone */
    const struct saml_message *request;        /* AuthnRequest of the same sign-in, NULL when none was seen */
    const struct wsfed_message *wsfed_request; /* the same of WS-Federation */
    const struct clock_view *clocks;           /* NULL: not known */
    const struct past_view *past;              /* NULL: not known */
    bool request_would_be_seen;                /* the traffic before this message was watched */
};

/* Resolves profile, expectations, parties and clock. Texts made on the way live in the arena. */
void context_resolve(struct context *context, struct arena *arena, const struct context_input *input);

/*
 * Values that may have stood in a message before somebody changed it, for the proof by digest: at most
 * CONTEXT_MAX_CANDIDATES, from options and metadata. Returns how many.
 */
enum { CONTEXT_MAX_CANDIDATES = 64 };
size_t context_candidates(const struct settings *settings, struct str candidates[CONTEXT_MAX_CANDIDATES]);

#endif
