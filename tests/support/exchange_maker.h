/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXCHANGE_MAKER_H
#define SAMLTAP_EXCHANGE_MAKER_H

#include "exchange.h"

/* Random exchanges for round trips: all that a wire may say, odd bytes, codings and broken messages among them. */
struct exchange_maker {
    uint32_t random; /* the seed, not 0; the same seed gives the same exchanges */
    size_t made;
};

/* Makes the next one in the arena. Returns false when the arena refuses. */
bool exchange_maker_next(struct exchange_maker *maker, struct arena *arena, struct exchange *exchange) CHECK_RESULT;

#endif
