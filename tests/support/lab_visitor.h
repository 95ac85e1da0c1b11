/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_LAB_VISITOR_H
#define SAMLTAP_TESTS_LAB_VISITOR_H

#include "router.h"

/*
 * A browser without network: asks the lab's site directly, keeps one cookie per service provider, and
 * tells what was exchanged. Fails the test when something is not as a browser needs it.
 */
struct lab_visitor {
    struct lab_site *site;
    struct arena *arena;
    int64_t now_ms;
    struct lab_reply reply; /* the last one */
    struct str location;    /* of the last reply, absent when none */
    struct str cookies[2];  /* of IAM and Identity Center: what Set-Cookie said last */
    void (*seen)(void *data, const struct exchange *exchange); /* each exchange, may be NULL; borrowed */
    void *data;
    uint64_t number; /* of the last exchange */
};

/* site is borrowed. */
void lab_visitor_init(struct lab_visitor *visitor, struct lab_site *site, int64_t now_ms);
void lab_visitor_release(struct lab_visitor *visitor);

/* One request; body is an urlencoded form. */
void lab_visitor_visit(struct lab_visitor *visitor, const char *method, struct str host, struct str target,
                       struct str body);
void lab_visitor_visit_url(struct lab_visitor *visitor, const char *method, struct str url, struct str body);

/* Sends the one form of the page at host on; user and fault, when not NULL, are put in. */
void lab_visitor_submit(struct lab_visitor *visitor, struct str host, const char *user, const char *fault);

/* From the first page to the answer of the ACS, with fresh cookies. fault NULL: as the page presets. */
void lab_visitor_sign_in(struct lab_visitor *visitor, const char *target, const char *user, const char *fault);

/* The last value of that header of the last reply; absent when there is none. */
struct str lab_visitor_header(struct lab_visitor *visitor, const char *name);

/* The words of the service provider, absent when it showed no error. */
struct str lab_visitor_said(struct lab_visitor *visitor);

bool lab_visitor_page_has(const struct lab_visitor *visitor, const char *text);

#endif
