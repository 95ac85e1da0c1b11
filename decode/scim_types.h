/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SCIM_TYPES_H
#define SAMLTAP_SCIM_TYPES_H

#include "str.h"

/* A SCIM 2.0 request and its answer as facts (RFC 7643, 7644). Everything lives in the arena of the input. */

enum scim_resource {
    SCIM_ROOT, /* the base itself */
    SCIM_USERS,
    SCIM_GROUPS,
    SCIM_ME,
    SCIM_BULK,
    SCIM_SEARCH,
    SCIM_CONFIGURATION, /* ServiceProviderConfig, Schemas, ResourceTypes */
    SCIM_OTHER,
};

enum scim_authorization {
    SCIM_AUTHORIZATION_UNKNOWN, /* no header: sent none, or the capture was cleaned */
    SCIM_AUTHORIZATION_BEARER,  /* Bearer and a token of the right alphabet */
    SCIM_AUTHORIZATION_MALFORMED,
};

enum scim_json { SCIM_JSON_NONE, SCIM_JSON_OK, SCIM_JSON_BROKEN };

/* Multi-valued attributes (RFC 7643 2.4) that a user has. */
struct scim_list {
    size_t count;
    bool has_display; /* some element has the member "display" */
    bool has_primary; /* the first element says primary: true */
};

struct scim_user {
    bool present; /* the body is a user */
    struct str user_name;
    struct str external_id;
    struct str display_name;
    struct str given_name;
    struct str family_name;
    struct str email; /* of the first element */
    struct scim_list emails;
    struct scim_list phone_numbers;
    struct scim_list addresses;
    struct str address_missing; /* names of parts that the first address lacks; empty: none */
    struct str unsupported;     /* names of attributes among password, ims, photos, … that are there */
    bool has_groups;
    bool manager_empty; /* the enterprise extension has a manager with an empty value */
    bool manager_display;
};

enum scim_value {
    SCIM_VALUE_NONE,
    SCIM_VALUE_TEXT,
    SCIM_VALUE_BOOLEAN,
    SCIM_VALUE_OBJECT,
    SCIM_VALUE_LIST,
    SCIM_VALUE_OTHER
};

struct scim_operation {
    struct str op;   /* as written */
    struct str path; /* absent: none */
    enum scim_value value;
    size_t value_count;  /* members of the object, elements of the list */
    struct str text;     /* value or its text form when it is a string */
    bool members;        /* changes members: by path, or by a member of that name in the value */
    size_t member_count; /* how many of them */
};

enum { SCIM_MAX_OPERATIONS = 64 };

struct scim_error {
    bool present;          /* the answer's body is a SCIM error */
    struct str status;     /* as written, text or number */
    struct str type;       /* scimType */
    struct str detail;     /* untrusted */
    struct str request_id; /* exceptionRequestId of the body, or x-amzn-RequestId */
};

struct scim_message {
    const char *name; /* of a body alone, "scim:user" …; static; NULL: a request with its answer */
    bool answer_only; /* that body is an answer */
    struct str method;
    struct str host;
    struct str base; /* path up to and with "/v2" */
    enum scim_resource resource;
    struct str resource_name; /* first segment behind the base */
    struct str id;            /* second segment; absent: none */
    bool double_slash;        /* "//" behind the base: it was configured with a trailing slash */
    /* Query parameters, decoded; absent: not there. */
    struct str filter;
    struct str start_index;
    struct str attributes; /* attributes or excludedAttributes */
    enum scim_authorization authorization;
    const char *authorization_problem; /* static text; NULL: none */
    enum scim_json body;
    struct str content_type;
    struct scim_user user;
    bool is_group;
    struct str group_name; /* displayName of a group */
    size_t member_count;   /* of a group */
    struct str group_external_id;
    size_t nested_count; /* members of a group, written or patched, that say they are groups themselves */
    bool is_patch;
    struct scim_operation operations[SCIM_MAX_OPERATIONS];
    size_t operation_count; /* of all, also past the end of operations */
    unsigned status;        /* of the answer; 0: none seen */
    struct scim_error error;
    bool has_total;
    int64_t total;      /* totalResults of a ListResponse */
    size_t listed;      /* entries of Resources */
    bool members_empty; /* the answer is a group, or a list of them, and no member is listed */
    struct str retry_after;
};

#endif
