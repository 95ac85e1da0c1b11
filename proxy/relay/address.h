/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_ADDRESS_H
#define SAMLTAP_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* Socket addresses of IPv4 and IPv6. */

/* The same machine, whatever the ports. */
bool address_same_host(const struct sockaddr *a, const struct sockaddr *b);

/* In network byte order. */
in_port_t address_port(const struct sockaddr *address);

/* IPv4 in its IPv6 clothes becomes IPv4; anything else is copied. */
void address_unmap(const struct sockaddr *from, struct sockaddr_storage *to);

/* The literal without port and brackets; false when it does not fit. */
bool address_text(const struct sockaddr *address, char *out, size_t size);

#endif
