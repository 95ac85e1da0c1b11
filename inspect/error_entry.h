/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_ERROR_ENTRY_H
#define SAMLTAP_ERROR_ENTRY_H

#include "check.h"

/* What is behind a text that no check looks at: nothing in a message or an exchange shows it. */
struct error_entry {
    const char *id;
    const char *title;
    const char *means;
    const char *fix;
    enum standing standing;
    const char *source;
};

#endif
