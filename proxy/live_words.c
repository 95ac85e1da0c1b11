/* SPDX-License-Identifier: MIT */
#include "live_words.h"

#include <string.h>
#include <unistd.h>

#include "ca_trust.h"
#include "file.h"
#include "log.h"
#include "proxy_mode.h"

enum { WORDS_MAX_BYTES = 64 * 1024 };

static bool
is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strncmp(host, "127.", 4) == 0;
}

/* What a browser on this machine must be told: an address that means "all" is reached by loopback. */
static const char *
reachable_host(const char *host)
{
    return strcmp(host, "0.0.0.0") == 0 ? "127.0.0.1" : strcmp(host, "::") == 0 ? "[::1]" : host;
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
add_reverse_ways(struct buf *out, const struct live *live, const struct proxy_mode *mode)
{
    const struct ca_store *ca = live_ca(live);

    buf_printf(out,
               "  1  let the name that browsers use lead here; every request goes on to https://%s port %u with its "
               "Host as it is\n  2  they must trust the CA %s%s\n     'samltap ca trust' has the steps\n",
               mode->host, mode->port, ca->certificate_path, ca->created ? " (new)" : "");
}

static void
add_words(struct buf *out, const struct live *live, struct str third)
{
    const struct options *options = live_given_options(live);
    const char *host = reachable_host(options_text(options, OPT_LISTEN_HOST));
    struct proxy_mode mode;

    buf_printf(out, "samltap listens on %s:%u", host, live_port(live));
    if (options_origin(options, OPT_LISTEN_PORT) == ORIGIN_DEFAULT &&
        live_port(live) != options_number(options, OPT_LISTEN_PORT))
        buf_printf(out, " (%s is taken)", options_text(options, OPT_LISTEN_PORT));
    buf_add_c(out, "\n\n");
    if (proxy_mode_parse(str_from(options_text(options, OPT_MODE)), &mode) && mode.mode == RELAY_REVERSE)
        add_reverse_ways(out, live, &mode);
    else
        add_proxy_ways(out, live, mode.mode == RELAY_SOCKS5 ? "socks5://" : "http://", host);
    buf_add_c(out, "  3  ");
    buf_add_str(out, third);
    buf_add_c(out, "\n\nCtrl-C ends it.\n\n");
}

void
live_words_print(const struct live *live, struct str third)
{
    const struct options *options = live_given_options(live);
    struct buf out;

    if (!is_loopback(options_text(options, OPT_LISTEN_HOST)))
        log_warn("everybody who can reach %s:%u can use this proxy", options_text(options, OPT_LISTEN_HOST),
                 live_port(live));
    if (options_flag(options, OPT_QUIET))
        return;
    buf_init(&out, WORDS_MAX_BYTES);
    add_words(&out, live, third);
    file_write_all(options_flag(options, OPT_JSON) ? STDERR_FILENO : STDOUT_FILENO, buf_str(&out));
    buf_release(&out);
}
