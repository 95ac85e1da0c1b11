/* SPDX-License-Identifier: MIT */
/* Do two readers see the same name: namespaces, characters that nobody sees, lengths? */
#include "facts.h"
#include "utf8.h"

enum { MAX_REPORTS = 5, LONGEST = 256 };

static bool
is_saml2(const struct saml_message *saml)
{
    return saml->kind != MESSAGE_UNKNOWN && saml->kind != MESSAGE_METADATA && saml->kind != MESSAGE_WSTRUST_RSTR &&
           saml->kind != MESSAGE_SAML1_RESPONSE && saml->kind != MESSAGE_SAML1_ASSERTION;
}

/* Whom a reader of names alone would sign in by a NameID. */
static struct str
confused_reading(struct check_run *run, const struct saml_value *element)
{
    if (!str_present(element->first)) {
        return STR("");
    }
    return arena_printf(run->arena, " and would sign in \"%.*s\"", STR_ARG(element->first));
}

static void
namespace_confusion(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && is_saml2(run->saml) && i < run->saml->confused_count && i < MAX_REPORTS; i++) {
        const struct saml_value *element = &run->saml->confused[i];
        finding_at(check_reportf(run, check,
                                 "The element %.*s has a name of SAML, but not its namespace. A reader that looks for "
                                 "names alone takes it for SAML%.*s; the schema and strict readers do not.",
                                 STR_ARG(element->text), STR_ARG(confused_reading(run, element))),
                   element->where);
    }
}

/* --- every identifier of a message --------------------------------------------------------------------- */

typedef void judge_identifier(struct check_run *run, const struct check *check, const struct saml_value *value,
                              const char *name);

static void
judge_assertion(struct check_run *run, const struct check *check, const struct saml_assertion *assertion,
                judge_identifier *judge)
{
    judge(run, check, &assertion->issuer.value, "Issuer of the Assertion");
    judge(run, check, &assertion->name_id.value, "NameID");
    for (size_t i = 0; i < assertion->confirmation_count; i++) {
        judge(run, check, &assertion->confirmations[i].recipient, "Recipient");
    }
    for (size_t i = 0; i < assertion->restriction_count; i++) {
        for (size_t k = 0; k < assertion->restrictions[i].audience_count; k++) {
            judge(run, check, &assertion->restrictions[i].audiences[k], "Audience");
        }
    }
    for (size_t i = 0; i < assertion->attribute_count; i++) {
        judge(run, check, &assertion->attributes[i].name, "Name of an Attribute");
    }
}

static void
judge_all(struct check_run *run, const struct check *check, judge_identifier *judge)
{
    const struct saml_message *saml = run->saml;
    if (!saml || !is_saml2(saml)) {
        return;
    }
    if (saml->kind != MESSAGE_ASSERTION) {
        judge(run, check, &saml->issuer.value, "Issuer");
        judge(run, check, &saml->destination, "Destination");
        judge(run, check, &saml->logout.name_id.value, "NameID");
    }
    for (size_t i = 0; i < saml->assertion_count && i < MAX_REPORTS; i++) {
        judge_assertion(run, check, &saml->assertions[i], judge);
    }
}

/* Control characters, bidirectional controls, characters without width. */
static bool
is_invisible(uint32_t code)
{
    return (code < 0x20 && code != '\t' && code != '\n' && code != '\r') || (code >= 0x7f && code <= 0x9f) ||
           code == 0xad || code == 0x61c || (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x2069) || code == 0xfeff;
}

static void
judge_invisible(struct check_run *run, const struct check *check, const struct saml_value *value, const char *name)
{
    uint32_t code;
    for (size_t i = 0; i < value->text.len;) {
        size_t at = i;
        i += utf8_at(value->text, i, &code);
        if (is_invisible(code)) {
            finding_at(check_reportf(run, check,
                                     "%s \"%.*s\" holds the character U+%04X at byte %zu, which nobody sees.", name,
                                     STR_ARG(value->text), (unsigned)code, at),
                       value->where);
            return;
        }
    }
}

static void
invisible_character(struct check_run *run, const struct check *check)
{
    judge_all(run, check, judge_invisible);
}

