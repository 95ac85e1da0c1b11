/* SPDX-License-Identifier: MIT */
/* Is what counts signed, unchanged, and by the key that is trusted? */
#include <string.h>

#include "signature_facts.h"

#define DSIG "W3C XML Signature (2002); OASIS SAML 2.0 Core 5.4"

/* --- presence ------------------------------------------------------------------------------------ */

static bool
query_signed(const struct check_run *run)
{
    return run->message && run->message->query_signature.present;
}

static void
sig_missing(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    /* What an artifact stands for comes from server to server: TLS may be all that protects it. */
    if (!facts_signs_in(run) || saml->signature >= 0 || query_signed(run) || saml->kind == MESSAGE_ARTIFACT_RESPONSE) {
        return;
    }
    size_t unsigned_count = 0;
    const struct saml_assertion *first = NULL;
    for (size_t i = 0; i < saml->assertion_count; i++) {
        if (saml->assertions[i].signature < 0) {
            first = first ? first : &saml->assertions[i];
            unsigned_count++;
        }
    }
    if (!first) {
        return;
    }
    struct finding *finding = check_reportf(
        run, check,
        "%s: anybody could have written it.%s A service provider that verifies only the signatures that "
        "are there would sign in %.*s; a strict one signs in nobody.",
        saml->kind != MESSAGE_RESPONSE && saml->kind != MESSAGE_SAML1_RESPONSE ? "The Assertion is not signed"
        : unsigned_count < saml->assertion_count
            ? "One Assertion is signed, another is not, and the Response is not signed"
            : "Neither the Response nor the Assertion is signed",
        first->was_encrypted ? " That it is encrypted proves nothing about the sender." : "",
        STR_ARG(facts_quoted(run, first)));
    if (first->was_encrypted) {
        finding_attack(finding, ATTACK_ENCRYPTION_ALONE);
    }
    finding_at(finding, first->where);
}

static void
assertion_unsigned(struct check_run *run, const struct check *check)
{
    bool option = run->context->settings->want_assertions_signed;
    bool metadata = run->context->sp && run->context->sp->sp.want_signed;
    if (run->assertion->signature >= 0 || (!option && !metadata) || !facts_signs_in(run)) {
        return;
    }
    struct finding *finding =
        check_reportf(run, check, "The Assertion has no signature of its own, which %s asks for%s.",
                      option ? "--want-assertions-signed" : "the service provider's metadata (WantAssertionsSigned)",
                      run->saml->signature >= 0 ? "; only the Response is signed" : "");
    if (!option) {
        finding->severity = SEVERITY_WARNING;
        finding->confidence = CONFIDENCE_LIKELY;
    }
    finding_at(finding, run->assertion->where);
}

static void
response_unsigned(struct check_run *run, const struct check *check)
{
    bool message = facts_is_logout(run) || (run->saml && run->saml->kind == MESSAGE_RESPONSE);
    if (message && run->context->settings->want_response_signed && run->saml->signature < 0 && !query_signed(run)) {
        finding_at(check_reportf(run, check,
                                 "The %s has no signature of its own, which --want-response-signed asks "
                                 "for.",
                                 facts_kind_word(run->saml)),
                   run->saml->where);
    }
}

static void
logout_unsigned(struct check_run *run, const struct check *check)
{
    if (run->saml->signature < 0 && !query_signed(run) && !run->context->settings->want_response_signed) {
        finding_at(check_reportf(run, check, "The %s is not signed: anybody could end the user's session.",
                                 facts_kind_word(run->saml)),
                   run->saml->where);
    }
}

/* --- shape --------------------------------------------------------------------------------------- */

/* Problems that one row stands for. */
struct shape {
    const char *id;
    uint32_t problems;
};

#define BIT(name) (UINT32_C(1) << DSIG_PROBLEM_##name)

