/* SPDX-License-Identifier: MIT */
#include "vendor.h"

#include "attributes.h"
#include "url.h"
#include "vendor_pattern.h"

/* Every vendor that the build found: once as declarations, once as the array. */
#define VENDOR_LIST_ENTRY(vendor_name) extern const struct vendor vendor_name;
#include "vendor_list.h"
#undef VENDOR_LIST_ENTRY

#define VENDOR_LIST_ENTRY(vendor_name) &(vendor_name),
static const struct vendor *const vendors[] = {
#include "vendor_list.h"
    NULL, /* so that an empty list is an array, too */
};
#undef VENDOR_LIST_ENTRY

enum {
    SUBJECT_BYTES = 512, /* longer names are nobody's; keeps the matcher's work bounded */
    MAX_HEADERS = 100,   /* looked at, of one head */
    MAX_ATTRIBUTES = 100,
};

size_t
vendor_count(void)
{
    return COUNT_OF(vendors) - 1;
}

const struct vendor *
vendor_at(size_t i)
{
    return i < vendor_count() ? vendors[i] : NULL;
}

/* --- matching ------------------------------------------------------------------------------------------ */

static bool
matches(const struct vendor_sign *sign, struct str value)
{
    value = str_trim(value);
    if (value.len == 0 || value.len >= SUBJECT_BYTES)
        return false;
    /* For nearly all signs of nearly all messages this is the end. */
    if (sign->text != NULL && str_find_nocase(value, str_from(sign->text)) == SIZE_MAX)
        return false;
    return vendor_pattern_matches(sign->pattern, value);
}

/* --- looking in one place ------------------------------------------------------------------------------- */

/* A view, and the hosts of its URLs: each is asked for by some fifty signs. */
struct seen {
    const struct vendor_view *view;
    struct str entity_hosts[VENDOR_MAX_SEEN], url_hosts[VENDOR_MAX_SEEN]; /* absent: it is no URL */
};

/* The value in which the sign is found; absent when it is not there. */
typedef struct str look(const struct vendor_sign *sign, const struct seen *seen);

static const struct str nothing = { NULL, 0 };

static struct str
first_match(const struct vendor_sign *sign, const struct str *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (matches(sign, values[i]))
            return values[i];
    return nothing;
}

static struct str
look_entity_id(const struct vendor_sign *sign, const struct seen *seen)
{
    return first_match(sign, seen->view->entity_ids, seen->view->entity_id_count);
}

static struct str
look_url(const struct vendor_sign *sign, const struct seen *seen)
{
    return first_match(sign, seen->view->urls, seen->view->url_count);
}

static void
find_hosts(const struct str *values, size_t count, struct str *hosts)
{
    struct url url;

    for (size_t i = 0; i < count; i++)
        hosts[i] = url_split(str_trim(values[i]), &url) ? url.host : nothing;
}

/* An entity ID is a name, not an address: that its host has a usual name says nothing. */
static struct str
look_host(const struct vendor_sign *sign, const struct seen *seen)
{
    struct str found = nothing;

    if (sign->certainty == VENDOR_IS)
        found = first_match(sign, seen->entity_hosts, seen->view->entity_id_count);
    if (!str_present(found))
        found = first_match(sign, seen->url_hosts, seen->view->url_count);
    if (!str_present(found))
        found = first_match(sign, &seen->view->page_host, 1);
    return found;
}

static struct str
look_namespace(const struct vendor_sign *sign, const struct seen *seen)
{
    struct str found = nothing;

    for (size_t i = 0; i < seen->view->written_count && !str_present(found); i++)
        found = first_match(sign, seen->view->written[i]->extension_namespaces,
                            seen->view->written[i]->extension_namespace_count);
    return found;
}

static struct str
look_attribute(const struct vendor_sign *sign, const struct seen *seen)
{
    for (size_t i = 0; i < seen->view->written_count; i++)
        for (size_t k = 0; k < seen->view->written[i]->assertion_count; k++) {
            const struct saml_assertion *assertion = &seen->view->written[i]->assertions[k];

            for (size_t n = 0; n < assertion->attribute_count && n < MAX_ATTRIBUTES; n++)
                if (matches(sign, assertion->attributes[n].name.text))
                    return assertion->attributes[n].name.text;
        }
    return nothing;
}

static struct str
look_header(const struct vendor_sign *sign, const struct seen *seen)
{
    for (size_t i = 0; seen->view->answered != NULL && i < seen->view->answered->count && i < MAX_HEADERS; i++)
        if (matches(sign, seen->view->answered->items[i].name))
            return seen->view->answered->items[i].name;
    return nothing;
}

/* Names in "a=b; c=d", the only one of which with Set-Cookie is the first. */
static struct str
look_in_cookies(const struct vendor_sign *sign, struct str cookies, size_t max)
{
    struct str one, name, value;

    for (size_t i = 0; i < max && cookies.len > 0; i++) {
        str_cut(cookies, ';', &one, &cookies);
        str_cut(one, '=', &name, &value);
        if (matches(sign, name))
            return str_trim(name);
    }
    return nothing;
}

