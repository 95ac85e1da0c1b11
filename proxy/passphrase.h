/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PASSPHRASE_H
#define SAMLTAP_PASSPHRASE_H

#include "buf.h"

/*
 * Asks for a passphrase on the controlling terminal, without echo. Appends it to *out (wiped by the
 * caller). Returns false when there is no terminal or the user gave up.
 */
bool passphrase_ask(const char *prompt, struct buf *out);

#endif
