/* SPDX-License-Identifier: MIT */
/* Single logout. Issuer, destination, status and signature are judged with those of sign-in. */
#include "facts.h"

#define CORE "OASIS SAML 2.0 Core 3.7 (2005)"

static bool
is_request(const struct check_run *run)
{
    return run->saml->kind == MESSAGE_LOGOUT_REQUEST;
}

static void
logout_expired(struct check_run *run, const struct check *check)
{
    const struct saml_time *end = &run->saml->logout.not_on_or_after;
    if (!is_request(run) || !end->valid) {
        return;
    }
    int64_t late = run->context->now_ms - end->time.ms;
    if (late >= run->context->skew_ms) {
        bool copy = facts_clock_is_guess(run);
        struct finding *finding =
            check_reportf(run, check, "LogoutRequest/@NotOnOrAfter is %.*s, and it is %.*s (%s): %.*s too late.%.*s%s",
                          STR_ARG(end->raw.text), STR_ARG(facts_time(run, run->context->now_ms)),
                          run->context->now_source, STR_ARG(facts_duration(run->arena, late)),
                          STR_ARG(check_would_pass(run, late + 1)), copy ? " This is a saved copy; give --now." : "");
        if (copy) {
            finding->severity = SEVERITY_WARNING;
        }
        finding_at(finding, end->raw.where);
    }
}

static void
logout_nameid_missing(struct check_run *run, const struct check *check)
{
    const struct saml_name_id *name = &run->saml->logout.name_id;
    if (is_request(run) && !name->encrypted && str_trim(name->value.text).len == 0) {
        finding_at(check_reportf(run, check, "The LogoutRequest does not say whose session to end."), run->saml->where);
    }
}

/* RFC 3986: no white space, and a scheme. */
static bool
is_uri(struct str text)
{
    size_t colon = str_find_byte(text, ':');
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] <= ' ') {
            return false;
        }
    }
    return colon != SIZE_MAX && colon > 0;
}

static void
logout_reason(struct check_run *run, const struct check *check)
{
    const struct saml_value *reason = &run->saml->logout.reason;
    if (is_request(run) && facts_has_text(reason) && !is_uri(reason->text)) {
        finding_at(check_reportf(run, check, "Reason is \"%.*s\", which is no URI.", STR_ARG(reason->text)),
                   reason->where);
    }
}

static const struct check table[] = {
    { CORE_ROW("logout-expired", ERROR, LOGOUT, TIME, IDP_ADMIN, STANDARD, PROVEN, "the logout request has expired"),
      .means = "The receiver ignores it and the session stays.",
      .rule = "now < LogoutRequest/@NotOnOrAfter + skew; the end itself is outside.",
      .limit = "1 ms before NotOnOrAfter + skew", .spec = "SAML Core 3.7.1, 3.7.3.2 · saml-verification SLO-02",
      .source = CORE, .fixes = { { "any", "Check the clocks; log out again." } }, .run = logout_expired },
    { CORE_ROW("logout-nameid-missing", ERROR, LOGOUT, SUBJECT, IDP_ADMIN, STANDARD, PROVEN,
               "the logout request names nobody"),
      .means = "The receiver cannot tell whose session to end.",
      .rule = "LogoutRequest has a NameID, BaseID or EncryptedID.",
      .spec = "SAML Core 3.7.1 · saml-verification SLO-05", .source = CORE,
      .fixes = { { "any", "Send the NameID of the sign-in, with all its attributes." } },
      .run = logout_nameid_missing },
    { CORE_ROW("logout-reason-invalid", WARNING, LOGOUT, NOTE, IDP_ADMIN, STANDARD, PROVEN,
               "the reason of the logout is no URI"),
      .means = "Strict receivers refuse it.", .rule = "Reason is a URI reference.",
      .spec = "SAML Core 3.7.1 (E10) · saml-verification SLO-03", .source = CORE,
      .fixes = { { "any", "Use urn:oasis:names:tc:SAML:2.0:logout:user, or leave it out." } }, .run = logout_reason },
};

CHECK_SET(core_logout, table);
