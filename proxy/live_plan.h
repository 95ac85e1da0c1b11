/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_PLAN_H
#define SAMLTAP_LIVE_PLAN_H

#include "options.h"
#include "relay.h"

struct live;

/* What a running proxy is started with; see live.h. */
struct live_options {
    const struct options *options;
    /* In addition to what the options say; all borrowed. */
    const struct connect_to *connect_to;
    size_t connect_to_count;
    struct str extra_upstream_ca; /* PEM, trusted for hosts below extra_upstream_suffix */
    const char *extra_upstream_suffix;
    const char *const *metadata; /* files that the desk reads too, NULL-terminated; NULL none */
    /* Called once, when the relay listens and the desk has read its options. */
    void (*on_ready)(struct live *live, void *data);
    void *data;
};

#endif
