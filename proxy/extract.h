/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXTRACT_H
#define SAMLTAP_EXTRACT_H

#include "message.h"

/*
 * Makes the directory for extracted messages (0700), or takes an empty one that is there. Returns
 * false and *why.
 */
bool extract_prepare(const char *directory, char **why);

/*
 * Writes one message to a new file in it, 0600: "message-003-Response.xml", or what could not be
 * decoded as "message-003-undecoded.txt". The name is ours alone. Returns false and *why.
 */
bool extract_message(const char *directory, const struct message *message, size_t number, char **why);

#endif
