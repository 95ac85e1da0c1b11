/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_WORDS_H
#define SAMLTAP_LIVE_WORDS_H

#include "live.h"

/*
 * Prints where the proxy listens and the three next steps: a browser to start, how other programs
 * get there, and what to open (third, one line). To standard output, or to standard error when that
 * is for JSON; nothing with --quiet.
 */
void live_words_print(const struct live *live, struct str third);

#endif
