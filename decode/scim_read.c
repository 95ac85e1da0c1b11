/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "json_load.h"
#include "json_read.h"
#include "scim.h"

enum { MAX_JSON = 1024 * 1024 };

#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

static json_t *
load(struct str body)
{
    json_t *value = body.len > 0 && body.len <= MAX_JSON ? json_load(body, 0, NULL) : NULL;

    if (value != NULL && !json_is_object(value)) {
        json_decref(value);
        return NULL;
    }
    return value;
}

/* True when "schemas" names something that ends so: "core:2.0:User". */
static bool
has_schema(const json_t *object, const char *end)
{
    const json_t *schemas = json_object_get(object, "schemas");

    for (size_t i = 0; i < json_array_size(schemas); i++)
        if (str_ends_c(json_read_text(json_array_get(schemas, i)), end))
            return true;
    return false;
}

static void
add_name(struct arena *arena, struct str *names, const char *name)
{
    *names = arena_printf(arena, "%.*s%s%s", STR_ARG(*names), names->len > 0 ? ", " : "", name);
}

/* --- users ---------------------------------------------------------------------------------------- */

static struct scim_list
read_list(const json_t *object, const char *name)
{
    const json_t *list = json_object_get(object, name);
    struct scim_list read = { .count = json_array_size(list) };

    read.has_primary = json_is_true(json_object_get(json_array_get(list, 0), "primary"));
    for (size_t i = 0; i < read.count; i++)
        read.has_display = read.has_display || json_object_get(json_array_get(list, i), "display") != NULL;
    return read;
}

static struct str
missing_address_parts(struct arena *arena, const json_t *user)
{
    static const char *const parts[] = { "streetAddress", "locality", "region", "postalCode", "country" };
    const json_t *address = json_array_get(json_object_get(user, "addresses"), 0);
    struct str missing = STR("");

    for (size_t i = 0; json_is_object(address) && i < COUNT_OF(parts); i++)
        if (json_read_text(json_object_get(address, parts[i])).len == 0)
            add_name(arena, &missing, parts[i]);
    return missing;
}

static struct str
unsupported_attributes(struct arena *arena, const json_t *user)
{
    static const char *const names[] = { "password", "ims", "photos", "entitlements", "x509Certificates" };
    struct str found = STR("");

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (json_object_get(user, names[i]) != NULL)
            add_name(arena, &found, names[i]);
    return found;
}

static void
read_user(struct arena *arena, const json_t *object, struct scim_user *user)
{
    const json_t *name = json_object_get(object, "name");
    const json_t *manager = json_object_get(json_object_get(object, ENTERPRISE), "manager");

    user->present = true;
    user->user_name = json_read_string(arena, object, "userName");
    user->external_id = json_read_string(arena, object, "externalId");
    user->display_name = json_read_string(arena, object, "displayName");
    user->given_name = json_read_string(arena, name, "givenName");
    user->family_name = json_read_string(arena, name, "familyName");
    user->email = json_read_string(arena, json_array_get(json_object_get(object, "emails"), 0), "value");
    user->emails = read_list(object, "emails");
    user->phone_numbers = read_list(object, "phoneNumbers");
    user->addresses = read_list(object, "addresses");
    user->address_missing = missing_address_parts(arena, object);
    user->unsupported = unsupported_attributes(arena, object);
    user->has_groups = json_object_get(object, "groups") != NULL;
    user->manager_empty = manager != NULL && json_read_text(json_object_get(manager, "value")).len == 0 &&
                          json_read_text(manager).len == 0;
    user->manager_display = json_object_get(manager, "displayName") != NULL;
}

/* --- PATCH ---------------------------------------------------------------------------------------- */

static enum scim_value
value_kind(const json_t *value)
{
    if (value == NULL || json_is_null(value))
        return SCIM_VALUE_NONE;
    if (json_is_string(value))
        return SCIM_VALUE_TEXT;
    if (json_is_boolean(value))
        return SCIM_VALUE_BOOLEAN;
    if (json_is_object(value))
        return SCIM_VALUE_OBJECT;
    return json_is_array(value) ? SCIM_VALUE_LIST : SCIM_VALUE_OTHER;
}

/* Members that say that they are groups: by type, or by where $ref points. */
static size_t
nested_members(const json_t *members)
{
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(members); i++) {
        const json_t *member = json_array_get(members, i);

        count += str_eq_nocase(json_read_text(json_object_get(member, "type")), STR("Group")) ||
                 str_find_c(json_read_text(json_object_get(member, "$ref")), "/Groups/") != SIZE_MAX;
    }
    return count;
}

