/* SPDX-License-Identifier: MIT */
#include "examine_run.h"

#include "check.h"
#include "protocol.h"
#include "signin_types.h"

enum {
    MAX_JUDGED = 32,         /* messages of one exchange that are judged; more is an attack or an accident */
    MAX_METADATA_JUDGED = 4, /* files given by option, when none of them is known to belong to the message */
};

static bool
is_on(const struct check *check, const struct context *context)
{
    bool pack = check->pack == PACK_STANDARD || (context->settings->packs >> check->pack & 1u) != 0;

    return pack && (check->profiles & context->profile) != 0;
}

static void
run_checks(struct check_run *run, enum check_subject subject)
{
    size_t number = 0;

    for (size_t i = 0; i < check_set_count(); i++) {
        const struct check_set *set = check_set_at(i);

        for (size_t k = 0; k < set->count; k++, number++) {
            if (set->rows[k].subject != subject || !is_on(&set->rows[k], run->context))
                continue;
            findings_note_run(run->findings, number);
            set->rows[k].run(run, &set->rows[k]);
        }
    }
}

/* Which message a report is about: the one nearest to the end of a sign-in. */
static int
weight(const struct message *message)
{
    static const int weights[MESSAGE_KIND_COUNT] = {
        [MESSAGE_RESPONSE] = 9,
        [MESSAGE_SAML1_RESPONSE] = 8,
        [MESSAGE_WSTRUST_RSTR] = 8,
        [MESSAGE_ASSERTION] = 7,
        [MESSAGE_SAML1_ASSERTION] = 7,
        [MESSAGE_ARTIFACT_RESPONSE] = 6,
        [MESSAGE_LOGOUT_RESPONSE] = 5,
        [MESSAGE_LOGOUT_REQUEST] = 5,
        [MESSAGE_AUTHN_REQUEST] = 4,
        [MESSAGE_ARTIFACT_RESOLVE] = 3,
        [MESSAGE_METADATA] = 3,
        [MESSAGE_UNKNOWN] = 1,
        [MESSAGE_SOAP_FAULT] = 7,
        [MESSAGE_ATTRIBUTE_QUERY] = 3,
        [MESSAGE_AUTHN_QUERY] = 3,
        [MESSAGE_MANAGE_NAME_ID_REQUEST] = 3,
        [MESSAGE_MANAGE_NAME_ID_RESPONSE] = 3,
        [MESSAGE_NAME_ID_MAPPING_REQUEST] = 3,
        [MESSAGE_NAME_ID_MAPPING_RESPONSE] = 3,
        [MESSAGE_ASSERTION_ID_REQUEST] = 3,
        [MESSAGE_AUTHZ_DECISION_QUERY] = 3,
        [MESSAGE_SAML1_REQUEST] = 3,
        [MESSAGE_WSTRUST_RST] = 4,
    };

    if (message->oauth != NULL || message->scim != NULL)
        return protocol_weight(message);
    if (message_is_wsfed_request(message))
        return message->wsfed->action == WSFED_SIGN_IN ? 4 : 5;
    if (message->saml == NULL)
        return str_eq_nocase(message->parameter, STR("SAMLResponse")) ? 9 : 2;
    return (unsigned)message->saml->kind < MESSAGE_KIND_COUNT ? weights[message->saml->kind] : 0;
}

static int
principal_of(const struct messages *messages)
{
    int best = -1;

    for (size_t i = 0; i < messages->count; i++)
        if (best < 0 || weight(&messages->items[i]) > weight(&messages->items[best]))
            best = (int)i;
    return best;
}

static const struct message *
first_request(const struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++)
        if (report_is_request(&messages->items[i]))
            return &messages->items[i];
    return NULL;
}

/* An enhanced client takes the headers off a request before it hands it on: what they said is in the first copy. */
static bool
says_more(const struct message *first, const struct message *copy)
{
    return first != NULL && first->saml != NULL && copy->saml != NULL &&
           str_eq(first->saml->id.text, copy->saml->id.text) &&
           first->saml->soap.blocks[ECP_PAOS_REQUEST].where.element != 0;
}

/* The AuthnRequest that belongs to a response: in the same exchange, or in the report of the request. */
static const struct message *
request_of(const struct report *report, const struct message *message)
{
    const struct message *items = report->messages.items;
    const struct message *earlier = report->request != NULL ? first_request(&report->request->messages) : NULL;

    if (report_is_request(message))
        return NULL;
    /* One in the response half starts the next sign-in; one in the request half is being answered. */
    for (size_t i = 0; i < report->messages.count && message->in_response; i++)
        if (report_is_request(&items[i]) && !items[i].in_response)
            return says_more(earlier, &items[i]) ? earlier : &items[i];
    return earlier;
}

