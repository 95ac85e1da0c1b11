/* SPDX-License-Identifier: MIT */
/* What the identity provider says about the sign-in: StatusCode and StatusMessage. */
#include <string.h>

#include "facts.h"

#define CORE "OASIS SAML 2.0 Core (2005)"
#define SECOND_LEVEL                                                                                                   \
    "status-authn-failed status-no-authn-context status-invalid-nameid-policy status-request-denied "                  \
    "status-request-unsupported status-unsupported-binding status-no-passive status-unknown-principal "                \
    "status-second-level"

/* Second-level codes that have a check of their own. */
static const char *const known_codes[][2] = {
    { "status-authn-failed", STATUS_PREFIX "AuthnFailed" },
    { "status-no-authn-context", STATUS_PREFIX "NoAuthnContext" },
    { "status-invalid-nameid-policy", STATUS_PREFIX "InvalidNameIDPolicy" },
    { "status-request-denied", STATUS_PREFIX "RequestDenied" },
    { "status-request-unsupported", STATUS_PREFIX "RequestUnsupported" },
    { "status-unsupported-binding", STATUS_PREFIX "UnsupportedBinding" },
    { "status-no-passive", STATUS_PREFIX "NoPassive" },
    { "status-unknown-principal", STATUS_PREFIX "UnknownPrincipal" },
    { "status-partial-logout", STATUS_PREFIX "PartialLogout" },
    { "status-requester", STATUS_PREFIX "Requester" },
    { "status-responder", STATUS_PREFIX "Responder" },
    { "status-version-mismatch", STATUS_PREFIX "VersionMismatch" },
};

static const struct saml_status *
status_of(const struct check_run *run)
{
    bool has_status = run->saml && (run->saml->kind == MESSAGE_RESPONSE || run->saml->kind == MESSAGE_LOGOUT_RESPONSE ||
                                    run->saml->kind == MESSAGE_ARTIFACT_RESPONSE);
    return has_status ? &run->saml->status : NULL;
}

static const char *
known_id(struct str code)
{
    for (size_t i = 0; i < COUNT_OF(known_codes); i++) {
        if (str_eq_c(code, known_codes[i][1])) {
            return known_codes[i][0];
        }
    }
    return NULL;
}

/* The part after the common prefix, or the whole. */
static struct str
short_code(struct str code)
{
    return str_starts_c(code, STATUS_PREFIX) ? str_from_offset(code, sizeof(STATUS_PREFIX) - 1) : code;
}

static void
report_code(struct check_run *run, const struct check *check, const struct saml_value *code, const char *more)
{
    const struct saml_status *status = status_of(run);
    const struct saml_value *second = status->code_count > 1 ? &status->codes[1] : NULL;
    struct str text = arena_printf(run->arena, "The identity provider answers %.*s", STR_ARG(short_code(code->text)));
    if (second && second != code) {
        text = arena_printf(run->arena, "%.*s / %.*s", STR_ARG(text), STR_ARG(short_code(second->text)));
    }
    if (facts_has_text(&status->message)) {
        text = arena_printf(run->arena, "%.*s and says: \"%.*s\"", STR_ARG(text), STR_ARG(status->message.text));
    }
    finding_at(check_reportf(run, check, "%.*s.%s", STR_ARG(text), more), code->where);
}

static void
status_missing(struct check_run *run, const struct check *check)
{
    const struct saml_status *status = status_of(run);
    if (status && (status->code_count == 0 || status->codes[0].text.len == 0)) {
        finding_at(check_reportf(run, check, "There is no Status/StatusCode/@Value%s.",
                                 status->present ? "" : ", and no Status at all"),
                   run->saml->where);
    }
}

/* Any level whose code has this check's id. */
static void
status_code(struct check_run *run, const struct check *check)
{
    const struct saml_status *status = status_of(run);
    for (size_t i = 0; status && i < status->code_count; i++) {
        const char *id = known_id(status->codes[i].text);
        if (id && strcmp(id, check->id) == 0) {
            const char *more = "";
            if (run->request && strcmp(id, "status-invalid-nameid-policy") == 0 &&
                facts_has_text(&run->request->request.policy_format)) {
                more = arena_printf(run->arena, " The request asked for %.*s.",
                                    STR_ARG(run->request->request.policy_format.text))
                           .ptr;
            }
            report_code(run, check, &status->codes[i], more ? more : "");
            return;
        }
    }
}

