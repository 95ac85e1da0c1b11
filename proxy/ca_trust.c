/* SPDX-License-Identifier: MIT */
#include "ca_trust.h"

void
ca_trust_browser_line(struct buf *out, const struct ca *ca, const char *proxy_host, unsigned proxy_port)
{
    char spki[45];

    ca_spki_base64(ca, spki);
    buf_printf(out,
               "chromium --user-data-dir=$(mktemp -d) --no-first-run --disable-quic --proxy-server=%s:%u "
               "--ignore-certificate-errors-spki-list=%s",
               proxy_host, proxy_port, spki);
}

void
ca_trust_steps(struct buf *out, const struct ca *ca, const char *certificate_path)
{
    const char *path = certificate_path;

    buf_printf(out, "To trust the CA '%s' (%s)\n\n", ca_name(ca), path);
    buf_add_c(out, "Nothing to install: a throw-away Chromium that trusts only this CA\n  ");
    ca_trust_browser_line(out, ca, "127.0.0.1", 8080);
    buf_add_c(out, "\n\n");
    buf_printf(out,
               "Firefox (one profile)\n"
               "  Settings > Privacy & Security > View Certificates > Authorities > Import: %s\n"
               "  undo: the same list, Delete or Distrust\n\n",
               path);
    buf_printf(
        out,
        "Debian, Ubuntu (system; not the browsers)\n"
        "  sudo cp '%s' /usr/local/share/ca-certificates/samltap.crt && sudo update-ca-certificates\n"
        "  undo: sudo rm /usr/local/share/ca-certificates/samltap.crt && sudo update-ca-certificates --fresh\n\n",
        path);
    buf_printf(out,
               "Fedora, RHEL (system)\n"
               "  sudo trust anchor --store '%s'\n  undo: sudo trust anchor --remove '%s'\n\n",
               path, path);
    buf_printf(out,
               "Chromium and Chrome on Linux (your user)\n"
               "  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n samltap -i '%s'\n"
               "  undo: certutil -d sql:$HOME/.pki/nssdb -D -n samltap\n\n",
               path);
    buf_printf(out,
               "macOS (your user)\n"
               "  security add-trusted-cert -r trustRoot -p ssl -k ~/Library/Keychains/login.keychain-db '%s'\n"
               "  undo: security remove-trusted-cert '%s'\n\n",
               path, path);
    buf_add_c(out, "Windows (your user)\n"
                   "  samltap ca export --format cer >samltap.cer; certutil -user -addstore Root samltap.cer\n"
                   "  undo: certmgr.msc > Trusted Root Certification Authorities > delete it\n\n");
    buf_printf(out,
               "Command line tools, one shell\n"
               "  export HTTPS_PROXY=http://127.0.0.1:8080 AWS_CA_BUNDLE='%s' CURL_CA_BUNDLE='%s' "
               "NODE_EXTRA_CA_CERTS='%s'\n",
               path, path, path);
}
