/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SIGNIN_HOSTS_H
#define SAMLTAP_SIGNIN_HOSTS_H

#include "str.h"

/*
 * Which hosts took part in a sign-in lately: their small pages are worth keeping (login forms, error
 * pages, portal answers). Bounded; forgets the oldest.
 */
enum { SIGNIN_HOSTS = 256 };

struct signin_hosts {
    uint64_t hashes[SIGNIN_HOSTS];
    unsigned next, used;
};

void signin_hosts_add(struct signin_hosts *hosts, struct str host);
bool signin_hosts_has(const struct signin_hosts *hosts, struct str host);

#endif
