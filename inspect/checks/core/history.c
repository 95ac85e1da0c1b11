/* SPDX-License-Identifier: MIT */
/* What a message means after those that came before it: used again, answered again, guessed, another name. */
#include "facts.h"
#include "past.h"
#include "signin_types.h"

#define PROFILES "OASIS SAML 2.0 Profiles (2005)"

enum { OLD_REQUEST_MS = 15 * 60000 };

/* The use before this one; NULL when there was none, or when another message of the report is meant. */
static const struct past_use *
used_before(const struct check_run *run)
{
    const struct past_view *past = run->context->past;
    if (!past || !past->used || !run->saml) {
        return NULL;
    }
    for (size_t i = 0; i < run->saml->assertion_count; i++) {
        if (str_eq(run->saml->assertions[i].id.text, past->used_id)) {
            return past->used;
        }
    }
    return str_eq(run->saml->id.text, past->used_id) ? past->used : NULL;
}

/* "12 s before, at 2026-01-01T00:00:00Z"; in another file it may be later. */
static struct str
when(const struct check_run *run, const struct past_use *use)
{
    int64_t now = run->exchange ? run->exchange->started_ms : 0;
    if (use->at_ms == 0 || now == 0) {
        return STR("before");
    }
    return arena_printf(run->arena, "%.*s %s, at %.*s",
                        STR_ARG(facts_duration(run->arena, use->at_ms > now ? use->at_ms - now : now - use->at_ms)),
                        use->at_ms > now ? "later" : "before", STR_ARG(facts_time(run, use->at_ms)));
}

static bool
signed_in_now(const struct check_run *run)
{
    return run->signin && (run->signin->outcome == OUTCOME_SIGNED_IN || run->signin->outcome == OUTCOME_NO_ACCOUNTS ||
                           run->signin->state == SIGNIN_PORTAL);
}

/* What may have made a browser send the same form again. */
static struct str
why_again(const struct check_run *run, const struct past_use *use)
{
    if (use->status == 0) {
        return STR("The first time got no answer: a retry after a failed connection.");
    }
    if (use->status >= 500) {
        return arena_printf(run->arena, "The first time was answered with HTTP %u: a retry.", use->status);
    }
    return STR("The same browser sent the form again: a reload, the Back button or a double click.");
}

/* Files of single messages say nothing about posts, nor when they were: the order they were given in is all there is. */
static void
in_two_files(struct check_run *run, const struct check *check, const struct past_use *use, struct str id)
{
    struct finding *finding = check_reportf(run, check,
                                            "\"%.*s\" was in %s%.*s already, which was given before this input%s. If "
                                            "both were posted, the second post is a "
                                            "replay; files do not say whether they were.",
                                            STR_ARG(id), use->file.len > 0 ? "" : "a recording, posted to ",
                                            STR_ARG(use->file.len > 0 ? use->file : use->url),
                                            use->same_bytes || use->same_response ? "" : ", in another Response");
    finding->title = STR("the same response was given twice");
    finding->severity = SEVERITY_INFO;
    finding->confidence = CONFIDENCE_POSSIBLE;
    finding_at(finding, run->saml->where);
}

