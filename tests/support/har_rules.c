/* SPDX-License-Identifier: MIT */
#include "har_rules.h"

#include <string.h>

#include "xstime.h"

/* Types: s string, n number, t time, u absolute URL, o object, a array of objects; capital: it may be missing. */
struct rule {
    const char *in, *member;
    char type;
    const char *kind; /* of an object or of the elements */
};

static const struct rule rules[] = {
    { "root", "log", 'o', "log" },
    { "log", "version", 's', NULL },
    { "log", "creator", 'o', "creator" },
    { "log", "browser", 'O', "creator" },
    { "log", "pages", 'A', "page" },
    { "log", "entries", 'a', "entry" },
    { "log", "comment", 'S', NULL },
    { "creator", "name", 's', NULL },
    { "creator", "version", 's', NULL },
    { "creator", "comment", 'S', NULL },
    { "page", "startedDateTime", 't', NULL },
    { "page", "id", 's', NULL },
    { "page", "title", 's', NULL },
    { "page", "pageTimings", 'o', "page timings" },
    { "page timings", "onContentLoad", 'N', NULL },
    { "page timings", "onLoad", 'N', NULL },
    { "entry", "pageref", 'S', NULL },
    { "entry", "startedDateTime", 't', NULL },
    { "entry", "time", 'n', NULL },
    { "entry", "request", 'o', "request" },
    { "entry", "response", 'o', "response" },
    { "entry", "cache", 'o', "cache" },
    { "entry", "timings", 'o', "timings" },
    { "entry", "serverIPAddress", 'S', NULL },
    { "entry", "connection", 'S', NULL },
    { "entry", "comment", 'S', NULL },
    { "request", "method", 's', NULL },
    { "request", "url", 'u', NULL },
    { "request", "httpVersion", 's', NULL },
    { "request", "cookies", 'a', "pair" },
    { "request", "headers", 'a', "pair" },
    { "request", "queryString", 'a', "pair" },
    { "request", "postData", 'O', "post" },
    { "request", "headersSize", 'n', NULL },
    { "request", "bodySize", 'n', NULL },
    { "request", "comment", 'S', NULL },
    { "response", "status", 'n', NULL },
    { "response", "statusText", 's', NULL },
    { "response", "httpVersion", 's', NULL },
    { "response", "cookies", 'a', "pair" },
    { "response", "headers", 'a', "pair" },
    { "response", "content", 'o', "content" },
    { "response", "redirectURL", 's', NULL },
    { "response", "headersSize", 'n', NULL },
    { "response", "bodySize", 'n', NULL },
    { "response", "comment", 'S', NULL },
    { "pair", "name", 's', NULL },
    { "pair", "value", 's', NULL },
    { "pair", "comment", 'S', NULL },
    { "post", "mimeType", 's', NULL },
    { "post", "params", 'a', "param" },
    { "post", "text", 's', NULL },
    { "post", "comment", 'S', NULL },
    { "param", "name", 's', NULL },
    { "param", "value", 'S', NULL },
    { "content", "size", 'n', NULL },
    { "content", "compression", 'N', NULL },
    { "content", "mimeType", 's', NULL },
    { "content", "text", 'S', NULL },
    { "content", "encoding", 'S', NULL },
    { "content", "comment", 'S', NULL },
    { "timings", "blocked", 'N', NULL },
    { "timings", "dns", 'N', NULL },
    { "timings", "connect", 'N', NULL },
    { "timings", "send", 'n', NULL },
    { "timings", "wait", 'n', NULL },
    { "timings", "receive", 'n', NULL },
    { "timings", "ssl", 'N', NULL },
};

static const struct rule *
rule_for(const char *kind, const char *member)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (strcmp(rules[i].in, kind) == 0 && strcmp(rules[i].member, member) == 0)
            return &rules[i];
    return NULL;
}

static bool
has_type(const json_t *value, char type)
{
    struct str text = { json_string_value(value), json_string_length(value) };
    struct xstime time;

    switch (type | 0x20) {
    case 's':
        return json_is_string(value);
    case 'n':
        return json_is_number(value);
    case 't':
        return json_is_string(value) && xstime_parse(text, &time);
    case 'u':
        return json_is_string(value) && str_find_c(text, "://") != SIZE_MAX;
    case 'o':
        return json_is_object(value);
    default:
        return json_is_array(value);
    }
}

/* The tables above have no loops, so that this ends. */
static void
check_object(json_t *object, const char *kind, struct buf *breaches)
{
    const char *name;
    json_t *value;

    if (!json_is_object(object)) {
        buf_printf(breaches, "%s is no object\n", kind);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (strcmp(rules[i].in, kind) == 0 && rules[i].type >= 'a' && json_object_get(object, rules[i].member) == NULL)
            buf_printf(breaches, "%s has no %s\n", kind, rules[i].member);
    json_object_foreach(object, name, value)
    {
        const struct rule *rule = rule_for(kind, name);

        if (rule == NULL) {
            if (name[0] != '_')
                buf_printf(breaches, "%s has %s, which the format does not know\n", kind, name);
            continue;
        }
        if (!has_type(value, rule->type)) {
            buf_printf(breaches, "%s.%s is of another type\n", kind, name);
        } else if ((rule->type | 0x20) == 'o') {
            check_object(value, rule->kind, breaches);
        } else if ((rule->type | 0x20) == 'a') {
            for (size_t i = 0; i < json_array_size(value); i++)
                check_object(json_array_get(value, i), rule->kind, breaches);
        }
    }
}

/* Beyond types: the parts of the time make the whole, and a body is either text or fields. */
static void
check_entry(const json_t *entry, struct buf *breaches)
{
    const json_t *timings = json_object_get(entry, "timings");
    const json_t *post = json_object_get(json_object_get(entry, "request"), "postData");
    double sum = 0;

    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (strcmp(rules[i].in, "timings") == 0 && strcmp(rules[i].member, "ssl") != 0) {
            double part = json_number_value(json_object_get(timings, rules[i].member));

            sum += part > 0 ? part : 0;
        }
    if (sum != json_number_value(json_object_get(entry, "time")))
        buf_add_c(breaches, "time is not the sum of the timings\n");
    if (json_array_size(json_object_get(post, "params")) > 0 && json_string_length(json_object_get(post, "text")) > 0)
        buf_add_c(breaches, "a body in params and in text\n");
}

void
har_rules_check(const json_t *root, struct buf *breaches)
{
    const json_t *log = json_object_get(root, "log"), *entries = json_object_get(log, "entries");
    json_t *copy = json_deep_copy(root);

    check_object(copy, "root", breaches);
    json_decref(copy);
    if (!json_is_string(json_object_get(log, "version")) ||
        strcmp(json_string_value(json_object_get(log, "version")), "1.2") != 0)
        buf_add_c(breaches, "the version is not 1.2\n");
    for (size_t i = 0; i < json_array_size(entries); i++)
        check_entry(json_array_get(entries, i), breaches);
}
