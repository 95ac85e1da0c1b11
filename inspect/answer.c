/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <jansson.h>

#include "answer_text.h"
#include "attributes.h"
#include "content_coding.h"
#include "json_load.h"

enum { ANSWER_BYTES = 1024 * 1024, SCRATCH_BYTES = 8 * 1024 * 1024, JSON_DEPTH = 12 };

/*
 * Sentences that AWS and identity providers show when they refuse (failures.md, aws-rules 3.4). Only
 * for finding the sentence in a page: the quote itself is what stood there.
 */
static const char *const known_phrases[] = {
    "Your request included an invalid SAML response",
    "Response signature invalid",
    "Not authorized to perform",
    "RoleSessionName is required in AuthnResponse",
    "RoleSessionName in AuthnResponse must match",
    "Source Identity must match",
    "Issuer not present in specified provider",
    "Invalid base64 SAMLResponse",
    "Specified provider doesn't exist",
    "Response does not contain the required audience",
    "Token must be redeemed within 5 minutes",
    "Response has expired",
    "Request ARN is invalid",
    "Principal ARN is invalid",
    "The requested DurationSeconds exceeds",
    "IDPRejectedClaim",
    "AuthSamlManifestNotFoundException",
    "PackedPolicyTooLarge",
    "RegionDisabledException",
    "An unexpected error has occurred",
    "It's not you, it",
    "Looks like this code isn't right",
    "Something went wrong",
    "Invalid MFA credentials",
    "Session token not found or invalid",
    "Invalid callback URL",
    "AADSTS",
    "MSIS70",
    "app_not_configured_for_user",
    "app_not_assigned",
};

static bool
holds_known_phrase(struct str line)
{
    for (size_t i = 0; i < COUNT_OF(known_phrases); i++)
        if (str_find_nocase(line, str_from(known_phrases[i])) != SIZE_MAX)
            return true;
    return false;
}

static bool
speaks_of_error(struct str line)
{
    static const char *const words[] = { "error",     "denied",       "invalid",        "fail",
                                         "forbidden", "unauthorized", "not authorized", "bad request",
                                         "expired",   "refused",      "rejected" };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_find_nocase(line, str_from(words[i])) != SIZE_MAX)
            return true;
    return false;
}

/* Cuts at a character, not inside one. */
static struct str
clip(struct str s)
{
    size_t len = ANSWER_QUOTE_BYTES;

    if (s.len <= len)
        return s;
    while (len > 0 && ((unsigned char)s.ptr[len] & 0xc0) == 0x80)
        len--;
    return str_slice(s, 0, len);
}

/* A long paragraph: from the sentence that holds the known words on. */
static struct str
from_known_sentence(struct str line)
{
    size_t at = SIZE_MAX, start;

    if (line.len <= ANSWER_QUOTE_BYTES)
        return line;
    for (size_t i = 0; i < COUNT_OF(known_phrases) && at == SIZE_MAX; i++)
        at = str_find_nocase(line, str_from(known_phrases[i]));
    for (start = at; start > 1; start--)
        if (line.ptr[start - 1] == ' ' && (line.ptr[start - 2] == '.' || line.ptr[start - 2] == '!'))
            break;
    return clip(str_from_offset(line, at - start > 120 ? at : start <= 1 ? 0 : start));
}

/* Headline and sentence often are two blocks: neighbours that are both known belong together. */
static struct str
known_sentence(struct arena *arena, struct str text)
{
    struct str line, found = { 0 };

    while (text.len > 0) {
        str_cut(text, '\n', &line, &text);
        if (!holds_known_phrase(line)) {
            if (str_present(found))
                break;
            continue;
        }
        line = from_known_sentence(line);
        if (!str_present(found))
            found = line;
        else if (found.len + line.len + 5 <= ANSWER_QUOTE_BYTES)
            found =
                arena_printf(arena, "%.*s%s%.*s", STR_ARG(found), str_ends_c(found, ".") ? " " : ". ", STR_ARG(line));
    }
    return clip(found);
}

static void
answer_from_page(struct arena *arena, struct str html, struct answer *answer)
{
    struct page_text page;
    struct str title, headline, quote;

    page_text_init(&page);
    page_text_read(&page, html);
    title = str_trim(buf_str(&page.title));
    headline = str_trim(buf_str(&page.headline));
    quote = known_sentence(arena, buf_str(&page.text));
    answer->known = str_present(quote) && quote.len > 0;
    answer->error = answer->known || speaks_of_error(title) || speaks_of_error(headline);
    answer->role_choice = str_find_nocase(buf_str(&page.text), STR("select a role")) != SIZE_MAX;
    if (!answer->known)
        quote = clip(headline.len > 0 ? headline : title);
    if (quote.len > 0)
        answer->quote = arena_copy(arena, quote);
    page_text_release(&page);
}

struct json_search {
    const char *known;   /* first string with a known sentence */
    const char *message; /* value of a member whose name says that it is for people */
};

static bool
is_message_name(const char *name)
{
    static const char *const names[] = { "message", "errormessage", "error_description", "error", "reason", "detail" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq_nocase(str_from(name), str_from(names[i])))
            return true;
    return false;
}

