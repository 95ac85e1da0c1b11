/* SPDX-License-Identifier: MIT */
#include "signin_facts.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "profile.h"
#include "url.h"
#include "vendor.h"

#define STATUS_SUCCESS "urn:oasis:names:tc:SAML:2.0:status:Success"

/* The first half of SHA-256, in hex: the same on every machine that sees the ID. */
static void
key_from(struct signin *signin, struct str id)
{
    unsigned char hash[EVP_MAX_MD_SIZE] = { 0 };
    unsigned length = 0;

    if (EVP_Digest(id.len > 0 ? id.ptr : "", id.len, hash, &length, EVP_sha256(), NULL) != 1)
        memset(hash, 0, sizeof(hash));
    for (size_t i = 0; i < (sizeof(signin->key) - 1) / 2; i++)
        snprintf(signin->key + 2 * i, 3, "%02x", hash[i]);
}

static void
set_once(struct signin *signin, struct str *field, struct str value)
{
    if (!str_present(*field) && value.len > 0)
        *field = arena_copy(signin->arena, value);
}

static void
set_quote(struct signin *signin, const struct answer *answer, const struct exchange *exchange)
{
    if (!str_present(answer->quote) || signin->quote_known)
        return;
    signin->quote = arena_copy(signin->arena, answer->quote);
    signin->quote_from = arena_copy(signin->arena, exchange->host);
    signin->quote_known = answer->known;
}

/* "AWS IAM", or the host when we do not know the service provider. */
static void
name_sp(struct signin *signin, struct str acs_url)
{
    unsigned profile = profile_of_url(acs_url);
    struct url url;

    if (profile != 0)
        signin->profile = profile;
    if (url_split(acs_url, &url))
        signin->sp_host = arena_copy(signin->arena, url.host);
    if (profile_title(signin->profile) != NULL)
        signin->sp_name = arena_copy_c(signin->arena, profile_title(signin->profile));
    else if (signin->sp_host.len > 0)
        signin->sp_name = signin->sp_host;
}

static void
name_idp(struct signin *signin, struct str issuer, struct str host)
{
    const struct vendor *vendor = vendor_by_issuer(issuer);

    if (vendor == NULL)
        vendor = vendor_by_host(host);
    if (vendor != NULL)
        signin->idp_name = arena_copy_c(signin->arena, vendor->title);
    else if (issuer.len > 0)
        signin->idp_name = arena_copy(signin->arena, issuer);
    else
        set_once(signin, &signin->idp_name, host);
}

static struct str
host_of(struct str text)
{
    struct url url;

    return url_split(text, &url) ? url.host : (struct str){ 0 };
}

void
signin_facts_of_request(struct signin *signin, const struct message *message, const struct exchange *exchange)
{
    const struct saml_message *saml = message->saml;
    struct str sp = saml->request.acs_url.text;
    struct url url;

    signin->request_id = arena_copy(signin->arena, saml->id.text);
    key_from(signin, saml->id.text);
    set_once(signin, &signin->relay_state, message->relay_state);
    name_sp(signin, sp);
    if (!str_present(signin->sp_name)) {
        unsigned profile = profile_of_entity(saml->issuer.value.text);

        signin->profile = profile;
        signin->sp_name = profile_title(profile) != NULL ? arena_copy_c(signin->arena, profile_title(profile))
                                                         : arena_copy(signin->arena, saml->issuer.value.text);
    }
    if (url_split(saml->destination.text, &url))
        name_idp(signin, (struct str){ 0 }, url.host);
    else if (!message->in_response)
        name_idp(signin, (struct str){ 0 }, exchange->host);
}

/* Nothing in a request of WS-Federation is unique but its context: that and the realm name it. */
static void
key_from_realm(struct signin *signin, struct str realm, struct str context)
{
    key_from(signin, arena_printf(signin->arena, "%.*s\n%.*s", STR_ARG(realm), STR_ARG(context)));
}

