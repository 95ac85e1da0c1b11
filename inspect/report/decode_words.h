/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DECODE_WORDS_H
#define SAMLTAP_DECODE_WORDS_H

#include "message.h"

/* What an oddity means, for people, without full stop. Never NULL. */
const char *anomaly_words(enum anomaly_id id);

/* What a step took off, for people. Never NULL. */
const char *decode_step_words(enum decode_step step);

#endif