static const struct shape shapes[] = {
    { "sig-misplaced", BIT(PLACEMENT) | BIT(POSITION) | BIT(SECOND_SIGNATURE) },
    { "sig-shape", BIT(SIGNED_INFO_COUNT) | BIT(REFERENCE_COUNT) | BIT(OBJECT) | BIT(VALUE_NOT_TEXT) |
                       BIT(VALUE_EMPTY) | BIT(VALUE_BASE64) | BIT(PREFIX_LIST) | BIT(LIMIT) },
    { "sig-reference-mismatch", BIT(URI_MISSING) | BIT(URI_MISMATCH) | BIT(PARENT_WITHOUT_ID) },
    { "sig-reference-empty", BIT(URI_EMPTY) },
    { "sig-transform-unexpected", BIT(TRANSFORM) | BIT(C14N_UNKNOWN) },
    { "sig-c14n-inclusive", BIT(C14N_INCLUSIVE) },
    { "sig-alg-unknown", BIT(SIGNATURE_METHOD_UNKNOWN) | BIT(DIGEST_METHOD_UNKNOWN) },
    { "sig-alg-refused", BIT(SIGNATURE_METHOD_REFUSED) | BIT(DIGEST_METHOD_REFUSED) },
};

static bool
is_hmac(const struct dsig_signature *signature)
{
    return str_find_c(signature->signature_method, "#hmac-") != SIZE_MAX;
}

/* "2000/09/xmldsig#rsa-sha256" is printed in an article and exists nowhere. */
static const char *
suggestion(const struct dsig_signature *signature)
{
    struct str method = signature->signature_method;
    struct str digest = signature->digest_method;
    if (str_ends_c(method, "#rsa-sha256") && dsig_has_problem(signature, DSIG_PROBLEM_SIGNATURE_METHOD_UNKNOWN)) {
        return " RSA-SHA256 is http://www.w3.org/2001/04/xmldsig-more#rsa-sha256.";
    }
    if (str_ends_c(digest, "#sha256") && dsig_has_problem(signature, DSIG_PROBLEM_DIGEST_METHOD_UNKNOWN)) {
        return " SHA-256 as a digest is http://www.w3.org/2001/04/xmlenc#sha256.";
    }
    return "";
}

/* What two readers make of the shape; "" when there is nothing more to say. */
static struct str
shape_readings(struct check_run *run, const struct dsig_signature *signature, enum dsig_problem problem)
{
    switch (problem) {
    case DSIG_PROBLEM_URI_MISMATCH:
        return arena_printf(run->arena,
                            " A verifier that looks for what the reference selects proves one element, a reader that "
                            "takes the %.*s around the signature reads another.",
                            STR_ARG(signature->parent_name));
    case DSIG_PROBLEM_TRANSFORM:
        return arena_printf(run->arena,
                            " A verifier that runs it hashes what it leaves over, a reader takes all of the %.*s.",
                            STR_ARG(signature->parent_name));
    case DSIG_PROBLEM_SIGNED_INFO_COUNT:
        return STR(" One verifier takes the digest from the one, the signature value from the other.");
    case DSIG_PROBLEM_SIGNATURE_METHOD_REFUSED:
        return is_hmac(signature)
                   ? STR(" A verifier that lets the message choose takes the public key for the secret, and everybody "
                         "has that; a strict one refuses before it looks at any key.")
                   : STR("");
    default:
        return STR("");
    }
}

static enum attack_family
shape_attack(const struct dsig_signature *signature, const struct check *check, enum dsig_problem problem)
{
    switch (problem) {
    case DSIG_PROBLEM_VALUE_NOT_TEXT:
        return ATTACK_DIGEST_COMMENT;
    case DSIG_PROBLEM_VALUE_EMPTY:
        return ATTACK_VALUE_UNCHECKED;
    case DSIG_PROBLEM_SIGNED_INFO_COUNT:
        return ATTACK_TWO_SIGNED_INFOS;
    case DSIG_PROBLEM_OBJECT:
        return ATTACK_WRAPPING;
    case DSIG_PROBLEM_SIGNATURE_METHOD_REFUSED:
        return is_hmac(signature) ? ATTACK_HMAC : ATTACK_NONE;
    case DSIG_PROBLEM_C14N_UNKNOWN:
        return ATTACK_NONE;
    default:
        return check->attack;
    }
}

