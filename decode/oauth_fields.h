/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_OAUTH_FIELDS_H
#define SAMLTAP_OAUTH_FIELDS_H

#include "htmlform.h"
#include "oauth_types.h"
#include "saml.h"

/* Shared by oauth_find.c and oauth_fields.c: named values, whatever they were written in. */

enum { OAUTH_MAX_FIELDS = 64 };

struct oauth_fields {
    struct oauth_field items[OAUTH_MAX_FIELDS];
    size_t count;
};

bool oauth_fields_of_query(struct arena *arena, struct str query, struct oauth_fields *fields) CHECK_RESULT;
void oauth_fields_of_form(const struct html_form *form, struct oauth_fields *fields);
/* String members of the JSON object, camelCase names as snake_case; none when it is no object. */
bool oauth_fields_of_json(struct arena *arena, struct str text, struct oauth_fields *fields) CHECK_RESULT;

/* The first value of that name; absent: none. */
struct str oauth_field(const struct oauth_fields *fields, const char *name);

/* Fills every parameter of *oauth; reads the id_token. Returns false when the arena refuses. */
bool oauth_fields_take(struct arena *arena, const struct oauth_fields *fields, const struct saml_options *options,
                       struct oauth_message *oauth) CHECK_RESULT;

bool oauth_is_authorization_request(const struct oauth_fields *fields);
/* answered: it answers an authorization request that was seen, or was pasted as such: names say enough then. */
bool oauth_is_authorization_response(const struct oauth_fields *fields, bool answered);
bool oauth_is_token_request(const struct oauth_fields *fields);
bool oauth_is_token_response(const struct oauth_fields *fields);

#endif
