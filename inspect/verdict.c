/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "buf.h"
#include "check.h"
#include "examine.h"
#include "metadata.h"
#include "profile.h"
#include "protocol.h"

/* --- order -------------------------------------------------------------------------------------- */

/* Positive when a explains less than b. A guess never stands before something that is known. */
static int
compare(const struct finding *a, const struct finding *b)
{
    bool a_guess = a->confidence == CONFIDENCE_POSSIBLE, b_guess = b->confidence == CONFIDENCE_POSSIBLE;

    if (a->severity != b->severity)
        return (int)b->severity - (int)a->severity;
    if ((a->follows_from != NULL) != (b->follows_from != NULL))
        return a->follows_from != NULL ? 1 : -1;
    if (a_guess != b_guess)
        return a_guess ? 1 : -1;
    if (a->check->rank != b->check->rank)
        return (int)a->check->rank - (int)b->check->rank;
    return (int)b->confidence - (int)a->confidence;
}

/* Insertion sort: stable, and the lists are short and nearly sorted. */
static void
sort_findings(struct findings *findings)
{
    for (size_t i = 1; i < findings->count; i++) {
        struct finding *moving = findings->items[i];
        size_t at = i;

        for (; at > 0 && compare(findings->items[at - 1], moving) > 0; at--)
            findings->items[at] = findings->items[at - 1];
        findings->items[at] = moving;
    }
}

static bool
list_holds(const char *ids, const char *id)
{
    struct str rest = str_from(ids), one;

    while (rest.len > 0) {
        str_cut(rest, ' ', &one, &rest);
        if (str_eq_c(one, id))
            return true;
    }
    return false;
}

/* The row of the finding says that cause explains it. */
static bool
row_explains(const struct finding *cause, const struct finding *finding)
{
    return list_holds(finding->check->follows, cause->check->id) ||
           (list_holds(finding->check->follows_same, cause->check->id) && str_eq(cause->received, finding->received));
}

/* It is proven that the value which a finding objects to was put in after signing. */
static bool
rewrite_explains(const struct finding *cause, const struct finding *finding)
{
    return str_present(cause->rewritten) && (str_eq(cause->rewritten, finding->received) ||
                                             (finding->check == cause->check && finding->message == cause->message &&
                                              str_eq(cause->rewritten, finding->rewritten)));
}

static bool
chain_reaches(const struct finding *from, const struct finding *to)
{
    for (size_t steps = 0; from != NULL && steps < FINDINGS_MAX; steps++, from = from->follows_from)
        if (from == to)
            return true;
    return from != NULL;
}

/* The first error that explains finding, or NULL. The list is sorted, so the first is the best. */
static const struct finding *
cause_of(const struct findings *findings, const struct finding *finding)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *cause = findings->items[i];

        if (cause->severity != SEVERITY_ERROR || cause == finding)
            continue;
        /* What the service provider said is explained by any cause that we found ourselves. */
        if (!row_explains(cause, finding) && !rewrite_explains(cause, finding) &&
            !(finding->check->rank == RANK_SYMPTOM && cause->check->rank < RANK_SYMPTOM &&
              cause->confidence != CONFIDENCE_POSSIBLE))
            continue;
        if (!chain_reaches(cause, finding))
            return cause;
    }
    return NULL;
}

static void
rank_findings(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        findings->items[i]->follows_from = NULL;
    sort_findings(findings);
    for (size_t i = 0; i < findings->count; i++)
        findings->items[i]->follows_from = cause_of(findings, findings->items[i]);
    sort_findings(findings);
    for (size_t i = 0; i < findings->count; i++)
        findings->items[i]->rank = (int)i + 1;
}

/* --- what must have been checked ---------------------------------------------------------------- */

static void
add_reason(struct buf *reasons, const char *reason)
{
    if (reasons->len > 0)
        buf_add_c(reasons, "; ");
    buf_add_c(reasons, reason);
}

static bool
keys_given(const struct report *report)
{
    return report->context.settings->keys != NULL && key_set_trusted_count(report->context.settings->keys) > 0;
}

/* An assertion for a service provider stands, or should stand, in it. */
static bool
brings_token(const struct saml_message *saml)
{
    return saml->kind == MESSAGE_RESPONSE || saml->kind == MESSAGE_ASSERTION || saml->kind == MESSAGE_SAML1_RESPONSE ||
           saml->kind == MESSAGE_SAML1_ASSERTION || saml->kind == MESSAGE_WSTRUST_RSTR ||
           (saml->kind == MESSAGE_ARTIFACT_RESPONSE && saml->assertion_count > 0);
}

