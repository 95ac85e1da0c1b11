/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PACKET_RULES_H
#define SAMLTAP_PACKET_RULES_H

#include "buf.h"
#include "relay_options.h"

/* The lines by which a user tells the packet filter of Linux to lead connections to --mode transparent. */

/*
 * All of them, as a script with comments: for this machine and for a gateway, by nft and by iptables, how to
 * undo them, and how to keep browsers from QUIC. port: where the way really listens; uid and user: what
 * samltap runs as, which must be left out.
 */
void packet_rules_all(struct buf *out, const struct relay_way *way, unsigned port, unsigned uid, const char *user);

/* Only the nft lines that matter most, each behind indent: for this machine, or with TPROXY for a gateway. */
void packet_rules_short(struct buf *out, const struct relay_way *way, unsigned port, unsigned uid, const char *indent);

#endif
