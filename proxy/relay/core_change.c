/* SPDX-License-Identifier: MIT */
#include "core_change.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct core_change {
    struct relay_options options;
    struct scope *scope;
    struct trust *trust;
    struct key_pair own;
};

/* What was in force before. */
struct core_retired {
    struct core_retired *next;
    unsigned generation;
    uint64_t users; /* connections that may still use it */
    struct core_change parts;
    void (*released)(void *data);
    void *data;
};

/* What a running relay can take over; the ways in, the CA, the callbacks and the limits of time stay. */
static void
merge(struct relay_options *to, const struct relay_options *from)
{
    to->own_cert = from->own_cert;
    to->own_key = from->own_key;
    to->upstream_ca = from->upstream_ca;
    to->connect_to = from->connect_to;
    to->connect_to_count = from->connect_to_count;
    to->next_proxy = from->next_proxy;
    to->allow_hosts = from->allow_hosts;
    to->allow_host_count = from->allow_host_count;
    to->ignore_hosts = from->ignore_hosts;
    to->ignore_host_count = from->ignore_host_count;
    to->no_http2 = from->no_http2;
    to->insecure = from->insecure;
    to->client_cert = from->client_cert;
    to->full_handshakes = from->full_handshakes;
    to->auto_bypass = from->auto_bypass;
}

static void
release_parts(struct core_change *change)
{
    scope_free(change->scope);
    trust_free(change->trust);
    key_pair_release(&change->own);
}

struct core_change *
core_change_new(const struct core *core, const struct relay_options *options, char **why)
{
    struct core_change *change = xcalloc(1, sizeof *change);

    change->options = core->options;
    merge(&change->options, options);
    options = &change->options;
    change->scope = scope_new(options, why);
    if (change->scope != NULL)
        change->trust = trust_new(options, core->key_log, why);
    if (change->trust != NULL &&
        (options->own_cert == NULL || key_pair_read(&change->own, options->own_cert, options->own_key, "--cert", why)))
        return change;
    core_change_free(change);
    return NULL;
}

void
core_change_free(struct core_change *change)
{
    if (change == NULL)
        return;
    release_parts(change);
    free(change);
}

static void
release(struct core_retired *retired)
{
    release_parts(&retired->parts);
    if (retired->released != NULL)
        retired->released(retired->data);
    free(retired);
}

static void
release_unused(struct core *core)
{
    struct core_retired **link = &core->retired;

    while (*link != NULL) {
        struct core_retired *retired = *link;

        if (retired->users > 0) {
            link = &retired->next;
            continue;
        }
        *link = retired->next;
        release(retired);
    }
}

void
core_change_adopt(struct core *core, struct core_change *change, void (*released)(void *data), void *data)
{
    struct core_retired *retired = xcalloc(1, sizeof *retired);

    *retired = (struct core_retired){
        .next = core->retired,
        .generation = core->generation++,
        .users = core->users,
        .parts = { .scope = core->scope, .trust = core->trust, .own = core->own },
        .released = released,
        .data = data,
    };
    core->retired = retired;
    core->users = 0;
    core->options = change->options;
    core->scope = change->scope;
    core->trust = change->trust;
    core->own = change->own;
    core->upstream_rules.trust = core->trust;
    core->upstream_rules.connect_to = core->options.connect_to;
    core->upstream_rules.connect_to_count = core->options.connect_to_count;
    memset(&core->known_servers, 0, sizeof core->known_servers); /* another server may be behind a name now */
    free(change);
    release_unused(core);
}

void
core_change_begin(struct core *core, unsigned *generation)
{
    *generation = core->generation;
    core->users++;
}

void
core_change_end(struct core *core, unsigned generation)
{
    if (generation == core->generation) {
        core->users--;
        return;
    }
    for (struct core_retired *retired = core->retired; retired != NULL; retired = retired->next)
        if (retired->generation == generation)
            retired->users--;
    release_unused(core);
}
