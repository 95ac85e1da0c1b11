/* SPDX-License-Identifier: MIT */
#include "transparent.h"

#include <errno.h>
#include <netinet/in.h>

#include "address.h"

/* --- the packet filter ----------------------------------------------------------------------------- */

#ifdef __linux__

/* From <linux/netfilter_ipv4.h> and <linux/netfilter_ipv6/ip6_tables.h>, which quarrel with <netinet/in.h>. */
enum { ORIGINAL_DST_V4 = 80, ORIGINAL_DST_V6 = 80 };

const char *
transparent_unavailable(void)
{
    return NULL;
}

bool
transparent_allow(int fd, int family)
{
    const int one = 1;

    if (family == AF_INET6 && setsockopt(fd, SOL_IPV6, IPV6_TRANSPARENT, &one, sizeof one) != 0)
        return false;
    return setsockopt(fd, SOL_IP, IP_TRANSPARENT, &one, sizeof one) == 0;
}

/* What REDIRECT replaced. False: nothing, or netfilter tracks no connections. */
static bool
original(int fd, const struct sockaddr_storage *own, struct sockaddr_storage *to)
{
    socklen_t len = sizeof *to;

    if (own->ss_family == AF_INET)
        return getsockopt(fd, SOL_IP, ORIGINAL_DST_V4, to, &len) == 0;
    return getsockopt(fd, SOL_IPV6, ORIGINAL_DST_V6, to, &len) == 0;
}

#else

const char *
transparent_unavailable(void)
{
    return "another mode: transparent needs the packet filter of Linux, which this system has not";
}

bool
transparent_allow(int fd, int family)
{
    (void)fd;
    (void)family;
    errno = ENOSYS;
    return false;
}

static bool
original(int fd, const struct sockaddr_storage *own, struct sockaddr_storage *to)
{
    (void)fd;
    (void)own;
    (void)to;
    return false;
}

#endif

/* --- destinations ---------------------------------------------------------------------------------- */

static bool
same(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    return address_same_host((const struct sockaddr *)a, (const struct sockaddr *)b) &&
           address_port((const struct sockaddr *)a) == address_port((const struct sockaddr *)b);
}

/* Which of its ends a socket has: getsockname or getpeername. False when it has none. */
static bool
end_of(int (*ask)(int, struct sockaddr *, socklen_t *), int fd, struct sockaddr_storage *out)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;

    if (ask(fd, (struct sockaddr *)&address, &len) != 0)
        return false;
    address_unmap((const struct sockaddr *)&address, out);
    return true;
}

enum transparent_result
transparent_destination(int fd, bool tproxy, struct sockaddr_storage *to)
{
    struct sockaddr_storage own, before;

    if (!end_of(getsockname, fd, &own))
        return TRANSPARENT_DIRECT;
    *to = own;
    if (tproxy)
        return TRANSPARENT_FOUND;
    if (!original(fd, &own, &before) || same(&before, &own))
        return TRANSPARENT_DIRECT;
    *to = before;
    return TRANSPARENT_FOUND;
}

/* --- loops ------------------------------------------------------------------------------------------ */

void
transparent_note(struct transparent_own *own, int fd)
{
    struct sockaddr_storage end;

    if (!end_of(getsockname, fd, &end))
        return;
    own->rows[own->next].fd = fd;
    own->rows[own->next].port = address_port((const struct sockaddr *)&end);
    own->next = (own->next + 1) % TRANSPARENT_OWN;
    if (own->used < TRANSPARENT_OWN)
        own->used++;
}

int
transparent_loop(const struct transparent_own *own, const struct sockaddr_storage *client,
                 const struct sockaddr_storage *destination)
{
    const in_port_t port = address_port((const struct sockaddr *)client);
    struct sockaddr_storage end;

    /* A number that meanwhile stands for another socket is found out by its ends. */
    for (unsigned i = 0; i < own->used; i++)
        if (own->rows[i].port == port && end_of(getsockname, own->rows[i].fd, &end) && same(&end, client) &&
            end_of(getpeername, own->rows[i].fd, &end) && same(&end, destination))
            return own->rows[i].fd;
    return -1;
}
