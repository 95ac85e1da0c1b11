/* SPDX-License-Identifier: MIT */
/* The signature of the Redirect and SimpleSign bindings, which stands beside the message. */
#include "facts.h"

static const char *
cause_words(enum query_cause cause)
{
    static const char *const words[QUERY_CAUSE_COUNT] = {
        [QUERY_CAUSE_NONE] = "it verifies in none of the usual variants either: another key signed, or message, "
                             "RelayState or SigAlg were changed afterwards",
        [QUERY_CAUSE_HEX_CASE] = "it verifies with the percent-escapes in the other case: somebody rebuilt the URL and "
                                 "turned %2f into %2F, or the reverse",
        [QUERY_CAUSE_SPACE_FORM] =
            "it verifies with blanks written the other way: somebody rebuilt the URL and turned + "
            "into %20, or the reverse",
        [QUERY_CAUSE_RELAY_STATE_ABSENT] = "it verifies without RelayState: RelayState was added after signing",
        [QUERY_CAUSE_RELAY_STATE_EMPTY] =
            "it verifies with an empty RelayState: RelayState was dropped or changed after "
            "signing",
        [QUERY_CAUSE_ORDER] = "it verifies over the parameters in the order received: the signer does not follow the "
                              "order of the binding",
        [QUERY_CAUSE_NOT_ENCODED] = "it verifies over the values before percent-encoding: the signer signed too early",
        [QUERY_CAUSE_HASH_LABEL] = "it verifies with another hash than SigAlg says",
        [QUERY_CAUSE_ALGORITHM] = "SigAlg is missing, unknown or never accepted",
        [QUERY_CAUSE_VALUE] = "Signature is missing, empty or not base64",
    };

    return (unsigned)cause < QUERY_CAUSE_COUNT ? words[cause] : words[QUERY_CAUSE_NONE];
}

/* A parameter was put in, taken out or exchanged; the rest is a matter of how it is written. */
static bool
is_manipulated(const struct query_signature *signature)
{
    return signature->cause == QUERY_CAUSE_RELAY_STATE_ABSENT || signature->cause == QUERY_CAUSE_RELAY_STATE_EMPTY;
}

static void
query_invalid(struct check_run *run, const struct check *check)
{
    const struct query_signature *signature = &run->message->query_signature;

    if (!signature->present)
        return;
    if (signature->state == DSIG_NOT_CHECKED) {
        check_skipped(run, check, "no key of the sender was given, so the signature of the query was not verified");
        return;
    }
    if (signature->state != DSIG_OK)
        finding_attack(check_reportf(run, check, "The signature of the parameters does not verify; %s.",
                                     cause_words(signature->cause)),
                       is_manipulated(signature) ? ATTACK_PARAMETERS : ATTACK_NONE);
}

static const struct check table[] = {
    { CORE_ROW("sig-query-invalid", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "the signature of the query does not verify"),
      .fixed = true,
      .means =
          "In the Redirect and SimpleSign bindings the signature covers the parameters as they were sent, octet by "
          "octet. The receiver refuses the message.",
      .rule =
          "Signature verifies over SAMLRequest/SAMLResponse, RelayState (when present) and SigAlg, in this order, in "
          "their original percent-encoded octets.",
      .spec = "SAML Bindings 3.4.4.1 · SimpleSign 2.5 · saml-verification 2.3", .source = "OASIS SAML 2.0 Bindings",
      .fixes = { { "any", "Verify over the octets of the URL, never over values that were decoded and encoded again. "
                          "When nothing rebuilds the URL, compare the sender's certificate to the trusted one." },
                 { "adfs", "AD FS writes lower-case escapes (%2f): the receiver must keep them." },
                 { "entra", "Entra ID writes lower-case escapes (%2f): the receiver must keep them." } },
      .run = query_invalid },
};
CHECK_SET(checks_core_query_signature, table);