static void
replayed(struct check_run *run, const struct check *check)
{
    const struct past_use *use = used_before(run);
    if (!use) {
        return;
    }
    bool elsewhere = run->exchange && !str_eq(use->url, exchange_url_without_query(run->arena, run->exchange));
    struct str id = run->context->past->used_id;
    struct finding *finding;
    if (!run->exchange || use->file.len > 0) {
        in_two_files(run, check, use, id);
        return;
    }
    if (!use->same_bytes && !use->same_response) {
        finding = check_reportf(run, check,
                                "The ID \"%.*s\" was posted %.*s in another Response: it was taken out of that one, or "
                                "the identity provider uses IDs twice.",
                                STR_ARG(id), STR_ARG(when(run, use)));
    } else if (!use->same_browser) {
        finding = check_reportf(run, check,
                                "\"%.*s\" was posted %.*s by another browser (%.*s): somebody has a copy of it. If it "
                                "was not you, take it for stolen: end the session that it opened.",
                                STR_ARG(id), STR_ARG(when(run, use)),
                                STR_ARG(use->client.len ? use->client : STR("by its User-Agent")));
        finding->title = STR("the same response was posted from another browser");
    } else if (elsewhere) {
        finding = check_reportf(run, check,
                                "\"%.*s\" was posted %.*s to another URL, %.*s. An assertion is for one service "
                                "provider and one use: whoever sent it on is no browser that follows a form.",
                                STR_ARG(id), STR_ARG(when(run, use)), STR_ARG(use->url));
        finding->title = STR("the same response was posted to two service providers");
    } else {
        finding = check_reportf(run, check, "\"%.*s\" was posted to this URL %.*s. %.*s", STR_ARG(id),
                                STR_ARG(when(run, use)), STR_ARG(why_again(run, use)));
    }
    finding->confidence = use->same_browser && !elsewhere ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY;
    if (!use->same_browser || elsewhere || (!use->same_bytes && !use->same_response)) {
        finding_attack(finding, ATTACK_REPLAY);
    }
    finding_at(finding, run->saml->where);
}

static bool
has_one_time_use(const struct check_run *run)
{
    for (size_t i = 0; run->saml && i < run->saml->assertion_count; i++) {
        if (run->saml->assertions[i].one_time_use_count > 0) {
            return true;
        }
    }
    return false;
}

static void
accepted_twice(struct check_run *run, const struct check *check)
{
    const struct past_use *use = used_before(run);
    if (!use || !use->accepted || !signed_in_now(run)) {
        return;
    }
    finding_at(
        check_reportf(run, check, "\"%.*s\" opened a session %.*s at %.*s, and it was accepted again here.%s%s",
                      STR_ARG(run->context->past->used_id), STR_ARG(when(run, use)), STR_ARG(use->url),
                      has_one_time_use(run) ? " It even says OneTimeUse." : "",
                      use->same_browser ? " It was the same browser, so its session may have answered instead." : ""),
        run->saml->where);
}

static void
answered_twice(struct check_run *run, const struct check *check)
{
    const struct past_view *past = run->context->past;
    if (!past || !past->answered || run->message->in_response) {
        return;
    }
    const struct past_use *use = past->answered;
    bool taken = use->accepted;
    struct finding *finding;
    if (!run->exchange || use->file.len > 0) {
        finding = check_reportf(run, check,
                                "The request \"%.*s\" has another answer in %.*s, which was given before this input. "
                                "Only the first that was posted can be accepted; files do not say which that was.",
                                STR_ARG(run->saml->in_response_to.text),
                                STR_ARG(use->file.len > 0 ? use->file : STR("a recording")));
        finding->severity = SEVERITY_INFO;
        finding->confidence = CONFIDENCE_POSSIBLE;
        finding_at(finding, run->saml->in_response_to.where);
        return;
    }
    finding = check_reportf(
        run, check, "The request \"%.*s\" was answered %.*s by another Response%s. %s",
        STR_ARG(run->saml->in_response_to.text), STR_ARG(when(run, use)),
        taken ? ", which was accepted" : ", which opened no session that was seen",
        !use->same_browser ? "It came from another browser: a link to the identity provider was passed on, or stolen."
                           : "The Back button to the identity provider's page, or its form in a second tab, makes "
                             "that.");
    finding->severity = taken ? SEVERITY_ERROR : SEVERITY_WARNING;
    finding_at(finding, run->saml->in_response_to.where);
}

static void
request_old(struct check_run *run, const struct check *check)
{
    const struct past_view *past = run->context->past;
    if (!past || past->asked_ms == 0 || run->message->in_response || !run->exchange) {
        return;
    }
    int64_t age = run->exchange->started_ms - past->asked_ms;
    if (age > OLD_REQUEST_MS) {
        finding_at(check_reportf(run, check, "The request \"%.*s\" was made %.*s before this answer came.",
                                 STR_ARG(run->saml->in_response_to.text), STR_ARG(facts_duration(run->arena, age))),
                   run->saml->in_response_to.where);
    }
}