static void
unknown_code(struct check_run *run, const struct check *check)
{
    const struct saml_status *status = status_of(run);
    if (!status || status->code_count == 0 || status->codes[0].text.len == 0) {
        return;
    }
    struct str code = status->codes[0].text;
    static const char *const top[] = { "Success", "Requester", "Responder", "VersionMismatch" };
    for (size_t i = 0; i < COUNT_OF(top); i++) {
        if (str_starts_c(code, STATUS_PREFIX) && str_eq_c(short_code(code), top[i])) {
            return;
        }
    }
    report_code(run, check, &status->codes[0],
                " The first code has to be Success, Requester, Responder or VersionMismatch with the prefix "
                "urn:oasis:names:tc:SAML:2.0:status:.");
}

/* A second-level code without a check of its own. */
static void
second_level(struct check_run *run, const struct check *check)
{
    const struct saml_status *status = status_of(run);
    if (status && status->code_count > 1 && status->codes[1].text.len > 0 && !known_id(status->codes[1].text) &&
        !str_eq_c(status->codes[0].text, STATUS_PREFIX "Success")) {
        report_code(run, check, &status->codes[1], "");
    }
}

/* Length of a vendor's error code ("AADSTS50105", "MSIS7070") at the start of text, 0: none. */
static size_t
vendor_code(struct str text)
{
    static const struct {
        const char *prefix;
        size_t least, most;
    } kinds[] = { { "AADSTS", 4, 7 }, { "MSIS", 4, 5 } };
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        size_t from = strlen(kinds[i].prefix), digits = 0;
        if (!str_starts_c(text, kinds[i].prefix)) {
            continue;
        }
        while (from + digits < text.len && text.ptr[from + digits] >= '0' && text.ptr[from + digits] <= '9') {
            digits++;
        }
        if (digits >= kinds[i].least && digits <= kinds[i].most) {
            return from + digits;
        }
    }
    return 0;
}

static void
embedded_code(struct check_run *run, const struct check *check)
{
    const struct saml_status *status = status_of(run);
    for (size_t i = 0; status && i < status->message.text.len; i++) {
        struct str rest = str_from_offset(status->message.text, i);
        size_t len = vendor_code(rest);
        if (len > 0) {
            finding_at(check_reportf(run, check, "StatusMessage names the identity provider's own error %.*s.",
                                     STR_ARG(str_slice(rest, 0, len))),
                       status->message.where);
            return;
        }
    }
}

#define STATUS_ROW(check_id, check_severity, owner, title)                                                             \
    CORE_ROW(check_id, check_severity, MESSAGE, STATUS, owner, STANDARD, PROVEN, title)