static void
report_shape(struct check_run *run, const struct check *check, const struct dsig_signature *signature,
             enum dsig_problem problem)
{
    bool algorithm = strcmp(check->id, "sig-alg-unknown") == 0 || strcmp(check->id, "sig-alg-refused") == 0;
    struct str readings = shape_readings(run, signature, problem);
    struct finding *finding;
    if (problem == DSIG_PROBLEM_URI_MISMATCH) {
        finding = check_reportf(run, check, "The signature in %.*s refers to \"%.*s\", not to its own parent.%.*s",
                                STR_ARG(signature->parent_name), STR_ARG(signature->reference_uri), STR_ARG(readings));
        struct str expected = arena_printf(run->arena, "#%.*s", STR_ARG(signature->parent_id));
        finding_mismatch(finding, expected, signature->reference_uri, "ID of the signed element");
    } else if (algorithm) {
        finding = check_reportf(run, check, "SignatureMethod %.*s, DigestMethod %.*s.%s%.*s",
                                STR_ARG(signature->signature_method), STR_ARG(signature->digest_method),
                                suggestion(signature), STR_ARG(readings));
    } else {
        struct str cause = { 0 };
        if (problem == DSIG_PROBLEM_VALUE_BASE64 && signature->value_cause != DSIG_CAUSE_NONE) {
            cause = arena_printf(run->arena, " %s: %.*s.", signature_cause_words(signature->value_cause),
                                 STR_ARG(signature->value_cause_detail));
        }
        finding = check_reportf(run, check, "Signature of %.*s: %s%s%.*s.%.*s%.*s", STR_ARG(signature->parent_name),
                                signature_problem_words(problem), signature->problem_detail.len ? ": " : "",
                                STR_ARG(signature->problem_detail), STR_ARG(cause), STR_ARG(readings));
    }
    finding_attack(finding, shape_attack(signature, check, problem));
    finding_at(finding, signature->where);
}

static void
sig_shape(struct check_run *run, const struct check *check)
{
    uint32_t wanted = 0;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        wanted = strcmp(shapes[i].id, check->id) == 0 ? shapes[i].problems : wanted;
    }
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        for (int problem = 0; problem < DSIG_PROBLEM_COUNT; problem++) {
            if (signature->problems & wanted & (UINT32_C(1) << problem)) {
                report_shape(run, check, signature, (enum dsig_problem)problem);
                break;
            }
        }
    }
}

/* --- digest and value ---------------------------------------------------------------------------- */

/* B of "X was rewritten from "A" to "B" after signing"; absent when that is not what is proven. */
static struct str
rewritten_value(const struct dsig_signature *signature)
{
    struct str detail = signature->digest_cause_detail;
    size_t from = str_find_c(detail, "rewritten from \""), to;
    if ((signature->digest_cause != DSIG_CAUSE_VALUE_REPLACED &&
         signature->digest_cause_also != DSIG_CAUSE_VALUE_REPLACED) ||
        from == SIZE_MAX) {
        return (struct str){ 0 };
    }
    detail = str_from_offset(detail, from);
    to = str_find_c(detail, "\" to \"");
    detail = to == SIZE_MAX ? STR("") : str_from_offset(detail, to + strlen("\" to \""));
    to = str_find_c(detail, "\" after signing");
    return to == SIZE_MAX ? (struct str){ 0 } : str_slice(detail, 0, to);
}

static struct str
void_reading(struct check_run *run)
{
    return arena_printf(run->arena,
                        ". A library that takes a failed canonicalisation for an empty text would sign in %.*s; a "
                        "strict one signs in nobody.",
                        STR_ARG(facts_user(run)));
}

