/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_ERROR_ENTRY_H
#define SAMLTAP_ERROR_ENTRY_H

#include "check.h"

/* A failure that no check finds: nothing in a message, an exchange, a file or a text shows it. */
struct error_entry {
    const char *id;
    const char *title;
    const char *means;
    const char *fix;
    enum standing standing;
    const char *source;
};

#endif
