/* SPDX-License-Identifier: MIT */
#include "signin_hosts.h"

/* Two hosts with one hash only keep a page too many. */
static uint64_t
hash_of(struct str host)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < host.len; i++)
        hash = (hash ^ (unsigned char)host.ptr[i]) * 1099511628211u;
    return hash;
}

bool
signin_hosts_has(const struct signin_hosts *hosts, struct str host)
{
    uint64_t hash = hosts->used > 0 ? hash_of(host) : 0;

    for (size_t i = 0; i < hosts->used; i++)
        if (hosts->hashes[i] == hash)
            return true;
    return false;
}

void
signin_hosts_add(struct signin_hosts *hosts, struct str host)
{
    if (host.len == 0 || signin_hosts_has(hosts, host))
        return;
    hosts->hashes[hosts->next] = hash_of(host);
    hosts->next = (hosts->next + 1) % SIGNIN_HOSTS;
    if (hosts->used < SIGNIN_HOSTS)
        hosts->used++;
}
