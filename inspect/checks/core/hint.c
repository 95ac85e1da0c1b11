/* SPDX-License-Identifier: MIT */
/* Parts of a message that lead a careless reader elsewhere: to a type, a file, another key, another text. */
#include "facts.h"

enum { MAX_REPORTS = 3, SHORTEST_ID = 16 };

static bool
is_judged(const struct check_run *run)
{
    return run->saml && run->saml->kind != MESSAGE_UNKNOWN && run->saml->kind != MESSAGE_METADATA &&
           run->saml->kind != MESSAGE_WSTRUST_RSTR;
}

static void
entity_reference(struct check_run *run, const struct check *check)
{
    const struct xml_status *status = &run->message->xml_status;
    if (status->result == XML_MALFORMED && status->undeclared_entity) {
        check_reportf(run, check,
                      "Line %d, column %d: %.*s. A strict parser refuses the message; one that goes on reads the text "
                      "without it, or other nodes than were signed.",
                      status->line, status->column, STR_ARG(status->text));
    }
}

static void
report_hints(struct check_run *run, const struct check *check, bool location)
{
    size_t reported = 0;
    for (size_t i = 0; is_judged(run) && i < run->saml->schema_hint_count && reported < MAX_REPORTS; i++) {
        const struct saml_schema_hint *hint = &run->saml->schema_hints[i];
        if (hint->location == location) {
            finding_at(check_reportf(run, check, "%.*s has %s=\"%.*s\".", STR_ARG(hint->element),
                                     location ? "xsi:schemaLocation" : "xsi:type", STR_ARG(hint->value.text)),
                       hint->value.where);
            reported++;
        }
    }
}

static void
unexpected_type(struct check_run *run, const struct check *check)
{
    report_hints(run, check, false);
}

static void
schema_location(struct check_run *run, const struct check *check)
{
    report_hints(run, check, true);
}

static void
judge_id(struct check_run *run, const struct check *check, const char *name, const struct saml_value *id)
{
    if (id->text.len > 0 && id->text.len < SHORTEST_ID) {
        finding_at(check_reportf(run, check, "The ID of the %s is \"%.*s\": %zu characters.", name, STR_ARG(id->text),
                                 id->text.len),
                   id->where);
    }
}

static void
weak_id(struct check_run *run, const struct check *check)
{
    if (!is_judged(run)) {
        return;
    }
    judge_id(run, check, facts_kind_word(run->saml), &run->saml->id);
    for (size_t i = 0; run->saml->kind == MESSAGE_RESPONSE && i < run->saml->assertion_count && i < MAX_REPORTS; i++) {
        judge_id(run, check, "Assertion", &run->saml->assertions[i].id);
    }
}

/* --- what KeyInfo leads to -------------------------------------------------------------------------- */

static void
several_keys(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        if (signature->keyinfo_several_keys) {
            finding_at(check_reportf(run, check,
                                     "KeyInfo in the signature of %.*s names more than one key: one reader may verify "
                                     "with the first and judge trust by another.",
                                     STR_ARG(signature->parent_name)),
                       signature->where);
        }
    }
}

static bool
is_remote(struct str uri)
{
    return uri.len > 0 && uri.ptr[0] != '#';
}

static void
remote_reference(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        bool reference = is_remote(signature->reference_uri);
        if (reference || str_present(signature->keyinfo_remote)) {
            struct str uri = reference ? signature->reference_uri : signature->keyinfo_remote;
            finding_at(
                check_reportf(run, check, "%s in the signature of %.*s points to \"%.*s\". samltap did not fetch it.",
                              reference ? "Reference" : "KeyInfo", STR_ARG(signature->parent_name), STR_ARG(uri)),
                signature->where);
        }
    }
}

static void
plaintext_invalid(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->encrypted_count; i++) {
        const struct saml_encrypted *part = &run->saml->encrypted[i];
        if (part->result == DECRYPT_PLAINTEXT) {
            finding_at(check_reportf(run, check, "What is encrypted in %.*s could be opened, but %.*s.",
                                     STR_ARG(part->element), STR_ARG(part->detail)),
                       part->where);
        }
    }
}

