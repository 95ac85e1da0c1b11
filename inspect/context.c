/* SPDX-License-Identifier: MIT */
#include "context.h"

#include "finding.h"
#include "profile.h"
#include "url.h"

enum { DEFAULT_SKEW_S = 180 };

static const struct saml_message *
saml_of(const struct context_input *input)
{
    return input->message != NULL ? input->message->saml : NULL;
}

static bool
is_response(const struct saml_message *saml)
{
    return saml != NULL && (saml->kind == MESSAGE_RESPONSE || saml->kind == MESSAGE_ASSERTION);
}

/* A request for a sign-in goes to the identity provider: its URL says nothing about the service provider. */
static bool
is_request(const struct context_input *input)
{
    const struct saml_message *saml = saml_of(input);

    return (saml != NULL && saml->kind == MESSAGE_AUTHN_REQUEST) ||
           (input->message != NULL && message_is_wsfed_request(input->message));
}

static bool
is_logout(const struct saml_message *saml)
{
    return saml != NULL && (saml->kind == MESSAGE_LOGOUT_REQUEST || saml->kind == MESSAGE_LOGOUT_RESPONSE);
}

/* The URL that the message goes to, as the wire shows it: not what the message says of itself. */
static struct expected
url_on_the_wire(const struct context_input *input)
{
    const struct message *message = input->message;

    if (message == NULL)
        return (struct expected){ 0 };
    if (message->binding == BINDING_FORM_PAGE && str_present(message->form_action))
        return (struct expected){ message->form_action, "the action of the form" };
    if (str_present(message->url) && input->exchange != NULL && !message->in_response)
        return (struct expected){ message->url, "the URL it was posted to" };
    if (str_present(message->url) && message->binding != BINDING_NONE)
        return (struct expected){ message->url, "the URL it is sent to" };
    return (struct expected){ 0 };
}

/* First present value of what the message says about its receiver: a hint, never an expectation. */
static struct str
receiver_hint(const struct saml_message *saml)
{
    if (saml == NULL)
        return (struct str){ 0 };
    if (str_present(saml->destination.text) && saml->kind != MESSAGE_AUTHN_REQUEST)
        return saml->destination.text;
    for (size_t i = 0; i < saml->assertion_count; i++)
        for (size_t k = 0; k < saml->assertions[i].confirmation_count; k++)
            if (str_present(saml->assertions[i].confirmations[k].recipient.text))
                return saml->assertions[i].confirmations[k].recipient.text;
    return (struct str){ 0 };
}

static struct str
audience_hint(const struct saml_message *saml)
{
    for (size_t i = 0; saml != NULL && i < saml->assertion_count; i++)
        for (size_t k = 0; k < saml->assertions[i].restriction_count; k++)
            if (saml->assertions[i].restrictions[k].audience_count > 0)
                return saml->assertions[i].restrictions[k].audiences[0].text;
    return (struct str){ 0 };
}

static const char *
source_text(struct arena *arena, const char *what, struct str file)
{
    struct str text;

    if (!str_present(file) || file.len == 0)
        return what;
    text = arena_printf(arena, "%s %.*s", what, STR_ARG(file));
    return str_present(text) ? text.ptr : what;
}

/* --- entities of the given metadata ------------------------------------------------------------- */

struct entity_choice {
    const struct metadata_entity *entity;
    struct str file;
    int score;
    size_t others; /* how many entities with that role there are in all */
};

/* How near a URL is to an endpoint: 3 the same, 2 mistyped, 1 only host or path in common, 0 another. */
static int
endpoint_fit(struct str location, struct str url)
{
    enum near_miss near_miss = near_miss_of(location, url);

    if (str_eq(location, url))
        return 3;
    if (near_miss == NEAR_MISS_NONE)
        return 0;
    return near_miss == NEAR_MISS_PATH || near_miss == NEAR_MISS_HOST ? 1 : 2;
}

