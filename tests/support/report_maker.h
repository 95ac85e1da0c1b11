/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_REPORT_MAKER_H
#define SAMLTAP_REPORT_MAKER_H

#include "examine.h"

/*
 * Reports made by hand, for tests of what comes after decoding: joining, ranking, printing. Messages
 * are facts without XML behind them.
 */

/* A report without exchange and messages; release it with report_release. */
struct report *make_report(const struct settings *settings);

/* Gives it an exchange: POST or GET of url (https), answered with status. Returns it for more detail. */
struct exchange *make_exchange(struct report *report, const char *method, const char *url, unsigned status);

/* Sets type and body of the answer, or a header of it. */
void make_answer(struct report *report, const char *content_type, const char *body);
void make_header(struct report *report, const char *name, const char *value);

/* Appends a message; in_response: found in the answer. Pointers stay valid until the next append. */
struct message *make_message(struct report *report, enum message_kind kind, const char *id, const char *in_response_to,
                             bool in_response);

/* Gives the response one assertion with NameID, signed (trusted or not) when wanted. */
struct saml_assertion *make_assertion(struct report *report, struct message *message, const char *name_id,
                                      enum coverage coverage);

#endif