static void
judge_length(struct check_run *run, const struct check *check, const struct saml_value *value, const char *name)
{
    size_t count = 0;
    uint32_t code;
    for (size_t i = 0; i < value->text.len; count++) {
        i += utf8_at(value->text, i, &code);
    }
    if (count > LONGEST) {
        finding_at(check_reportf(run, check, "%s has %zu characters; software has to take %d, and may refuse more.",
                                 name, count, (int)LONGEST),
                   value->where);
    }
}

static void
identifier_too_long(struct check_run *run, const struct check *check)
{
    judge_all(run, check, judge_length);
}

/* --- a confirmation that is never valid ------------------------------------------------------------------ */

static void
confirmation_window(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->assertion->confirmation_count && i < MAX_REPORTS; i++) {
        const struct saml_confirmation *confirmation = &run->assertion->confirmations[i];
        if (confirmation->not_before.valid && confirmation->not_on_or_after.valid &&
            confirmation->not_before.time.ms >= confirmation->not_on_or_after.time.ms) {
            finding_at(check_reportf(run, check,
                                     "NotBefore %.*s of the confirmation is not before NotOnOrAfter %.*s: it never "
                                     "holds.",
                                     STR_ARG(confirmation->not_before.raw.text),
                                     STR_ARG(confirmation->not_on_or_after.raw.text)),
                       confirmation->where);
        }
    }
}

static const struct check table[] = {
    { CORE_ROW("saml-namespace-confusion", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, LIKELY,
               "an element looks like SAML, but is of another namespace"),
      .attack = ATTACK_NAMESPACE, .fixed = true,
      .means = "Readers that ignore namespaces see another message than those that do not: attacks use that.",
      .rule = "An element with the local name of a SAML element has the SAML namespace, letter by letter.",
      .spec = "saml-verification XML-08, ATK-DIFF-NS (CVE-2025-25292, CVE-2025-66567)",
      .source = "OASIS SAML 2.0 Core 1.2; public advisories of 2025",
      .follows = "sig-wrapping-suspect saml-root-not-response",
      .fixes = { { "any", "Find out who writes the element; a namespace may be misspelt in a template." } },
      .run = namespace_confusion },
    { CORE_ROW("saml-invisible-character", WARNING, MESSAGE, SUBJECT, IDP_ADMIN, INFERRED, PROVEN,
               "an identifier holds a character that nobody sees"),
      .means = "It looks right on every screen and is compared byte by byte as something else.",
      .rule = "Issuer, NameID, Audience, Recipient, Destination and attribute names hold no control, zero-width or "
              "bidirectional characters.",
      .spec = "saml-verification XML-11", .source = "Unicode TR36, TR39",
      .fixes = { { "any", "Type the value anew where it is configured instead of pasting it." } },
      .run = invisible_character },
    { CORE_ROW("saml-identifier-too-long", WARNING, MESSAGE, NOTE, IDP_ADMIN, STANDARD, POSSIBLE,
               "an identifier is longer than 256 characters"),
      .means = "Software may cut or refuse it.", .rule = "Identifiers have at most 256 characters.",
      .limit = "256 characters", .spec = "SAML2Int SDP-G02, SDP-G04 · saml-verification XML-12, MSG-07",
      .source = "Kantara SAML2Int 2.0 (2019)", .fixes = { { "any", "Choose a shorter identifier." } },
      .run = identifier_too_long },
    { CORE_ROW("time-scd-window-empty", ERROR, ASSERTION, TIME, IDP_ADMIN, STANDARD, PROVEN,
               "the confirmation is never valid"),
      .means = "No service provider can accept it at any time.",
      .rule = "NotBefore of SubjectConfirmationData is before its NotOnOrAfter.",
      .limit = "NotBefore is 1 ms before NotOnOrAfter", .spec = "SAML Core 2.4.1.2 · saml-verification SUB-04",
      .source = "OASIS SAML 2.0 Core (2005)",
      .fixes = { { "any", "Correct the lifetime in the identity provider's configuration." } },
      .run = confirmation_window },
};

CHECK_SET(core_identifier, table);
