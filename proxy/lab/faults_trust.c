/* SPDX-License-Identifier: MIT */
#include "faults.h"

static void
wrong_key(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->other_key = true;
}

static void
altered_after_signing(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->replace = STR("PasswordProtectedTransport");
    order->with = STR("TimeSyncToken");
}

static void
unsigned_message(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->sign_assertion = false;
    order->sign_response = false;
}

static void
sha1(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->sha1 = true;
}

static void
wrong_issuer(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->issuer = STR("https://login.example.com/saml/idp");
    order->response_issuer = order->issuer;
}

static void
issuer_slash(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->issuer = STR(LAB_IDP_ENTITY "/");
    order->response_issuer = order->issuer;
}

static void
wrong_audience(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    /* What the guides for the other product, or a typing hand, leave behind. */
    order->audience = order->target == LAB_IAM ? STR("urn:amazon:webservice") : STR("urn:amazon:webservices");
}

static void
missing_audience(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->audience = (struct str){ 0 };
}

static void
wrong_recipient(struct lab_order *order, struct arena *arena)
{
    order->recipient = arena_printf(arena, "%.*s/", STR_ARG(order->post_to));
}

static void
missing_recipient(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->recipient = (struct str){ 0 };
}

static void
wrong_destination(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->destination = STR("https://sp.example.com/saml/acs");
}

static void
wrong_inresponseto(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->in_response_to = STR("_0f8a5d1c2b3e4f60718293a4b5c6d7e8");
    order->subject_in_response_to = order->in_response_to;
}

static void
wrong_confirmation(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->confirmation_method = STR("urn:oasis:names:tc:SAML:2.0:cm:sender-vouches");
}

static const struct fault rows[] = {
    { .public = { .name = "wrong-key",
                  .target = "both",
                  .title = "Signed with a key that AWS does not have",
                  .finding = "sig-wrong-key" },
      .spoil = wrong_key },
    { .public = { .name = "altered-after-signing",
                  .target = "both",
                  .title = "A value is changed after signing",
                  .finding = "sig-digest-mismatch" },
      .spoil = altered_after_signing },
    { .public = { .name = "unsigned", .target = "both", .title = "Nothing is signed", .finding = "sig-missing" },
      .spoil = unsigned_message },
    { .public = { .name = "sha1", .target = "both", .title = "Signed with SHA-1", .finding = "sig-sha1" },
      .spoil = sha1 },
    { .public = { .name = "wrong-issuer",
                  .target = "both",
                  .title = "Another issuer than in the metadata",
                  .finding = "issuer-mismatch-iam",
                  .finding_idc = "issuer-mismatch-idc" },
      .spoil = wrong_issuer },
    { .public = { .name = "issuer-slash",
                  .target = "both",
                  .title = "The issuer has a slash too many",
                  .finding = "issuer-near-miss" },
      .spoil = issuer_slash },
    { .public = { .name = "wrong-audience",
                  .target = "both",
                  .title = "The audience is not this service provider",
                  .finding = "aud-mismatch-iam",
                  .finding_idc = "aud-mismatch-idc" },
      .spoil = wrong_audience },
    { .public = { .name = "missing-audience",
                  .target = "both",
                  .title = "No audience at all",
                  .finding = "aud-missing" },
      .spoil = missing_audience },
    { .public = { .name = "wrong-recipient",
                  .target = "both",
                  .title = "The recipient has a slash too many",
                  .finding = "recipient-mismatch-iam",
                  .finding_idc = "recipient-mismatch-idc" },
      .spoil = wrong_recipient },
    { .public = { .name = "missing-recipient",
                  .target = "iam",
                  .title = "No recipient",
                  .finding = "recipient-missing" },
      .spoil = missing_recipient },
    { .public = { .name = "wrong-destination",
                  .target = "both",
                  .title = "The destination is another URL",
                  .finding = "destination-mismatch" },
      .spoil = wrong_destination },
    { .public = { .name = "wrong-inresponseto",
                  .target = "idc",
                  .title = "The response answers another request",
                  .finding = "inresponseto-mismatch" },
      .spoil = wrong_inresponseto },
    { .public = { .name = "wrong-confirmation",
                  .target = "both",
                  .title = "The subject confirmation is not bearer",
                  .finding = "subjectconfirmation-method" },
      .spoil = wrong_confirmation },
};

const struct fault_set lab_faults_trust = { .rows = rows, .count = COUNT_OF(rows) };