static const struct check table[] = {
    { CORE_ROW("saml-entity-reference", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the XML refers to an entity that it does not declare"),
      .attack = ATTACK_ENTITY, .fixed = true,
      .means = "Strict parsers refuse the message. Parsers that go on see another text, or other elements, than the "
               "signature covers.",
      .rule = "Besides &amp; &lt; &gt; &quot; &apos; and characters by number there is no reference.",
      .spec = "XML 1.0 4.1, 4.6 · saml-verification XML-04, ATK-ENTITY", .source = "public advisories (CVE-2025-23369)",
      .fixes = { { "any", "Write characters themselves or by number: &nbsp; is HTML, not XML." } },
      .run = entity_reference },
    { CORE_ROW("saml-xsi-type", WARNING, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, LIKELY,
               "an element claims to be of another type"),
      .attack = ATTACK_TYPE_CONFUSION, .fixed = true,
      .means = "Software that follows xsi:type treats the element as something else; others ignore it.",
      .rule = "xsi:type stands only at AttributeValue, Statement, Condition, BaseID and SubjectConfirmationData.",
      .spec = "SAML Core 2.3.3, 2.5.1 · saml-verification XML-14, ATK-MEMSAFE (CVE-2025-47151)",
      .source = "OASIS SAML 2.0 Core (2005); public advisories of 2025",
      .fixes = { { "any", "Find out who writes the attribute; SAML needs none there." } }, .run = unexpected_type },
    { CORE_ROW("saml-schema-location", INFO, MESSAGE, NOTE, IDP_ADMIN, STANDARD, PROVEN,
               "the message says where a schema is"),
      .attack = ATTACK_FORGED_REQUEST,
      .means = "A reader that fetches it can be sent to any address. samltap fetches nothing.",
      .rule = "No xsi:schemaLocation in a message.", .spec = "saml-verification XML-14, ATK-SSRF",
      .source = "XML Schema Part 1, 4.3.2: a hint only",
      .fixes = { { "any", "Leave it out; receivers have the schemas." } }, .run = schema_location },
    { CORE_ROW("saml-id-weak", WARNING, MESSAGE, NOTE, IDP_ADMIN, STANDARD, LIKELY, "an ID is too short to be random"),
      .means = "IDs that repeat or can be guessed make replay protection and the matching of answers unreliable.",
      .rule = "An ID has 16 characters or more (128 random bits need 32 hexadecimal digits).", .limit = "16 characters",
      .spec = "SAML Core 1.3.4 · saml-verification MSG-02", .source = "OASIS SAML 2.0 Core (2005)",
      .fixes = { { "any", "Make IDs from 128 random bits: _ and 32 hexadecimal digits." } }, .run = weak_id },
    { CORE_ROW("sig-keyinfo-several-keys", WARNING, MESSAGE, KEY, IDP_ADMIN, STANDARD, LIKELY,
               "the signature names more than one key"),
      .attack = ATTACK_TWO_KEYS, .fixed = true,
      .means = "Libraries have been fooled by that: verified with one key, trusted for another. samltap trusts none of "
               "them, only the keys that were given.",
      .rule = "KeyInfo names one key; further certificates are its chain.",
      .spec = "saml-verification ATK-DUPKEY (CVE-2019-1006), 4.4", .source = "public advisories",
      .fixes = { { "any", "Let the signer put only its own certificate into KeyInfo." } }, .run = several_keys },
    { CORE_ROW("sig-reference-remote", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "the signature refers to something outside the message"),
      .attack = ATTACK_FORGED_REQUEST, .fixed = true,
      .means = "Verifying it makes a careless receiver fetch an address of the sender's choice, before anything is "
               "proven.",
      .rule = "Reference points to the ID of its parent; KeyInfo has no RetrievalMethod and no KeyInfoReference.",
      .spec = "SAML Core 5.4.2 · saml-verification ATK-SSRF (CVE-2023-36661, CVE-2021-40690), 4.4",
      .source = "public advisories", .fixes = { { "any", "Put the certificate itself into KeyInfo, or nothing." } },
      .run = remote_reference },
    { CORE_ROW("decrypt-plaintext-invalid", ERROR, MESSAGE, ENCRYPTION, IDP_ADMIN, STANDARD, PROVEN,
               "what was encrypted is not what it must be"),
      .fixed = true, .means = "The key is right, the content is not: a strict service provider refuses it.",
      .rule = "The plaintext is one well-formed element, the one that its place asks for, without a DTD.",
      .spec = "SAML Core 2.2.4, 2.3.4, 2.7.3.2 · saml-verification ENC-06, 6.3", .source = "OASIS SAML 2.0 Core (2005)",
      .fixes = { { "any", "Encrypt exactly the Assertion, NameID or Attribute element." } }, .run = plaintext_invalid },
};

CHECK_SET(core_hint, table);