/* How well an SP entity fits to what is known; 0: nothing speaks for it. */
static int
sp_score(const struct metadata_entity *entity, const struct context_input *input, struct str acs)
{
    const struct settings *settings = input->settings;
    const struct saml_message *request = input->request;
    int score = 0;

    if (str_present(settings->sp_entity_id) && str_eq(settings->sp_entity_id, entity->entity_id))
        return 100;
    if (request == NULL && saml_of(input) != NULL && saml_of(input)->kind == MESSAGE_AUTHN_REQUEST)
        request = saml_of(input); /* it is the message that is judged */
    if (request != NULL && str_eq(str_trim(request->issuer.value.text), entity->entity_id))
        score = 40;
    if (str_eq(str_trim(audience_hint(saml_of(input))), entity->entity_id))
        score += 5;
    for (size_t i = 0; i < entity->sp.sso_count && str_present(acs); i++) {
        struct str location = entity->sp.sso[i].location;
        struct url a, b;
        int fit = 0;

        if (endpoint_fit(location, acs) == 3)
            fit = 50;
        else if (endpoint_fit(location, acs) > 0)
            fit = 20;
        if (url_split(location, &a) && url_split(acs, &b) && str_eq_nocase(a.host, b.host))
            fit += 10;
        if (score < 90 && fit > 0)
            score += fit;
    }
    return score;
}

static int
idp_score(const struct metadata_entity *entity, const struct context_input *input)
{
    const struct saml_message *saml = saml_of(input);
    struct str issuer = { 0 };

    if (str_present(input->settings->idp_entity_id) && str_eq(input->settings->idp_entity_id, entity->entity_id))
        return 100;
    if (saml != NULL && saml->kind != MESSAGE_AUTHN_REQUEST) {
        issuer = saml->issuer.value.text;
        if (!str_present(issuer) && saml->assertion_count > 0)
            issuer = saml->assertions[0].issuer.value.text;
    }
    issuer = str_trim(issuer);
    if (str_eq(issuer, entity->entity_id))
        return 50;
    if (near_miss_of(entity->entity_id, issuer) != NEAR_MISS_NONE)
        return 20;
    for (size_t i = 0; saml != NULL && i < entity->idp.sso_count; i++)
        if (str_eq(entity->idp.sso[i].location, saml->destination.text))
            return 30;
    return 0;
}

static void
consider(struct entity_choice *choice, const struct metadata_entity *entity, struct str file, int score)
{
    choice->others++;
    if (choice->entity != NULL && score <= choice->score)
        return;
    choice->entity = entity;
    choice->file = file;
    choice->score = score;
}

static void
choose_entities(const struct context_input *input, struct str acs, struct entity_choice *idp, struct entity_choice *sp)
{
    const struct settings *settings = input->settings;

    for (size_t i = 0; i < settings->metadata_count; i++) {
        const struct metadata *metadata = settings->metadata[i];

        for (size_t k = 0; k < metadata->entity_count; k++) {
            const struct metadata_entity *entity = &metadata->entities[k];

            if (entity->idp.present)
                consider(idp, entity, metadata->source, idp_score(entity, input));
            if (entity->sp.present)
                consider(sp, entity, metadata->source, sp_score(entity, input, acs));
        }
    }
}

/* The best one, when something speaks for it or there is no other. */
static bool
chosen(const struct entity_choice *choice)
{
    return choice->entity != NULL && (choice->score > 0 || choice->others == 1);
}

/* --- profile ------------------------------------------------------------------------------------ */

struct profile_clue {
    unsigned profile;
    const char *source;
};

/* A URL that is known for certain decides alone, also when it belongs to nobody we know. */
static bool
profile_by_known_url(struct context *context, const struct context_input *input)
{
    struct expected wire = url_on_the_wire(input);
    const struct settings *settings = input->settings;
    struct str url = str_present(wire.text) ? wire.text : settings->acs_url;

    if (!str_present(url) || is_logout(saml_of(input)))
        return false;
    if (is_request(input))
        return false;
    context->profile = profile_of_url(url);
    context->profile_source = str_present(wire.text) ? wire.source : "--acs-url";
    if (context->profile == 0)
        context->profile = PROFILE_GENERIC;
    return true;
}

