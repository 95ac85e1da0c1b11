/* SPDX-License-Identifier: MIT */
#include "json_field.h"

#include "json_load.h"

struct walk {
    struct arena *arena;
    struct json_fields *fields;
    size_t capacity;
};

static bool
add(struct walk *walk, const char *name, const json_t *value)
{
    struct json_fields *fields = walk->fields;
    struct str text = { json_string_value(value), json_string_length(value) };

    if (fields->count == JSON_FIELD_MAX)
        return true;
    if (!arena_grow(walk->arena, (void **)&fields->items, fields->count, &walk->capacity, sizeof(*fields->items)))
        return false;
    fields->items[fields->count++] =
        (struct json_field){ arena_copy_c(walk->arena, name), arena_copy(walk->arena, text) };
    return !arena_failed(walk->arena);
}

/* The depth is bounded by JSON_FIELD_MAX_DEPTH, so the recursion is, too. */
static bool
visit(struct walk *walk, const char *name, json_t *value, int depth)
{
    const char *key;
    json_t *item;
    size_t i;

    if (json_is_string(value))
        return name == NULL || add(walk, name, value);
    if (depth == JSON_FIELD_MAX_DEPTH)
        return true;
    json_object_foreach(value, key, item)
    {
        if (!visit(walk, key, item, depth + 1))
            return false;
    }
    json_array_foreach(value, i, item)
    {
        if (!visit(walk, name, item, depth + 1))
            return false;
    }
    return true;
}

bool
json_fields_read(struct arena *arena, struct str text, struct json_fields *fields)
{
    struct walk walk = { .arena = arena, .fields = fields };
    json_t *root;
    bool ok;

    *fields = (struct json_fields){ 0 };
    if (text.len == 0 || text.len > JSON_FIELD_MAX_BYTES)
        return true;
    root = json_load(text, 0, NULL);
    if (root == NULL)
        return true;
    ok = visit(&walk, NULL, root, 0);
    json_decref(root);
    return ok;
}
