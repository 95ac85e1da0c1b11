/* SPDX-License-Identifier: MIT */
#include "address.h"

#include <netdb.h>
#include <string.h>

static const struct sockaddr_in *
as_v4(const struct sockaddr *address)
{
    return (const struct sockaddr_in *)(const void *)address;
}

static const struct sockaddr_in6 *
as_v6(const struct sockaddr *address)
{
    return (const struct sockaddr_in6 *)(const void *)address;
}

bool
address_same_host(const struct sockaddr *a, const struct sockaddr *b)
{
    if (a->sa_family != b->sa_family)
        return false;
    if (a->sa_family == AF_INET)
        return as_v4(a)->sin_addr.s_addr == as_v4(b)->sin_addr.s_addr;
    return a->sa_family == AF_INET6 && memcmp(&as_v6(a)->sin6_addr, &as_v6(b)->sin6_addr, 16) == 0;
}

in_port_t
address_port(const struct sockaddr *address)
{
    return address->sa_family == AF_INET6 ? as_v6(address)->sin6_port : as_v4(address)->sin_port;
}

void
address_unmap(const struct sockaddr *from, struct sockaddr_storage *to)
{
    const struct sockaddr_in6 *v6 = as_v6(from);
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)to;

    memset(to, 0, sizeof *to);
    memcpy(to, from, from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
    if (from->sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
        return;
    memset(to, 0, sizeof *to);
    v4->sin_family = AF_INET;
    v4->sin_port = v6->sin6_port;
    memcpy(&v4->sin_addr, &v6->sin6_addr.s6_addr[12], 4);
}

bool
address_text(const struct sockaddr *address, char *out, size_t size)
{
    socklen_t len = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

    return getnameinfo(address, len, out, (socklen_t)size, NULL, 0, NI_NUMERICHOST) == 0;
}
