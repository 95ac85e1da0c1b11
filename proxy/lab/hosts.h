/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_HOSTS_H
#define SAMLTAP_LAB_HOSTS_H

#include "visit.h"

/* Each site answers its own host. */
void site_idp_answer(struct visit *visit, struct str path);
void site_iam_answer(struct visit *visit, struct str path);
void site_idc_answer(struct visit *visit, struct str path);

#endif