void
signin_facts_of_wsfed_request(struct signin *signin, const struct message *message, const struct exchange *exchange)
{
    const struct wsfed_message *wsfed = message->wsfed;

    signin->realm = arena_copy(signin->arena, str_present(wsfed->realm) ? wsfed->realm : wsfed->reply);
    key_from_realm(signin, signin->realm, wsfed->context);
    set_once(signin, &signin->relay_state, wsfed->context);
    name_sp(signin, str_present(wsfed->reply) ? wsfed->reply : wsfed->realm);
    if (!str_present(signin->sp_name))
        signin->sp_name = signin->realm;
    name_idp(signin, (struct str){ 0 }, message->in_response ? host_of(message->url) : exchange->host);
}

void
signin_facts_of_idp_answer(struct signin *signin, const struct message *message, const struct exchange *exchange)
{
    struct answer answer;

    /* In the response half it is the service provider that sends the browser away. */
    if (message->in_response || exchange->status == 0 || !answer_is_page(exchange))
        return;
    answer = answer_read(signin->arena, exchange);
    if (answer.known || (exchange->status >= 400 && str_present(answer.quote)))
        set_quote(signin, &answer, exchange);
}

void
signin_facts_new_key(struct signin *signin, struct str in_response_to, const struct message *message)
{
    struct str id = in_response_to;

    if (message->wsfed != NULL && message->saml != NULL && message->wsfed->context.len > 0 &&
        message->saml->wstrust.applies_to.text.len > 0) {
        key_from_realm(signin, str_trim(message->saml->wstrust.applies_to.text), message->wsfed->context);
        return;
    }
    if (id.len == 0 && message->saml != NULL)
        id = message->saml->id.text;
    if (id.len == 0)
        id = message->original;
    key_from(signin, id);
    if (in_response_to.len > 0)
        signin->request_id = arena_copy(signin->arena, in_response_to);
}

static struct str
user_of(const struct saml_message *saml, unsigned profile)
{
    struct str name = { 0 };

    for (size_t i = 0; i < saml->assertion_count; i++) {
        const struct saml_assertion *assertion = &saml->assertions[i];

        for (size_t k = 0; k < assertion->attribute_count && profile == PROFILE_AWS_IAM; k++)
            if (str_ends_c(assertion->attributes[k].name.text, "/RoleSessionName") &&
                assertion->attributes[k].value_count > 0)
                return str_trim(assertion->attributes[k].values[0].value.text);
        if (!str_present(name))
            name = str_trim(assertion->name_id.value.text);
    }
    return name;
}

/* In SAML 1.1 the code is a qualified name. */
static bool
is_success(const struct saml_message *saml)
{
    struct str code = str_trim(saml->status.codes[0].text);

    if (saml->kind == MESSAGE_SAML1_RESPONSE)
        return str_eq_c(code, "Success") || str_ends_c(code, ":Success");
    return str_eq_c(code, STATUS_SUCCESS);
}

static bool
is_mail_name(struct str name)
{
    return str_eq_c(name, "urn:oid:0.9.2342.19200300.100.1.3") || str_eq_nocase(name, STR("mail")) ||
           str_eq_nocase(name, STR("email")) || str_ends_c(name, "/claims/emailaddress");
}

static void
note_persistent(struct signin *signin, const struct saml_message *saml)
{
    const struct saml_assertion *assertion = saml->assertion_count > 0 ? &saml->assertions[0] : NULL;

    if (assertion == NULL || !str_ends_c(str_trim(assertion->name_id.format.text), ":nameid-format:persistent"))
        return;
    set_once(signin, &signin->persistent_id, str_trim(assertion->name_id.value.text));
    for (size_t i = 0; i < assertion->attribute_count; i++)
        if (is_mail_name(assertion->attributes[i].name.text) && assertion->attributes[i].value_count > 0)
            set_once(signin, &signin->mail, str_trim(assertion->attributes[i].values[0].value.text));
}

void
signin_facts_of_response(struct signin *signin, const struct message *message, const struct exchange *exchange)
{
    const struct saml_message *saml = message->saml;
    struct str issuer = { 0 }, user;

    name_sp(signin, message->binding == BINDING_FORM_PAGE ? message->form_action : message->url);
    if (saml == NULL) {
        if (message->in_response)
            name_idp(signin, issuer, exchange->host);
        return;
    }
    issuer = str_trim(saml->issuer.value.text);
    if (issuer.len == 0 && saml->assertion_count > 0)
        issuer = str_trim(saml->assertions[0].issuer.value.text);
    name_idp(signin, issuer, message->in_response ? exchange->host : (struct str){ 0 });
    set_once(signin, &signin->response_id, saml->id.text);
    note_persistent(signin, saml);
    user = user_of(saml, signin->profile);
    if (user.len > 0)
        signin->user = arena_copy(signin->arena, user);
    if (saml->status.code_count > 0 && !is_success(saml))
        signin->outcome = OUTCOME_IDP_ERROR;
}

