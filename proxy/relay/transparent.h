/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TRANSPARENT_H
#define SAMLTAP_TRANSPARENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

/*
 * Connections that the packet filter of Linux led here although the client wanted to go elsewhere:
 * REDIRECT rewrites where they go and remembers where to (netfilter's SO_ORIGINAL_DST); TPROXY leaves
 * the address as it was, so that the socket itself has it.
 */

/* NULL where the system can do this; otherwise what to say (static, one sentence without full stop). */
const char *transparent_unavailable(void);

/*
 * Lets a socket that is not bound yet take connections that are for other machines (IP_TRANSPARENT).
 * Returns false with errno: EPERM where CAP_NET_ADMIN is missing.
 */
bool transparent_allow(int fd, int family);

enum transparent_result {
    TRANSPARENT_FOUND,
    TRANSPARENT_DIRECT, /* the client wanted to talk to us: nothing was redirected */
};

/* Where the client of an accepted connection wanted to go. *to is IPv4 when it was written as IPv6. */
typedef enum transparent_result transparent_ask_fn(int fd, bool tproxy, struct sockaddr_storage *to);

/* As the kernel says. */
transparent_ask_fn transparent_destination;

/*
 * Connections of our own that are being opened, to recognise one that comes back to us: a rule that
 * forgets to leave them out makes each lead to the next, for ever. Bounded: the latest.
 */
enum { TRANSPARENT_OWN = 256 };

struct transparent_own {
    struct {
        int fd;
        in_port_t port; /* of our end: most rows are told apart by it */
    } rows[TRANSPARENT_OWN];
    unsigned next, used;
};

/* Notes a socket whose connect() is under way. It may be closed at any time. */
void transparent_note(struct transparent_own *own, int fd);

/*
 * The socket of ours that the accepted connection of client to destination is the other end of; -1:
 * none. The addresses are IPv4 or IPv6, as transparent_destination() gives them.
 */
int transparent_loop(const struct transparent_own *own, const struct sockaddr_storage *client,
                     const struct sockaddr_storage *destination);

#endif
