/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_VENDOR_H
#define SAMLTAP_VENDOR_H

#include <stddef.h>

#include "exchange.h"
#include "message.h"

/*
 * How to recognise what speaks on either side. Data only: one file in inspect/vendors/ a vendor; the
 * build collects every VENDOR at line start. Nothing here changes what is judged: it chooses whose fix
 * is shown first.
 */

enum vendor_side { VENDOR_IDP, VENDOR_SP };

/* In what a sign is looked for. */
enum vendor_place {
    VENDOR_ENTITY_ID, /* entity ID of that side: Issuer, Audience, metadata */
    VENDOR_URL,       /* URL where that side takes messages: of sign-in, or the ACS URL */
    VENDOR_HOST,      /* host name of such a URL, of the entity ID, or of a page that it answered with */
    VENDOR_NAMESPACE, /* namespace of an extension in what it wrote */
    VENDOR_ATTRIBUTE, /* name of an attribute that it wrote */
    VENDOR_HEADER,    /* name of a header of its answer */
    VENDOR_COOKIE,    /* name of a cookie that it set, or that it is sent */
    VENDOR_ID,        /* ID of a message or assertion that it wrote */
    VENDOR_PLACE_COUNT,
};

/* A name that is the vendor's own, or a habit that others could have, too. */
enum vendor_certainty { VENDOR_IS, VENDOR_LOOKS_LIKE };

struct vendor_sign {
    enum vendor_side side;
    enum vendor_certainty certainty;
    enum vendor_place place;
    const char *pattern; /* see vendor_pattern.h; letter case ignored; letters are written small */
    const char *text;    /* that every match holds: looked for first. NULL: none */
};

struct vendor {
    const char *name;                /* "okta": key of check_fix.vendor */
    const char *title;               /* "Okta" */
    const char *sp_title;            /* as service provider; NULL: the same */
    const struct vendor_sign *signs; /* ends with one that has no pattern */
    const char *console;             /* where its SAML settings are, one line; NULL: none known */
};

#define VENDOR(vendor_name) const struct vendor vendor_name

/* What was recognised, and by what. */
struct vendor_match {
    const struct vendor *vendor; /* NULL: unknown, and the rest means nothing */
    enum vendor_side side;
    enum vendor_certainty certainty;
    enum vendor_place place;
    struct str seen; /* what fitted: the URL, the name of the cookie …; borrowed, untrusted */
};

enum { VENDOR_MAX_SEEN = 8 };

/* What is known of one side; everything is borrowed. All zeros: nothing. */
struct vendor_view {
    struct str entity_ids[VENDOR_MAX_SEEN];
    size_t entity_id_count;
    struct str urls[VENDOR_MAX_SEEN];
    size_t url_count;
    struct str page_host;
    const struct saml_message *written[2];
    size_t written_count;
    const struct headers *answered; /* headers of an answer of that side; NULL: none was seen */
    const struct headers *asked;    /* headers of a request to it */
};

/* Adds one more, unless it is absent, empty or the view is full. */
void vendor_view_entity_id(struct vendor_view *view, struct str entity_id);
void vendor_view_url(struct vendor_view *view, struct str url);

/*
 * Adds what a message, and the exchange it was found in (NULL: none), tell about the two sides:
 * views[VENDOR_IDP] and views[VENDOR_SP].
 */
void vendor_view_message(struct vendor_view views[2], const struct message *message, const struct exchange *exchange);

/* The same for the AuthnRequest of a sign-in of which another message is at hand. */
void vendor_view_request(struct vendor_view views[2], const struct saml_message *request);

/*
 * Who it is, by the surest sign; among these an identity provider by its name first, a service provider by
 * the address that it takes messages at, as its name is only what the other side calls it. Returns false with match->vendor NULL when it is
 * nobody that we know.
 */
bool vendor_recognise(enum vendor_side side, const struct vendor_view *view, struct vendor_match *match);

/* The title on its side: "Okta", "Shibboleth SP". */
const char *vendor_match_title(const struct vendor_match *match);

/* Stable name for JSON: "entity-id", "cookie" … Never NULL. */
const char *vendor_place_name(enum vendor_place place);

/* What follows "by": "its entity ID", "the name of a cookie". Never NULL. */
const char *vendor_place_words(enum vendor_place place);

/* The identity provider of that entity ID, or behind the host of a page. NULL when unknown. */
const struct vendor *vendor_by_issuer(struct str entity_id);
const struct vendor *vendor_by_host(struct str host);

size_t vendor_count(void);
const struct vendor *vendor_at(size_t i); /* NULL past the end */

#endif