static void
profile_by_hints(struct context *context, const struct context_input *input, const struct entity_choice *sp)
{
    const struct saml_message *saml = saml_of(input);
    const struct saml_message *request = saml != NULL && saml->kind == MESSAGE_AUTHN_REQUEST ? saml : input->request;
    unsigned by_metadata = 0;

    if (chosen(sp)) {
        by_metadata = sp->entity->sp.sso_count > 0 ? profile_of_url(sp->entity->sp.sso[0].location) : 0;
        if (by_metadata == 0)
            by_metadata = profile_of_entity(sp->entity->entity_id);
    }
    const struct profile_clue clues[] = {
        { profile_of_entity(input->settings->sp_entity_id), "--sp-entity-id" },
        { by_metadata, "SP metadata" },
        { request != NULL ? profile_of_url(request->request.acs_url.text) : 0, "the ACS URL of the AuthnRequest" },
        { request != NULL ? profile_of_entity(request->issuer.value.text) : 0, "the Issuer of the AuthnRequest" },
        { profile_of_url(receiver_hint(saml)), "the receiver that the message names (a hint, nothing else is known)" },
        { profile_of_entity(audience_hint(saml)), "the Audience of the message (a hint, nothing else is known)" },
    };

    for (size_t i = 0; i < COUNT_OF(clues); i++)
        if (clues[i].profile != 0) {
            context->profile = clues[i].profile;
            context->profile_source = clues[i].source;
            return;
        }
    context->profile = PROFILE_GENERIC;
    context->profile_source = "nothing points to a service provider that samltap knows";
}

static void
resolve_profile(struct context *context, const struct context_input *input, const struct entity_choice *sp)
{
    context->profile = profile_by_name(input->settings->profile_name);
    context->profile_source = "--profile";
    if (context->profile != 0 || profile_by_known_url(context, input))
        return;
    profile_by_hints(context, input, sp);
}

/* --- expectations ------------------------------------------------------------------------------- */

static void
resolve_idp(struct context *context, struct arena *arena, const struct context_input *input,
            const struct entity_choice *idp)
{
    if (chosen(idp))
        context->idp = idp->entity;
    if (str_present(input->settings->idp_entity_id)) {
        context->idp_entity_id = (struct expected){ input->settings->idp_entity_id, "--idp-entity-id" };
        if (context->idp != NULL && !str_eq(context->idp->entity_id, input->settings->idp_entity_id))
            context->idp = NULL;
        return;
    }
    /* Several, and the message fits none: still an expectation, or a stranger would pass unseen. */
    if (idp->entity != NULL)
        context->idp_entity_id =
            (struct expected){ idp->entity->entity_id, source_text(arena, "IdP metadata", idp->file) };
}

static void
resolve_sp_entity(struct context *context, struct arena *arena, const struct context_input *input,
                  const struct entity_choice *sp)
{
    struct str by_profile;

    if (chosen(sp))
        context->sp = sp->entity;
    if (str_present(input->settings->sp_entity_id)) {
        context->sp_entity_id = (struct expected){ input->settings->sp_entity_id, "--sp-entity-id" };
        if (context->sp != NULL && !str_eq(context->sp->entity_id, input->settings->sp_entity_id))
            context->sp = NULL;
    } else if (context->sp != NULL) {
        context->sp_entity_id =
            (struct expected){ context->sp->entity_id, source_text(arena, "SP metadata", sp->file) };
    } else if (input->request != NULL && str_present(input->request->issuer.value.text)) {
        context->sp_entity_id =
            (struct expected){ str_trim(input->request->issuer.value.text), "the Issuer of the AuthnRequest" };
    } else if (input->wsfed_request != NULL && input->wsfed_request->realm.len > 0) {
        context->sp_entity_id =
            (struct expected){ input->wsfed_request->realm, "wtrealm of the WS-Federation request" };
    } else {
        by_profile = profile_entity_id(context->profile, context->acs_url.text);
        if (str_present(by_profile))
            context->sp_entity_id = (struct expected){ by_profile, "the audience that AWS IAM documents" };
    }
}

