/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_GUEST_H
#define SAMLTAP_LAB_GUEST_H

#include <event2/bufferevent.h>

#include "site.h"

/* The connections of the lab's server, each speaking HTTP/1.1 with requests that are read whole. */
struct guest;

struct guests {
    struct guest *first;
    size_t count;
};

/* Answers one request; fills *reply, which is made ready and released by the caller. */
typedef void guest_answer(void *data, struct arena *arena, const struct exchange *request, struct lab_reply *reply);

void guests_init(struct guests *guests);
void guests_free_all(struct guests *guests);

/*
 * Takes stream (also on failure) and serves it until either side ends the connection; the guest then
 * frees itself. guests and data must outlive it.
 */
void guest_new(struct guests *guests, struct bufferevent *stream, guest_answer *answer, void *data);

#endif