/* Tokens of WS-Federation, and assertions of SAML 1.1, do not say to which URL they may be sent. */
static bool
names_recipient(const struct saml_message *saml)
{
    return saml->kind == MESSAGE_RESPONSE || saml->kind == MESSAGE_ASSERTION || saml->kind == MESSAGE_SAML1_RESPONSE;
}

static void
response_reasons(const struct report *report, const struct saml_message *saml, struct buf *reasons)
{
    enum coverage least = COVERAGE_SIGNED;

    if (saml->assertion_count == 0)
        add_reason(reasons, "there is no assertion that could be read");
    for (size_t i = 0; i < saml->assertion_count; i++) {
        enum coverage coverage = saml_coverage(saml, saml->assertions[i].where);

        if (coverage < least)
            least = coverage;
    }
    if (least == COVERAGE_SELF)
        add_reason(reasons, keys_given(report)
                                ? "intact since signing, but none of the given keys made the signature"
                                : "intact since signing, signer not authenticated: no certificate or metadata of the "
                                  "identity provider was given");
    else if (least != COVERAGE_SIGNED)
        add_reason(reasons, "no valid signature covers the assertion");
    if (!str_present(report->context.sp_entity_id.text))
        add_reason(reasons, "the audience could not be checked: no SP entity ID is known");
    if (!str_present(report->context.acs_url.text) && names_recipient(saml))
        add_reason(reasons, "the recipient could not be checked: no ACS URL is known");
}

/* A saved copy held against this machine's clock: that it is over says nothing about the sign-in. */
static void
time_reasons(const struct report *report, struct buf *reasons)
{
    for (size_t i = 0; i < report->findings.count; i++) {
        const struct finding *finding = report->findings.items[i];

        if (finding->check->rank != RANK_TIME || finding->check->severity != SEVERITY_ERROR ||
            finding->severity == SEVERITY_ERROR || report->context.settings->has_now || report->exchange != NULL)
            continue;
        add_reason(reasons, "its time is over by this machine's clock; give --now with the time when it was used");
        return;
    }
}

static void
outcome_reasons(const struct report *report, struct buf *reasons)
{
    enum outcome outcome = report->signin != NULL ? report->signin->outcome : OUTCOME_UNKNOWN;

    if (outcome == OUTCOME_REFUSED)
        add_reason(reasons, "the service provider refused it although every check held");
    else if (outcome == OUTCOME_NO_ACCOUNTS)
        add_reason(reasons, "signed in, but the portal returned 0 accounts; the message does not show why");
    else if (outcome == OUTCOME_IDP_ERROR)
        add_reason(reasons, "the identity provider answered with an error");
    else if (outcome == OUTCOME_NO_ANSWER)
        add_reason(reasons, "no response of the identity provider was seen");
}

/*
 * Logout messages over the browser must be signed (Profiles 4.4.4); of a bare one nobody knows how it
 * travels, so only a signature that is there has to hold.
 */
static bool
logout_needs_signature(const struct report *report, const struct saml_message *saml)
{
    const struct message *message = &report->messages.items[report->principal];

    return keys_given(report) &&
           (saml->signature_count > 0 || message->query_signature.present || message->binding != BINDING_NONE);
}

/* Without these nothing can be said about a setup. */
static void
setup_reasons(const struct report *report, struct buf *reasons)
{
    const struct settings *settings = report->context.settings;
    bool idp = false, sp = str_present(settings->acs_url);

    for (size_t i = 0; i < settings->metadata_count; i++)
        for (size_t k = 0; k < settings->metadata[i]->entity_count; k++) {
            idp = idp || settings->metadata[i]->entities[k].idp.present;
            sp = sp || settings->metadata[i]->entities[k].sp.present;
        }
    if (!idp)
        add_reason(reasons, "no metadata of the identity provider was given (--idp-metadata)");
    if (!sp)
        add_reason(reasons, "no metadata of AWS was given (--sp-metadata)");
    if (settings->evidence == NULL)
        add_reason(reasons, "no lists of AWS were given (--evidence-dir)");
}

