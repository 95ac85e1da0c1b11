/* SPDX-License-Identifier: MIT */
#include "packet_rules.h"

#include <stdio.h>
#include <string.h>

/* Which connections the listening address can get. */
enum family { FAMILY_V4, FAMILY_V6, FAMILY_BOTH };

struct subject {
    const struct relay_way *way;
    const char *host;
    enum family family;
    bool is_any; /* listens on all addresses */
    unsigned port, uid;
    const char *indent;
};

/* Of packets with that mark the kernel takes the destination for its own. */
#define MARK "0x73"
#define TABLE "115"

static struct subject
subject_of(const struct relay_way *way, unsigned port, unsigned uid, const char *indent)
{
    const char *host = way->listen_host != NULL ? way->listen_host : "127.0.0.1";
    bool is_v6 = strchr(host, ':') != NULL;

    return (struct subject){
        .way = way,
        .host = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host,
        .family = strcmp(host, "::") == 0 ? FAMILY_BOTH
                  : is_v6                 ? FAMILY_V6
                                          : FAMILY_V4,
        .is_any = strcmp(host, "::") == 0 || strcmp(host, "0.0.0.0") == 0,
        .port = port,
        .uid = uid,
        .indent = indent,
    };
}

static const char *
family_match(enum family family)
{
    return family == FAMILY_V4 ? "meta nfproto ipv4 " : family == FAMILY_V6 ? "meta nfproto ipv6 " : "";
}

/* --- nft -------------------------------------------------------------------------------------------- */

static void
nft_table(struct buf *out, const struct subject *subject)
{
    buf_printf(out, "%snft add table inet samltap\n", subject->indent);
}

static void
nft_chain(struct buf *out, const struct subject *subject, const char *chain, const char *type, const char *hook,
          const char *priority)
{
    buf_printf(out, "%snft add chain inet samltap %s '{ type %s hook %s priority %s ; }'\n", subject->indent, chain,
               type, hook, priority);
}

static void
nft_this_machine(struct buf *out, const struct subject *subject)
{
    nft_table(out, subject);
    nft_chain(out, subject, "output", "nat", "output", "-100");
    buf_printf(out,
               "%snft add rule inet samltap output %soifname != lo meta skuid != %u tcp dport '{ 80, 443 }' redirect "
               "to :%u\n",
               subject->indent, family_match(subject->family), subject->uid, subject->port);
}

static void
nft_gateway(struct buf *out, const struct subject *subject)
{
    nft_table(out, subject);
    nft_chain(out, subject, "prerouting", "nat", "prerouting", "-100");
    buf_printf(out,
               "%snft add rule inet samltap prerouting %sfib daddr type != local tcp dport '{ 80, 443 }' redirect to "
               ":%u\n",
               subject->indent, family_match(subject->family), subject->port);
}

static void
nft_tproxy_rule(struct buf *out, const struct subject *subject, enum family family)
{
    const char *ip = family == FAMILY_V4 ? "ip" : "ip6";

    buf_printf(out, "%snft add rule inet samltap prerouting %sfib daddr type != local tcp dport '{ 80, 443 }' ",
               subject->indent, family_match(family));
    if (subject->is_any)
        buf_printf(out, "tproxy %s to :%u ", ip, subject->port);
    else
        buf_printf(out, family == FAMILY_V4 ? "tproxy %s to %s:%u " : "tproxy %s to '[%s]:%u' ", ip, subject->host,
                   subject->port);
    buf_printf(out, "meta mark set " MARK " accept\n");
}

static void
route(struct buf *out, const struct subject *subject, enum family family, const char *verb)
{
    const char *version = family == FAMILY_V4 ? "" : "-6 ";

    buf_printf(out, "%sip %srule %s fwmark " MARK " lookup " TABLE "\n", subject->indent, version, verb);
    buf_printf(out, "%sip %sroute %s local default dev lo table " TABLE "\n", subject->indent, version, verb);
}

static void
routes(struct buf *out, const struct subject *subject, const char *verb)
{
    if (subject->family != FAMILY_V6)
        route(out, subject, FAMILY_V4, verb);
    if (subject->family != FAMILY_V4)
        route(out, subject, FAMILY_V6, verb);
}

static void
nft_tproxy(struct buf *out, const struct subject *subject)
{
    nft_table(out, subject);
    nft_chain(out, subject, "prerouting", "filter", "prerouting", "-150");
    if (subject->family != FAMILY_V6)
        nft_tproxy_rule(out, subject, FAMILY_V4);
    if (subject->family != FAMILY_V4)
        nft_tproxy_rule(out, subject, FAMILY_V6);
    routes(out, subject, "add");
}

static void
nft_quic(struct buf *out, const struct subject *subject, bool is_gateway)
{
    nft_chain(out, subject, "quic", "filter", is_gateway ? "forward" : "output", "0");
    buf_printf(out, "%snft add rule inet samltap quic ", subject->indent);
    if (!is_gateway)
        buf_printf(out, "meta skuid != %u ", subject->uid);
    buf_add_c(out, "udp dport 443 reject\n");
}

/* --- iptables --------------------------------------------------------------------------------------- */

enum iptables_rule { IPTABLES_OUTPUT, IPTABLES_GATEWAY, IPTABLES_TPROXY, IPTABLES_QUIC_OUTPUT, IPTABLES_QUIC_FORWARD };

