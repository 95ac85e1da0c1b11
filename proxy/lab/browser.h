/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_BROWSER_H
#define SAMLTAP_LAB_BROWSER_H

#include "client.h"
#include "lab.h"

/*
 * Goes to url and follows: redirects, forms that a script would submit, the login form of the lab
 * (filled from visit). Fills result with the last page. Returns false with client->problem.
 */
bool browser_go(struct client *client, const struct lab_visit *visit, struct str url, struct lab_visit_result *result);

#endif
