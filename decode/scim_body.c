/* SPDX-License-Identifier: MIT */
/* A SCIM document without the request around it. */
#include "find_parts.h"
#include "json_load.h"
#include "json_read.h"
#include "scim.h"

enum { MAX_BODY = 1024 * 1024 };

struct body_kind {
    const char *schema; /* end of its name */
    const char *name;
    enum scim_resource resource;
    bool answer;
};

static const struct body_kind kinds[] = {
    { "messages:2.0:PatchOp", "scim:patch", SCIM_OTHER, false },
    { "messages:2.0:ListResponse", "scim:list", SCIM_OTHER, true },
    { "messages:2.0:Error", "scim:error", SCIM_OTHER, true },
    { "core:2.0:User", "scim:user", SCIM_USERS, false },
    { "core:2.0:Group", "scim:group", SCIM_GROUPS, false },
};

/* NULL: none of SCIM's. */
static const struct body_kind *
kind_of(const json_t *object)
{
    const json_t *schemas = json_object_get(object, "schemas");

    for (size_t i = 0; i < json_array_size(schemas); i++) {
        struct str schema = json_read_text(json_array_get(schemas, i));

        for (size_t k = 0; k < COUNT_OF(kinds); k++)
            if (str_starts_c(schema, "urn:ietf:params:scim:") && str_ends_c(schema, kinds[k].schema))
                return &kinds[k];
    }
    return NULL;
}

/* The HTTP status that an error names, as text or number. */
static unsigned
status_of(const struct scim_message *scim)
{
    uint64_t status;

    return str_to_u64(scim->error.status, &status) && status >= 400 && status < 600 ? (unsigned)status : 0;
}

static bool
append(struct arena *arena, struct str text, const struct body_kind *kind, struct messages *out)
{
    struct message like = { .binding = BINDING_NONE, .original = text };
    struct scim_message *scim = arena_alloc(arena, sizeof(*scim));
    struct message *message;
    bool read;

    if (scim == NULL)
        return false;
    scim->name = kind->name;
    scim->answer_only = kind->answer;
    scim->resource = kind->resource;
    read = kind->answer ? scim_read_answer(arena, text, scim) : scim_read_request(arena, text, scim);
    scim->status = status_of(scim);
    message = read ? find_append(arena, out, &like) : NULL;
    if (message == NULL)
        return !arena_failed(arena);
    message->scim = scim;
    find_add_step(message, STEP_JSON, 0);
    return true;
}

bool
scim_find_json(struct arena *arena, struct str text, struct messages *out)
{
    json_t *object = text.len <= MAX_BODY ? json_load(text, 0, NULL) : NULL;
    const struct body_kind *kind = kind_of(object);

    json_decref(object);
    return kind == NULL || append(arena, text, kind, out);
}
