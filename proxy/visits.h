/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_VISITS_H
#define SAMLTAP_VISITS_H

#include <event2/event.h>

/*
 * Sign-ins by the lab's browser, one after the other, each in a process of its own (samltap lab
 * --visit), because that browser blocks.
 */
struct visits;

struct visit_plan {
    const char *target; /* "iam" or "idc" */
    const char *fault;  /* NULL: as it should be */
};

/*
 * Begins with the first of count plans (borrowed). done is called when the last has ended; code: 0,
 * or what the first browser that could not go on ended with. The visits may not be freed inside it.
 */
struct visits *visits_new(struct event_base *base, unsigned proxy_port, const char *ca_path, const char *user,
                          const struct visit_plan *plans, size_t count, void (*done)(void *data, int code), void *data);

/* Ends a browser that still runs. NULL is fine. */
void visits_free(struct visits *visits);

#endif