static void
read_operation(struct arena *arena, const json_t *object, struct scim_operation *operation)
{
    const json_t *value = json_object_get(object, "value"), *members = json_object_get(value, "members");
    struct str path = json_read_text(json_object_get(object, "path"));

    operation->op = json_read_string(arena, object, "op");
    operation->path = arena_copy(arena, path);
    operation->value = value_kind(value);
    operation->value_count = json_is_object(value) ? json_object_size(value) : json_array_size(value);
    operation->text = arena_copy(arena, json_read_text(value));
    if (str_starts_nocase(path, STR("members"))) {
        operation->members = true;
        /* One member: by a filter in the path, or as an object. */
        operation->member_count = json_is_array(value) ? json_array_size(value) : path.len > 7 || value != NULL;
    } else if (path.len == 0 && members != NULL) {
        operation->members = true;
        operation->member_count = json_is_array(members) ? json_array_size(members) : 1;
    }
}

static void
read_patch(struct arena *arena, const json_t *object, struct scim_message *scim)
{
    const json_t *list = json_object_get(object, "Operations");

    if (list == NULL)
        list = json_object_get(object, "operations");
    scim->is_patch = true;
    scim->operation_count = json_array_size(list);
    for (size_t i = 0; i < scim->operation_count && i < SCIM_MAX_OPERATIONS; i++) {
        const json_t *value = json_object_get(json_array_get(list, i), "value");

        read_operation(arena, json_array_get(list, i), &scim->operations[i]);
        if (scim->operations[i].members)
            scim->nested_count += nested_members(json_is_object(value) ? json_object_get(value, "members") : value);
    }
}

bool
scim_read_request(struct arena *arena, struct str body, struct scim_message *scim)
{
    json_t *object;

    if (body.len == 0)
        return true;
    object = load(body);
    scim->body = object != NULL ? SCIM_JSON_OK : SCIM_JSON_BROKEN;
    if (object == NULL)
        return true;
    if (has_schema(object, ":PatchOp") || str_eq_c(scim->method, "PATCH")) {
        read_patch(arena, object, scim);
    } else if (has_schema(object, "core:2.0:Group") || scim->resource == SCIM_GROUPS) {
        scim->is_group = true;
        scim->group_name = json_read_string(arena, object, "displayName");
        scim->group_external_id = json_read_string(arena, object, "externalId");
        scim->member_count = json_array_size(json_object_get(object, "members"));
        scim->nested_count = nested_members(json_object_get(object, "members"));
    } else if (has_schema(object, "core:2.0:User") || scim->resource == SCIM_USERS) {
        read_user(arena, object, &scim->user);
    }
    json_decref(object);
    return !arena_failed(arena);
}

/* --- the answer ----------------------------------------------------------------------------------- */

static void
read_error(struct arena *arena, const json_t *object, struct scim_message *scim)
{
    const json_t *status = json_object_get(object, "status");
    struct str id = json_read_string(arena, object, "exceptionRequestId");

    scim->error.present = true;
    scim->error.status = json_is_integer(status)
                             ? arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(status))
                             : json_read_string(arena, object, "status");
    scim->error.type = json_read_string(arena, object, "scimType");
    scim->error.detail = json_read_string(arena, object, "detail");
    if (id.len > 0)
        scim->error.request_id = id;
}

/* A group, or a list of groups, in which no member stands. */
static bool
lists_no_members(const struct scim_message *scim, const json_t *object)
{
    const json_t *list = json_object_get(object, "Resources");

    if (scim->resource != SCIM_GROUPS || !str_eq_c(scim->method, "GET") || scim->status != 200)
        return false;
    if (list == NULL)
        return json_object_get(object, "displayName") != NULL &&
               json_array_size(json_object_get(object, "members")) == 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_array_size(json_object_get(json_array_get(list, i), "members")) > 0)
            return false;
    return json_array_size(list) > 0;
}

bool
scim_read_answer(struct arena *arena, struct str body, struct scim_message *scim)
{
    json_t *object = load(body);
    const json_t *total = json_object_get(object, "totalResults");

    if (object == NULL)
        return true;
    if (has_schema(object, ":Error") || (scim->status >= 400 && json_object_get(object, "detail") != NULL))
        read_error(arena, object, scim);
    scim->has_total = json_is_integer(total);
    scim->total = json_integer_value(total);
    scim->listed = json_array_size(json_object_get(object, "Resources"));
    scim->members_empty = lists_no_members(scim, object);
    json_decref(object);
    return !arena_failed(arena);
}