static void
request_unknown(struct check_run *run, const struct check *check)
{
    const struct past_view *past = run->context->past;
    if (past && past->asked_ms == 0 && past->requests_seen && !run->message->in_response &&
        run->saml->kind == MESSAGE_RESPONSE && facts_has_text(&run->saml->in_response_to)) {
        finding_at(check_reportf(run, check,
                                 "It answers \"%.*s\". Requests of this service provider were seen, but none with that "
                                 "ID: it was made before samltap was there, in another browser, or never.",
                                 STR_ARG(run->saml->in_response_to.text)),
                   run->saml->in_response_to.where);
    }
}

static void
id_guessable(struct check_run *run, const struct check *check)
{
    const struct past_view *past = run->context->past;
    if (past && run->saml && str_present(past->guessed_id) && str_eq(run->saml->id.text, past->guessed_id)) {
        finding_at(
            check_reportf(run, check,
                          "\"%.*s\" comes after \"%.*s\" of the same sender: whoever sees one can guess the next.",
                          STR_ARG(past->guessed_id), STR_ARG(past->similar_id)),
            run->saml->id.where);
    }
}

/* --- logout ---------------------------------------------------------------------------------------------- */

static void
logout_name(struct check_run *run, const struct check *check)
{
    const struct past_view *past = run->context->past;
    const struct saml_name_id *name = &run->saml->logout.name_id;
    if (run->saml->kind != MESSAGE_LOGOUT_REQUEST || !past || (name->encrypted && !str_present(name->value.text))) {
        return;
    }
    if (!past->name) {
        check_skipped(run, check, "the sign-in that it ends was not seen");
        return;
    }
    const struct {
        const char *what;
        const struct saml_value *now;
        struct str before;
    } parts[] = {
        { "NameID", &name->value, past->name->value },
        { "Format of the NameID", &name->format, past->name->format },
        { "NameQualifier of the NameID", &name->name_qualifier, past->name->name_qualifier },
        { "SPNameQualifier of the NameID", &name->sp_name_qualifier, past->name->sp_name_qualifier },
    };
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        struct str received = str_present(parts[i].now->text) ? parts[i].now->text : STR("");
        if (str_eq(received, parts[i].before)) {
            continue;
        }
        struct finding *finding = check_reportf(run, check, "The %s is \"%.*s\"; at sign-in it was \"%.*s\".",
                                                parts[i].what, STR_ARG(received), STR_ARG(parts[i].before));
        finding_at(finding_mismatch(finding, parts[i].before, received, "the assertion of the sign-in"),
                   parts[i].now->where);
        return;
    }
}

static void
logout_session(struct check_run *run, const struct check *check)
{
    const struct past_view *past = run->context->past;
    if (run->saml->kind == MESSAGE_LOGOUT_REQUEST && past && past->name && !past->session_known &&
        run->saml->logout.session_index_count > 0) {
        finding_at(check_reportf(run, check,
                                 "SessionIndex is \"%.*s\"; the sign-in of that user that was seen had another one.",
                                 STR_ARG(run->saml->logout.session_indexes[0].text)),
                   run->saml->logout.session_indexes[0].where);
    }
}

