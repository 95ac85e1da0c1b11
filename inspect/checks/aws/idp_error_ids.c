/* SPDX-License-Identifier: MIT */
#include "idp_error.h"

/* The ids under which an identity provider's log knows what the page is about. */

enum { GUID_LENGTH = 36, LABEL_REACH = 120 };

static bool
is_guid(struct str text)
{
    if (text.len < GUID_LENGTH)
        return false;
    for (size_t i = 0; i < GUID_LENGTH; i++) {
        char c = text.ptr[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

        if (dash ? c != '-' : !hex)
            return false;
    }
    return true;
}

/* The first GUID soon behind the label, over whatever tags and punctuation stand between; absent when there is none. */
static struct str
guid_behind(struct str page, const char *label)
{
    size_t at = str_find_nocase(page, str_from(label));
    struct str rest;

    if (at == SIZE_MAX)
        return (struct str){ NULL, 0 };
    rest = str_from_offset(page, at + str_from(label).len);
    for (size_t i = 0; i < LABEL_REACH && i + GUID_LENGTH <= rest.len; i++)
        if (is_guid(str_from_offset(rest, i)))
            return str_slice(rest, i, GUID_LENGTH);
    return (struct str){ NULL, 0 };
}

struct str
idp_error_ids(struct arena *arena, struct str page)
{
    static const struct {
        const char *label;
        const char *name;
    } labels[] = {
        { "Correlation ID", "Correlation ID" }, { "correlation_id", "Correlation ID" },
        { "correlationId", "Correlation ID" },  { "Request Id", "Request ID" },
        { "trace_id", "Request ID" },           { "Activity ID", "Activity ID" },
    };
    struct str text = STR("");

    for (size_t i = 0; i < COUNT_OF(labels); i++) {
        struct str guid = guid_behind(page, labels[i].label);

        if (str_present(guid) && str_find_c(text, labels[i].name) == SIZE_MAX)
            text = arena_printf(arena, "%.*s %s %.*s.", STR_ARG(text), labels[i].name, STR_ARG(guid));
    }
    return text;
}