static struct str
look_cookie_in(const struct vendor_sign *sign, const struct headers *headers, const char *name, size_t max)
{
    struct str seen = nothing;

    for (size_t i = 0; headers != NULL && i < headers->count && i < MAX_HEADERS && !str_present(seen); i++)
        if (str_eq_nocase(headers->items[i].name, str_from(name)))
            seen = look_in_cookies(sign, headers->items[i].value, max);
    return seen;
}

static struct str
look_cookie(const struct vendor_sign *sign, const struct seen *seen)
{
    struct str found = look_cookie_in(sign, seen->view->answered, "Set-Cookie", 1);

    return str_present(found) ? found : look_cookie_in(sign, seen->view->asked, "Cookie", MAX_HEADERS);
}

static struct str
look_id(const struct vendor_sign *sign, const struct seen *seen)
{
    for (size_t i = 0; i < seen->view->written_count; i++) {
        if (matches(sign, seen->view->written[i]->id.text))
            return seen->view->written[i]->id.text;
        for (size_t k = 0; k < seen->view->written[i]->assertion_count; k++)
            if (matches(sign, seen->view->written[i]->assertions[k].id.text))
                return seen->view->written[i]->assertions[k].id.text;
    }
    return nothing;
}

static const struct {
    look *look;
    const char *name;  /* for JSON */
    const char *words; /* "by …" */
} places[VENDOR_PLACE_COUNT] = {
    [VENDOR_ENTITY_ID] = { look_entity_id, "entity-id", "its entity ID" },
    [VENDOR_URL] = { look_url, "url", "the URL that takes its messages" },
    [VENDOR_HOST] = { look_host, "host", "its host name" },
    [VENDOR_NAMESPACE] = { look_namespace, "namespace", "the namespace of an extension" },
    [VENDOR_ATTRIBUTE] = { look_attribute, "attribute", "the name of an attribute" },
    [VENDOR_HEADER] = { look_header, "header", "the name of a header" },
    [VENDOR_COOKIE] = { look_cookie, "cookie", "the name of a cookie" },
    [VENDOR_ID] = { look_id, "id", "the form of an ID" },
};

/* --- recognising ----------------------------------------------------------------------------------------- */

static bool
recognise_by(enum vendor_certainty certainty, enum vendor_place place, const struct seen *seen,
             struct vendor_match *match)
{
    for (size_t i = 0; i < vendor_count(); i++)
        for (const struct vendor_sign *sign = vendors[i]->signs; sign->pattern != NULL; sign++) {
            struct str found;

            if (sign->side != match->side || sign->certainty != certainty || sign->place != place)
                continue;
            found = places[place].look(sign, seen);
            if (str_present(found)) {
                *match = (struct vendor_match){ vendors[i], sign->side, certainty, place, found };
                return true;
            }
        }
    return false;
}

static const enum vendor_place orders[2][VENDOR_PLACE_COUNT] = {
    [VENDOR_IDP] = { VENDOR_ENTITY_ID, VENDOR_URL, VENDOR_HOST, VENDOR_NAMESPACE, VENDOR_ATTRIBUTE, VENDOR_HEADER,
                     VENDOR_COOKIE, VENDOR_ID },
    [VENDOR_SP] = { VENDOR_URL, VENDOR_HOST, VENDOR_ENTITY_ID, VENDOR_NAMESPACE, VENDOR_ATTRIBUTE, VENDOR_HEADER,
                    VENDOR_COOKIE, VENDOR_ID },
};

bool
vendor_recognise(enum vendor_side side, const struct vendor_view *view, struct vendor_match *match)
{
    struct seen seen = { .view = view };

    *match = (struct vendor_match){ .side = side };
    find_hosts(view->entity_ids, view->entity_id_count, seen.entity_hosts);
    find_hosts(view->urls, view->url_count, seen.url_hosts);
    for (enum vendor_certainty certainty = VENDOR_IS; certainty <= VENDOR_LOOKS_LIKE; certainty++)
        for (size_t i = 0; i < VENDOR_PLACE_COUNT; i++)
            if (recognise_by(certainty, orders[side][i], &seen, match))
                return true;
    return false;
}

static const struct vendor *
vendor_by_view(const struct vendor_view *view)
{
    struct vendor_match match;

    vendor_recognise(VENDOR_IDP, view, &match);
    return match.vendor;
}

const struct vendor *
vendor_by_issuer(struct str entity_id)
{
    struct vendor_view view = { 0 };

    vendor_view_entity_id(&view, entity_id);
    return vendor_by_view(&view);
}

const struct vendor *
vendor_by_host(struct str host)
{
    struct vendor_view view = { .page_host = host };

    return vendor_by_view(&view);
}

/* --- words --------------------------------------------------------------------------------------------------- */

const char *
vendor_match_title(const struct vendor_match *match)
{
    return match->side == VENDOR_SP && match->vendor->sp_title != NULL ? match->vendor->sp_title : match->vendor->title;
}

const char *
vendor_place_name(enum vendor_place place)
{
    return places[place].name;
}

const char *
vendor_place_words(enum vendor_place place)
{
    return places[place].words;
}
