/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CLOCK_VIEW_H
#define SAMLTAP_CLOCK_VIEW_H

#include "clocks.h"
#include "signin_types.h"

/*
 * Notes what the exchange of a report, and the messages in it, show of clocks. Then reads the clocks of the parties for
 * the answer in it; signin (may be NULL) is the sign-in that it belongs to. Gives a view in the report's arena, or NULL
 * when there is no answer in it or memory is out.
 */
const struct clock_view *clock_view_of(struct clocks *clocks, const struct report *report, const struct signin *signin);

#endif
