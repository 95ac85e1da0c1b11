/* SPDX-License-Identifier: MIT */
/* What was asked for, or can be expected, about the subject: identifier, format, address. */
#include "facts.h"
#include "signin_types.h"

#define CORE "OASIS SAML 2.0 Core (2005)"
#define UNSPECIFIED "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"

static void
request_confirmation(struct check_run *run, const struct check *check)
{
    const struct saml_request *request = &run->saml->request;
    if (request->subject_confirmation_count > 0) {
        finding_at(check_reportf(run, check, "Subject of the AuthnRequest has %zu SubjectConfirmation.",
                                 request->subject_confirmation_count),
                   request->subject_where);
    }
}

/* Strong match (Core 3.3.4): what the request states of the identifier is the same in the assertion. */
static bool
matches(const struct saml_name_id *asked, const struct saml_name_id *got)
{
    const struct {
        const struct saml_value *asked, *got;
    } parts[] = {
        { &asked->value, &got->value },
        { &asked->format, &got->format },
        { &asked->name_qualifier, &got->name_qualifier },
        { &asked->sp_name_qualifier, &got->sp_name_qualifier },
    };
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        bool stated = i == 0 || (str_present(parts[i].asked->text) && !str_eq_c(parts[i].asked->text, UNSPECIFIED));
        if (stated && !str_eq(str_trim(parts[i].asked->text), str_trim(parts[i].got->text))) {
            return false;
        }
    }
    return true;
}

static void
subject_differs(struct check_run *run, const struct check *check)
{
    if (!facts_is_success(run) || !run->request || !run->request->request.has_subject || !run->assertion->has_subject) {
        return;
    }
    const struct saml_name_id *asked = &run->request->request.subject_name_id, *got = &run->assertion->name_id;
    if (!str_present(asked->value.text) || !str_present(got->value.text)) {
        if (asked->encrypted || got->encrypted) {
            check_skipped(run, check, "the identifier of the user is encrypted and could not be read");
        }
        return;
    }
    if (!matches(asked, got)) {
        struct finding *finding = check_reportf(
            run, check, "The request asks for \"%.*s\" (%.*s), the assertion is about \"%.*s\" (%.*s).",
            STR_ARG(asked->value.text), STR_ARG(asked->format.text.len ? asked->format.text : STR("no format")),
            STR_ARG(got->value.text), STR_ARG(got->format.text.len ? got->format.text : STR("no format")));
        finding_at(finding_mismatch(finding, asked->value.text, got->value.text, "Subject of the AuthnRequest"),
                   got->value.where);
    }
}

static void
format_unspecified(struct check_run *run, const struct check *check)
{
    const struct metadata_entity *sp = run->context->sp;
    const struct saml_name_id *name = &run->assertion->name_id;
    if (!facts_is_success(run) || !str_present(name->value.text) || !sp || sp->sp.name_id_format_count == 0) {
        return;
    }
    if (name->format.text.len > 0 && !str_eq_c(name->format.text, UNSPECIFIED)) {
        return;
    }
    for (size_t i = 0; i < sp->sp.name_id_format_count; i++) {
        if (str_eq_c(sp->sp.name_id_formats[i], UNSPECIFIED)) {
            return;
        }
    }
    struct finding *finding =
        check_reportf(run, check, "NameID has %s; the service provider's metadata names \"%.*s\"%s.",
                      name->format.text.len ? "the Format unspecified" : "no Format",
                      STR_ARG(sp->sp.name_id_formats[0]), sp->sp.name_id_format_count > 1 ? " and others" : "");
    finding_at(finding_mismatch(finding, sp->sp.name_id_formats[0], name->format.text, "SP metadata"),
               name->value.where);
}

/* --- address --------------------------------------------------------------------------------------- */

/* Loopback, private and link-local addresses: what a server far away sees is another one. */
static bool
is_local(struct str address)
{
    static const char *const prefixes[] = { "127.", "10.", "192.168.", "169.254.", "::1", "fc", "fd", "fe80" };
    struct str first, rest, second;
    uint64_t number;
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        if (str_starts_nocase(address, str_from(prefixes[i]))) {
            return true;
        }
    }
    return str_cut(address, '.', &first, &rest) && str_eq_c(first, "172") && str_cut(rest, '.', &second, &rest) &&
           str_to_u64(second, &number) && number >= 16 && number <= 31;
}