/* Of what brings assertions, or should. */
static void
run_answer_checks(struct check_run *run)
{
    run_checks(run, CHECK_RESPONSE);
    for (size_t i = 0; i < run->saml->assertion_count; i++) {
        run->assertion = &run->saml->assertions[i];
        run_checks(run, CHECK_ASSERTION);
    }
    run->assertion = NULL;
}

static void
run_subject_checks(struct check_run *run)
{
    const struct saml_message *saml = run->saml;

    if (run->message->oauth != NULL || run->message->scim != NULL) {
        run_checks(run, run->message->oauth != NULL ? CHECK_OAUTH : CHECK_SCIM);
        return;
    }
    if (run->message->wsfed != NULL)
        run_checks(run, CHECK_WSFED);
    if (message_is_wsfed_request(run->message))
        return;
    run_checks(run, CHECK_MESSAGE);
    if (saml == NULL)
        return;
    switch (saml->kind) {
    case MESSAGE_SAML1_RESPONSE:
    case MESSAGE_SAML1_ASSERTION:
    case MESSAGE_WSTRUST_RSTR:
        /*
         * AWS takes none of these, and nobody a mixture of versions: that is said already, and what could have
         * been read in them matters no more.
         */
        if ((run->context->profile & PROFILE_AWS) == 0 &&
            (saml->assertion_count > 0 || saml->stray_assertion_count == 0))
            run_answer_checks(run);
        break;
    case MESSAGE_RESPONSE:
    case MESSAGE_ASSERTION:
    case MESSAGE_ARTIFACT_RESPONSE:
        run_answer_checks(run);
        break;
    case MESSAGE_AUTHN_REQUEST:
        run_checks(run, CHECK_REQUEST);
        break;
    case MESSAGE_LOGOUT_REQUEST:
    case MESSAGE_LOGOUT_RESPONSE:
        run_checks(run, CHECK_LOGOUT);
        break;
    case MESSAGE_METADATA:
        run->metadata = saml->metadata;
        run_checks(run, CHECK_METADATA);
        run->metadata = NULL;
        break;
    default:
        break;
    }
}

static void
run_message(struct report *report, const struct context *context, const struct exchange *exchange,
            const struct message *message, int number)
{
    struct check_run run = {
        .arena = report->arena,
        .context = context,
        .exchange = exchange,
        .message = message,
        .messages = &report->messages,
        .saml = message->saml,
        .request_message = request_of(report, message),
        .message_number = number,
        .findings = &report->findings,
    };

    run.request = run.request_message != NULL ? run.request_message->saml : NULL;
    run_subject_checks(&run);
}

static void
resolve(struct context *context, struct report *report, const struct exchange *exchange, const struct message *message,
        bool would_be_seen)
{
    const struct message *request = message != NULL ? request_of(report, message) : NULL;
    struct context_input input = {
        .settings = report->context.settings,
        .exchange = exchange,
        .message = message,
        .request = request != NULL ? request->saml : NULL,
        .wsfed_request = request != NULL ? request->wsfed : NULL,
        .clocks = report->context.clocks,
        .past = report->context.past,
        .request_would_be_seen = would_be_seen,
    };

    context_resolve(context, report->arena, &input);
}

static bool
metadata_holds(const struct metadata *metadata, const struct metadata_entity *entity)
{
    return entity != NULL && entity >= metadata->entities && entity < metadata->entities + metadata->entity_count;
}

/* Metadata given by option is judged with the message it is used for, not with every one. */
static void
run_given_metadata(struct report *report)
{
    const struct context *context = &report->context;
    const struct settings *settings = context->settings;
    bool any = context->idp == NULL && context->sp == NULL && settings->metadata_count <= MAX_METADATA_JUDGED;
    struct check_run run = {
        .arena = report->arena,
        .context = context,
        .exchange = report->exchange,
        .findings = &report->findings,
    };

    for (size_t i = 0; i < settings->metadata_count; i++) {
        run.metadata = settings->metadata[i];
        if (any || metadata_holds(run.metadata, context->idp) || metadata_holds(run.metadata, context->sp))
            run_checks(&run, CHECK_METADATA);
    }
}

static void
run_exchange(struct report *report, const struct context *context, const struct exchange *exchange)
{
    struct check_run run = {
        .arena = report->arena,
        .context = context,
        .exchange = exchange,
        .findings = &report->findings,
    };

    if (exchange != NULL)
        run_checks(&run, CHECK_EXCHANGE);
}

