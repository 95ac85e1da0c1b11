/* SPDX-License-Identifier: MIT */
#include "attributes.h"
#include "vendor.h"

static void
add(struct str *values, size_t *count, struct str value)
{
    if (value.len == 0 || *count == VENDOR_MAX_SEEN)
        return;
    for (size_t i = 0; i < *count; i++)
        if (str_eq(values[i], value))
            return;
    values[(*count)++] = value;
}

void
vendor_view_entity_id(struct vendor_view *view, struct str entity_id)
{
    add(view->entity_ids, &view->entity_id_count, entity_id);
}

void
vendor_view_url(struct vendor_view *view, struct str url)
{
    add(view->urls, &view->url_count, url);
}

static void
add_written(struct vendor_view *view, const struct saml_message *saml)
{
    if (view->written_count < COUNT_OF(view->written))
        view->written[view->written_count++] = saml;
}

/* The exchange went to that side, which also answered. */
static void
add_exchange(struct vendor_view *view, const struct exchange *exchange)
{
    if (exchange == NULL)
        return;
    if (view->page_host.len == 0)
        view->page_host = exchange->host;
    if (view->asked == NULL)
        view->asked = &exchange->request_headers;
    if (view->answered == NULL)
        view->answered = &exchange->response_headers;
}

static void
add_assertion(struct vendor_view views[2], const struct saml_assertion *assertion)
{
    vendor_view_entity_id(&views[VENDOR_IDP], assertion->issuer.value.text);
    /* Where the message went is better known than where its writer meant it to go. */
    for (size_t i = 0; i < assertion->confirmation_count && views[VENDOR_SP].url_count == 0; i++)
        vendor_view_url(&views[VENDOR_SP], assertion->confirmations[i].recipient.text);
    for (size_t i = 0; i < assertion->restriction_count; i++)
        for (size_t k = 0; k < assertion->restrictions[i].audience_count; k++)
            vendor_view_entity_id(&views[VENDOR_SP], assertion->restrictions[i].audiences[k].text);
}

static struct str
receiver(const struct message *message)
{
    if (message->url.len > 0)
        return message->url;
    return message->form_action.len > 0 ? message->form_action : message->saml->destination.text;
}

static void
add_response(struct vendor_view views[2], const struct message *message, const struct exchange *exchange)
{
    const struct saml_message *saml = message->saml;

    vendor_view_entity_id(&views[VENDOR_IDP], saml->issuer.value.text);
    add_written(&views[VENDOR_IDP], saml);
    vendor_view_url(&views[VENDOR_SP], receiver(message));
    for (size_t i = 0; i < saml->assertion_count; i++)
        add_assertion(views, &saml->assertions[i]);
    add_exchange(&views[message->in_response ? VENDOR_IDP : VENDOR_SP], exchange);
}

void
vendor_view_request(struct vendor_view views[2], const struct saml_message *request)
{
    vendor_view_entity_id(&views[VENDOR_SP], request->issuer.value.text);
    vendor_view_url(&views[VENDOR_SP], request->request.acs_url.text);
    vendor_view_url(&views[VENDOR_IDP], request->destination.text);
    add_written(&views[VENDOR_SP], request);
}

static void
add_request(struct vendor_view views[2], const struct message *message, const struct exchange *exchange)
{
    const struct saml_message *saml = message->saml;

    vendor_view_entity_id(&views[VENDOR_SP], saml->issuer.value.text);
    vendor_view_url(&views[VENDOR_SP], saml->request.acs_url.text);
    add_written(&views[VENDOR_SP], saml);
    vendor_view_url(&views[VENDOR_IDP], receiver(message));
    add_exchange(&views[message->in_response ? VENDOR_SP : VENDOR_IDP], exchange);
}

static void
add_role(struct vendor_view *view, const struct metadata_entity *entity, const struct metadata_role *role,
         const struct saml_message *saml)
{
    if (!role->present)
        return;
    vendor_view_entity_id(view, entity->entity_id);
    for (size_t i = 0; i < role->sso_count; i++)
        vendor_view_url(view, role->sso[i].location);
    add_written(view, saml);
}

void
vendor_view_message(struct vendor_view views[2], const struct message *message, const struct exchange *exchange)
{
    const struct saml_message *saml = message->saml;

    if (saml == NULL)
        return;
    switch (saml->kind) {
    case MESSAGE_RESPONSE:
    case MESSAGE_ASSERTION:
    case MESSAGE_WSTRUST_RSTR:
        add_response(views, message, exchange);
        break;
    case MESSAGE_AUTHN_REQUEST:
        add_request(views, message, exchange);
        break;
    case MESSAGE_METADATA:
        /* Of an aggregate nobody can say who is meant. */
        if (saml->metadata != NULL && saml->metadata->entity_count == 1) {
            const struct metadata_entity *entity = &saml->metadata->entities[0];

            add_role(&views[VENDOR_IDP], entity, &entity->idp, saml);
            add_role(&views[VENDOR_SP], entity, &entity->sp, saml);
        }
        break;
    default:
        /* Either side writes logout messages and the rest; the name of an identity provider tells which. */
        vendor_view_entity_id(&views[VENDOR_IDP], saml->issuer.value.text);
        break;
    }
}
