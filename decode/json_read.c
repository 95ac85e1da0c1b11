/* SPDX-License-Identifier: MIT */
#include "json_read.h"

#include "json_load.h"

json_t *
json_read_object(struct str text, size_t max_bytes)
{
    json_t *value;

    if (text.len == 0 || text.len > max_bytes)
        return NULL;
    value = json_load(text, JSON_REJECT_DUPLICATES, NULL);
    if (value != NULL && !json_is_object(value)) {
        json_decref(value);
        return NULL;
    }
    return value;
}

struct str
json_read_text(const json_t *value)
{
    if (!json_is_string(value))
        return (struct str){ 0 };
    return (struct str){ json_string_value(value), json_string_length(value) };
}

struct str
json_read_string(struct arena *arena, const json_t *object, const char *key)
{
    return arena_copy(arena, json_read_text(json_object_get(object, key)));
}

bool
json_read_is_other(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return value != NULL && !json_is_string(value);
}
