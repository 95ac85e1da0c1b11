/* SPDX-License-Identifier: MIT */
/* Would a careless reader take another assertion than the one that is signed? */
#include "facts.h"
#include "saml_attack.h"

enum { MAX_REPORTS = 5 };

/* The name that a reader would take from an assertion. */
static struct str
user_of(const struct saml_assertion *assertion)
{
    return str_present(assertion->name_id.value.text) ? assertion->name_id.value.text : STR("nobody");
}

/* First direct assertion that a verified signature covers, or NULL. */
static const struct saml_assertion *
covered_assertion(const struct saml_message *saml)
{
    for (size_t i = 0; i < saml->assertion_count; i++) {
        if (saml_coverage(saml, saml->assertions[i].where) >= COVERAGE_SELF) {
            return &saml->assertions[i];
        }
    }
    return NULL;
}

static void
stray_assertions(struct check_run *run, const struct check *check)
{
    const struct saml_assertion *proper = covered_assertion(run->saml);
    if (!proper && run->saml->assertion_count > 0) {
        proper = &run->saml->assertions[0];
    }
    for (size_t i = 0; i < run->saml->stray_assertion_count && i < MAX_REPORTS; i++) {
        const struct saml_assertion *stray = &run->saml->stray_assertions[i];
        bool covered = saml_coverage(run->saml, stray->where) >= COVERAGE_SELF;
        finding_at(
            check_reportf(run, check,
                          "An Assertion stands at %.*s, where SAML has none%s. It names \"%.*s\"; the one in the "
                          "proper place names \"%.*s\". A reader that takes any Assertion may sign in the wrong "
                          "user.",
                          STR_ARG(stray->where.xpath), covered ? " (and it is signed)" : "", STR_ARG(user_of(stray)),
                          STR_ARG(proper ? user_of(proper) : STR("nobody"))),
            stray->where);
    }
}

/* One assertion is signed, another beside it is not. */
static void
mixed_coverage(struct check_run *run, const struct check *check)
{
    const struct saml_assertion *covered = covered_assertion(run->saml);
    for (size_t i = 0; covered && i < run->saml->assertion_count; i++) {
        const struct saml_assertion *assertion = &run->saml->assertions[i];
        if (saml_coverage(run->saml, assertion->where) < COVERAGE_SELF) {
            struct finding *finding = check_reportf(
                run, check,
                "Assertion %zu of %zu is covered by no valid signature, another one is. The unsigned one "
                "names \"%.*s\", the signed one \"%.*s\".",
                i + 1, run->saml->assertion_count, STR_ARG(user_of(assertion)), STR_ARG(user_of(covered)));
            finding_at(finding_attack(finding, ATTACK_SECOND_ASSERTION), assertion->where);
            return;
        }
    }
}

/* The signature is right, but covers something that is elsewhere. */
static void
covers_elsewhere(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        bool elsewhere = dsig_has_problem(signature, DSIG_PROBLEM_URI_MISMATCH) &&
                         signature->digest_cause == DSIG_CAUSE_OTHER_ELEMENT;
        if (elsewhere) {
            finding_at(
                check_reportf(run, check,
                              "The signature in %.*s (ID %.*s) belongs to another element (\"%.*s\") than the one "
                              "that carries it%s%.*s.",
                              STR_ARG(signature->parent_name), STR_ARG(signature->parent_id),
                              STR_ARG(signature->reference_uri), signature->digest_cause_detail.len ? ": " : "",
                              STR_ARG(signature->digest_cause_detail)),
                signature->where);
            return;
        }
    }
}

static struct str
quoted(struct check_run *run, struct str name)
{
    return str_present(name) ? arena_printf(run->arena, "\"%.*s\"", STR_ARG(name)) : STR("nobody");
}

/* What the signature says about the element that its Reference names. */
static struct str
genuine_reading(struct check_run *run, const struct saml_attack *attack)
{
    struct str xpath = attack->signed_element.xpath;

    if (!attack->proven && !str_present(attack->signed_name_id)) {
        return arena_printf(run->arena, "The signature of %.*s does not hold with it there.", STR_ARG(xpath));
    }
    return arena_printf(run->arena, "The signature %s %.*s (%.*s).", attack->proven ? "covers" : "names",
                        STR_ARG(quoted(run, attack->signed_name_id)), STR_ARG(xpath));
}

/* Signed beside unsigned, both where SAML has them, is a matter of readers that check one only. */
static enum attack_family
family_of(const struct saml_message *saml, enum saml_attack_kind kind)
{
    if (kind == SAML_ATTACK_XSW9) {
        return ATTACK_TWO_SIGNED_INFOS;
    }
    return kind == SAML_ATTACK_OTHER && saml->stray_assertion_count == 0 ? ATTACK_SECOND_ASSERTION : ATTACK_WRAPPING;
}

/* The attack by its name, with both readings. */
static void
named_attack(struct check_run *run, const struct check *check, const struct saml_attack *attack)
{
    enum saml_habit habit;
    const struct saml_probe *misread = saml_attack_misread(attack, &habit);
    struct str consequence = STR("");

    if (misread) {
        consequence =
            arena_printf(run->arena, " A parser that takes %s would sign in %.*s (%.*s).", saml_habit_words(habit),
                         STR_ARG(quoted(run, misread->name_id)), STR_ARG(misread->assertion.xpath));
    }
    struct finding *finding =
        check_reportf(run, check, "%s: %s.%.*s %.*s", saml_attack_name(attack->kind), saml_attack_words(attack->kind),
                      STR_ARG(consequence), STR_ARG(genuine_reading(run, attack)));
    finding_attack(finding, family_of(run->saml, attack->kind));
    finding_at(finding, misread ? misread->assertion : run->saml->signatures[attack->signature].where);
}

static void
wrapping_suspect(struct check_run *run, const struct check *check)
{
    if (!facts_brings_token(run)) {
        return;
    }
    if (run->saml->attack) {
        named_attack(run, check, run->saml->attack);
        return;
    }
    stray_assertions(run, check);
    mixed_coverage(run, check);
    covers_elsewhere(run, check);
}

static const struct check table[] = {
    { CORE_ROW("sig-wrapping-suspect", ERROR, RESPONSE, INTEGRITY, IDP_ADMIN, STANDARD, LIKELY,
               "what is signed is not what is read (signature wrapping)"),
      .attack = ATTACK_WRAPPING, .fixed = true,
      .means = "Somebody may be trying to sign in as another user with a genuine signature. Do not let it pass.",
      .rule = "Assertions stand only as direct children of the Response, and a valid signature covers each of them.",
      .spec = "saml-verification AST-03, XSW1 to XSW8, ATK-MULTI, 4.2, ATT-08",
      .source = "\"On Breaking SAML: Be Whoever You Want to Be\", USENIX Security 2012",
      .fixes = { { "any",
                   "Treat it as an attack until the sender is known; check that the service provider refuses it." } },
      .run = wrapping_suspect },
};

CHECK_SET(core_wrapping, table);