static const struct check table[] = {
    { CORE_ROW("assertion-replayed", ERROR, RESPONSE, REQUEST, USER, STANDARD, LIKELY,
               "the same response was posted twice"),
      .means = "Service providers take a response once only. A reload does that, and so does a thief.",
      .rule = "An Assertion ID, and a Response ID, is posted once.",
      .spec = "SAML Profiles 4.1.4.5 · saml-verification AST-07, ATK-REPLAY", .source = PROFILES,
      .fixes = { { "any", "Start again from the portal instead of going back or refreshing." } }, .run = replayed },
    { CORE_ROW("assertion-accepted-twice", WARNING, SIGNIN, NOTE, SP_ADMIN, STANDARD, LIKELY,
               "a used assertion was accepted again"),
      .attack = ATTACK_REPLAY, .fixed = true,
      .means = "The service provider keeps no list of the assertions that it has seen: a copy opens a session, too.",
      .rule = "An assertion that opened a session is not accepted again while it is valid (bearer, OneTimeUse).",
      .spec = "SAML Profiles 4.1.4.5, Core 2.5.1.5 · saml-verification AST-07, CON-04, ATK-REPLAY", .source = PROFILES,
      .fixes = { { "any", "Switch the replay cache of the service provider on; its nodes must share it." } },
      .run = accepted_twice },
    { CORE_ROW("request-answered-twice", ERROR, RESPONSE, REQUEST, USER, STANDARD, LIKELY,
               "the request was answered before"),
      .means = "A request is outstanding until it is answered; service providers refuse a second answer to it.",
      .rule = "InResponseTo names a request that was not answered yet.",
      .spec = "SAML Profiles 4.1.4.3, 4.1.5 · saml-verification MSG-05", .source = PROFILES,
      .follows = "assertion-replayed", .fixes = { { "any", "Start again from the service provider, in one tab." } },
      .run = answered_twice },
    { CORE_ROW("request-old", WARNING, RESPONSE, REQUEST, USER, INFERRED, POSSIBLE,
               "the answer comes long after its request"),
      .means = "Service providers keep a request for some minutes, or as long as a cookie lives; later they say that "
               "InResponseTo is unknown.",
      .rule = "The answer comes within 15 minutes of the request.", .limit = "15 minutes",
      .spec = "saml-verification MSG-05, 2.5", .source = "own conclusion",
      .fixes = { { "any", "Start again; do not keep the sign-in page open or as a bookmark." } }, .run = request_old },
    { CORE_ROW("inresponseto-unknown", WARNING, RESPONSE, REQUEST, USER, INFERRED, POSSIBLE,
               "the answer names a request that was not seen"),
      .means = "A service provider that did not make the request refuses the answer.",
      .rule = "InResponseTo is the ID of a request that was seen, when requests of that service provider are seen.",
      .spec = "SAML Profiles 4.1.4.3 · saml-verification MSG-05, ATK-REPLAY", .source = PROFILES,
      .follows = "inresponseto-mismatch inresponseto-unsolicited assertion-replayed",
      .fixes = { { "any", "Start again in one tab; an answer that was captured elsewhere cannot be used." } },
      .run = request_unknown },
    { CORE_ROW("saml-id-guessable", WARNING, MESSAGE, NOTE, IDP_ADMIN, STANDARD, LIKELY, "IDs can be guessed"),
      .means = "Who can foresee an ID can prepare an answer to a request, or a request to be answered.",
      .rule =
          "IDs of one sender are no counter, and differ in more than 12 characters (128 random bits are asked for).",
      .limit = "13 characters that differ", .spec = "SAML Core 1.3.4 · saml-verification MSG-02",
      .source = "OASIS SAML 2.0 Core (2005)",
      .fixes = { { "any", "Make IDs from '_' and at least 32 random hexadecimal digits." } }, .run = id_guessable },
    { CORE_ROW("logout-nameid-mismatch", ERROR, LOGOUT, SUBJECT, SP_ADMIN, STANDARD, LIKELY,
               "the logout names the user otherwise than the sign-in"),
      .means = "The receiver finds no session of that name, and the user stays signed in.",
      .rule = "NameID of a LogoutRequest equals that of the assertion: its value and all its attributes.",
      .spec = "SAML Core 3.3.4, Profiles 4.4.4.1 · saml-verification SLO-05", .source = PROFILES,
      .fixes = { { "any", "Keep the NameID element of the assertion, with its attributes, and send it back." } },
      .run = logout_name },
    { CORE_ROW("logout-session-unknown", WARNING, LOGOUT, SUBJECT, SP_ADMIN, STANDARD, POSSIBLE,
               "the logout names another session"),
      .means = "The receiver ends another session of the user, or none.",
      .rule = "SessionIndex of a LogoutRequest is that of the assertion.",
      .spec = "SAML Core 3.7.1 · saml-verification SLO-05", .source = "OASIS SAML 2.0 Core 3.7 (2005)",
      .follows = "logout-nameid-mismatch",
      .fixes = { { "any", "Keep SessionIndex of the AuthnStatement and send it back." } }, .run = logout_session },
};

CHECK_SET(core_history, table);
