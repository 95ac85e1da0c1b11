/* SPDX-License-Identifier: MIT */
#include "live_words.h"

#include <string.h>
#include <unistd.h>

#include "ca_trust.h"
#include "file.h"
#include "live_options.h"
#include "log.h"
#include "packet_rules.h"

enum { WORDS_MAX_BYTES = 64 * 1024 };

static bool
is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strncmp(host, "127.", 4) == 0;
}

static void
add_proxy_ways(struct buf *out, const struct live *live, const char *scheme, const char *host)
{
    const struct ca_store *ca = live_ca(live);
    struct buf address;

    buf_init(&address, WORDS_MAX_BYTES);
    buf_printf(&address, "%s%s", strcmp(scheme, "http://") == 0 ? "" : scheme, host);
    buf_add_c(out, "  1  a browser that goes through it, nothing to install:\n     ");
    ca_trust_browser_line(out, ca->ca, buf_failed(&address) ? host : address.bytes, live_port(live));
    buf_printf(out, "\n  2  other programs: proxy %s%s:%u, CA %s%s\n     'samltap ca trust' has the steps\n", scheme,
               host, live_port(live), ca->certificate_path, ca->created ? " (new)" : "");
    buf_release(&address);
}

static void
add_reverse_ways(struct buf *out, const struct live *live, const struct relay_way *way)
{
    const struct ca_store *ca = live_ca(live);
    const char *own = live_relay_options(live)->own_cert;

    buf_printf(out,
               "  1  let the name that browsers use lead here; every request goes on to https://%s port %u with its "
               "Host as it is\n",
               way->reverse_host, way->reverse_port);
    if (own != NULL)
        buf_printf(out, "  2  they are shown your certificate %s\n", own);
    else
        buf_printf(out, "  2  they must trust the CA %s%s\n     'samltap ca trust' has the steps\n",
                   ca->certificate_path, ca->created ? " (new)" : "");
}

static void
add_transparent_ways(struct buf *out, const struct live *live, const struct relay_way *way)
{
    const struct ca_store *ca = live_ca(live);

    buf_printf(out, "  1  let the packet filter lead connections here, as root; %s:\n",
               way->tproxy ? "for a gateway" : "for the programs of other users on this machine");
    packet_rules_short(out, way, live_port(live), (unsigned)geteuid(), "       ");
    buf_printf(out,
               "     undo: nft delete table inet samltap; iptables, gateway and all the rest:\n"
               "       samltap proxy --mode transparent%s --listen-host %s --listen-port %u --print-rules\n",
               way->tproxy ? ":tproxy" : "", way->listen_host, live_port(live));
    buf_printf(out, "  2  programs must trust the CA %s%s\n     'samltap ca trust' has the steps\n",
               ca->certificate_path, ca->created ? " (new)" : "");
}

static void
add_further_ways(struct buf *out, const struct live *live)
{
    const struct relay_options *relay = live_relay_options(live);

    for (size_t i = 1; i < relay->way_count; i++) {
        const struct relay_way *way = &relay->ways[i];

        buf_add_c(out, "        and on ");
        relay_way_address(out, &relay->ways[i], live_way_port(live, i));
        if (way->mode == RELAY_REVERSE)
            buf_printf(out, " in place of https://%s port %u", way->reverse_host, way->reverse_port);
        else
            buf_add_c(out, way->mode == RELAY_SOCKS5        ? " as a SOCKS5 proxy"
                           : way->mode == RELAY_TRANSPARENT ? " for what the packet filter redirects"
                                                            : " as an HTTP proxy");
        buf_add_byte(out, '\n');
    }
}

static void
add_way_out(struct buf *out, const struct next_proxy *proxy)
{
    if (proxy->host == NULL)
        return;
    buf_printf(out, "        and goes out through the proxy %s:%u%s", proxy->host, proxy->port,
               proxy->with_tls ? " by TLS" : "");
    if (proxy->direct != NULL && proxy->direct[0] != '\0')
        buf_printf(out, ", directly to loopback and %s", proxy->direct);
    buf_add_byte(out, '\n');
}

static void
add_words(struct buf *out, const struct live *live, struct str third)
{
    const struct options *options = live_given_options(live);
    const struct relay_way *first = &live_relay_options(live)->ways[0];
    const char *host = relay_way_host(first);

    buf_add_c(out, "samltap listens on ");
    relay_way_address(out, first, live_port(live));
    if (first->next_free_port && live_port(live) != first->listen_port)
        buf_printf(out, " (%s is taken)", options_text(options, OPT_LISTEN_PORT));
    buf_add_byte(out, '\n');
    add_further_ways(out, live);
    add_way_out(out, &live_relay_options(live)->next_proxy);
    buf_add_byte(out, '\n');
    if (first->mode == RELAY_REVERSE)
        add_reverse_ways(out, live, first);
    else if (first->mode == RELAY_TRANSPARENT)
        add_transparent_ways(out, live, first);
    else
        add_proxy_ways(out, live, first->mode == RELAY_SOCKS5 ? "socks5://" : "http://", host);
    buf_add_c(out, "  3  ");
    buf_add_str(out, third);
    buf_add_c(out, "\n\nCtrl-C ends it.\n\n");
}

void
live_words_print(const struct live *live, struct str third)
{
    const struct options *options = live_given_options(live);
    const struct relay_options *relay = live_relay_options(live);
    struct buf out;

    for (size_t i = 0; i < relay->way_count; i++)
        if (!is_loopback(relay->ways[i].listen_host))
            log_warn("everybody who can reach %s:%u can use this proxy", relay->ways[i].listen_host,
                     live_way_port(live, i));
    if (relay->insecure)
        log_warn("--insecure: servers are not verified; whoever is on the way can read and change the sign-ins");
    if (relay->key_log != NULL)
        log_warn("the TLS secrets of all connections are written to %s (SSLKEYLOGFILE)", relay->key_log);
    if (options_flag(options, OPT_QUIET))
        return;
    buf_init(&out, WORDS_MAX_BYTES);
    add_words(&out, live, third);
    file_write_all(options_flag(options, OPT_JSON) ? STDERR_FILENO : STDOUT_FILENO, buf_str(&out));
    buf_release(&out);
}
