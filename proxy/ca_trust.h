/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CA_TRUST_H
#define SAMLTAP_CA_TRUST_H

#include "ca.h"

/* Appends how to make browsers and systems trust the CA, and how to undo it. */
void ca_trust_steps(struct buf *out, const struct ca *ca, const char *certificate_path);

/* Appends the one line that starts a throw-away Chromium which goes through the proxy and trusts only this CA. */
void ca_trust_browser_line(struct buf *out, const struct ca *ca, const char *proxy_host, unsigned proxy_port);

#endif