/* A redirect that says by its own words that it is an error. */
static bool
location_is_error(struct str location)
{
    static const char *const marks[] = { "error=",     "error_code=",    "errorcode=",    "/error",
                                         "saml_error", "/access-denied", "/accessdenied", "/denied" };

    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (str_find_nocase(location, str_from(marks[i])) != SIZE_MAX)
            return true;
    return false;
}

static bool
redirects(unsigned status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* What a page with status 2xx means: only an error, a role choice or a new session say something. */
static enum outcome
outcome_of_page(const struct signin *signin, const struct answer *answer, const struct exchange *exchange)
{
    if (answer->error)
        return OUTCOME_REFUSED;
    if (answer->role_choice || signin->profile == PROFILE_AWS_IAM)
        return OUTCOME_SIGNED_IN;
    return headers_count(&exchange->response_headers, "Set-Cookie") > 0 ? OUTCOME_SIGNED_IN : OUTCOME_UNKNOWN;
}

static enum outcome
outcome_of_answer(const struct signin *signin, const struct answer *answer, const struct exchange *exchange)
{
    if (exchange->status == 0)
        return OUTCOME_UNKNOWN;
    if (exchange->status >= 400 || answer->known)
        return OUTCOME_REFUSED;
    if (redirects(exchange->status)) {
        /* Sent back to the identity provider, or to an error page. */
        if (str_find_c(signin->acs_location, "SAMLRequest=") != SIZE_MAX ||
            str_find_c(signin->acs_location, "wa=wsignin1.0") != SIZE_MAX || location_is_error(signin->acs_location))
            return OUTCOME_REFUSED;
        return OUTCOME_SIGNED_IN;
    }
    return outcome_of_page(signin, answer, exchange);
}

bool
signin_facts_of_acs_answer(struct signin *signin, const struct message *message, const struct exchange *exchange)
{
    struct answer answer = answer_read(signin->arena, exchange);
    enum outcome outcome;

    (void)message;
    signin->acs_status = exchange->status;
    set_once(signin, &signin->acs_location, headers_get(&exchange->response_headers, "Location"));
    outcome = outcome_of_answer(signin, &answer, exchange);
    if (outcome == OUTCOME_REFUSED)
        set_quote(signin, &answer, exchange);
    if (signin->outcome != OUTCOME_UNKNOWN) /* the identity provider's own error */
        return false;
    if (outcome == OUTCOME_SIGNED_IN && signin->profile == PROFILE_AWS_IDENTITY_CENTER)
        return true;
    signin->outcome = outcome;
    return false;
}

static bool
portal_answer(struct signin *signin, enum portal_list list, const struct exchange *exchange)
{
    int count = portal_list_count(exchange);

    if (list == PORTAL_LIST_PROFILES || list == PORTAL_LIST_ROLES)
        return true;
    if (count < 0)
        return true;
    if (count > signin->accounts)
        signin->accounts = count;
    signin->outcome = signin->accounts == 0 ? OUTCOME_NO_ACCOUNTS : OUTCOME_SIGNED_IN;
    return true;
}

bool
signin_facts_of_follow_up(struct signin *signin, const struct exchange *exchange)
{
    enum portal_list list = portal_list_of(exchange);
    struct answer answer;

    if (list != PORTAL_LIST_NONE)
        return portal_answer(signin, list, exchange);
    if (!str_eq_nocase(exchange->host, signin->sp_host) && profile_of_url(signin->acs_location) == 0 &&
        str_find_nocase(signin->acs_location, exchange->host) == SIZE_MAX)
        return false;
    answer = answer_read(signin->arena, exchange);
    if (!answer.known)
        return true;
    set_quote(signin, &answer, exchange);
    signin->outcome = OUTCOME_REFUSED;
    return true;
}
