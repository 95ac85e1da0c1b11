/* SPDX-License-Identifier: MIT */
#include "saml_reader.h"

/* RequestSecurityToken and its response (WS-Trust 1.3, and its version of February 2005), around the token. */

#define NS_WSU "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

static const char *const trust_spaces[] = { NS_WST, NS_WST13 };
static const char *const policy_spaces[] = { "http://schemas.xmlsoap.org/ws/2004/09/policy",
                                             "http://www.w3.org/ns/ws-policy",
                                             "http://schemas.xmlsoap.org/ws/2002/12/policy" };
static const char *const addressing_spaces[] = { "http://www.w3.org/2005/08/addressing",
                                                 "http://schemas.xmlsoap.org/ws/2004/08/addressing" };

/* The first child of that name in one of count namespaces. */
static const xmlNode *
child_in(const xmlNode *parent, const char *const *spaces, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        const xmlNode *child = xml_child(parent, spaces[i], name);

        if (child != NULL)
            return child;
    }
    return NULL;
}

static const xmlNode *
trust_child(const xmlNode *parent, const char *name)
{
    return child_in(parent, trust_spaces, COUNT_OF(trust_spaces), name);
}

static struct saml_time
time_of_element(struct saml_reader *reader, const xmlNode *node)
{
    struct saml_time time = { .raw = saml_value_of_element(reader, node) };

    if (str_present(time.raw.text))
        time.valid = xstime_parse(str_trim(time.raw.text), &time.time);
    return time;
}

static void
read_request_or_response(struct saml_reader *reader, const xmlNode *node, struct wstrust *facts)
{
    const xmlNode *applies_to = child_in(node, policy_spaces, COUNT_OF(policy_spaces), "AppliesTo");
    const xmlNode *reference =
        child_in(applies_to, addressing_spaces, COUNT_OF(addressing_spaces), "EndpointReference");
    const xmlNode *lifetime = trust_child(node, "Lifetime");

    facts->context = saml_value_of_attribute(reader, node, "Context");
    facts->applies_to =
        saml_value_of_element(reader, child_in(reference, addressing_spaces, COUNT_OF(addressing_spaces), "Address"));
    facts->created = time_of_element(reader, xml_child(lifetime, NS_WSU, "Created"));
    facts->expires = time_of_element(reader, xml_child(lifetime, NS_WSU, "Expires"));
    facts->token_type = saml_value_of_element(reader, trust_child(node, "TokenType"));
    facts->request_type = saml_value_of_element(reader, trust_child(node, "RequestType"));
    facts->key_type = saml_value_of_element(reader, trust_child(node, "KeyType"));
}

/* What RequestedSecurityToken holds, when it is no assertion that is read. */
static void
note_token(struct saml_reader *reader, const xmlNode *token, struct wstrust *facts)
{
    const xmlNode *content = xml_first(token);
    struct str uri, local;

    facts->token_count++;
    if (content == NULL || str_present(facts->token_element))
        return;
    uri = xml_namespace(content);
    local = xml_local_name(content);
    facts->token_element = arena_printf(reader->arena, "{%.*s}%.*s", STR_ARG(uri), STR_ARG(local));
}

static bool
read_response(struct saml_reader *reader, const xmlNode *response, struct wstrust *facts)
{
    const xmlNode *token = trust_child(response, "RequestedSecurityToken");

    if (facts->response_count++ == 0)
        read_request_or_response(reader, response, facts);
    if (token == NULL)
        return true;
    note_token(reader, token, facts);
    return saml_read_assertions(reader, token);
}

bool
wstrust_read(struct saml_reader *reader)
{
    struct wstrust *facts = &reader->message->wstrust;
    const xmlNode *root = reader->root;

    facts->version13 = xml_in(root, NS_WST13);
    if (reader->message->kind == MESSAGE_WSTRUST_RST) {
        read_request_or_response(reader, root, facts);
        return true;
    }
    facts->collection = str_eq_c(xml_local_name(root), "RequestSecurityTokenResponseCollection");
    if (!facts->collection)
        return read_response(reader, root, facts);
    for (const xmlNode *node = xml_first(root); node != NULL; node = xml_next(node))
        if ((xml_is(node, NS_WST, "RequestSecurityTokenResponse") ||
             xml_is(node, NS_WST13, "RequestSecurityTokenResponse")) &&
            !read_response(reader, node, facts))
            return false;
    return true;
}