/* The ACS (or logout) endpoint of the metadata that is meant: see the order in the body. */
static struct str
endpoint_of(const struct metadata_entity *entity, const struct context_input *input, struct str wire)
{
    bool logout = is_logout(saml_of(input));
    const struct metadata_endpoint *list = logout ? entity->sp.slo : entity->sp.sso;
    size_t count = logout ? entity->sp.slo_count : entity->sp.sso_count;
    const struct metadata_endpoint *best = NULL;
    int best_fit = 0;

    if (count == 0)
        return (struct str){ 0 };
    for (size_t i = 0; i < count; i++)
        if (str_eq(list[i].location, wire))
            return wire;
    for (size_t i = 0; i < count && input->request != NULL; i++)
        if (str_present(input->request->request.acs_url.text) &&
            str_eq(list[i].location, input->request->request.acs_url.text))
            return list[i].location;
    for (size_t i = 0; i < count && input->request != NULL; i++)
        if (str_present(input->request->request.acs_index.text) &&
            str_eq(list[i].index, input->request->request.acs_index.text))
            return list[i].location;
    if (!str_present(wire))
        wire = receiver_hint(saml_of(input));
    for (size_t i = 0; i < count; i++) {
        /* The default wins among equals, and the first one when none is marked. */
        int fit = endpoint_fit(list[i].location, wire) * 4 + (list[i].is_default ? 2 : 0) + (i == 0);

        if (best == NULL || fit > best_fit) {
            best = &list[i];
            best_fit = fit;
        }
    }
    return best->location;
}

static void
resolve_acs(struct context *context, struct arena *arena, const struct context_input *input,
            const struct entity_choice *sp)
{
    struct expected wire = url_on_the_wire(input);
    const struct saml_message *saml = saml_of(input);

    if (is_request(input))
        wire = (struct expected){ 0 };
    if (str_present(input->settings->acs_url) && !is_logout(saml)) {
        context->acs_url = (struct expected){ input->settings->acs_url, "--acs-url" };
        return;
    }
    /* The endpoints that metadata lists are those of SAML 2.0. */
    if (chosen(sp) && (input->message == NULL || input->message->wsfed == NULL)) {
        context->acs_url.text = endpoint_of(sp->entity, input, wire.text);
        context->acs_url.source = source_text(arena, "SP metadata", sp->file);
        if (str_present(context->acs_url.text))
            return;
    }
    if (input->request != NULL && str_present(input->request->request.acs_url.text) && !is_logout(saml)) {
        context->acs_url = (struct expected){ input->request->request.acs_url.text, "the AuthnRequest" };
        return;
    }
    context->acs_url = wire;
    /* The option names the ACS; for a logout message of a file it is the only hint that there is. */
    if (!str_present(wire.text) && is_logout(saml) && str_present(input->settings->acs_url))
        context->acs_url = (struct expected){ input->settings->acs_url, "--acs-url" };
    if (str_present(wire.text) || context->profile != PROFILE_AWS_IAM || !is_response(saml))
        return;
    /* AWS documents every sign-in endpoint as a possible Recipient, so one of that form is right. */
    if (profile_of_url(receiver_hint(saml)) == PROFILE_AWS_IAM)
        context->acs_url =
            (struct expected){ receiver_hint(saml), "the sign-in URLs of AWS IAM (any of them; see --acs-url)" };
    else
        context->acs_url =
            (struct expected){ STR("https://signin.aws.amazon.com/saml"), "the global sign-in URL of AWS IAM" };
}

static void
resolve_request(struct context *context, const struct context_input *input)
{
    const struct saml_message *saml = saml_of(input);

    if (str_present(input->settings->request_id))
        context->request_id = (struct expected){ input->settings->request_id, "--request-id" };
    else if (input->request != NULL && str_present(input->request->id.text))
        context->request_id = (struct expected){ input->request->id.text, "the AuthnRequest of this sign-in" };
    context->unsolicited_known = !str_present(context->request_id.text) && input->request_would_be_seen &&
                                 is_response(saml) && !str_present(saml->in_response_to.text);
}

static void
resolve_clock(struct context *context, const struct context_input *input)
{
    const struct settings *settings = input->settings;
    const struct exchange *exchange = input->exchange;
    int64_t arrival = 0;

    if (exchange != NULL) {
        arrival = exchange->started_ms;
        if (input->message != NULL && input->message->in_response && exchange->finished_ms != 0)
            arrival = exchange->finished_ms;
    }
    context->skew_ms = (int64_t)(settings->clock_skew_s >= 0 ? settings->clock_skew_s : DEFAULT_SKEW_S) * 1000;
    if (settings->has_now) {
        context->now_ms = settings->now_ms;
        context->now_source = "--now";
    } else if (arrival != 0) {
        context->now_ms = arrival;
        context->now_source = "arrival time";
    } else {
        context->now_ms = settings->fallback_now_ms;
        context->now_source = "this machine's clock";
    }
}

