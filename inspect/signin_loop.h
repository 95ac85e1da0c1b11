/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SIGNIN_LOOP_H
#define SAMLTAP_SIGNIN_LOOP_H

#include "report.h"
#include "signin_types.h"

/*
 * What makes a round of a redirect loop (saml-verification BND-10) and what ends one: the browser is sent to the
 * identity provider again and again for the same application, and never stays on a page of it.
 */

/* Both were asked for by the same application: the same issuer, and the same ACS URL where one is named. */
bool signin_loop_same_application(const struct signin *one, const struct signin *other);

/*
 * True when the report's answer is a page on which somebody can stay: HTML that carries no message and sends the
 * browser nowhere by itself.
 */
bool signin_loop_is_page(const struct report *report);

/* True when a page of that host is where the sign-in was to lead: the application's, or where its ACS sent the browser. */
bool signin_loop_is_home(const struct signin *signin, struct str host);

#endif
