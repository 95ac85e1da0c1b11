/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_ORDER_H
#define SAMLTAP_LAB_ORDER_H

#include "arena.h"
#include "parties.h"

enum { LAB_MAX_ATTRIBUTES = 8, LAB_MAX_VALUES = 4 };

/* Leaves a time out of the message. */
#define LAB_NO_TIME INT64_MIN

struct lab_attribute {
    struct str name;
    struct str values[LAB_MAX_VALUES];
    size_t value_count;
};

/* How the message reaches the service provider. */
enum lab_packing {
    LAB_PACK_PLAIN,     /* base64 in a form field, as it should be */
    LAB_PACK_DEFLATED,  /* DEFLATE first, as only the Redirect binding does */
    LAB_PACK_PLUS_LOST, /* base64 with spaces where "+" belongs */
    LAB_PACK_URLSAFE,   /* "-" and "_" for "+" and "/" */
    LAB_PACK_QUERY,     /* HTTP-Redirect instead of a form */
};

/*
 * What the identity provider is about to say, as plain data. lab_order_init fills it with a sign-in
 * that works; a fault changes it; lab_issue makes the message. All strings are borrowed from the
 * arena (or are literals).
 */
struct lab_order {
    enum lab_target target;
    struct str post_to; /* where the page sends the message */
    struct str destination;
    struct str response_issuer;
    struct str issuer; /* of the assertion */
    struct str version;
    struct str in_response_to; /* absent: unsolicited */
    struct str status;         /* second-level status code, absent: Success */
    struct str status_message;
    int64_t issued_ms;
    const char *zone; /* what follows the time: "Z" */

    size_t assertion_count;
    struct str subject_in_response_to;
    struct str name_id; /* absent: no NameID */
    struct str name_id_format;
    struct str confirmation_method;
    struct str recipient; /* absent: no attribute */
    int64_t confirmed_until_ms;
    int64_t not_before_ms;
    int64_t not_on_or_after_ms;
    struct str audience; /* absent: no AudienceRestriction */
    struct lab_attribute attributes[LAB_MAX_ATTRIBUTES];
    size_t attribute_count;

    bool sign_assertion;
    bool sign_response;
    bool other_key; /* signed by a key that is in no metadata */
    bool sha1;
    bool encrypt;       /* for a key that the service provider does not have */
    struct str replace; /* text changed in the signed message: first occurrence … */
    struct str with;    /* … becomes this */
    bool cut;           /* the last bytes get lost */
    bool doctype;       /* a document type declaration stands in front */

    enum lab_packing packing;
    struct str field; /* form field: "SAMLResponse" */
    struct str relay_state;
};

/*
 * A working sign-in of user at target. request_id: of the AuthnRequest, absent for a sign-in that
 * starts at the identity provider. user is copied.
 */
void lab_order_init(struct lab_order *order, struct arena *arena, enum lab_target target, struct str user,
                    struct str request_id, int64_t now_ms);

/* Adds an attribute with one value; ignored when the table is full. */
void lab_order_add(struct lab_order *order, const char *name, struct str value);

/* The attribute of that name, or NULL. */
struct lab_attribute *lab_order_attribute(struct lab_order *order, const char *name);

/* Drops the attribute of that name. */
void lab_order_drop(struct lab_order *order, const char *name);

/* Moves every time of the message by ms. */
void lab_order_shift(struct lab_order *order, int64_t ms);

#endif