/* What the cause proves about the content: some say that nobody touched it. */
static const char *
digest_words(const struct dsig_signature *signature)
{
    switch (signature->digest_cause) {
    case DSIG_CAUSE_C14N_OTHER:
    case DSIG_CAUSE_DIGEST_ALGORITHM:
    case DSIG_CAUSE_ENVELOPED_NOT_APPLIED:
    case DSIG_CAUSE_EMPTY_DIGEST:
    case DSIG_CAUSE_OTHER_ELEMENT:
        return "does not have the digest that its signature states";
    default:
        return "was changed after it was signed";
    }
}

static void
digest_mismatch(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        if (signature->digest != DSIG_BAD) {
            continue;
        }
        bool empty = signature->digest_cause == DSIG_CAUSE_EMPTY_DIGEST;
        struct finding *finding = check_reportf(
            run, check, "The %.*s %s. %s%s%.*s%.*s", STR_ARG(signature->parent_name), digest_words(signature),
            signature_cause_words(signature->digest_cause), signature->digest_cause_detail.len ? ": " : "",
            STR_ARG(signature->digest_cause_detail), STR_ARG(empty ? void_reading(run) : STR("")));
        finding_mismatch(finding, signature->digest_stated, signature->digest_computed, "DigestValue");
        finding->near_miss = NEAR_MISS_NONE;
        finding->rewritten = rewritten_value(signature);
        if (empty) {
            finding_attack(finding, ATTACK_VOID_C14N);
        }
        finding_at(finding, signature->covers);
    }
}

static void
not_verifiable(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        if (signature->digest == DSIG_ERROR || signature->value == DSIG_ERROR) {
            finding_at(check_reportf(run, check,
                                     "The signature of %.*s cannot be computed%s%.*s. It counts as invalid.",
                                     STR_ARG(signature->parent_name), signature->problem_detail.len ? ": " : "",
                                     STR_ARG(signature->problem_detail)),
                       signature->where);
        }
    }
}

static void
value_invalid(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        if (signature->value != DSIG_BAD || signature_by_other_key(signature)) {
            continue;
        }
        const char *who = signature->keyinfo_count ? "under any trusted key, nor under the certificate in the message"
                                                   : "under any trusted key; the message does not say which key signed";
        bool fits = signature->digest == DSIG_OK && facts_signs_in(run);
        struct str reading =
            fits ? arena_printf(run->arena,
                                " The digest fits: a verifier that stops there would sign in %.*s; a strict one "
                                "signs in nobody.",
                                STR_ARG(facts_user(run)))
                 : STR("");
        struct finding *finding = check_reportf(
            run, check, "The signature value of %.*s does not verify %s. %s%s%.*s.%.*s",
            STR_ARG(signature->parent_name), who, signature_cause_words(signature->value_cause),
            signature->value_cause_detail.len ? ": " : "", STR_ARG(signature->value_cause_detail), STR_ARG(reading));
        finding_attack(finding, fits ? ATTACK_VALUE_UNCHECKED : ATTACK_NONE);
        finding_at(finding, signature->where);
    }
}

static void
engines_disagree(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        bool own = signature->digest == DSIG_OK && signature->value == DSIG_OK;
        bool second = signature->second_opinion == DSIG_OK;
        if (signature->second_opinion == DSIG_NOT_CHECKED || own == second ||
            (signature->second_opinion == DSIG_ERROR && !own)) {
            continue;
        }
        finding_at(check_reportf(run, check,
                                 "Two independent engines disagree about the signature of %.*s: this one says %s, "
                                 "xmlsec says %s%s%.*s. The message counts as invalid.",
                                 STR_ARG(signature->parent_name), own ? "valid" : "invalid",
                                 second ? "valid" : "invalid", signature->second_opinion_why.len ? ": " : "",
                                 STR_ARG(signature->second_opinion_why)),
                   signature->where);
    }
}

static void
not_authenticated(struct check_run *run, const struct check *check)
{
    const struct key_set *keys = run->context->settings->keys;
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        if (signature->valid && !signature->trusted && (!keys || key_set_trusted_count(keys) == 0)) {
            check_skipped(run, check, "no certificate or metadata of the identity provider was given");
            finding_at(check_reportf(run, check,
                                     "The %.*s is intact since it was signed, but only the key that the message itself "
                                     "carries says so%s%.64s.",
                                     STR_ARG(signature->parent_name),
                                     signature->keyinfo_count ? ": certificate SHA-256 " : "",
                                     signature->keyinfo_count ? signature->keyinfo[0].sha256 : ""),
                       signature->where);
            return;
        }
    }
}

