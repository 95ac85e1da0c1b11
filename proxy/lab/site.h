/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_SITE_H
#define SAMLTAP_LAB_SITE_H

#include "exchange.h"
#include "issue.h"
#include "keys.h"

/* What the three web sites of the lab keep: keys, what the service providers trust, who is signed in. */
struct lab_session {
    char token[40]; /* empty: free */
    char user[128];
};

enum { LAB_MAX_SESSIONS = 64 };

struct lab_site {
    struct lab_keys keys;
    struct key_set *trusted; /* what the service providers were given: the identity provider's key */
    const char *fault;       /* preset of the login form; NULL: none. Borrowed */
    struct lab_session sessions[LAB_MAX_SESSIONS];
    size_t next_session;
};

/* Makes keys (takes a moment). fault is borrowed. Returns false when OpenSSL or memory fails. */
bool lab_site_init(struct lab_site *site, const char *fault, int64_t now_ms);
void lab_site_release(struct lab_site *site);

struct lab_reply {
    unsigned status;
    struct buf headers; /* "Name: value\r\n" lines, without Content-Length */
    struct buf body;
};

void lab_reply_init(struct lab_reply *reply);
void lab_reply_release(struct lab_reply *reply);

#endif
