/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SIGNIN_TYPES_H
#define SAMLTAP_SIGNIN_TYPES_H

#include "arena.h"
#include "str.h"

struct report;

/* What the user got, as observed. */
enum outcome {
    OUTCOME_UNKNOWN, /* not seen yet */
    OUTCOME_SIGNED_IN,
    OUTCOME_REFUSED,     /* the service provider answered with an error */
    OUTCOME_NO_ACCOUNTS, /* signed in; the portal listed nothing */
    OUTCOME_IDP_ERROR,   /* the identity provider answered with an error status */
    OUTCOME_NO_ANSWER,   /* request seen, no response came */
    OUTCOME_COUNT,
};

enum signin_state {
    SIGNIN_REQUESTED, /* AuthnRequest seen */
    SIGNIN_PAGE_SEEN, /* the IdP's auto-submit page seen, not yet posted */
    SIGNIN_ANSWERED,  /* the Response was posted, the ACS has answered */
    SIGNIN_PORTAL,    /* the portal's answers are awaited (Identity Center) */
    SIGNIN_DONE,
};

/* One sign-in attempt. Owned by the table; text lives in its own arena. */
struct signin {
    uint64_t number; /* 1, 2, … in order of start */
    char key[33];    /* from the AuthnRequest ID alone when solicited, else from the Response ID */
    enum signin_state state;
    enum outcome outcome;
    int64_t started_ms;
    int64_t last_ms;
    uint64_t connection;
    struct arena *arena;
    struct str request_id;
    struct str idp_name;     /* entity or vendor title */
    struct str sp_name;      /* "AWS IAM", "AWS IAM Identity Center", host */
    struct str user;         /* NameID or RoleSessionName, untrusted */
    unsigned acs_status;     /* HTTP status of the ACS's answer, 0 none */
    struct str acs_location; /* redirect target, absent when none */
    struct str quote;        /* error sentence of the service provider, one line, untrusted */
    struct str quote_from;   /* host that said it */
    int accounts;            /* as the portal listed them, -1: not seen */
    struct report *request;  /* counted references, NULL when not seen */
    struct report *response;
    struct report *page;      /* IdP page that held the response, NULL when not seen */
    struct str client;        /* address of the browser; absent in files */
    struct str relay_state;   /* of the request; absent when none */
    struct str realm;         /* wtrealm of a request of WS-Federation; absent when it was none */
    struct str response_id;   /* of the Response that was posted or seen in the page */
    struct str sp_host;       /* where the Response is posted */
    struct str persistent_id; /* NameID of format persistent; absent: another format */
    struct str mail;          /* e-mail address among the attributes beside it; absent: none */
    struct str reused_from;   /* the same persistent NameID had this e-mail address before; absent: it had not */
    unsigned profile;         /* of the service provider: one of enum check_profile, 0 not known yet */
    bool quote_known;         /* the quote is an error sentence that we know */
    bool handed_out;          /* signin_next_done has given it */
    bool waited_out;          /* done because no answer came in time, not because the input ended */
    bool cookies_missing;     /* the service provider set cookies with the request, the post of the answer had none */
    bool landed;              /* after the Response the browser got a page of the service provider, not of refusal */
    unsigned answered_just;   /* sign-ins of this browser here that were answered, but landed on no page, in the 20 s
                               before this one began */
};

#endif
