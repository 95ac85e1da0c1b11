/* SPDX-License-Identifier: MIT */
#include "relay_stats.h"

static const struct {
    const char *name, *text;
} reasons[CLOSE_REASON_COUNT] = {
    [CLOSE_NONE] = { "unknown", "nobody said why" },
    [CLOSE_CLIENT_CLOSED] = { "client-closed", "the client closed it" },
    [CLOSE_CLIENT_RESET] = { "client-reset", "the client broke it off" },
    [CLOSE_CLIENT_LEFT_EARLY] = { "client-left-early", "the client left before it asked for anything" },
    [CLOSE_UPSTREAM_CLOSED] = { "upstream-closed", "the server closed it" },
    [CLOSE_UPSTREAM_RESET] = { "upstream-reset", "the server broke it off" },
    [CLOSE_FINISHED] = { "finished", "the last answer was through" },
    [CLOSE_OWN_PAGE] = { "own-page", "samltap itself answered" },
    [CLOSE_BAD_REQUEST] = { "bad-request", "what the client sent is no request that a proxy takes" },
    [CLOSE_RESOLVE_FAILED] = { "resolve-failed", "the server's name does not resolve" },
    [CLOSE_RESOLVE_TIMEOUT] = { "resolve-timeout", "the name server does not answer" },
    [CLOSE_CONNECT_REFUSED] = { "connect-refused", "nothing listens at the server's address" },
    [CLOSE_CONNECT_TIMEOUT] = { "connect-timeout", "the server does not answer" },
    [CLOSE_CONNECT_FAILED] = { "connect-failed", "the server cannot be reached" },
    [CLOSE_LOOP] = { "loop", "the address leads back to this proxy" },
    [CLOSE_NEXT_PROXY_FAILED] = { "next-proxy-failed", "the proxy of --mode upstream opens no way" },
    [CLOSE_HANDSHAKE_FAILED_UPSTREAM] = { "handshake-failed-upstream", "TLS with the server failed" },
    [CLOSE_HANDSHAKE_TIMEOUT_UPSTREAM] = { "handshake-timeout-upstream", "TLS with the server took too long" },
    [CLOSE_UPSTREAM_UNTRUSTED] = { "upstream-untrusted", "the server's certificate is not accepted" },
    [CLOSE_CLIENT_CERTIFICATE_WANTED] = { "client-certificate-wanted", "the server wants a client certificate" },
    [CLOSE_HANDSHAKE_FAILED_CLIENT] = { "handshake-failed-client", "TLS with the client failed" },
    [CLOSE_HANDSHAKE_TIMEOUT_CLIENT] = { "handshake-timeout-client", "TLS with the client took too long" },
    [CLOSE_CA_REJECTED] = { "ca-rejected", "the client does not accept samltap's certificate" },
    [CLOSE_NO_CERTIFICATE] = { "no-certificate", "no certificate can be made" },
    [CLOSE_REQUEST_TIMEOUT] = { "request-timeout", "the client's request did not come to an end" },
    [CLOSE_IDLE_TIMEOUT] = { "idle-timeout", "nothing went by for too long" },
    [CLOSE_LIMIT] = { "limit", "memory or look-ups are at their limit" },
    [CLOSE_DRAINED] = { "drained", "samltap ends, and nothing was under way" },
    [CLOSE_ENDED] = { "ended", "samltap ended before it was through" },
};

static const char *const causes[TUNNEL_CAUSE_COUNT] = {
    [TUNNEL_IGNORE_HOSTS] = "ignore-hosts",
    [TUNNEL_ALLOW_HOSTS] = "not-in-allow-hosts",
    [TUNNEL_AUTO_BYPASS] = "auto-bypass",
    [TUNNEL_BYPASS_LIST] = "bypass-list",
    [TUNNEL_NOT_TLS] = "no-tls",
    [TUNNEL_SERVER_FIRST] = "server-speaks-first",
    [TUNNEL_PROTOCOL] = "other-protocol",
    [TUNNEL_NO_CERTIFICATE] = "no-certificate",
};

const char *
close_reason_name(enum close_reason reason)
{
    return reasons[reason].name;
}

const char *
close_reason_text(enum close_reason reason)
{
    return reasons[reason].text;
}

const char *
tunnel_cause_name(enum tunnel_cause cause)
{
    return causes[cause];
}
