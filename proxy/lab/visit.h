/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_VISIT_H
#define SAMLTAP_LAB_VISIT_H

#include "site.h"

/* One visit: all that a page needs. Shared by the three sites. */
struct visit {
    struct lab_site *site;
    struct arena *arena;
    const struct exchange *request;
    int64_t now_ms;
    struct lab_reply *reply;
};

/* Field of the query or, for POST, of the body. Absent when there is none. */
struct str visit_field(struct visit *visit, const char *name);

void visit_header(struct visit *visit, const char *name, struct str value);
void visit_redirect(struct visit *visit, struct str location);

/* The reply is a document of that media type. */
void visit_document(struct visit *visit, const char *type, struct str text);

/* Sets the status and opens an HTML page; the caller ends it with html_end. Gives its body. */
struct buf *visit_page(struct visit *visit, unsigned status, const char *party, const char *title);

/* A whole page with one paragraph; said, when not NULL, is shown as the party's own words. */
void visit_notice(struct visit *visit, unsigned status, const char *party, const char *title, const char *said,
                  const char *text);

void visit_not_found(struct visit *visit, const char *party);

/* Opens a session for user and sets cookie name. */
void visit_sign_in(struct visit *visit, const char *cookie, struct str user);

/* The user of the session that cookie name carries; absent when there is none. */
struct str visit_user(struct visit *visit, const char *cookie);

#endif
