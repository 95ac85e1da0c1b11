/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "find_parts.h"

static const struct {
    const char *value;
    const char *request;
    const char *response;
} actions[WSFED_ACTION_COUNT] = {
    [WSFED_SIGN_IN] = { "wsignin1.0", "wsfed:sign-in-request", "wsfed:sign-in-response" },
    [WSFED_SIGN_OUT] = { "wsignout1.0", "wsfed:sign-out-request", "wsfed:sign-out-response" },
    [WSFED_SIGN_OUT_CLEANUP] = { "wsignoutcleanup1.0", "wsfed:sign-out-cleanup", "wsfed:sign-out-cleanup" },
    [WSFED_ATTRIBUTE] = { "wattr1.0", "wsfed:attribute-request", "wsfed:attribute-response" },
    [WSFED_PSEUDONYM] = { "wpseudo1.0", "wsfed:pseudonym-request", "wsfed:pseudonym-response" },
    [WSFED_UNKNOWN] = { NULL, "wsfed:unknown-request", "wsfed:response" },
};

static const struct {
    const char *name;
    size_t member;
} parameters[] = {
    { "wa", offsetof(struct wsfed_message, action_text) },
    { "wtrealm", offsetof(struct wsfed_message, realm) },
    { "wreply", offsetof(struct wsfed_message, reply) },
    { "wctx", offsetof(struct wsfed_message, context) },
    { "wct", offsetof(struct wsfed_message, current_time) },
    { "wfresh", offsetof(struct wsfed_message, freshness) },
    { "wauth", offsetof(struct wsfed_message, authentication) },
    { "whr", offsetof(struct wsfed_message, home_realm) },
    { "wp", offsetof(struct wsfed_message, policy) },
    { "wreq", offsetof(struct wsfed_message, request) },
    { "wreqptr", offsetof(struct wsfed_message, request_url) },
    { "wresultptr", offsetof(struct wsfed_message, result_url) },
    { "wencoding", offsetof(struct wsfed_message, encoding) },
};

const char *
wsfed_name(const struct wsfed_message *wsfed)
{
    enum wsfed_action action = (unsigned)wsfed->action < WSFED_ACTION_COUNT ? wsfed->action : WSFED_UNKNOWN;

    return wsfed->response ? actions[action].response : actions[action].request;
}

bool
find_is_wsfed_parameter(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(parameters); i++)
        if (str_eq_c(name, parameters[i].name))
            return true;
    return false;
}

static enum wsfed_action
action_of(struct str text)
{
    for (int i = 0; i < WSFED_UNKNOWN; i++)
        if (str_eq_c(text, actions[i].value))
            return (enum wsfed_action)i;
    return WSFED_UNKNOWN;
}

static struct str *
member_of(struct wsfed_message *wsfed, struct str name)
{
    for (size_t i = 0; i < COUNT_OF(parameters); i++)
        if (str_eq_c(name, parameters[i].name))
            return (struct str *)(void *)((char *)wsfed + parameters[i].member);
    return NULL;
}

bool
find_wsfed_read(struct arena *arena, const struct find_fields *fields, struct wsfed_message **out)
{
    struct wsfed_message read = { 0 };
    bool result = false;

    *out = NULL;
    for (size_t i = 0; i < fields->count; i++) {
        const struct find_field *field = &fields->items[i];
        struct str *member = member_of(&read, field->name);

        result = result || str_eq_c(field->name, "wresult");
        if (member == NULL)
            continue;
        if (str_present(*member))
            read.repeated = field->name;
        else
            *member = str_present(field->value) ? field->value : STR("");
    }
    read.action = action_of(read.action_text);
    read.response = result || str_present(read.result_url);
    /* "wa" alone is a common abbreviation; with a realm beside it, it is this protocol with a wrong action. */
    if (read.action == WSFED_UNKNOWN && !result && (!str_present(read.action_text) || !str_present(read.realm)))
        return true;
    *out = arena_alloc(arena, sizeof(**out));
    if (*out == NULL)
        return false;
    **out = read;
    return true;
}
