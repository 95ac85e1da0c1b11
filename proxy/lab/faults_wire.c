/* SPDX-License-Identifier: MIT */
#include "faults.h"

#define STATUS "urn:oasis:names:tc:SAML:2.0:status:"

static void
deflated_post(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->packing = LAB_PACK_DEFLATED;
}

static void
plus_lost(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->packing = LAB_PACK_PLUS_LOST;
}

static void
base64_urlsafe(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->packing = LAB_PACK_URLSAFE;
}

static void
response_by_get(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->packing = LAB_PACK_QUERY;
}

static void
wrong_field_name(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->field = STR("samlResponse");
}

static void
cut_short(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->cut = true;
}

static void
doctype(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->doctype = true;
}

static void
wrong_product(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->post_to = order->target == LAB_IAM ? STR(LAB_IDC_ACS) : STR(LAB_IAM_ACS);
    order->destination = order->post_to;
    order->recipient = order->post_to;
}

static void
status_denied(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->status = STR(STATUS "RequestDenied");
    order->status_message = STR("The user is not assigned to this application.");
    order->assertion_count = 0;
}

static void
status_authn_failed(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->status = STR(STATUS "AuthnFailed");
    order->status_message = STR("The password was not accepted.");
    order->assertion_count = 0;
}

static void
no_assertion(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->assertion_count = 0;
}

static void
multiple_assertions(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->assertion_count = 2;
}

static void
wrong_version(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->version = STR("1.1");
}

static void
encrypted(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->encrypt = true;
}

static const struct fault rows[] = {
    { .public = { .name = "plus-lost",
                  .target = "both",
                  .title = "The page forgets to percent-encode \"+\"",
                  .finding = "saml-plus-lost" },
      .spoil = plus_lost },
    { .public = { .name = "deflated-post",
                  .target = "both",
                  .title = "The posted message is compressed",
                  .finding = "saml-deflated-in-post" },
      .spoil = deflated_post },
    { .public = { .name = "base64-urlsafe",
                  .target = "both",
                  .title = "The message is in URL-safe base64",
                  .finding = "saml-base64-urlsafe" },
      .spoil = base64_urlsafe },
    { .public = { .name = "response-by-get",
                  .target = "both",
                  .title = "The response comes by GET instead of POST",
                  .finding = "acs-not-post" },
      .spoil = response_by_get },
    { .public = { .name = "wrong-field-name",
                  .target = "both",
                  .title = "The form field is named samlResponse",
                  .finding = "acs-form-field-missing" },
      .spoil = wrong_field_name },
    { .public = { .name = "cut-short",
                  .target = "both",
                  .title = "The end of the XML is lost",
                  .finding = "saml-truncated" },
      .spoil = cut_short },
    { .public = { .name = "doctype",
                  .target = "both",
                  .title = "The XML has a document type declaration",
                  .finding = "saml-dtd-present" },
      .spoil = doctype },
    { .public = { .name = "wrong-product",
                  .target = "both",
                  .title = "The message goes to the other AWS product",
                  .finding = "acs-wrong-product" },
      .spoil = wrong_product },
    { .public = { .name = "status-denied",
                  .target = "both",
                  .title = "The identity provider refuses the user",
                  .finding = "status-request-denied" },
      .spoil = status_denied },
    { .public = { .name = "status-authn-failed",
                  .target = "both",
                  .title = "The identity provider reports a wrong password",
                  .finding = "status-authn-failed" },
      .spoil = status_authn_failed },
    { .public = { .name = "no-assertion",
                  .target = "both",
                  .title = "Success, but no assertion",
                  .finding = "saml-no-assertion" },
      .spoil = no_assertion },
    { .public = { .name = "multiple-assertions",
                  .target = "idc",
                  .title = "Two assertions in one response",
                  .finding = "saml-multiple-assertions" },
      .spoil = multiple_assertions },
    { .public = { .name = "wrong-version",
                  .target = "both",
                  .title = "SAML version 1.1",
                  .finding = "saml-version-not-2" },
      .spoil = wrong_version },
    { .public = { .name = "encrypted",
                  .target = "both",
                  .title = "The assertion is encrypted",
                  .finding = "saml-encrypted-iam-nokey",
                  .finding_idc = "saml-encrypted-idc" },
      .spoil = encrypted },
};

const struct fault_set lab_faults_wire = { .rows = rows, .count = COUNT_OF(rows) };