/* The AuthnRequest may be the cause, and it was seen in an exchange of its own. */
static void
run_request(struct report *report)
{
    const struct exchange *exchange = NULL;
    const struct message *message;

    for (size_t n = report->messages.count + 1; (message = report_message(report, n, &exchange)) != NULL; n++) {
        struct context context;

        resolve(&context, report, exchange, message, false);
        run_message(report, &context, exchange, message, (int)n);
    }
}

/* Strict checking makes errors of warnings, but not of notes. */
static void
apply_strictness(struct finding *finding, const struct settings *settings)
{
    for (int pack = PACK_STANDARD + 1; pack < PACK_COUNT; pack++)
        if ((settings->strict_packs >> pack & 1u) != 0 && finding->severity == SEVERITY_WARNING &&
            check_is_strict(finding->check, (enum check_pack)pack))
            finding->severity = SEVERITY_ERROR;
}

static void
apply_overrides(struct report *report)
{
    const struct settings *settings = report->context.settings;

    for (size_t i = 0; i < report->findings.count; i++) {
        struct finding *finding = report->findings.items[i];

        apply_strictness(finding, settings);
        for (size_t k = 0; k < settings->override_count; k++) {
            int severity = settings->overrides[k].severity;

            if (!str_eq_c(settings->overrides[k].id, finding->check->id))
                continue;
            if (finding->check->fixed && severity < (int)finding->severity)
                continue;
            if (severity >= SEVERITY_INFO && severity <= SEVERITY_ERROR)
                finding->severity = (enum severity)severity;
        }
    }
}

void
examine_run_all(struct report *report, const struct signin *signin, bool watched)
{
    bool would_be_seen = watched && report->exchange != NULL && signin != NULL && report->request == NULL;
    const struct message *items = report->messages.items;

    report->principal = principal_of(&report->messages);
    resolve(&report->context, report, report->exchange, report->principal >= 0 ? &items[report->principal] : NULL,
            would_be_seen);
    run_exchange(report, &report->context, report->exchange);
    for (size_t i = 0; i < report->messages.count && i < MAX_JUDGED; i++) {
        struct context *context = &report->context, own;

        if ((int)i != report->principal) {
            resolve(&own, report, report->exchange, &items[i], would_be_seen);
            context = &own;
        }
        run_message(report, context, report->exchange, &items[i], (int)i + 1);
    }
    if (report->messages.count > MAX_JUDGED)
        report->findings.incomplete = true;
    if (report->principal >= 0 &&
        !(items[report->principal].saml != NULL && items[report->principal].saml->kind == MESSAGE_METADATA))
        run_given_metadata(report);
    run_request(report);
    if (arena_failed(report->arena))
        report->findings.incomplete = true;
    apply_overrides(report);
}

bool
examine_run_text(struct report *report, struct str bytes)
{
    struct check_run run = {
        .arena = report->arena,
        .context = &report->context,
        .text = str_slice(bytes, 0, EXAMINE_TEXT_BYTES),
        .findings = &report->findings,
    };

    /* What holds NUL is no text: a program, a picture, an archive. */
    if (str_find_byte(run.text, '\0') != SIZE_MAX)
        return false;
    resolve(&report->context, report, NULL, NULL, false);
    run_checks(&run, CHECK_TEXT);
    apply_overrides(report);
    return report->findings.count > 0;
}

void
examine_run_setup(struct report *report)
{
    const struct settings *settings = report->context.settings;
    struct check_run run = {
        .arena = report->arena,
        .context = &report->context,
        .findings = &report->findings,
    };

    resolve(&report->context, report, NULL, NULL, false);
    for (size_t i = 0; i < settings->metadata_count; i++) {
        run.metadata = settings->metadata[i];
        run_checks(&run, CHECK_METADATA);
    }
    run.metadata = NULL;
    run_checks(&run, CHECK_SETUP);
    apply_overrides(report);
}

void
examine_run_signin(struct report *report)
{
    const struct message *message = report->principal >= 0 ? &report->messages.items[report->principal] : NULL;
    struct check_run run = {
        .arena = report->arena,
        .context = &report->context,
        .exchange = report->exchange,
        .message = message,
        .saml = message != NULL ? message->saml : NULL,
        .request_message = message != NULL ? request_of(report, message) : NULL,
        .signin = report->signin,
        .message_number = report->principal + 1,
        .findings = &report->findings,
    };

    run.request = run.request_message != NULL ? run.request_message->saml : NULL;
    run_checks(&run, CHECK_SIGNIN);
    apply_overrides(report);
}