static const struct check table[] = {
    { CORE_ROW("sig-missing", ERROR, RESPONSE, KEY, IDP_ADMIN, STANDARD, PROVEN, "nothing is signed"),
      .attack = ATTACK_EXCLUSION, .fixed = true,
      .means = "Without a signature the service provider has no proof that the identity provider wrote this.",
      .rule = "By the POST binding each assertion is signed, or the Response around it is.",
      .spec = "SAML Profiles 4.1.4.5 · saml-verification SIG-01, ATK-SIGEX, ATK-ENCONLY, ATT-08",
      .source = "OASIS SAML 2.0 Profiles (2005)", .follows = "sig-misplaced sig-wrapping-suspect",
      .fixes = { { "entra", "Signing Option = Sign SAML assertion (the default)." },
                 { "okta", "Advanced settings: Assertion Signature = Signed." },
                 { "keycloak", "Client: Sign assertions = on." },
                 { "ping", "SP connection → Signature Policy: always sign the assertion." },
                 { "any", "Switch signing of the assertion on; if it is on, something removed the signature." } },
      .run = sig_missing },
    { CORE_ROW("sig-assertion-unsigned", ERROR, ASSERTION, KEY, IDP_ADMIN, STANDARD, PROVEN,
               "the assertion has no signature of its own"),
      .means = "This service provider wants the assertion itself signed.",
      .rule = "With --want-assertions-signed, or WantAssertionsSigned in the metadata, each assertion has a signature.",
      .spec = "SAML Metadata 2.4.4 · saml-verification SIG-01", .source = "OASIS SAML 2.0 Metadata (2005)",
      .follows = "sig-missing sig-misplaced",
      .fixes = { { "entra", "Signing Option = Sign SAML response and assertion." },
                 { "okta", "Advanced settings: Assertion Signature = Signed." },
                 { "keycloak", "Client: Sign assertions = on." },
                 { "adfs", "Set-AdfsRelyingPartyTrust -SamlResponseSignature AssertionOnly or MessageAndAssertion." },
                 { "any", "Sign the assertion." } },
      .run = assertion_unsigned },
    { CORE_ROW("sig-response-unsigned", ERROR, MESSAGE, KEY, IDP_ADMIN, STANDARD, PROVEN,
               "the message has no signature of its own"),
      .means = "This service provider wants the message itself signed, not only the assertion in it.",
      .rule = "With --want-response-signed the document element is signed.",
      .spec = "SAML Profiles 4.1.4.5 · saml-verification SIG-12", .source = "option --want-response-signed",
      .follows = "sig-missing sig-misplaced",
      .fixes = { { "entra", "Signing Option = Sign SAML response and assertion." },
                 { "okta", "Advanced settings: Response = Signed." },
                 { "keycloak", "Client: Sign documents = on." },
                 { "adfs", "Set-AdfsRelyingPartyTrust -SamlResponseSignature MessageAndAssertion." },
                 { "any", "Sign the Response as well." } },
      .run = response_unsigned },
    { CORE_ROW("logout-unsigned", WARNING, LOGOUT, KEY, IDP_ADMIN, STANDARD, PROVEN,
               "the logout message is not signed"),
      .means = "Service providers that follow the profile refuse it.",
      .rule = "Logout messages over the browser are signed, in the XML or in the query.",
      .spec = "SAML Profiles 4.4.3.1, 4.4.4.1 · saml-verification SLO-01", .source = "OASIS SAML 2.0 Profiles (2005)",
      .fixes = { { "any", "Switch signing of logout messages on." } }, .run = logout_unsigned },
    { CORE_ROW("sig-digest-mismatch", ERROR, MESSAGE, INTEGRITY, NETWORK, STANDARD, PROVEN,
               "the content was changed after signing"),
      .fixed = true,
      .means = "The signature no longer fits what it covers. AWS IAM shows \"Response signature invalid\".",
      .rule = "DigestValue is the digest of the canonical form of the signed element.",
      .spec = "XML Signature 3.2.1 · saml-verification SIG-02, 5.2, ENC-04 (a signature around ciphertext is verified "
              "before anything is decrypted)",
      .source = DSIG,
      .follows = "sig-transform-unexpected sig-reference-mismatch sig-alg-unknown sig-alg-refused sig-wrapping-suspect "
                 "sig-misplaced sig-shape",
      .fixes = { { "any", "Look for what re-writes the page or the message between signing and here: a middlebox, a "
                          "template engine, a pretty-printer, an edited copy. Forward the original bytes." } },
      .run = digest_mismatch },
    { CORE_ROW("sig-value-invalid", ERROR, MESSAGE, KEY, IDP_ADMIN, STANDARD, PROVEN,
               "the signature value verifies under no key"),
      .fixed = true, .means = "Either another key signed, or SignedInfo or the value itself was damaged.",
      .rule = "SignatureValue verifies over the canonical SignedInfo with a trusted key.",
      .spec = "XML Signature 3.2.2 · saml-verification SIG-02, 5.3, ATK-NOSIGVAL", .source = DSIG,
      .follows = "sig-alg-unknown sig-alg-refused sig-shape sig-misplaced",
      .fixes = { { "any", "Compare the certificate that the identity provider signs with to the trusted one; then look "
                          "for what damages the message." } },
      .run = value_invalid },
    { CORE_ROW("sig-not-verifiable", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "the signature cannot be computed"),
      .attack = ATTACK_VOID_C14N, .fixed = true, .means = "The library gives up; some products then wrongly accept.",
      .rule = "Canonicalisation and verification end without an error.", .spec = "saml-verification ATK-VOIDC14N",
      .source = DSIG,
      .follows = "saml-relative-namespace sig-alg-unknown sig-alg-refused sig-transform-unexpected sig-shape",
      .fixes = { { "any", "See what the other findings say about the XML." } }, .run = not_verifiable },
    { CORE_ROW("sig-engines-disagree", ERROR, MESSAGE, INTEGRITY, SAMLTAP, INFERRED, PROVEN,
               "two signature engines disagree"),
      .fixed = true, .means = "One of them would let a forged message pass, or refuse a good one. Treat it as invalid.",
      .rule = "The own verifier and xmlsec say the same about digest and value.",
      .spec = "saml-verification 1, 4.2, INT-DISAGREE", .source = "comparison made here",
      .fixes = { { "any", "Please report the message (after export with redaction) to the makers of samltap." } },
      .run = engines_disagree },
    { CORE_ROW("sig-signer-not-authenticated", INFO, MESSAGE, NOTE, SAMLTAP, STANDARD, PROVEN,
               "intact since signing; signer not authenticated"),
      .means = "Nobody changed the message since it was signed, but whether the right identity provider signed it "
               "cannot be said without its certificate.",
      .rule = "A valid signature counts only with a key from metadata or a given certificate.",
      .spec = "SAML Core 5.4.5 · saml-verification SIG-15, 4.4, ATK-FAKEKEY (CVE-2021-21239)", .source = DSIG,
      .fixes = { { "any", "Give --idp-metadata or --idp-cert." } }, .run = not_authenticated },
    { CORE_ROW("sig-misplaced", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "a signature stands where none belongs"),
      .fixed = true,
      .means = "A signature in the wrong place protects nothing that a service provider reads: sign of wrapping.",
      .rule = "ds:Signature is a direct child of the signed Response, Assertion or request, right after Issuer, once.",
      .spec = "SAML Core 5.4.1 · saml-verification SIG-03, 4.1", .source = DSIG,
      .follows = "sig-wrapping-suspect saml-root-not-response",
      .fixes = { { "any", "Sign with the enveloped form that the SAML schema prescribes." } }, .run = sig_shape },
    { CORE_ROW("sig-shape", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "the signature is not built as SAML allows"),
      .fixed = true, .means = "Strict service providers refuse it; known attacks look like this.",
      .rule = "One SignedInfo, one Reference, no ds:Object, and values that are plain base64 text.",
      .spec = "SAML Core 5.4.2, E91 · saml-verification SIG-04, SIG-07, SIG-15, ATK-DIGCOMMENT", .source = DSIG,
      .follows = "sig-wrapping-suspect",
      .fixes = { { "any", "Sign with a library's SAML profile; find out who altered the signature." } },
      .run = sig_shape },
    { CORE_ROW("sig-reference-mismatch", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "the signature refers to another element"),
      .attack = ATTACK_REFERENCE, .fixed = true,
      .means = "What is signed is not what the service provider reads: a fault of the signer, or wrapping.",
      .rule = "Reference/@URI is \"#\" and the ID of the signature's parent, byte for byte.",
      .spec = "SAML Core 5.4.2 · saml-verification SIG-04, ATK-XPATHSEL", .source = DSIG,
      .follows = "sig-wrapping-suspect saml-root-not-response",
      .fixes = { { "any", "Sign the element that carries the signature." } }, .run = sig_shape },
    { CORE_ROW("sig-reference-empty", WARNING, MESSAGE, NOTE, IDP_ADMIN, STANDARD, PROVEN,
               "the signature refers to the whole document"),
      .means = "Works only on the document element; several service providers refuse it.",
      .rule = "Reference/@URI names the ID of the parent; an empty one means the document.",
      .spec = "SAML Core 5.4.2 · saml-verification 4.3", .source = DSIG, .follows = "sig-reference-mismatch",
      .fixes = { { "any", "Refer to the ID of the signed element." } }, .run = sig_shape },
    { CORE_ROW("sig-transform-unexpected", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "the signature uses a transform that SAML does not allow"),
      .attack = ATTACK_TRANSFORM, .fixed = true,
      .means = "Such a transform can leave content out of what is signed; strict service providers refuse it.",
      .rule = "Transforms are enveloped-signature and exclusive canonicalisation, each at most once, in this order.",
      .spec = "SAML Core 5.4.3, 5.4.4 · saml-verification SIG-05, ATK-XFORM", .source = DSIG,
      .fixes = { { "any", "Set the signing profile to enveloped signature with exclusive canonicalisation." } },
      .run = sig_shape },
    { CORE_ROW("sig-c14n-inclusive", WARNING, MESSAGE, NOTE, IDP_ADMIN, STANDARD, PROVEN,
               "the signature uses inclusive canonicalisation"),
      .means = "It breaks as soon as the element is moved, for example out of an encrypted assertion.",
      .rule = "Canonicalisation is the exclusive one.", .spec = "SAML Core 5.4.3 · saml-verification SIG-06",
      .source = DSIG, .fixes = { { "any", "Use http://www.w3.org/2001/10/xml-exc-c14n#." } }, .run = sig_shape },
    { CORE_ROW("sig-alg-unknown", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "the signature names an unknown algorithm"),
      .means = "No service provider can verify it.",
      .rule = "SignatureMethod and DigestMethod are URIs of XML Signature or RFC 9231.",
      .spec = "RFC 9231 · saml-verification SIG-10, 4.5", .source = "IETF RFC 9231 (2022)",
      .fixes = { { "any", "Set RSA-SHA256 with SHA-256 digests." } }, .run = sig_shape },
    { CORE_ROW("sig-alg-refused", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "the signature uses an algorithm that must not be used"),
      .fixed = true, .means = "HMAC, MD5 and the like prove nothing here.",
      .rule = "No HMAC, no MD5, no RIPEMD-160, no DSA with SHA-1.", .spec = "saml-verification SIG-10, 4.5, ATK-HMAC",
      .source = "SAML2Int SDP-ALG01", .fixes = { { "any", "Set RSA-SHA256 with SHA-256 digests." } },
      .run = sig_shape },
};

CHECK_SET(core_signature, table);