static const struct check table[] = {
    { STATUS_ROW("status-missing", ERROR, IDP_ADMIN, "the Response has no status"),
      .means = "Without a status nobody knows whether sign-in succeeded; service providers refuse it.",
      .rule = "Status/StatusCode/@Value is present and not empty.",
      .spec = "SAML Core 3.2.2.1 · saml-verification STA-01", .source = CORE,
      .fixes = { { "any", "A fault of the identity provider." } }, .run = status_missing },
    { STATUS_ROW("status-requester", ERROR, IDP_ADMIN, "the identity provider blames the request"),
      .means = "It refused to sign the user in because of what the service provider asked, or how the application is "
               "set up there.",
      .rule = "The first status code is Requester.", .spec = "SAML Core 3.2.2.2 · saml-verification STA-04",
      .source = CORE, .follows = SECOND_LEVEL,
      .fixes = { { "entra", "Look the correlation id up in the sign-in logs." },
                 { "adfs", "Event 364 with the Activity ID of the error page." },
                 { "any", "Typical: wrong entity ID of the service provider, NameIDPolicy, binding, signing." } },
      .run = status_code },
    { STATUS_ROW("status-responder", ERROR, IDP_ADMIN, "the identity provider failed"),
      .means = "The fault is at the identity provider or with the user there; nothing at the service provider helps.",
      .rule = "The first status code is Responder.", .spec = "SAML Core 3.2.2.2 · saml-verification STA-04",
      .source = CORE, .follows = SECOND_LEVEL,
      .fixes = { { "adfs", "Event 364 with the Activity ID of the error page." },
                 { "okta", "Reports → System Log, at the time of the attempt." },
                 { "entra", "Sign-in logs, by correlation id." },
                 { "any", "Look at the identity provider's log at the time of the attempt." } },
      .run = status_code },
    { STATUS_ROW("status-version-mismatch", ERROR, IDP_ADMIN, "the two sides speak different versions of SAML"),
      .means = "The identity provider does not take the version of the request.",
      .rule = "The first status code is VersionMismatch.", .spec = "SAML Core 3.2.2.2 · saml-verification STA-04",
      .source = CORE, .follows = SECOND_LEVEL, .fixes = { { "any", "Both sides must speak SAML 2.0." } },
      .run = status_code },
    { STATUS_ROW("status-unknown-code", ERROR, IDP_ADMIN, "the status code is none that SAML knows"),
      .means = "Service providers read it as a failure.",
      .rule = "The first status code is Success, Requester, Responder or VersionMismatch, byte for byte.",
      .spec = "SAML Core 3.2.2.2 · saml-verification STA-01", .source = CORE,
      .fixes = { { "any", "A fault of the identity provider or its template." } }, .run = unknown_code },
    { STATUS_ROW("status-second-level", ERROR, IDP_ADMIN, "the identity provider gives a reason"),
      .means = "The second status code says why sign-in failed.",
      .rule = "The first status code is not Success and there is a second one.",
      .spec = "SAML Core 3.2.2.2 · saml-verification STA-04", .source = CORE,
      .fixes = { { "any", "Look the code up in the identity provider's documentation and log." } },
      .run = second_level },
    { STATUS_ROW("status-authn-failed", ERROR, USER, "the user could not be authenticated"),
      .means = "Cancelled, wrong password, second factor refused, locked, or kept out by a policy.",
      .rule = "A status code is AuthnFailed.", .spec = "SAML Core 3.2.2.2 · saml-verification STA-04", .source = CORE,
      .fixes = { { "any", "Check credentials, second factor, lock-out and policy in the identity provider's log." } },
      .run = status_code },
    { STATUS_ROW("status-no-authn-context", ERROR, SP_ADMIN, "the requested authentication method is not available"),
      .means = "The service provider asked for a method (RequestedAuthnContext) that the identity provider cannot or "
               "did not use.",
      .rule = "A status code is NoAuthnContext.",
      .spec = "SAML Core 3.2.2.2, 3.3.2.2.1 · saml-verification STA-04, AUT-03",
      .source = "OASIS SAML 2.0 Core; Microsoft, AADSTS75011",
      .fixes = { { "adfs", "MSIS7102: enable the authentication method." },
                 { "entra", "AADSTS75011: drop RequestedAuthnContext, or send ForceAuthn=\"true\"." },
                 { "any", "Drop RequestedAuthnContext at the service provider, or use Comparison=\"minimum\"." } },
      .run = status_code },
    { STATUS_ROW("status-invalid-nameid-policy", ERROR, IDP_ADMIN, "the requested NameID format is not available"),
      .means = "The identity provider cannot make the kind of user name that the service provider asked for.",
      .rule = "A status code is InvalidNameIDPolicy.",
      .spec = "SAML Core 3.2.2.2, 3.4.1.1 · saml-verification STA-04, SUB-06",
      .source = "OASIS SAML 2.0 Core; Microsoft, MSIS7070 and AADSTS75016",
      .fixes = { { "adfs", "Add a transform rule: E-Mail Address or UPN to Name ID, outgoing format Email." },
                 { "entra", "AADSTS75016: set the format of Unique User Identifier to Email address." },
                 { "keycloak", "Client: Name ID format = email, Force name ID format = on." },
                 { "any", "Issue the requested format, or ask for none." } },
      .run = status_code },
    { STATUS_ROW("status-request-denied", ERROR, IDP_ADMIN, "the identity provider refuses this user or application"),
      .means = "A policy forbids it: mostly the user is not assigned to the application.",
      .rule = "A status code is RequestDenied.", .spec = "SAML Core 3.2.2.2 · saml-verification STA-04", .source = CORE,
      .fixes = { { "okta", "Application → Assignments: assign the user or a group." },
                 { "entra", "Enterprise application → Users and groups (AADSTS50105)." },
                 { "adfs", "Relying party → Access Control Policy (MSIS5007)." },
                 { "any", "Assign the user to the application." } },
      .run = status_code },
    { STATUS_ROW("status-request-unsupported", ERROR, SP_ADMIN, "the identity provider does not support the request"),
      .means = "Something in the AuthnRequest is not implemented there.",
      .rule = "A status code is RequestUnsupported.", .spec = "SAML Core 3.2.2.2 · saml-verification STA-04",
      .source = "OASIS SAML 2.0 Core; Microsoft, AADSTS75006 and AADSTS90011",
      .fixes = { { "entra", "StatusMessage names the property, for example SPNameQualifier: remove it." },
                 { "any", "Remove the named property from the request." } },
      .run = status_code },
    { STATUS_ROW("status-unsupported-binding", ERROR, SP_ADMIN, "the identity provider cannot answer by that binding"),
      .means = "The request asked for a binding that it does not have.", .rule = "A status code is UnsupportedBinding.",
      .spec = "SAML Core 3.2.2.2 · saml-verification STA-04", .source = CORE,
      .fixes = { { "any", "Ask for HTTP-POST: ProtocolBinding of the request, or the index of such an endpoint." } },
      .run = status_code },
    { STATUS_ROW("status-no-passive", ERROR, SP_ADMIN, "silent sign-in is not possible"),
      .means = "The request said IsPassive=\"true\", but the user would have to do something.",
      .rule = "A status code is NoPassive.", .spec = "SAML Core 3.2.2.2, 3.4.1 · saml-verification STA-04",
      .source = CORE,
      .fixes = { { "any", "Sign in interactively; the service provider should then ask without IsPassive." } },
      .run = status_code },
    { STATUS_ROW("status-unknown-principal", ERROR, IDP_ADMIN, "the identity provider does not know the user"),
      .means = "The user is not in the directory or tenant that was asked.",
      .rule = "A status code is UnknownPrincipal.", .spec = "SAML Core 3.2.2.2 · saml-verification STA-04",
      .source = CORE,
      .fixes = { { "any", "Check the user in the identity provider's directory; check that it is the right tenant." } },
      .run = status_code },
    { STATUS_ROW("status-partial-logout", WARNING, SP_ADMIN, "not every session was ended"),
      .means = "The identity provider could not reach all service providers; the user may still be signed in there.",
      .rule = "A status code is PartialLogout.", .spec = "SAML Core 3.2.2.2, 3.7.3.2 · saml-verification SLO-04",
      .source = CORE,
      .fixes = { { "any", "Close the browser; check the logout endpoints of the other applications." } },
      .run = status_code },
    { STATUS_ROW("status-message-embedded-code", WARNING, IDP_ADMIN, "the status message names a vendor's error"),
      .means = "The vendor's own number says more than the SAML status.",
      .rule = "StatusMessage holds AADSTS and 4 to 7 digits, or MSIS and 4 or 5 digits.",
      .limit = "3 digits behind AADSTS", .spec = "saml-verification STA-04",
      .source = "Microsoft Entra error code reference; AD FS events",
      .fixes = { { "entra", "Look the AADSTS number up in Microsoft's error code reference." },
                 { "adfs", "Look the MSIS number up in the AD FS event log, event 364." } },
      .run = embedded_code },
};

CHECK_SET(core_status, table);