static void
address_differs(struct check_run *run, const struct check *check)
{
    if (!facts_is_success(run) || run->message->in_response) {
        return;
    }
    struct str client = run->exchange ? run->exchange->client : (struct str){ 0 };
    for (size_t i = 0; i < run->assertion->confirmation_count; i++) {
        const struct saml_value *address = &run->assertion->confirmations[i].address;
        if (address->text.len == 0 || str_eq_nocase(str_trim(address->text), client)) {
            continue;
        }
        if (client.len == 0 || is_local(client) != is_local(address->text)) {
            check_skipped(run, check,
                          client.len == 0
                              ? "the address of the browser is not known"
                              : "one of the two addresses is local: the other side sees the browser under another one");
            continue;
        }
        struct finding *finding = check_reportf(run, check,
                                                "The confirmation is for the address %.*s, the message comes from "
                                                "%.*s. Address translation, IPv6 beside IPv4 "
                                                "and proxies (samltap is one) do that as well as theft.",
                                                STR_ARG(address->text), STR_ARG(client));
        finding_at(finding_mismatch(finding, address->text, client, "the client of the connection"), address->where);
    }
}

/* --- history --------------------------------------------------------------------------------------- */

static void
persistent_reused(struct check_run *run, const struct check *check)
{
    const struct signin *signin = run->signin;
    if (str_present(signin->reused_from)) {
        finding_mismatch(
            check_reportf(run, check,
                          "The persistent NameID \"%.*s\" came with the e-mail address \"%.*s\" before, and "
                          "with \"%.*s\" now.",
                          STR_ARG(signin->persistent_id), STR_ARG(signin->reused_from), STR_ARG(signin->mail)),
            signin->reused_from, signin->mail, "an earlier sign-in");
    }
}

static const struct check table[] = {
    { CORE_ROW("request-subject-confirmation", ERROR, REQUEST, REQUEST, SP_ADMIN, STANDARD, PROVEN,
               "the request confirms a subject"),
      .means = "The profile forbids it; strict identity providers refuse the request.",
      .rule = "Subject in an AuthnRequest has no SubjectConfirmation.",
      .spec = "SAML Profiles 4.1.4.1 · saml-verification SUB-11", .source = "OASIS SAML 2.0 Profiles (2005)",
      .fixes = { { "any", "Send the NameID alone, or no Subject." } }, .run = request_confirmation },
    { CORE_ROW("subject-not-requested", ERROR, ASSERTION, SUBJECT, IDP_ADMIN, STANDARD, PROVEN,
               "the assertion is about another user than the request"),
      .means = "The service provider asked for one user and must refuse another.",
      .rule = "NameID matches the Subject of the request: value, and Format and qualifiers as far as they are stated.",
      .spec = "SAML Core 3.3.4, 3.4.1.4 · saml-verification SUB-11", .source = CORE,
      .fixes = { { "any", "Sign out at the identity provider, then sign in as the user that was asked for." } },
      .run = subject_differs },
    { CORE_ROW_FOR(PROFILE_GENERIC, "nameid-format-unspecified", WARNING, ASSERTION, SUBJECT, IDP_ADMIN, STANDARD,
                   LIKELY, "NameID does not say of which format it is"),
      .means = "A service provider that finds its users by format does not find this one.",
      .rule = "NameID has a Format when the service provider's metadata lists formats, and not \"unspecified\".",
      .spec = "SAML Core 8.3.1, SAML Metadata 2.4.1 · saml-verification SUB-08", .source = CORE,
      .fixes = { { "okta", "General → SAML Settings → Name ID format." },
                 { "entra", "Attributes & Claims → Unique User Identifier → Name identifier format." },
                 { "any", "Set the format that the service provider's metadata names." } },
      .run = format_unspecified },
    { CORE_ROW("subject-address-mismatch", WARNING, ASSERTION, NOTE, NETWORK, STANDARD, POSSIBLE,
               "the message comes from another address than it says"),
      .means = "Service providers that check it refuse; most do not, because addresses change on the way.",
      .rule = "SubjectConfirmationData/@Address is the address that the message comes from.",
      .spec = "SAML Profiles 4.1.4.3 · saml-verification SUB-03", .source = "OASIS SAML 2.0 Profiles (2005)",
      .fixes = { { "any", "Let the identity provider leave Address out." } }, .run = address_differs },
    { CORE_ROW("nameid-persistent-reused", WARNING, SIGNIN, SUBJECT, IDP_ADMIN, STANDARD, POSSIBLE,
               "a persistent NameID is used for somebody else"),
      .means = "The new user would get the account of the former one. Or the same person has a new address.",
      .rule = "One persistent NameID of one identity provider comes with one e-mail address.",
      .spec = "SAML Core 8.3.7 (E78) · saml-verification SUB-10", .source = CORE,
      .fixes = { { "any", "Make persistent identifiers from something that is never given to another user." } },
      .run = persistent_reused },
};

CHECK_SET(core_requested, table);
