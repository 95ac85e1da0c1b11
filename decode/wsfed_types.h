/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_WSFED_TYPES_H
#define SAMLTAP_WSFED_TYPES_H

#include "str.h"

/* Parameters of the passive requestor profile (WS-Federation 1.2, section 13). */

enum wsfed_action {
    WSFED_SIGN_IN,          /* wsignin1.0 */
    WSFED_SIGN_OUT,         /* wsignout1.0 */
    WSFED_SIGN_OUT_CLEANUP, /* wsignoutcleanup1.0 */
    WSFED_ATTRIBUTE,        /* wattr1.0 */
    WSFED_PSEUDONYM,        /* wpseudo1.0 */
    WSFED_UNKNOWN,          /* another value, or none beside a wtrealm or wresult */
    WSFED_ACTION_COUNT,
};

/* Values as received, decoded; absent: not there. The result itself is the XML of the message. */
struct wsfed_message {
    enum wsfed_action action;
    bool response;             /* carries wresult or wresultptr: the answer to a request */
    struct str action_text;    /* wa */
    struct str realm;          /* wtrealm: who asks, and for whom the token shall be */
    struct str reply;          /* wreply: where the answer shall go */
    struct str context;        /* wctx: comes back unchanged */
    struct str current_time;   /* wct: xs:dateTime at the sender */
    struct str freshness;      /* wfresh: oldest sign-in that is taken, in minutes; 0: ask the user again */
    struct str authentication; /* wauth: method that is wanted, a URI */
    struct str home_realm;     /* whr: whose users they are */
    struct str policy;         /* wp */
    struct str request;        /* wreq: a RequestSecurityToken as XML text */
    struct str request_url;    /* wreqptr: where that is */
    struct str result_url;     /* wresultptr: where the result is */
    struct str encoding;       /* wencoding */
    struct str repeated;       /* name of a parameter that is there twice; absent: none */
};

/* "wsfed:sign-in-request", "wsfed:sign-in-response" … Never NULL. */
const char *wsfed_name(const struct wsfed_message *wsfed);

#endif
