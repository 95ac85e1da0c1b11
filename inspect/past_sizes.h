/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PAST_SIZES_H
#define SAMLTAP_PAST_SIZES_H

/* How much of each kind a memory keeps; the oldest go first. */
enum { PAST_USES = 512, PAST_REQUESTS = 512, PAST_SENDERS = 64, PAST_SUBJECTS = 128 };

#endif
