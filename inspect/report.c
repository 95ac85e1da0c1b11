/* SPDX-License-Identifier: MIT */
#include "report.h"

bool
report_is_request(const struct message *message)
{
    if (message_is_wsfed_request(message))
        return message->wsfed->action == WSFED_SIGN_IN;
    return message->saml != NULL && message->saml->kind == MESSAGE_AUTHN_REQUEST;
}

struct report *
report_reference(struct report *report)
{
    if (report != NULL)
        report->references++;
    return report;
}

void
report_release(struct report *report)
{
    struct report *request;

    if (report == NULL || --report->references > 0)
        return;
    request = report->request;
    arena_free(report->arena); /* the report itself lives there */
    report_release(request);
}

const struct message *
report_message(const struct report *report, size_t n, const struct exchange **exchange)
{
    const struct messages *more = report->request != NULL ? &report->request->messages : NULL;

    if (exchange != NULL)
        *exchange = report->exchange;
    if (n == 0)
        return NULL;
    if (n <= report->messages.count)
        return &report->messages.items[n - 1];
    n -= report->messages.count;
    for (size_t i = 0; more != NULL && i < more->count; i++)
        if (report_is_request(&more->items[i]) && --n == 0) {
            if (exchange != NULL)
                *exchange = report->request->exchange;
            return &more->items[i];
        }
    return NULL;
}

const struct saml_message *
report_saml(const struct report *report)
{
    return report->principal >= 0 ? report->messages.items[report->principal].saml : NULL;
}

bool
report_is_answer(const struct message *message)
{
    if (message->saml != NULL)
        return message->saml->kind == MESSAGE_RESPONSE || message->saml->kind == MESSAGE_SAML1_RESPONSE ||
               message->saml->kind == MESSAGE_ASSERTION || message->saml->kind == MESSAGE_WSTRUST_RSTR;
    return str_eq_nocase(message->parameter, STR("SAMLResponse")) || str_eq_c(message->parameter, "wresult");
}

const struct message *
report_first_answer(const struct report *report)
{
    for (size_t i = 0; report != NULL && i < report->messages.count; i++)
        if (report->messages.items[i].saml != NULL && report_is_answer(&report->messages.items[i]))
            return &report->messages.items[i];
    return NULL;
}