static void
collect_reasons(const struct report *report, struct buf *reasons)
{
    const struct saml_message *saml = report_saml(report);
    bool logout = saml != NULL && (saml->kind == MESSAGE_LOGOUT_REQUEST || saml->kind == MESSAGE_LOGOUT_RESPONSE);

    if (findings_short_of_memory(&report->findings))
        add_reason(reasons, "there was not enough memory, so the examination is incomplete");
    else if (report->findings.incomplete)
        add_reason(reasons, "the examination reached a limit and is incomplete");
    if (report->setup) {
        setup_reasons(report, reasons);
        return;
    }
    if (report->principal < 0)
        add_reason(reasons, "there is no SAML message in it");
    else if (saml == NULL && message_name(&report->messages.items[report->principal]) != NULL)
        protocol_reasons(&report->messages.items[report->principal], reasons);
    else if (saml == NULL && report->messages.items[report->principal].artifact.present)
        add_reason(reasons, "an artifact only names a message, which goes from server to server");
    else if (saml == NULL)
        add_reason(reasons, "the message could not be read");
    else if (brings_token(saml))
        response_reasons(report, saml, reasons);
    else if (saml->kind == MESSAGE_UNKNOWN)
        add_reason(reasons, "this is XML, but no SAML message");
    else if (logout && logout_needs_signature(report, saml) && saml_coverage(saml, saml->where) != COVERAGE_SIGNED &&
             report->messages.items[report->principal].query_signature.state != DSIG_OK)
        add_reason(reasons, "no signature by a given key could be verified");
    time_reasons(report, reasons);
    outcome_reasons(report, reasons);
}

/* --- the sentence ------------------------------------------------------------------------------- */

static const char *
sp_words(const struct report *report)
{
    const char *title = profile_title(report->context.profile);

    return title != NULL ? title : "the service provider";
}

static struct str
finding_title(const struct finding *finding)
{
    return str_present(finding->title) ? finding->title : str_from(finding->check->title);
}

/* "AWS IAM refused it ("…"): attribute name differs in case" */
static struct str
failure_sentence(const struct report *report)
{
    struct str title = finding_title(report->findings.items[0]);
    const struct signin *signin = report->signin;
    enum outcome outcome = signin != NULL ? signin->outcome : OUTCOME_UNKNOWN;
    const char *said = "", *end = "";
    struct str quote = { 0 };

    if (signin != NULL && signin->quote.len > 0) {
        said = " (\"";
        end = "\")";
        quote = signin->quote;
    }
    if (outcome == OUTCOME_REFUSED)
        return arena_printf(report->arena, "%s refused the response%s%.*s%s: %.*s", sp_words(report), said,
                            STR_ARG(quote), end, STR_ARG(title));
    if (outcome == OUTCOME_NO_ACCOUNTS)
        return arena_printf(report->arena, "signed in, but the portal returned 0 accounts: %.*s", STR_ARG(title));
    if (outcome == OUTCOME_SIGNED_IN)
        return arena_printf(report->arena, "%s accepted the response, but a strict service provider refuses it: %.*s",
                            sp_words(report), STR_ARG(title));
    if (outcome == OUTCOME_IDP_ERROR)
        return arena_printf(report->arena, "the identity provider answered with an error%s%.*s%s: %.*s", said,
                            STR_ARG(quote), end, STR_ARG(title));
    return title;
}

static struct str
pass_sentence(const struct report *report)
{
    const struct saml_message *saml = report_saml(report);
    enum outcome outcome = report->signin != NULL ? report->signin->outcome : OUTCOME_UNKNOWN;

    if (report->setup)
        return arena_copy_c(report->arena, "nothing was found that will fail");
    if (saml == NULL || !brings_token(saml))
        return arena_printf(report->arena, "%s: nothing wrong was found",
                            message_name(&report->messages.items[report->principal]));
    if (outcome == OUTCOME_SIGNED_IN)
        return arena_printf(report->arena, "%s accepted the response, and everything that was checked held",
                            sp_words(report));
    return arena_copy_c(report->arena, "everything that a strict service provider must check was checked and held");
}

void
verdict_decide(struct report *report)
{
    struct buf reasons;

    if (findings_short_of_memory(&report->findings))
        report->findings.incomplete = true;
    rank_findings(&report->findings);
    if (report->findings.count > 0 && report->findings.items[0]->severity == SEVERITY_ERROR) {
        report->verdict = VERDICT_FAIL;
        report->summary = failure_sentence(report);
        return;
    }
    buf_init(&reasons, 4096);
    collect_reasons(report, &reasons);
    if (reasons.len > 0 || buf_failed(&reasons)) {
        report->verdict = VERDICT_UNDECIDED;
        report->summary = arena_copy(report->arena, buf_str(&reasons));
    } else {
        report->verdict = VERDICT_PASS;
        report->summary = pass_sentence(report);
    }
    buf_release(&reasons);
}

const char *
verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_PASS] = "pass",
        [VERDICT_FAIL] = "fail",
        [VERDICT_UNDECIDED] = "undecided",
    };

    return (size_t)verdict < COUNT_OF(names) ? names[verdict] : "undecided";
}

int
verdict_exit_code(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
        return 0;
    case VERDICT_FAIL:
        return 1;
    case VERDICT_UNDECIDED:
        break;
    }
    return 5;
}
