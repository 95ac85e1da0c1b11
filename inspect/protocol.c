/* SPDX-License-Identifier: MIT */
#include "protocol.h"

#include "jwt.h"
#include "oauth_types.h"
#include "report.h"
#include "scim_types.h"

bool
protocol_holds_saml(const struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++)
        if (messages->items[i].oauth == NULL && messages->items[i].scim == NULL)
            return true;
    return false;
}

int
protocol_weight(const struct message *message)
{
    static const int weights[OAUTH_KIND_COUNT] = {
        [OAUTH_TOKEN_RESPONSE] = 4, [OAUTH_AUTHORIZATION_RESPONSE] = 3,
        [OAUTH_TOKEN_REQUEST] = 2,  [OAUTH_AUTHORIZATION_REQUEST] = 1,
        [OAUTH_TOKEN] = 3,
    };

    /* Below every SAML message that is known: a sign-in of SAML may have OAuth around it. */
    return message->oauth != NULL && (unsigned)message->oauth->kind < OAUTH_KIND_COUNT
               ? weights[message->oauth->kind] - 3
               : 1;
}

static void
add_reason(struct buf *reasons, const char *reason)
{
    if (reasons->len > 0)
        buf_add_c(reasons, "; ");
    buf_add_c(reasons, reason);
}

static void
token_reasons(const struct jwt *token, struct buf *reasons)
{
    if (token->form == JWT_FORM_JWE && token->inner == NULL && !token->claims.present)
        add_reason(reasons, "the token is encrypted and was not opened: give the private key with --decrypt-key");
    else if (token->form == JWT_FORM_JWE && token->inner != NULL)
        token_reasons(token->inner, reasons);
    else if (token->signature == JWS_NOT_CHECKED)
        add_reason(reasons, "the signature of the token was not checked: give the provider's keys with --jwks FILE");
    else if (token->signature == JWS_VALID && str_present(token->keys_seen_at) && !token->keys_of_issuer)
        add_reason(reasons, "the keys that verify the token were seen at another host than the issuer's: give them "
                            "with --jwks FILE");
}

void
protocol_reasons(const struct message *message, struct buf *reasons)
{
    if (message->oauth != NULL && message->oauth->kind == OAUTH_KEY_SET)
        add_reason(reasons, "a provider's key set is no sign-in: give it as --jwks FILE beside one");
    else if (message->oauth != NULL && message->oauth->kind == OAUTH_CONFIGURATION)
        add_reason(reasons, "a provider's configuration is no sign-in: give a HAR or a token");
    else if (message->oauth != NULL && message->oauth->id_token != NULL)
        token_reasons(message->oauth->id_token, reasons);
    if (message->scim != NULL && message->scim->status == 0 && !message->scim->answer_only)
        add_reason(reasons, "no answer of the SCIM server was seen");
    else if (message->scim != NULL && message->scim->status >= 400)
        add_reason(reasons, "the SCIM server refused the request; the answer does not show why");
}

bool
protocol_is_quiet(const struct report *report)
{
    if (report->messages.count == 0 || protocol_holds_saml(&report->messages) || report->signin != NULL)
        return false;
    for (size_t i = 0; i < report->findings.count; i++)
        if (report->findings.items[i]->severity != SEVERITY_INFO)
            return false;
    return true;
}
