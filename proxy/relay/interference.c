/* SPDX-License-Identifier: MIT */
#include "interference.h"

#include <stdio.h>

#include "exchange.h"

/* What is said: format gets the host, the detail where has_detail, and last the pattern for --ignore-hosts. */
static const struct row {
    const char *before, *after, *around;
    const char *short_reason; /* NULL: no reason to let the next connection pass */
} rows[] = {
    [INTERFERENCE_REFUSED] = {
        .before = "the client refused samltap's certificate for ",
        .after = " with the alert ",
        .around = ": it does not trust samltap's authority (http://samltap.test/ and 'samltap ca trust' say how to add "
                  "it), or it accepts only the server's own certificate (pinning), and then the host has to pass "
                  "unopened",
        .short_reason = "a client refused samltap's certificate",
    },
    [INTERFERENCE_LEFT] = {
        .before = "the client closed the connection to ",
        .after = " when it saw samltap's certificate, without an alert",
        .around = ": programs that accept only the server's own certificate (pinning) do so, some that do not trust "
                  "samltap's authority too ('samltap ca trust' says how to add it), and so does a browser that does not "
                  "need the connection any more; a program that fails here has to pass unopened",
    },
    [INTERFERENCE_CLIENT_CERTIFICATE] = {
        .before = "",
        .after = ": the server asks for a client certificate, which cannot be passed on through an intercepted "
                 "connection",
        .around = ": --client-cert FILE gives samltap one to show; otherwise the host has to pass unopened",
        .short_reason = "the server asks for a client certificate",
    },
    [INTERFERENCE_CHANNEL_BINDING] = {
        .before = "",
        .after = " refused a Windows sign-in (Negotiate or NTLM) and asks again: Extended Protection may tie it to the "
                 "TLS connection",
        .around = ": the host has to pass unopened, or sign in by a form",
        .short_reason = "the server refused a Windows sign-in, as Extended Protection does under interception",
    },
    [INTERFERENCE_ENCRYPTED_HELLO] = {
        .before = "the client wants to speak to a host behind ",
        .after = " by Encrypted ClientHello (ECH), which samltap cannot open: only the outer name is seen",
        .around = ": browsers try again without it; to turn it off, in Firefox network.dns.echconfig.enabled = false, in "
                  "Chromium the policy EncryptedClientHelloEnabled = false; or let it pass unopened",
    },
};

void
interference_text(char *out, size_t size, enum interference kind, const char *host, unsigned port, const char *detail)
{
    const struct row *row = &rows[kind];
    struct buf pattern;

    buf_init(&pattern, 2048);
    exchange_host_pattern(&pattern, str_from(host), port);
    buf_add_byte(&pattern, '\0');
    snprintf(out, size, "%s%s%s%s%s (--ignore-hosts '%s')", row->before, host, row->after, detail, row->around,
             buf_failed(&pattern) ? "" : pattern.bytes);
    buf_release(&pattern);
}

const char *
interference_bypass_reason(enum interference kind)
{
    return rows[kind].short_reason;
}
