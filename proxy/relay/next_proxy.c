/* SPDX-License-Identifier: MIT */
#include "next_proxy.h"

#include <arpa/inet.h>
#include <string.h>

/* An address, IPv4 as the IPv6 address that stands for it: networks of both are compared alike. */
struct address {
    unsigned char bytes[16];
    unsigned first_bit; /* where the family's own bits begin: 96 for IPv4 */
};

static bool
address_read(struct str text, struct address *out)
{
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    char copy[INET6_ADDRSTRLEN];

    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    memcpy(out->bytes, mapped, sizeof mapped);
    out->first_bit = 96;
    if (inet_pton(AF_INET, copy, out->bytes + sizeof mapped) == 1)
        return true;
    out->first_bit = 0;
    if (inet_pton(AF_INET6, copy, out->bytes) != 1)
        return false;
    if (memcmp(out->bytes, mapped, sizeof mapped) == 0)
        out->first_bit = 96;
    return true;
}

static bool
address_is_in(const struct address *address, const struct address *network, unsigned bits)
{
    const unsigned whole = bits / 8, rest = bits % 8;

    if (memcmp(address->bytes, network->bytes, whole) != 0)
        return false;
    return rest == 0 || (address->bytes[whole] ^ network->bytes[whole]) >> (8 - rest) == 0;
}

static bool
is_loopback(struct str host, const struct address *address)
{
    static const struct address v6 = { .bytes = { [15] = 1 } };

    if (address == NULL)
        return str_eq_nocase(host, STR("localhost")) ||
               (host.len > 10 && str_eq_nocase(str_from_offset(host, host.len - 10), STR(".localhost")));
    return address->first_bit == 96 ? address->bytes[12] == 127 : memcmp(address->bytes, v6.bytes, 16) == 0;
}

/* Cuts ":PORT" off, and the brackets. An IPv6 address without brackets has more than one colon. */
static struct str
entry_host(struct str entry, unsigned *port)
{
    size_t colon = str_find_byte(entry, ':');
    struct str digits;
    uint64_t number;

    *port = 0;
    if (str_starts_c(entry, "[")) {
        size_t end = str_find_byte(entry, ']');

        if (end == SIZE_MAX)
            return entry;
        digits = str_from_offset(entry, end + 1);
        if (str_starts_c(digits, ":") && str_to_u64(str_from_offset(digits, 1), &number) && number <= 65535)
            *port = (unsigned)number;
        return str_slice(entry, 1, end - 1);
    }
    if (colon == SIZE_MAX || str_find_byte(str_from_offset(entry, colon + 1), ':') != SIZE_MAX)
        return entry;
    if (str_to_u64(str_from_offset(entry, colon + 1), &number) && number <= 65535)
        *port = (unsigned)number;
    return str_slice(entry, 0, colon);
}

static bool
name_matches(struct str host, struct str entry)
{
    if (str_starts_c(entry, "*."))
        entry = str_from_offset(entry, 1);
    if (str_starts_c(entry, "."))
        entry = str_from_offset(entry, 1);
    if (entry.len == 0 || host.len < entry.len || !str_eq_nocase(str_from_offset(host, host.len - entry.len), entry))
        return false;
    return host.len == entry.len || host.ptr[host.len - entry.len - 1] == '.';
}

static bool
network_matches(const struct address *address, struct str entry)
{
    struct address network;
    struct str text = entry, length = { 0 };
    uint64_t bits = 0;
    bool has_length = str_find_byte(entry, '/') != SIZE_MAX && str_cut(entry, '/', &text, &length);

    if (!address_read(text, &network) || network.first_bit != address->first_bit ||
        (has_length && (!str_to_u64(length, &bits) || bits > 128 - network.first_bit)))
        return false;
    return address_is_in(address, &network, has_length ? (unsigned)bits + network.first_bit : 128);
}

static bool
entry_matches(struct str entry, struct str host, const struct address *address, unsigned port)
{
    unsigned only_port;
    struct str name = entry_host(entry, &only_port);

    if (only_port != 0 && only_port != port)
        return false;
    if (str_eq_c(name, "*"))
        return true;
    return address != NULL ? network_matches(address, name) : name_matches(host, name);
}

bool
next_proxy_is_for(const struct next_proxy *proxy, struct str host, unsigned port)
{
    struct address storage;
    const struct address *address = address_read(host, &storage) ? &storage : NULL;
    const char *rest;

    if (proxy == NULL || proxy->host == NULL || is_loopback(host, address))
        return false;
    if (host.len > 1 && host.ptr[host.len - 1] == '.')
        host.len--;
    for (rest = proxy->direct; rest != NULL && *rest != '\0';) {
        size_t len = strcspn(rest, ", \t");

        if (len > 0 && entry_matches((struct str){ rest, len }, host, address, port))
            return false;
        rest += len;
        rest += strspn(rest, ", \t");
    }
    return true;
}
