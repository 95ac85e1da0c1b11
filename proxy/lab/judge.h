/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_JUDGE_H
#define SAMLTAP_LAB_JUDGE_H

#include "exchange.h"
#include "keys.h"
#include "saml.h"

/*
 * The service providers of the lab: strict, and as short of words as the real ones. They see the
 * request and what they were configured with, never the fault.
 */
enum { LAB_MAX_ROLES = 8 };

struct lab_judgement {
    bool accepted;
    unsigned status;    /* HTTP status when refused */
    const char *said;   /* the sentence shown when refused */
    struct str user;    /* NameID when accepted */
    struct str session; /* IAM: RoleSessionName */
    struct str roles[LAB_MAX_ROLES];
    size_t role_count;
    struct str relay_state;
};

/* IAM federation: attributes decide (aws-rules 3). */
void lab_judge_iam(struct arena *arena, const struct key_set *trusted, const struct exchange *request, int64_t now_ms,
                   struct lab_judgement *judgement);

/*
 * Identity Center: NameID decides (aws-rules 5). request_id: ID of the AuthnRequest that this
 * browser was sent away with, absent when there was none.
 */
void lab_judge_idc(struct arena *arena, const struct key_set *trusted, const struct exchange *request,
                   struct str request_id, int64_t now_ms, struct lab_judgement *judgement);

/* Number of accounts that user is assigned to, or -1 when Identity Center has no such user. */
int lab_idc_accounts(struct str user);

#endif