static void
iptables_one(struct buf *out, const struct subject *subject, const char *program, char verb, enum iptables_rule rule)
{
    static const char ports[] = "-p tcp -m multiport --dports 80,443";

    switch (rule) {
    case IPTABLES_OUTPUT:
        buf_printf(out, "%s -t nat -%c OUTPUT ! -o lo %s -m owner ! --uid-owner %u -j REDIRECT --to-ports %u\n",
                   program, verb, ports, subject->uid, subject->port);
        break;
    case IPTABLES_GATEWAY:
        buf_printf(out, "%s -t nat -%c PREROUTING %s -m addrtype ! --dst-type LOCAL -j REDIRECT --to-ports %u\n",
                   program, verb, ports, subject->port);
        break;
    case IPTABLES_TPROXY:
        buf_printf(out, "%s -t mangle -%c PREROUTING %s -m addrtype ! --dst-type LOCAL -j TPROXY --on-port %u ",
                   program, verb, ports, subject->port);
        if (!subject->is_any)
            buf_printf(out, "--on-ip %s ", subject->host);
        buf_add_c(out, "--tproxy-mark " MARK "\n");
        break;
    case IPTABLES_QUIC_OUTPUT:
        buf_printf(out, "%s -%c OUTPUT -p udp --dport 443 -m owner ! --uid-owner %u -j REJECT\n", program, verb,
                   subject->uid);
        break;
    case IPTABLES_QUIC_FORWARD:
        buf_printf(out, "%s -%c FORWARD -p udp --dport 443 -j REJECT\n", program, verb);
        break;
    }
}

static void
iptables(struct buf *out, const struct subject *subject, char verb, enum iptables_rule rule)
{
    if (subject->family != FAMILY_V6)
        iptables_one(out, subject, "iptables", verb, rule);
    if (subject->family != FAMILY_V4)
        iptables_one(out, subject, "ip6tables", verb, rule);
}

/* --- all -------------------------------------------------------------------------------------------- */

static void
add_undo(struct buf *out)
{
    buf_add_c(out, "# undo\nnft delete table inet samltap\n");
}

static void
add_this_machine(struct buf *out, const struct subject *subject, const char *user)
{
    buf_printf(out,
               "# --- this machine, by nft: what its programs send to TCP 80 and 443. User %s (uid %u) is left out,\n"
               "#     since samltap runs as that user and would meet its own connections: browse as another user\n",
               user, subject->uid);
    nft_this_machine(out, subject);
    nft_quic(out, subject, false);
    add_undo(out);
    buf_add_c(out, "\n# --- this machine, by iptables\n");
    iptables(out, subject, 'A', IPTABLES_OUTPUT);
    iptables(out, subject, 'A', IPTABLES_QUIC_OUTPUT);
    buf_add_c(out, "# undo\n");
    iptables(out, subject, 'D', IPTABLES_OUTPUT);
    iptables(out, subject, 'D', IPTABLES_QUIC_OUTPUT);
}

static void
add_gateway(struct buf *out, const struct subject *subject)
{
    const bool tproxy = subject->way->tproxy;

    buf_add_c(out, "\n# --- a gateway, by nft: what other machines send through this one to TCP 80 and 443\n");
    if (!tproxy && !subject->is_any)
        buf_add_c(out, "#     samltap must listen on the address of the inner side: --listen-host 0.0.0.0 (or ::)\n");
    (tproxy ? nft_tproxy : nft_gateway)(out, subject);
    nft_quic(out, subject, true);
    add_undo(out);
    if (tproxy)
        routes(out, subject, "del");
    buf_add_c(out, "\n# --- a gateway, by iptables\n");
    iptables(out, subject, 'A', tproxy ? IPTABLES_TPROXY : IPTABLES_GATEWAY);
    iptables(out, subject, 'A', IPTABLES_QUIC_FORWARD);
    if (tproxy)
        routes(out, subject, "add");
    buf_add_c(out, "# undo\n");
    iptables(out, subject, 'D', tproxy ? IPTABLES_TPROXY : IPTABLES_GATEWAY);
    iptables(out, subject, 'D', IPTABLES_QUIC_FORWARD);
    if (tproxy)
        routes(out, subject, "del");
}

void
packet_rules_all(struct buf *out, const struct relay_way *way, unsigned port, unsigned uid, const char *user)
{
    const struct subject subject = subject_of(way, port, uid, "");

    buf_printf(out, "# for samltap proxy --mode transparent%s on %s port %u; to be run as root\n",
               way->tproxy ? ":tproxy" : "", subject.host, port);
    buf_add_c(out, "# UDP 443 is rejected because QUIC (HTTP/3) would pass by samltap; browsers then take TCP\n");
    if (subject.family == FAMILY_V4)
        buf_printf(out,
                   "# IPv6 passes by samltap unless a second way takes it: --mode transparent%s@[::1]:%u (a gateway: "
                   "[::] in place of both)\n",
                   way->tproxy ? ":tproxy" : "", port);
    buf_add_byte(out, '\n');
    if (way->tproxy)
        buf_add_c(out, "# --- this machine: TPROXY takes only what comes from others; use --mode transparent\n");
    else
        add_this_machine(out, &subject, user);
    add_gateway(out, &subject);
}

void
packet_rules_short(struct buf *out, const struct relay_way *way, unsigned port, unsigned uid, const char *indent)
{
    const struct subject subject = subject_of(way, port, uid, indent);

    if (way->tproxy)
        nft_tproxy(out, &subject);
    else
        nft_this_machine(out, &subject);
    nft_quic(out, &subject, way->tproxy);
}
