/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_MULTIPART_H
#define SAMLTAP_MULTIPART_H

#include "arena.h"
#include "str.h"

/* One field of multipart/form-data (RFC 7578). Borrows from the body. */
struct multipart_field {
    struct str name;
    struct str value;
    size_t offset; /* of value in the body; SIZE_MAX: value is empty */
};

struct multipart {
    struct multipart_field *items;
    size_t count;
    bool cut; /* no closing boundary, or more than MULTIPART_MAX_FIELDS */
};

enum { MULTIPART_MAX_FIELDS = 128 };

/*
 * Reads the named fields of a body whose Content-Type is given. Without a boundary parameter the
 * first line of the body is taken for one. Returns false when the arena refuses; a body that is none
 * gives no fields.
 */
bool multipart_read(struct arena *arena, struct str body, struct str content_type, struct multipart *form) CHECK_RESULT;

/* Value of a parameter of a header ("type/subtype; name=value"), borrowed; absent when it is not there. */
struct str multipart_parameter(struct str header, const char *name);

#endif
