/* SPDX-License-Identifier: MIT */
#include "signin_loop.h"

#include "content_coding.h"
#include "url.h"

enum { BOUNCE_BYTES = 4096 }; /* a page that only sends on is short; a long one has other scripts, too */

static const struct message *
request_of(const struct signin *signin)
{
    const struct messages *messages = signin->request != NULL ? &signin->request->messages : NULL;

    for (size_t i = 0; messages != NULL && i < messages->count; i++)
        if (report_is_request(&messages->items[i]))
            return &messages->items[i];
    return NULL;
}

bool
signin_loop_same_application(const struct signin *one, const struct signin *other)
{
    const struct message *a = request_of(one), *b = request_of(other);

    if (!str_eq(one->sp_name, other->sp_name) || !str_eq(one->realm, other->realm))
        return false;
    if (a == NULL || b == NULL || a->saml == NULL || b->saml == NULL)
        return true;
    return str_eq(str_trim(a->saml->issuer.value.text), str_trim(b->saml->issuer.value.text)) &&
           str_eq(a->saml->request.acs_url.text, b->saml->request.acs_url.text);
}

/* By http-equiv, or by a script that has hardly anything beside it. */
static bool
sends_on(const struct report *report)
{
    static const char *const marks[] = {
        "http-equiv=\"refresh\"", "http-equiv='refresh'", "http-equiv=refresh", "location.replace(", "location.assign(",
        "location.href=",         "location.href =",      "window.location=",   "window.location =", ".submit()"
    };
    const struct exchange *exchange = report->exchange;
    struct str body, detail;

    if (content_decode(report->arena, exchange->response_body.bytes, &exchange->response_headers, BOUNCE_BYTES, &body,
                       &detail) != CONTENT_OK ||
        body.len > BOUNCE_BYTES)
        return false;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (str_find_nocase(body, str_from(marks[i])) != SIZE_MAX)
            return true;
    return false;
}

bool
signin_loop_is_page(const struct report *report)
{
    const struct exchange *exchange = report->exchange;
    struct str type = headers_get(&exchange->response_headers, "Content-Type");

    if (exchange->status < 200 || exchange->status > 299 || !str_starts_nocase(type, STR("text/html")))
        return false;
    for (size_t i = 0; i < report->messages.count; i++)
        if (report->messages.items[i].in_response)
            return false;
    return !sends_on(report);
}

bool
signin_loop_is_home(const struct signin *signin, struct str host)
{
    struct url url;

    return str_eq_nocase(host, signin->sp_host) ||
           (url_split(signin->acs_location, &url) && str_eq_nocase(url.host, host));
}
