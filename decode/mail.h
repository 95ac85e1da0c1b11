/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_MAIL_H
#define SAMLTAP_MAIL_H

#include "arena.h"
#include "str.h"

/* A body or an attachment of a mail, with its transfer encoding taken off. */
struct mail_part {
    struct str type;   /* media type without parameters, as written; absent: none */
    struct str name;   /* of the file; absent: none */
    struct str bytes;  /* in the arena, or borrowed from the text */
    size_t choice;     /* parts of one number (not 0) say the same in other forms (multipart/alternative) */
    struct str broken; /* what is wrong with its encoding, one line; absent: nothing */
};

struct mail {
    struct mail_part *items;
    size_t count;
    bool cut; /* nested deeper, or of more parts, than are read */
};

enum { MAIL_MAX_PARTS = 256, MAIL_MAX_DEPTH = 8 };

/* The text begins like a mail (RFC 5322) or a mailbox of them (mbox): with headers that only mails have. */
bool mail_looks_like(struct str text);

/*
 * Reads the leaves of a mail or a mailbox, attached mails included, in their order (RFC 2045 to 2047 as far as
 * structure and encoding go). Any bytes are fine. Returns false when the arena refuses.
 */
bool mail_read(struct arena *arena, struct str text, struct mail *mail) CHECK_RESULT;

#endif