static void
search_json(json_t *value, const char *name, int depth, struct json_search *search)
{
    const char *key;
    json_t *member;
    size_t i;

    if (depth > JSON_DEPTH || search->known != NULL)
        return;
    if (json_is_string(value)) {
        if (holds_known_phrase(str_from(json_string_value(value))))
            search->known = json_string_value(value);
        else if (search->message == NULL && name != NULL && is_message_name(name))
            search->message = json_string_value(value);
    } else if (json_is_object(value)) {
        json_object_foreach(value, key, member) search_json(member, key, depth + 1, search);
    } else {
        json_array_foreach(value, i, member) search_json(member, name, depth + 1, search);
    }
}

static json_t *
load_json(struct str body)
{
    return body.len > 0 ? json_load(body, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

static void
answer_from_json(struct arena *arena, struct str body, struct answer *answer)
{
    struct json_search search = { 0 };
    json_t *root = load_json(body);
    const char *quote;

    if (root == NULL)
        return;
    search_json(root, NULL, 0, &search);
    quote = search.known != NULL ? search.known : search.message;
    answer->known = search.known != NULL;
    answer->error = answer->known;
    if (quote != NULL && quote[0] != '\0')
        answer->quote = arena_copy(arena, clip(str_from(quote)));
    json_decref(root);
}

static struct str
content_type(const struct exchange *exchange)
{
    return headers_get(&exchange->response_headers, "Content-Type");
}

static bool
type_holds(const struct exchange *exchange, const char *word)
{
    return str_find_nocase(content_type(exchange), str_from(word)) != SIZE_MAX;
}

bool
answer_is_page(const struct exchange *exchange)
{
    struct str body = str_trim(str_slice(exchange->response_body.bytes, 0, 512));

    return type_holds(exchange, "html") || (!str_present(content_type(exchange)) && body.len > 0 && body.ptr[0] == '<');
}

/* The body as text, content codings taken off; empty when there is none that we can read. */
static struct str
body_text(struct arena *scratch, const struct exchange *exchange)
{
    struct str text = { 0 }, detail;

    if (exchange->response_body.bytes.len == 0)
        return text;
    if (content_decode(scratch, exchange->response_body.bytes, &exchange->response_headers, ANSWER_BYTES, &text,
                       &detail) == CONTENT_NO_MEMORY)
        return (struct str){ 0 };
    return str_slice(text, 0, ANSWER_BYTES);
}

struct answer
answer_read(struct arena *arena, const struct exchange *exchange)
{
    struct arena *scratch = arena_new(SCRATCH_BYTES);
    struct answer answer = { 0 };
    struct str body = { 0 };

    if (scratch != NULL)
        body = body_text(scratch, exchange);
    if (body.len > 0 && type_holds(exchange, "json"))
        answer_from_json(arena, body, &answer);
    else if (body.len > 0 &&
             (answer_is_page(exchange) || type_holds(exchange, "xml") || type_holds(exchange, "text/plain")))
        answer_from_page(arena, body, &answer);
    arena_free(scratch);
    return answer;
}

/* path is prefix + name, perhaps below /api/portal; name may have a part in the middle. */
enum portal_list
portal_list_of(const struct exchange *exchange)
{
    static const char profiles_head[] = "/instance/appinstance/";
    struct str path, query;

    str_cut(exchange->target, '?', &path, &query);
    if (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    if (str_starts_c(path, "/api/portal/"))
        path = str_from_offset(path, sizeof("/api/portal") - 1);
    if (str_eq_c(path, "/instance/appinstances"))
        return PORTAL_LIST_APPS;
    if (str_eq_c(path, "/assignment/accounts"))
        return PORTAL_LIST_ACCOUNTS;
    if (str_eq_c(path, "/assignment/roles"))
        return PORTAL_LIST_ROLES;
    if (str_starts_c(path, profiles_head) && str_ends_c(path, "/profiles"))
        return PORTAL_LIST_PROFILES;
    return PORTAL_LIST_NONE;
}

/* The list is the document itself or the first array in it: its name differs between the portal's versions. */
static int
list_size(json_t *root, bool *goes_on)
{
    const char *key;
    json_t *member;
    int size = -1;

    *goes_on = false;
    if (json_is_array(root))
        return (int)json_array_size(root);
    json_object_foreach(root, key, member)
    {
        if (size < 0 && json_is_array(member))
            size = (int)json_array_size(member);
        if (str_find_nocase(str_from(key), STR("token")) != SIZE_MAX && json_is_string(member) &&
            json_string_length(member) > 0)
            *goes_on = true;
    }
    return size;
}

int
portal_list_count(const struct exchange *exchange)
{
    struct arena *scratch = exchange->status == 200 ? arena_new(SCRATCH_BYTES) : NULL;
    json_t *root = scratch != NULL ? load_json(body_text(scratch, exchange)) : NULL;
    bool goes_on = false;
    int size = -1;

    if (root != NULL)
        size = list_size(root, &goes_on);
    json_decref(root);
    arena_free(scratch);
    return size == 0 && goes_on ? -1 : size;
}
