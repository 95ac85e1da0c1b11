/* SPDX-License-Identifier: MIT */
#include "form.h"

#include "urlform.h"

struct str
form_field(struct arena *arena, struct str text, const char *name)
{
    struct urlform form;
    const struct urlform_field *field;

    if (!urlform_read(arena, text, &form))
        return (struct str){ 0 };
    field = urlform_get(&form, name);
    return field != NULL && field->bad_at == SIZE_MAX ? field->value : (struct str){ 0 };
}

struct str
form_path(struct str target)
{
    struct str path, query;

    str_cut(target, '?', &path, &query);
    return path;
}

struct str
form_query(struct str target)
{
    struct str path, query;

    str_cut(target, '?', &path, &query);
    return query;
}

struct str
form_cookie(const struct headers *headers, const char *name)
{
    struct str pair, rest = headers_get(headers, "Cookie"), key, value;

    while (str_present(rest)) {
        str_cut(rest, ';', &pair, &rest);
        if (str_cut(str_trim(pair), '=', &key, &value) && str_eq_c(key, name))
            return value;
    }
    return (struct str){ 0 };
}