/* A sure answer stays; a guess gives way to a sure one that more knowledge brings. */
static void
recognise(struct context *context, const struct vendor_view views[2])
{
    struct vendor_match *kept[2] = { [VENDOR_IDP] = &context->idp_vendor, [VENDOR_SP] = &context->sp_vendor };

    for (enum vendor_side side = VENDOR_IDP; side <= VENDOR_SP; side++) {
        struct vendor_match match;

        if (kept[side]->vendor != NULL && kept[side]->certainty == VENDOR_IS)
            continue;
        if (vendor_recognise(side, &views[side], &match) &&
            (kept[side]->vendor == NULL || match.certainty == VENDOR_IS))
            *kept[side] = match;
    }
}

static void
add_endpoints(struct vendor_view *view, const struct metadata_role *role)
{
    for (size_t i = 0; i < role->sso_count; i++)
        vendor_view_url(view, role->sso[i].location);
}

/* By the message itself, then by the request it answers, then by what is expected and known of the two. */
static void
resolve_vendors(struct context *context, const struct context_input *input)
{
    struct vendor_view views[2] = { 0 };

    if (input->message != NULL)
        vendor_view_message(views, input->message, input->exchange);
    recognise(context, views);
    if (input->request != NULL) {
        vendor_view_request(views, input->request);
        recognise(context, views);
    }
    vendor_view_entity_id(&views[VENDOR_IDP], context->idp_entity_id.text);
    vendor_view_entity_id(&views[VENDOR_SP], context->sp_entity_id.text);
    vendor_view_url(&views[VENDOR_SP], context->acs_url.text);
    if (context->idp != NULL)
        add_endpoints(&views[VENDOR_IDP], &context->idp->idp);
    if (context->sp != NULL)
        add_endpoints(&views[VENDOR_SP], &context->sp->sp);
    recognise(context, views);
}

void
context_resolve(struct context *context, struct arena *arena, const struct context_input *input)
{
    struct entity_choice idp = { 0 }, sp = { 0 };
    struct str acs = url_on_the_wire(input).text;

    *context = (struct context){ .settings = input->settings, .clocks = input->clocks, .past = input->past };
    if (str_present(input->settings->acs_url))
        acs = input->settings->acs_url;
    else if (!str_present(acs))
        acs = receiver_hint(saml_of(input));
    choose_entities(input, acs, &idp, &sp);
    resolve_clock(context, input);
    resolve_profile(context, input, &sp);
    resolve_idp(context, arena, input, &idp);
    resolve_acs(context, arena, input, &sp);
    resolve_sp_entity(context, arena, input, &sp);
    resolve_request(context, input);
    resolve_vendors(context, input);
}

static void
add_candidate(struct str candidates[CONTEXT_MAX_CANDIDATES], size_t *count, struct str value)
{
    if (!str_present(value) || value.len == 0 || *count == CONTEXT_MAX_CANDIDATES)
        return;
    for (size_t i = 0; i < *count; i++)
        if (str_eq(candidates[i], value))
            return;
    candidates[(*count)++] = value;
}

size_t
context_candidates(const struct settings *settings, struct str candidates[CONTEXT_MAX_CANDIDATES])
{
    size_t count = 0;

    add_candidate(candidates, &count, settings->acs_url);
    add_candidate(candidates, &count, settings->sp_entity_id);
    add_candidate(candidates, &count, settings->idp_entity_id);
    add_candidate(candidates, &count, settings->request_id);
    for (size_t i = 0; i < settings->metadata_count; i++)
        for (size_t k = 0; k < settings->metadata[i]->entity_count; k++) {
            const struct metadata_entity *entity = &settings->metadata[i]->entities[k];

            add_candidate(candidates, &count, entity->entity_id);
            for (size_t e = 0; e < entity->sp.sso_count; e++)
                add_candidate(candidates, &count, entity->sp.sso[e].location);
        }
    return count;
}
